"""`pressroom prices`: whether the price book is still true."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pressroom.cli.console import border, note, print_json, table
from pressroom.cli.options import Json, here
from pressroom.cli.views.whole_help import WholeHelp
from pressroom.domain.identity import Principal

prices = typer.Typer(cls=WholeHelp, help="Prices of vendors: check.", no_args_is_help=True)


@prices.callback()
def group() -> None:
    """Prices of vendors: check."""


@prices.command("check")
def check_command(
    live: Annotated[bool, typer.Option("--live", help="Ask the vendors that tell what they charge today.")] = False,
    days: Annotated[int, typer.Option(min=0, max=3_650, help="Rows that were read longer ago than this are old.")] = 30,
    as_json: Json = False,
) -> None:
    """Which prices of the catalog are old or weak; with --live also what vendors say today that differs. Buys nothing."""
    from pressroom.bootstrap import open_providers
    from pressroom.cli.views.table import Column
    from pressroom.services.price_check import ask_vendors, old_rows, weak_rows

    with border(as_json):
        settings = here()
        context = open_providers(settings)
        old, weak = old_rows(context, days), weak_rows(context)
        asked = ask_vendors(Principal(settings.account), context) if live else None
        if as_json:
            told = None if asked is None else [asdict(each) for each in asked]
            print_json({"old": [asdict(row) for row in old], "weak": [asdict(row) for row in weak], "live": told})
            return
        note(f"{len(old)} rows were read more than {days} days ago\n")
        if old:
            table(
                ("row", "read on", Column("days", right=True), Column("source", prose=True)),
                [(row.name, row.as_of, str(row.days), row.source) for row in old],
            )
        note(f"{len(weak)} rows are weak: no page of the vendor's says so, and the bill decides\n")
        if weak:
            table(("row", Column("why", prose=True)), [(row.name, row.why) for row in weak])
        for each in asked or ():
            count = len(each.differences)
            note(f"{each.provider}: {each.error or f'{each.models} models asked for, {count} differences'}\n")
        if asked is not None and not asked:
            note("no vendor that can be asked has a key: pressroom providers set NAME\n")
        found = [difference for each in asked or () for difference in each.differences]
        if found:
            columns = (
                "model",
                Column("change", prose=True),
                Column("catalog", prose=True),
                Column("vendor", prose=True),
            )
            table(columns, [(each.model, each.change.value, each.catalog, each.vendor) for each in found])
