"""The assets of one account as columns in memory: every filter, sort and count of a million of them takes milliseconds.

A row is an asset, in no order that matters; texts are numbers (see Texts). What an asset has several of is in `pairs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pressroom.library.column_parts import Array, Codes, Mask, Pairs, Rows, Texts, with_room

# Texts of which there are few beside the number of assets. `maker` is provider/model.
TEXTS: Final = (
    "kind", "category", "folder", "project", "campaign", "run", "step", "operation", "placement", "module", "maker",
    "mime", "state", "creator",
)  # fmt: skip
# Amounts in the units of their columns in SQL; `day` is counted from 1970. A size that is not known is 0.
# `look` is the key of the file (see sketches.file_key).
NUMBERS: Final = {
    "seq": np.int64,
    "created": np.int64,
    "day": np.int32,
    "bytes": np.int64,
    "width": np.int32,
    "height": np.int32,
    "duration": np.float32,
    "cost": np.int64,
    "uses": np.int32,
    "public": np.bool_,
    "agent_visible": np.bool_,
    "alpha": np.bool_,
    "generated": np.bool_,
    "look": np.uint64,
    "gone": np.bool_,
}
# The beginning of the name as people sort it, as numbers that compare as its bytes do.
NAME_WORDS: Final = ("name_0", "name_1", "name_2", "name_3")
# An opinion's code is MEMBER * 16 + favourite * 8 + rating, where MEMBER is the code of the person.
PAIRS: Final = ("tag", "collection", "opinion")
RATING_MASK, FAVOURITE_BIT, MEMBER_SHIFT = 7, 8, 4


class Columns:
    """Grows in place; whoever reads while it changes must be kept out by its owner."""

    def __init__(self) -> None:
        self.count = 0
        self.arrays: dict[str, Array] = {name: np.zeros(0, dtype) for name, dtype in NUMBERS.items()}
        self.arrays |= {name: np.zeros(0, np.uint64) for name in NAME_WORDS}
        self.arrays |= {name: np.zeros(0, np.int32) for name in TEXTS}
        self.texts = {name: Texts() for name in (*TEXTS, "tag", "member")}
        self.pairs = {name: Pairs() for name in PAIRS}
        self._order: Rows | None = None
        self._is_sorted = True

    def __getitem__(self, name: str) -> Array:
        """A column, one value for each row."""
        return self.arrays[name][: self.count]

    def codes(self, name: str) -> Codes:
        return self[name]

    def rows_of(self, seqs: npt.NDArray[np.int64]) -> Rows:
        """The rows of these numbers of assets, in their order; -1 for what is not there."""
        if not self.count:
            return np.full(len(seqs), -1)
        ordered = self["seq"] if self._is_sorted else self["seq"][self._ordered()]
        at = np.minimum(np.searchsorted(ordered, seqs), self.count - 1)
        found = at if self._is_sorted else self._ordered()[at]
        return np.where(ordered[at] == seqs, found, -1)

    def put(self, values: dict[str, Array]) -> Rows:
        """Rows of all columns: those of an asset that is there are replaced, others are added. Returns where they are."""
        seqs = values["seq"]
        rows = self.rows_of(seqs)
        new = np.flatnonzero(rows < 0)
        rows[new] = self.count + np.arange(len(new))
        self._make_room(self.count + len(new))
        last = self["seq"][-1] if self.count else -1
        for name, column in values.items():
            self.arrays[name][rows] = column
        self.count += len(new)
        added = seqs[new]
        self._is_sorted &= bool(not len(added) or (added[0] > last and (np.diff(added) > 0).all()))
        self._order = None
        return rows

    def remove(self, seqs: npt.NDArray[np.int64]) -> None:
        """Assets that are no more."""
        rows = self.rows_of(seqs)
        self.arrays["gone"][rows[rows >= 0]] = True

    def put_pairs(self, name: str, changed: Rows, seqs: npt.NDArray[np.int64], codes: Codes) -> None:
        """What the changed rows have now: the number of the asset and a code, for each."""
        rows = self.rows_of(seqs)
        known = rows >= 0
        self.pairs[name].put(changed, rows[known].astype(np.int32), codes[known])

    def fill(self, count: int, arrays: dict[str, Array], pairs: dict[str, Pairs], texts: dict[str, Texts]) -> None:
        """What was kept of an earlier one."""
        self.count, self.arrays, self.pairs, self.texts = count, arrays, pairs, texts
        self._is_sorted = bool((np.diff(self["seq"]) > 0).all())

    def mask_of(self, rows: npt.NDArray[np.integer]) -> Mask:
        found = np.zeros(self.count, bool)
        found[rows] = True
        return found

    def known(self, name: str) -> Sequence[str]:
        return self.texts[name].values

    def _ordered(self) -> Rows:
        if self._order is None:
            self._order = np.argsort(self["seq"], kind="stable")
        return self._order

    def _make_room(self, rows: int) -> None:
        if rows > len(self.arrays["seq"]):
            self.arrays = {name: with_room(array, rows) for name, array in self.arrays.items()}
