"""The order of what was found, and cursors: where a page ended, whatever is filed or changed meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pressroom.domain.errors import Invalid
from pressroom.library.column_parts import Array, Rows
from pressroom.library.columns import NAME_WORDS, Columns

# Of some rows: one number for each, the lowest first.
Key = Callable[[Rows], Array]


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    SIZE = "size"  # the largest file first
    COST = "cost"  # the dearest first
    RATING = "rating"  # the best first, by the ratings of who asks
    USED = "used"  # the most used first
    RELEVANCE = "relevance"  # words in names, titles and tags before words elsewhere
    SIMILARITY = "similarity"  # the most alike first


_BY_COLUMN: Final = {Sort.SIZE: "bytes", Sort.COST: "cost", Sort.USED: "uses"}


def keys_of(columns: Columns, sort: Sort, scores: npt.NDArray[Any] | None = None) -> list[Key]:
    """The last of them differs for any two rows. `scores`, the highest first, are for the orders that no column has."""
    if sort is Sort.OLDEST:
        return [columns["created"].take, columns["seq"].take]
    if sort is Sort.NAME:
        return [*(columns[name].take for name in NAME_WORDS), columns["seq"].take]
    newest = [_falling(columns["created"]), _falling(columns["seq"])]
    if scores is not None:
        return [_falling(scores), *newest]
    if sort in _BY_COLUMN:
        return [_falling(columns[_BY_COLUMN[sort]]), *newest]
    return newest


def _falling(column: Array) -> Key:
    return lambda rows: np.negative(column.take(rows), dtype=np.int64)


def first_of(rows: Rows, keys: Sequence[Key], limit: int) -> Rows:
    """The first `limit` of the rows, in order."""
    chosen: list[Rows] = []
    wanted = limit
    for key in keys:
        if len(rows) <= wanted or not wanted:
            break
        values = key(rows)
        last = np.partition(values, wanted - 1)[wanted - 1]
        chosen.append(rows[values < last])
        rows, wanted = rows[values == last], wanted - len(chosen[-1])
    found = np.concatenate([*chosen, rows[:wanted]])
    return found[np.lexsort([key(found) for key in reversed(keys)])]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last asset of a page: its values of all keys but the last, its id, and what was asked."""

    values: tuple[int, ...]
    asset_id: str
    asked: str

    def text(self) -> str:
        data = json.dumps([list(self.values), self.asset_id, self.asked], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def read_cursor(text: str, asked: str, keys: int) -> Cursor:
    """Raises Invalid for what is no cursor, and for one of another search."""
    try:
        values, asset_id, of = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        found = Cursor(tuple(_whole(value) for value in values), str(asset_id), str(of))
    except (ValueError, TypeError, binascii.Error):
        raise Invalid(f"{text[:40]!r} is no cursor", hint="pass the next_cursor of the page before") from None
    if found.asked != asked or len(found.values) != keys - 1:
        raise Invalid("the cursor is of another search", hint="keep filters and order, or begin without a cursor")
    return found


def _whole(value: Any) -> int:
    if not isinstance(value, int) or not -(2**63) <= value < 2**64:
        raise ValueError("no key")
    return value


def beyond(rows: Rows, keys: Sequence[Key], cursor: Cursor, last: int | None) -> Rows:
    """The rows after the cursor's. `last` is its value of the last key, None where that asset is no more.

    Then those that are equal to it in all else come again: rather twice than never.
    """
    after = []
    for key, value in zip(keys, cursor.values, strict=False):
        values = key(rows)
        after.append(rows[np.flatnonzero(values > value)])
        rows = rows[np.flatnonzero(values == value)]
    return np.concatenate([*after, rows if last is None else rows[keys[-1](rows) > last]])
