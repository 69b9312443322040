"""The list of commands in `--help`, each with its whole sentence: click cuts what does not fit a line."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperGroup

UNLIMITED: Final = 10_000


class WholeHelp(TyperGroup):
    """A group of commands. What is said of one is wrapped, never cut."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, each.get_short_help_str(UNLIMITED)) for name, each in commands if each and not each.hidden]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
