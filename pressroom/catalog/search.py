"""Rows of the catalog by the words that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pressroom.catalog.load import Catalog
from pressroom.catalog.models import Model
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.placement import Placement
from pressroom.domain.suggest import did_you_mean, fits, mended

RowT = TypeVar("RowT")


def models_of(catalog: Catalog, text: str = "") -> list[Model]:
    """The models of an operation, or those of which each word begins a part. Raises Invalid where there are none."""
    every = list(catalog.models.values())
    own = [row for row in every if text == row.operation]  # not what has these words in its model's name too
    return own or _found(
        "model", text, every, lambda row: (row.name, row.operation, row.tier), lambda row: row.operation
    )


def placements_of(catalog: Catalog, text: str = "") -> list[Placement]:
    """The placements of which each word begins a part, in any order. Raises Invalid where there are none."""
    every = list(catalog.placements.values())
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
        raise Invalid.of([Problem("usage", f"no {what} fits {text!r}", hint)])
    return found
