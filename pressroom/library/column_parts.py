"""What a table in memory is made of: arrays that grow, texts as numbers, and what a row may have several of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]

_SPARE_SHARE: Final = 8  # an eighth more than is needed, so that few additions move what is there
_SPARE: Final = 1_024
_MOST_FRESH: Final = 20_000


def with_room(array: Array, rows: int) -> Array:
    """The same values in an array that is longer than `rows`; zeros after them."""
    grown = np.zeros(rows + rows // _SPARE_SHARE + _SPARE, array.dtype)
    grown[: len(array)] = array
    return grown


class Texts:
    """Different texts, each with a number from 0."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.values = list(known)
        self._codes = {value: code for code, value in enumerate(self.values)}

    def code(self, text: str) -> int:
        """Its number, a new one where it has none yet."""
        code = self._codes.setdefault(text, len(self.values))
        if code == len(self.values):
            self.values.append(text)
        return code

    def codes(self, texts: Iterable[str]) -> Codes:
        return np.array([self.code(text) for text in texts], np.int32)

    def __contains__(self, text: str) -> bool:
        return text in self._codes

    def those(self, fits: Callable[[str], bool]) -> list[int]:
        """The numbers of the texts that fit."""
        return [code for code, text in enumerate(self.values) if fits(text)]

    def of(self, texts: Iterable[str]) -> list[int]:
        """The numbers of those of these texts that have one."""
        return [self._codes[text] for text in texts if text in self._codes]


def among(column: Codes, codes: Sequence[int], known: int) -> Mask:
    """Which rows of a column have one of these codes, of 0 to `known` - 1."""
    if len(codes) == 1:
        return np.asarray(column == codes[0])
    wanted = np.zeros(max(1, known), bool)
    wanted[list(codes)] = True
    return wanted.take(column)


class Pairs:
    """Rows with codes, several for each row: its tags. What changed lately is kept apart from the many that did not."""

    def __init__(self, rows: Codes | None = None, codes: Codes | None = None) -> None:
        nothing = np.empty(0, np.int32)
        self.rows = nothing if rows is None else rows
        self.codes = nothing if codes is None else codes
        self._fresh_rows = self._fresh_codes = nothing
        self._stale = np.zeros(0, bool)  # rows whose pairs are all among the fresh

    def put(self, changed: Rows, rows: Codes, codes: Codes) -> None:
        """The changed rows have these pairs now, and no others."""
        kept = ~np.isin(self._fresh_rows, changed)
        self._fresh_rows = np.concatenate([self._fresh_rows[kept], rows])
        self._fresh_codes = np.concatenate([self._fresh_codes[kept], codes])
        if len(changed) and len(self._stale) <= changed.max():
            self._stale = with_room(self._stale, int(changed.max()))
        self._stale[changed] = True
        if len(self._fresh_rows) > max(_MOST_FRESH, len(self.rows) // _SPARE_SHARE):
            self.settle()

    def settle(self) -> None:
        """All pairs in one."""
        self.rows, self.codes = self.where(lambda codes: np.ones(len(codes), bool))
        self._fresh_rows = self._fresh_codes = np.empty(0, np.int32)
        self._stale = np.zeros(0, bool)

    def counts(self, mask: Mask, known: int) -> Rows:
        """How many of these rows have each code, of 0 to `known` - 1."""
        unchanged = mask.copy()
        unchanged[: len(self._stale)] &= ~self._stale[: len(mask)]
        found = self.codes[np.flatnonzero(unchanged.take(self.rows))]
        fresh = self._fresh_codes[mask.take(self._fresh_rows)]
        return np.bincount(found, minlength=known) + np.bincount(fresh, minlength=known)

    def where(self, fits: Callable[[Codes], Mask]) -> tuple[Codes, Codes]:
        """The pairs whose codes fit."""
        there = np.flatnonzero(fits(self.codes))
        rows, codes = self.rows[there], self.codes[there]
        fresh = fits(self._fresh_codes)
        if len(self._stale):
            current = self._current(rows)
            rows, codes = rows[current], codes[current]
        return np.concatenate([rows, self._fresh_rows[fresh]]), np.concatenate([codes, self._fresh_codes[fresh]])

    def _current(self, rows: Codes) -> Mask:
        known = rows < len(self._stale)
        return ~(known & self._stale.take(rows, mode="clip"))
