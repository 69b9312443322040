"""Lists in pages: how many, from where, and what comes next."""

from __future__ import annotations

from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

ItemT = TypeVar("ItemT")
MOST: Final = 500
USUAL: Final = 50

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items a page has at most.")]
Cursor = Annotated[str, Query(max_length=1_000, description="`next_cursor` of the page before; empty: the first.")]


class PageOf(BaseModel, Generic[ItemT]):
    """One page. `next_cursor` is null on the last; `count` is of the whole list, at least so many where it is capped."""

    items: list[ItemT]
    next_cursor: str | None = None
    count: int | None = Field(None, ge=0)
    count_is_capped: bool = False
