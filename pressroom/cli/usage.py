"""`pressroom usage`: what was made, what it cost and how long it took."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from pressroom.cli.console import border, print_json, table, write
from pressroom.cli.options import Account, Json, customer

_DAY = ["%Y-%m-%d"]


def usage(
    by: Annotated[str, typer.Option(help="tier, model, operation, user or day.")] = "day",
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="First day, UTC; default: the first of this month.")
    ] = None,
    ends: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="The day after the last one; default: tomorrow.")
    ] = None,
    account: Account = None,
    as_json: Json = False,
) -> None:
    """What was made, what it cost and how long it took; its credits are those of the statement."""
    from pressroom.cli.views.table import Column
    from pressroom.domain.money import credits_text, usd_text
    from pressroom.services.accounts import open_account
    from pressroom.services.usage import show_usage

    with border(as_json):
        principal, context = customer(account)
        open_account(principal, context)
        found = show_usage(principal, context, by=by, begins=_day(begins), ends=_day(ends))
        if as_json:
            print_json(found.as_dict())
            return
        if not found.lines:
            write(f"nothing was used from {found.span.begins:%Y-%m-%d} to {found.span.ends:%Y-%m-%d}\n")
            return
        rows = [
            (
                each.key or "all",
                f"{each.count:,}",
                credits_text(each.credits_micros),
                usd_text(each.usd_micros),
                _seconds(each.mean_seconds),
                _seconds(each.p95_seconds),
            )
            for each in (*found.lines, found.whole)
        ]
        figures = (Column(word, right=True) for word in ("made", "credits", "usd", "mean", "p95"))
        table((Column(found.by.value, prose=True), *figures), rows)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"
