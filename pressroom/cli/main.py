"""The command line, assembled: the only module that knows every command."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from pressroom.cli.console import BROKEN, note, write
from pressroom.cli.deferred import DeferredCommands
from pressroom.cli.interrupts import leave
from pressroom.cli.streams import Output
from pressroom.cli.views.whole_help import WholeHelp

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "plan": ("plan.plan",),
    "run": ("run.run",),
    "deploy": ("deploy.deploy",),
    "approve": ("approvals.approve",),
    "reject": ("approvals.reject",),
    "resume": ("approvals.resume",),
    "schema": ("authoring.schema",),
    "init": ("authoring.init",),
    "models": ("catalog.models",),
    "placements": ("catalog.placements",),
    "usage": ("usage.usage",),
    "reconcile": ("reconcile.reconcile",),
    "doctor": ("doctor.doctor",),
    "backup": ("backup.backup",),
    "restore": ("backup.restore",),
    "serve": ("serve.serve",),
    "mcp": ("mcp.mcp",),
    "up": ("server.up",),
    "down": ("server.down",),
    "status": ("server.status",),
    "ui": ("server.ui",),
    "simulator": ("simulator.simulator",),
    "assets": ("assets.assets", "asset_changes.changes", "asset_uses.uses"),
    "collections": ("collections.collections",),
    "retention": ("retention.retention",),
    "shares": ("shares.shares",),
    "links": ("shares.links",),
    "documents": ("documents.documents",),
    "store": ("store.store",),
    "home": ("home.home",),
    "credits": ("credits.credits",),
    "runs": ("runs.runs",),
    "jobs": ("jobs.jobs",),
    "providers": ("providers.providers",),
    "prices": ("prices.prices",),
    "account": ("account.account",),
    "users": ("users.users",),
    "tokens": ("tokens.tokens",),
    "webhooks": ("webhooks.webhooks",),
}  # name -> where it is below pressroom.cli


class AllCommands(WholeHelp):
    """The groups and commands of the table, each imported when it is asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = DeferredCommands("pressroom.cli", COMMANDS)  # type: ignore[assignment]


def _show_version(wanted: bool) -> None:
    if wanted:
        from pressroom import __version__

        write(f"pressroom {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    cls=AllCommands,
    name="pressroom",
    help="Plan, price and run media campaigns: product photos and prompts in, platform-ready files out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Plan, price and run media campaigns: product photos and prompts in, platform-ready files out."""


def main() -> None:
    # A command is short and what it makes mostly stays: collecting garbage on the way takes a fifth of its time.
    gc.disable()
    output = Output()
    try:
        app()
    except SystemExit as ended:
        if lost := output.lost():
            note(f"standard output could not be written: {lost}; `pressroom runs --json` tells what a run came to\n")
            leave(int(ended.code or BROKEN))
        raise


if __name__ == "__main__":
    main()
