"""`pressroom runs`: what was run and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom.cli.console import border, print_json, table
from pressroom.cli.options import Account, Json, acting


def runs(
    campaign: Annotated[str, typer.Argument(help="Only this campaign.")] = "",
    account: Account = None,
    as_json: Json = False,
) -> None:
    """The latest runs and how they ended."""
    from pressroom.runs.records import list_runs

    with border(as_json):
        opened, account_id = acting(account)
        with opened.database.read() as conn:
            found = list_runs(conn, account_id, campaign=campaign or None)
        if as_json:
            print_json([{"id": r.id, "campaign": r.campaign, "state": r.state, "report": r.report} for r in found])
            return
        rows = [(r.id, r.campaign, r.state.replace("_", " "), f"{r.created_at:%Y-%m-%d %H:%M}") for r in found]
        table(("run", "campaign", "state", "started"), rows)
