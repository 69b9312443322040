"""`pressroom runs`: what was run and how it ended, and the files of a run once more."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom.cli.campaign_request import Out, out_of
from pressroom.cli.console import DONE, FAILED_NODES, border, print_json, stderr_console, table
from pressroom.cli.options import Account, Json, inhabited, is_by_itself
from pressroom.cli.views.whole_help import WholeHelp
from pressroom.delivery.place import place_of
from pressroom.domain.identity import Principal

runs = typer.Typer(cls=WholeHelp, help="What was run: list, deliver.", invoke_without_command=True)


@runs.callback()
def list_runs(
    context: typer.Context,
    campaign: Annotated[str, typer.Option(help="Only this campaign.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 50,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """The account's latest runs and how they ended."""
    if not is_by_itself(context):
        return
    from pressroom.bootstrap import open_context
    from pressroom.cli.views.table import Column
    from pressroom.domain.money import credits_text
    from pressroom.services.list_runs import list_account_runs

    with border(as_json):
        settings = inhabited(account)
        found = list_account_runs(
            Principal(settings.account), open_context(settings), campaign=campaign or None, limit=limit
        )
        if as_json:
            print_json([line.as_dict() for line in found])
            return
        rows = [
            (
                line.run.id,
                line.run.campaign,
                line.run.state.replace("_", " "),
                credits_text(line.captured_micros),
                f"{line.run.created_at:%Y-%m-%d %H:%M}",
            )
            for line in found
        ]
        table(("run", "campaign", Column("state", prose=True), Column("credits", right=True), "started"), rows)


@runs.command("deliver")
def deliver(
    run: Annotated[str, typer.Argument(help="Id of the run, as `pressroom runs` shows it.")],
    out: Out = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """Put the files of a run that has ended into their folder once more, with its contact sheet; buys nothing."""
    from pressroom.bootstrap import open_context
    from pressroom.cli.views.run_view import json_of, show_run
    from pressroom.reporting.summary import summary_of
    from pressroom.services.deliver_run import deliver_run

    with border(as_json):
        place = place_of(out_of(out)) if out else None
        settings = inhabited(account)
        summary = summary_of(deliver_run(Principal(settings.account), open_context(settings), run, place))
        show_run(stderr_console(), summary)
        if as_json:
            print_json(json_of(summary))
        raise typer.Exit(DONE if summary["delivered"] else FAILED_NODES)
