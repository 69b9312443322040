"""Which assets are wanted, and which rows of an account's columns those are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, select

from pressroom.database.schema import collection, instant
from pressroom.domain.library import AssetState
from pressroom.domain.media import type_named
from pressroom.library.column_parts import Codes, Mask, among
from pressroom.library.columns import FAVOURITE_BIT, MEMBER_SHIFT, RATING_MASK, Columns

# A name, or several of which any will do.
Names = str | tuple[str, ...]
ORIENTATIONS: Final = ("landscape", "portrait", "square")
# Not shown unless they are asked for.
HIDDEN: Final = (AssetState.ARCHIVED, AssetState.TRASHED)
# Filter -> the column of texts it is about.
TEXT_COLUMNS: Final = {
    name: name for name in ("kind", "category", "project", "campaign", "run", "step", "operation", "placement", "module",
    "creator", "state")
}  # fmt: skip
_RATIO_SLACK: Final = 0.01
_FLAGS: Final = ("alpha", "generated", "public", "agent_visible")
_SIZES: Final = ("bytes", "width", "height", "duration")


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`, both of them included; None is no limit."""

    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which assets; what is None or () does not matter. `text` is a search as people type it.

    `folder` is meant with all below it, `in_folder` without. `model` is a model's name, with or without its provider. `tag`
    are tags that it has all of. `cost` is in credits, `bytes`, `width`, `height` and `duration` (seconds) as they are.
    `favourite` and `rating` are those of `member`: who acts, empty where nobody logs in.
    """

    text: str | None = None
    kind: Names = ()
    category: Names = ()
    folder: Names = ()
    in_folder: Names = ()
    project: Names = ()
    collection: Names = ()
    campaign: Names = ()
    run: Names = ()
    step: Names = ()
    operation: Names = ()
    placement: Names = ()
    platform: Names = ()
    module: Names = ()
    provider: Names = ()
    model: Names = ()
    tier: Names = ()
    creator: Names = ()
    state: Names = ()
    format: Names = ()
    orientation: Names = ()
    ratio: Names = ()
    tag: Names = ()
    any_tag: Names = ()
    no_tag: Names = ()
    favourite: bool | None = None
    used: bool | None = None
    alpha: bool | None = None
    generated: bool | None = None
    public: bool | None = None
    agent_visible: bool | None = None
    rating: Range | None = None
    bytes: Range | None = None
    width: Range | None = None
    height: Range | None = None
    duration: Range | None = None
    cost: Range | None = None
    since: datetime | None = None
    before: datetime | None = None
    member: str = ""

    def given(self) -> dict[str, Any]:
        """What matters, by name; `member` only with its opinions."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "member"}
        found = {name: value for name, value in found.items() if value not in (None, ())}
        return found | ({"member": self.member} if found.keys() & {"favourite", "rating"} else {})


def several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def rows_that_fit(conn: Connection, account_id: int, columns: Columns, which: Filter, tiers: Mapping[str, str]) -> Mask:
    """Of the words of a filter nothing: those are asked of the database. `tiers`: provider/model -> its tier."""
    found = ~columns["gone"]
    for mask in _masks(conn, account_id, columns, which, tiers):
        found &= mask
    return found


def _masks(
    conn: Connection, account_id: int, columns: Columns, which: Filter, tiers: Mapping[str, str]
) -> Iterator[Mask]:
    if not which.state and (hidden := columns.texts["state"].of(HIDDEN)):
        yield ~among(columns.codes("state"), hidden, len(columns.known("state")))
    for name, column in TEXT_COLUMNS.items():
        if wanted := several(getattr(which, name)):
            yield _having(columns, column, columns.texts[column].of(wanted))
    for column, fits in _predicates(which, tiers):
        yield _having(columns, column, columns.texts[column].those(fits))
    for name in _FLAGS:
        if (wanted_flag := getattr(which, name)) is not None:
            yield columns[name] == wanted_flag
    if which.used is not None:
        yield (columns["uses"] > 0) == which.used
    yield from _ranges(columns, which)
    yield from _shapes(columns, which)
    yield from _tags(columns, which)
    yield from _opinions(columns, which)
    if which.collection:
        mine = (collection.c.account_id == account_id, collection.c.name.in_(several(which.collection)))
        shelves = list(conn.execute(select(collection.c.id).where(*mine)).scalars())
        yield _paired(columns, "collection", _one_of(shelves))


def _having(columns: Columns, column: str, codes: list[int]) -> Mask:
    return among(columns.codes(column), codes, len(columns.known(column)))


def _predicates(which: Filter, tiers: Mapping[str, str]) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """Filters that fit several texts of a column."""
    if folders := several(which.folder):
        below = tuple(f"{folder}/" for folder in folders)
        yield "folder", lambda text: text in folders or text.startswith(below) or "" in folders
    if exact := several(which.in_folder):
        yield "folder", exact.__contains__
    if platforms := several(which.platform):
        yield "placement", lambda text: text.partition(".")[0] in platforms
    if providers := several(which.provider):
        yield "maker", lambda text: text.partition("/")[0] in providers
    if models := several(which.model):
        yield "maker", lambda text: text in models or text.partition("/")[2] in models
    if wanted := several(which.tier):
        yield "maker", lambda text: tiers.get(text, "") in wanted
    if formats := several(which.format):
        mimes = {type_named(name).mime for name in formats}
        yield "mime", mimes.__contains__


def _ranges(columns: Columns, which: Filter) -> Iterator[Mask]:
    for name in _SIZES:
        if (wanted := getattr(which, name)) is not None:
            yield columns[name] > 0  # what is not known is no size
            yield from _within(columns, name, wanted, 1)
    if which.cost is not None:
        yield from _within(columns, "cost", which.cost, 1_000_000)
    if which.since is not None:
        yield columns["created"] >= instant(which.since)
    if which.before is not None:
        yield columns["created"] < instant(which.before)


def _within(columns: Columns, name: str, wanted: Range, unit: int) -> Iterator[Mask]:
    if wanted.least is not None:
        yield columns[name] >= wanted.least * unit
    if wanted.most is not None:
        yield columns[name] <= wanted.most * unit


def _shapes(columns: Columns, which: Filter) -> Iterator[Mask]:
    width, height = columns["width"], columns["height"]
    if wanted := several(which.orientation):
        yield np.isin(orientation_codes(width, height), [ORIENTATIONS.index(name) + 1 for name in wanted])
    if ratios := several(which.ratio):
        found = np.zeros(columns.count, bool)
        for across, down in (map(float, ratio.split(":")) for ratio in ratios):
            off = width * np.float32(down) - height * np.float32(across)
            found |= (abs(off) <= height * np.float32(across * _RATIO_SLACK)) & (height > 0)
        yield found


def orientation_codes(width: Codes, height: Codes) -> Codes:
    """1 + the index in ORIENTATIONS; 0 for what has no size."""
    code = np.where(width > height, 1, np.where(width < height, 2, 3))
    return np.where(height > 0, code, 0).astype(np.int32)


def _tags(columns: Columns, which: Filter) -> Iterator[Mask]:
    known = columns.texts["tag"]
    for tag in several(which.tag):
        yield _paired(columns, "tag", _one_of(known.of([tag])))
    if some := several(which.any_tag):
        yield _paired(columns, "tag", _one_of(known.of(some)))
    if none := several(which.no_tag):
        yield ~_paired(columns, "tag", _one_of(known.of(none)))


def _opinions(columns: Columns, which: Filter) -> Iterator[Mask]:
    member = columns.texts["member"].of([which.member])
    if which.favourite is not None:
        liked = _paired(
            columns,
            "opinion",
            lambda codes: np.isin(codes >> MEMBER_SHIFT, member) & (codes & FAVOURITE_BIT > 0),
        )
        yield liked == which.favourite
    if which.rating is not None:
        rated = ratings(columns, which.member)
        yield rated > 0
        least, most = which.rating.least, which.rating.most
        yield (rated >= (least or 0)) & (rated <= (RATING_MASK if most is None else most))


def ratings(columns: Columns, member: str) -> Codes:
    """The person's rating of each row, 0 where there is none."""
    rows, codes = columns.pairs["opinion"].where(
        lambda codes: np.isin(codes >> MEMBER_SHIFT, columns.texts["member"].of([member]))
    )
    found = np.zeros(columns.count, np.int32)
    found[rows] = codes & RATING_MASK
    return found


def _one_of(wanted: Sequence[int]) -> Callable[[Codes], Mask]:
    return lambda codes: np.asarray(codes == wanted[0]) if len(wanted) == 1 else np.isin(codes, wanted)


def _paired(columns: Columns, name: str, fits: Callable[[Codes], Mask]) -> Mask:
    return columns.mask_of(columns.pairs[name].where(fits)[0])
