"""Lists in pages: how many, from where, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

from pressroom.database.counting import Count
from pressroom.domain.errors import Invalid, Problem

T = TypeVar("T")
ItemT = TypeVar("ItemT")
MOST: Final = 500
USUAL: Final = 50
_PLACE: Final = re.compile(r"([0-9]{1,9})~(.*)", re.ASCII | re.DOTALL)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items a page has at most.")]
Cursor = Annotated[str, Query(max_length=1_000, description="`next_cursor` of the page before; empty: the first.")]

NumberCursor = Annotated[str, Query(pattern=r"^[0-9]{0,18}$", description="`next_cursor` of the page before.")]


def _written(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write a day like 2026-12-01")
    return value


Day = Annotated[date, BeforeValidator(_written)]  # of itself a date would take seconds since 1970, too


class PageOf(BaseModel, Generic[ItemT]):
    """One page. `next_cursor` is null on the last; `count` is of the whole list, at least so many where it is capped."""

    items: list[ItemT]
    next_cursor: str | None
    count: int = Field(ge=0)
    count_is_capped: bool


def page(
    found: Sequence[T], limit: int, count: Count, key: Callable[[T], object], answer: Callable[[T], Any]
) -> dict[str, Any]:
    """A page of a list of which one item more was looked for than it has; `key` is what the next page begins behind."""
    return {
        "items": [answer(each) for each in found[:limit]],
        "next_cursor": str(key(found[limit - 1])) if len(found) > limit else None,
        "count": count.number,
        "count_is_capped": count.is_capped,
    }


def page_of(
    items: Sequence[T], limit: int, cursor: str, key: Callable[[T], object], answer: Callable[[T], Any]
) -> dict[str, Any]:
    """A page of a list that was read whole. Where the item is gone behind which it begins, it begins at that one's place."""
    start = _start(items, cursor, key)
    shown = items[start : start + limit]
    ends = start + len(shown)
    return {
        "items": [answer(each) for each in shown],
        "next_cursor": f"{ends}~{key(shown[-1])}" if ends < len(items) else None,
        "count": len(items),
        "count_is_capped": False,
    }


def _start(items: Sequence[T], cursor: str, key: Callable[[T], object]) -> int:
    if not cursor:
        return 0
    place = _PLACE.fullmatch(cursor)
    if place is None:
        hint = "give `next_cursor` of the page before, or none"
        raise Invalid.of([Problem("usage", f"{cursor[:80]!r} is no cursor of this list", hint, path=("cursor",))])
    after = (number for number, each in enumerate(items, 1) if str(key(each)) == place[2])
    return next(after, min(int(place[1]), len(items)))
