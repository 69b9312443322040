"""Lists in pages: how many, from where, and what comes next."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, BeforeValidator, Field

ItemT = TypeVar("ItemT")
MOST: Final = 500
USUAL: Final = 50
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items a page has at most.")]
Cursor = Annotated[str, Query(max_length=1_000, description="`next_cursor` of the page before; empty: the first.")]


def _written(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write a day like 2026-12-01")
    return value


Day = Annotated[date, BeforeValidator(_written)]  # of itself a date would take seconds since 1970, too


class PageOf(BaseModel, Generic[ItemT]):
    """One page. `next_cursor` is null on the last; `count` is of the whole list, at least so many where it is capped."""

    items: list[ItemT]
    next_cursor: str | None = None
    count: int | None = Field(None, ge=0)
    count_is_capped: bool = False
