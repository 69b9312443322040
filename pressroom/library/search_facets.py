"""How many of what was found are of which kind, campaign, tag and so on, and of which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from pressroom.domain.media import type_of_mime
from pressroom.library.column_parts import Rows
from pressroom.library.columns import Columns
from pressroom.library.search_filter import ORIENTATIONS, TEXT_COLUMNS, orientation_codes

MOST_VALUES: Final = 50
_FEW_VALUES: Final = 8
_EPOCH: Final = date(1970, 1, 1)
_MOST_DAYS: Final = 92  # what lasts longer is counted by month


@dataclass(frozen=True, slots=True)
class Facet:
    """Values with how many have each, the most first; `more` others are not told."""

    values: tuple[tuple[str, int], ...]
    more: int = 0


def _same(text: str) -> str:
    return text


def _platform(placement: str) -> str:
    return placement.partition(".")[0]


def _provider(maker: str) -> str:
    return maker.partition("/")[0]


def _model(maker: str) -> str:
    return maker.strip("/")


def _format(mime: str) -> str:
    found = type_of_mime(mime)
    return found.name if found else ""


# Facet -> the column of texts, and what of a text counts.
_FACETS: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    **{name: (column, _same) for name, column in TEXT_COLUMNS.items() if name != "run"},
    "folder": ("folder", _same),
    "format": ("mime", _format),
    "platform": ("placement", _platform),
    "provider": ("maker", _provider),
    "model": ("maker", _model),
}
FACETS: Final = (*_FACETS, "tag", "orientation", "tier")


def facets(columns: Columns, rows: Rows, names: Iterable[str], tiers: Mapping[str, str]) -> dict[str, Facet]:
    """Of these rows, by the names of FACETS. What has no value is not counted."""
    counted: dict[str, npt.NDArray[np.int64]] = {}
    found = {}
    for name in names:
        if name == "orientation":
            found[name] = _orientations(columns, rows)
            continue
        column, told = (
            ("maker", lambda maker: tiers.get(maker, "")) if name == "tier" else _FACETS.get(name, (name, _same))
        )
        if column not in counted:
            counted[column] = _tag_counts(columns, rows) if column == "tag" else _counts(columns, rows, column)
        found[name] = _facet(columns.known(column), counted[column], told)
    return found


def _counts(columns: Columns, rows: Rows, column: str) -> npt.NDArray[np.int64]:
    return _counted(_of(columns[column], rows), len(columns.known(column)))


def _counted(codes: npt.NDArray[np.int32], known: int) -> npt.NDArray[np.int64]:
    """How often each code of 0 to `known` - 1 occurs."""
    if known > _FEW_VALUES:
        return np.bincount(codes, minlength=known)
    # To add one to the same counter again and again is slower than to compare.
    return np.array([np.count_nonzero(codes == code) for code in range(known)], np.int64)


def _of(column: npt.NDArray[np.int32], rows: Rows) -> npt.NDArray[np.int32]:
    return column if len(rows) == len(column) else column.take(rows)


def _tag_counts(columns: Columns, rows: Rows) -> npt.NDArray[np.int64]:
    return columns.pairs["tag"].counts(columns.mask_of(rows), len(columns.known("tag")))


def _facet(texts: Iterable[str], counts: npt.NDArray[np.int64], told: Callable[[str], str]) -> Facet:
    total: Counter[str] = Counter()
    known = list(texts)
    for code in np.flatnonzero(counts):
        if value := told(known[code]):
            total[value] += int(counts[code])
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return Facet(tuple(ranked[:MOST_VALUES]), max(0, len(ranked) - MOST_VALUES))


def _orientations(columns: Columns, rows: Rows) -> Facet:
    codes = orientation_codes(_of(columns["width"], rows), _of(columns["height"], rows))
    return _facet(("", *ORIENTATIONS), _counted(codes, len(ORIENTATIONS) + 1), _same)


def timeline(columns: Columns, rows: Rows) -> tuple[tuple[str, int], ...]:
    """How many were made on each day (2026-11-30), or in each month (2026-11) where that is longer than three months."""
    if not len(rows):
        return ()
    days = _of(columns["day"], rows)
    first = int(days.min())
    counts = np.bincount(days - first)
    by_month = len(counts) > _MOST_DAYS
    total: Counter[str] = Counter()
    for after in np.flatnonzero(counts):
        day = (_EPOCH + timedelta(days=first + int(after))).isoformat()
        total[day[:7] if by_month else day] += int(counts[after])
    return tuple(sorted(total.items()))
