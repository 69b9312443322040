"""`pressroom models` and `pressroom placements`: what the catalog has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pressroom.cli.console import border, print_json, table, usage
from pressroom.cli.options import Json, here
from pressroom.domain.suggest import did_you_mean, fits, mended

if TYPE_CHECKING:
    from pressroom.catalog.models import Model
    from pressroom.domain.placement import Placement

RowT = TypeVar("RowT")


def models(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[OPERATION|WORDS]...", help="Only this operation; or what each word begins a part of."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The price book: what can be bought or computed."""
    from pressroom.bootstrap import catalog_for
    from pressroom.cli.views.table import Column
    from pressroom.planning.explain import amounts_text, dollars_text

    with border(as_json):
        rows = _models(catalog_for(here()).models.values(), " ".join(words or ()))
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
    from pressroom.cli.views.table import Column

    with border(as_json):
        rows = _placements(catalog_for(here()).placements.values(), " ".join(words or ()))
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


def _models(rows: Iterable[Model], text: str) -> list[Model]:
    every = list(rows)
    own = [row for row in every if text == row.operation]  # not what has these words in its model's name too
    return own or _found(
        "model", text, every, lambda row: (row.name, row.operation, row.tier), lambda row: row.operation
    )


def _placements(rows: Iterable[Placement], text: str) -> list[Placement]:
    every = list(rows)
    return _found("placement", text, every, lambda row: (row.name, row.kind, *row.formats), lambda row: row.platform)


def _found(
    what: str, text: str, rows: list[RowT], texts: Callable[[RowT], Iterable[str]], group: Callable[[RowT], str]
) -> list[RowT]:
    """The rows whose texts, their name first, fit a search. Raises Invalid with what is meant when there are none."""
    found = [row for row in rows for name, *also in [texts(row)] if fits(text, name, also)]
    if not found:
        meant = mended(text, (each for row in rows for each in texts(row)))
        again = any(fits(meant, name, also) for row in rows for name, *also in [texts(row)])
        hint = f"did you mean {meant!r}?" if meant and again else did_you_mean(text, dict.fromkeys(map(group, rows)))
        raise usage(f"no {what} fits {text!r}", hint)
    return found
