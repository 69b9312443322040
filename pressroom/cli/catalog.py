"""`pressroom models` and `pressroom placements`: what the catalog has."""

from __future__ import annotations

from typing import Annotated

import typer

from pressroom.cli.console import border, print_json, table
from pressroom.cli.options import Json, here


def models(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[OPERATION|WORDS]...", help="Only this operation; or what each word begins a part of."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The price book: what can be bought or computed."""
    from pressroom.bootstrap import catalog_for
    from pressroom.catalog.search import models_of
    from pressroom.cli.views.table import Column
    from pressroom.planning.explain import amounts_text, dollars_text

    with border(as_json):
        rows = models_of(catalog_for(here()), " ".join(words or ()))
        if as_json:
            print_json([row.model_dump(mode="json") for row in rows])
            return
        table(
            ("model", "operation", "tier", Column("credits", right=True), Column("USD", right=True), "per"),
            [
                (
                    row.name,
                    row.operation,
                    row.tier,
                    amounts_text(price.credits, price.bound_credits or price.credits),
                    dollars_text(price.usd),
                    price.per,
                )
                for row in rows
                for price in row.prices
            ],
        )


def placements(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PLATFORM|WORDS]...", help="Words in any order: instagram, ig story, linkedin video."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where media can go: sizes, formats, limits, and where they are from."""
    from pressroom.bootstrap import catalog_for
    from pressroom.catalog.search import placements_of
    from pressroom.cli.views.table import Column

    with border(as_json):
        rows = placements_of(catalog_for(here()), " ".join(words or ()))
        if as_json:
            print_json([row.model_dump(mode="json") for row in rows])
            return
        table(
            (
                "placement",
                "kind",
                "size",
                Column("formats", prose=True),
                Column("MB", right=True),
                Column("seconds", right=True),
                "evidence",
                "as of",
            ),
            [
                (
                    row.name,
                    row.kind.value,
                    f"{row.width} x {row.height}",
                    ", ".join(row.formats),
                    f"{row.byte_limit / 1_000_000:g}" if row.byte_limit else "-",
                    f"{row.duration_limit_seconds:g}" if row.duration_limit_seconds else "-",
                    row.evidence,
                    row.as_of,
                )
                for row in rows
            ],
        )
