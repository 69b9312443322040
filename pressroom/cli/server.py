"""`pressroom up`, `down`, `status` and `ui`: the local Prefect server of a home."""

from __future__ import annotations

import typer

from pressroom.cli.console import border, write
from pressroom.cli.flow_run import prefect_status, started
from pressroom.cli.options import here


def up() -> None:
    """Start the local Prefect server of this home, if it is not running."""
    with border():
        server = started(here())
        server.wait_ready()
        write(f"{'running' if server.reused else 'started'}: {server.ui_url}\n")


def down() -> None:
    """Stop the local Prefect server of this home."""
    from pressroom.prefect_server.lifecycle import stop

    with border():
        write("stopped\n" if stop(here().home) else "was not running\n")


def status() -> None:
    """Say whether the Prefect server that runs use answers, and where: the configured one, else this home's."""
    with border():
        write(prefect_status(here()) + "\n")


def ui() -> None:
    """Open the Prefect page of the local server in a browser."""
    with border():
        server = started(here())
        server.wait_ready()
        write(server.ui_url + "\n")
        typer.launch(server.ui_url)
