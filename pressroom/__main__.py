"""The program `pressroom`. Interruptions are answered before anything that takes time is imported."""

from __future__ import annotations


def main() -> None:
    from pressroom.cli.interrupts import leave_at_once

    leave_at_once()
    from pressroom.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
