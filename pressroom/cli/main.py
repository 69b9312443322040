"""The command line, assembled: the only module that knows every command."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from pressroom.cli import (
    account,
    approvals,
    asset_changes,
    asset_uses,
    assets,
    authoring,
    backup,
    catalog,
    collections,
    credits,
    deploy,
    doctor,
    documents,
    home,
    jobs,
    mcp,
    plan,
    prices,
    providers,
    reconcile,
    retention,
    run,
    runs,
    serve,
    server,
    shares,
    simulator,
    store,
    tokens,
    users,
)
from pressroom.cli.console import BROKEN, note, write
from pressroom.cli.interrupts import leave
from pressroom.cli.streams import Output
from pressroom.cli.views.whole_help import WholeHelp


def _show_version(wanted: bool) -> None:
    if wanted:
        from pressroom import __version__

        write(f"pressroom {__version__}\n")
        raise typer.Exit


app = typer.Typer(
    cls=WholeHelp,
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


for command in (
    plan.plan,
    run.run,
    deploy.deploy,
    approvals.approve,
    approvals.reject,
    approvals.resume,
    authoring.schema,
    authoring.init,
    catalog.models,
    catalog.placements,
    reconcile.reconcile,
    doctor.doctor,
    backup.backup,
    backup.restore,
    serve.serve,
    mcp.mcp,
    server.up,
    server.down,
    server.status,
    server.ui,
    simulator.simulator,
):
    app.command()(command)
for more in (asset_changes.changes, asset_uses.uses):
    assets.assets.add_typer(more)
app.add_typer(assets.assets, name="assets")
app.add_typer(collections.collections, name="collections")
app.add_typer(retention.retention, name="retention")
app.add_typer(shares.shares, name="shares")
app.add_typer(shares.links, name="links")
app.add_typer(documents.documents, name="documents")
app.add_typer(store.store, name="store")
app.add_typer(home.home, name="home")
app.add_typer(credits.credits, name="credits")
app.add_typer(runs.runs, name="runs")
app.add_typer(jobs.jobs, name="jobs")
app.add_typer(providers.providers, name="providers")
app.add_typer(prices.prices, name="prices")
app.add_typer(account.account, name="account")
app.add_typer(users.users, name="users")
app.add_typer(tokens.tokens, name="tokens")


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
