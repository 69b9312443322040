"""Finding assets: filters, words and likeness together, in any order, by pages, with counts of what was found.

All of it is answered from an account's columns in memory (see mirror.py) but for words, which the database's own index finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.schema import asset
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Invalid
from pressroom.domain.media import Asset
from pressroom.domain.suggest import did_you_mean, mended
from pressroom.library.column_parts import Rows
from pressroom.library.columns import Columns
from pressroom.library.mirror import Kept, Mirror
from pressroom.library.rows import assets_from
from pressroom.library.search_facets import FACETS, Facet, facets, timeline
from pressroom.library.search_filter import Filter, ratings, rows_that_fit, several
from pressroom.library.search_order import Cursor, Key, Sort, beyond, first_of, keys_of, read_cursor
from pressroom.library.search_query import terms
from pressroom.library.similar import Match, Words
from pressroom.library.sketches import file_key

__all__ = ["DEFAULT_LIMIT", "FACETS", "MOST", "Asked", "Facet", "Filter", "Found", "Query", "Sort", "find", "numbers"]

DEFAULT_LIMIT: Final = 50
MOST: Final = 500
_SCORE_UNIT: Final = 1_000_000
_ENDS: Final = 2**16
_FEW: Final = 100_000  # more than so many are compared as fast as all
# Columns whose texts people mean when they misspell a word.
_WORDS: Final = ("tag", "campaign", "project", "folder", "step")
# Filters whose values are an account's own.
_NAMED: Final = (*_WORDS, "run", "creator")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for and how to show it. Without a sort: the best first where there is one, else the newest.

    `like` is an asset's id or its beginning. `cursor` is the `next_cursor` of the page before.
    """

    which: Filter = field(default_factory=Filter)
    sort: Sort | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    facets: tuple[str, ...] = ()
    timeline: bool = False
    like: str | None = None

    def order(self, alike: bool) -> Sort:
        if self.sort is not None:
            return self.sort
        return Sort.SIMILARITY if alike else Sort.RELEVANCE if self.which.text else Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search needs that is no part of the question: tiers by provider/model, and what resembles what is asked for.

    `alike` is asked with the keys of the only files that matter, or None for all, and tells by SHA-256.
    """

    alike: Callable[[Words | None], Mapping[str, Match]] | None = None
    tiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `count` is of all pages; it is capped where only the nearest were looked at, whose `matches` are by asset id.

    Where nothing is found, `suggestion` is a search for other words that finds something, and `unknown` are the filters with a
    value that no asset has, each with the nearest that there is.
    """

    items: tuple[Asset, ...]
    next_cursor: str | None
    count: int
    count_is_capped: bool = False
    facets: Mapping[str, Facet] = field(default_factory=dict)
    timeline: tuple[tuple[str, int], ...] = ()
    suggestion: str = ""
    unknown: tuple[tuple[str, str, str], ...] = ()
    matches: Mapping[str, Match] = field(default_factory=dict)

    def as_dict(self, account: str) -> dict[str, Any]:
        """As command line and HTTP answer it; `account` is whose assets they are."""
        matches = {
            name: {"bits": each.bits, "cosine": each.cosine, "variant": each.variant, "why": each.why}
            for name, each in self.matches.items()
        }
        return {
            "items": [asset.as_dict(account) for asset in self.items],
            "next_cursor": self.next_cursor,
            "count": self.count,
            "count_is_capped": self.count_is_capped,
            "facets": {name: {"values": dict(each.values), "more": each.more} for name, each in self.facets.items()},
            "timeline": dict(self.timeline),
            "suggestion": self.suggestion,
            "matches": matches,
        }


def find(conn: Connection, account_id: int, query: Query, mirror: Mirror, asked: Asked | None = None) -> Found:
    """One page of the account's assets. Raises Invalid for a search without a word, and for a cursor that does not fit."""
    asked = asked or Asked()
    _check(query, asked)
    with mirror.of(conn, account_id) as kept:
        rows, keys, alike = _ordered(conn, account_id, query, kept, asked)
        count = len(rows)
        said = facets(kept.columns, rows, query.facets, asked.tiers)
        days = timeline(kept.columns, rows) if query.timeline else ()
        if query.cursor is not None:
            cursor = read_cursor(query.cursor, _digest(account_id, query, asked), len(keys))
            rows = beyond(rows, keys, cursor, _last(conn, account_id, cursor, kept.columns, keys))
        chosen = first_of(rows, keys, query.limit + 1)
        numbers = kept.columns["seq"][chosen[: query.limit]].tolist()
        places = [
            tuple(int(value) for value in values) for values in zip(*(key(chosen) for key in keys[:-1]), strict=True)
        ]
        suggestion = "" if count else _suggestion(conn, account_id, query, kept, asked)
        unknown = () if count else tuple(_unknown(kept.columns, query.which))
    items = _assets(conn, account_id, numbers)
    cursor_text = None
    if len(chosen) > query.limit and items:
        place = places[numbers.index(items[-1][0])]
        cursor_text = Cursor(place, items[-1][1].id, _digest(account_id, query, asked)).text()
    assets = tuple(each for _, each in items)
    matches = {each.id: alike[each.sha256] for each in assets if each.sha256 in alike}
    return Found(assets, cursor_text, count, asked.alike is not None, said, days, suggestion, unknown, matches)


def numbers(
    conn: Connection, account_id: int, which: Filter, mirror: Mirror, most: int, asked: Asked | None = None
) -> list[int]:
    """Row numbers of the newest that fit, at most so many."""
    query = Query(which, Sort.NEWEST)
    with mirror.of(conn, account_id) as kept:
        rows, keys, _ = _ordered(conn, account_id, query, kept, asked or Asked())
        return list(kept.columns["seq"][first_of(rows, keys, most)].tolist())


def _check(query: Query, asked: Asked) -> None:
    if not 1 <= query.limit <= MOST:
        raise Invalid(f"a page has 1 to {MOST} assets, not {query.limit}")
    if query.sort is Sort.SIMILARITY and asked.alike is None:
        raise Invalid("there is nothing to be similar to", hint="name an asset or a picture that the others are like")
    if query.sort is Sort.RELEVANCE and query.which.text is None:
        raise Invalid("there are no words to be relevant to", hint="search for words, or take another order")


def _ordered(
    conn: Connection, account_id: int, query: Query, kept: Kept, asked: Asked
) -> tuple[Rows, list[Key], Mapping[str, Match]]:
    """The rows that fit, in no order, what puts them into theirs, and what resembles what is asked for."""
    columns, sort = kept.columns, query.order(asked.alike is not None)
    mask = rows_that_fit(conn, account_id, columns, query.which, asked.tiers)
    scores: npt.NDArray[Any] | None = None
    if query.which.text is not None:
        words = terms(query.which.text)
        mask &= kept.hits.of(conn, account_id, columns, words)
        if sort is Sort.RELEVANCE:
            scores = kept.hits.of(conn, account_id, columns, words, in_titles=True).astype(np.int64)
    matches: Mapping[str, Match] = {}
    if asked.alike is not None:
        fitting = np.flatnonzero(mask)
        matches = asked.alike(columns["look"].take(fitting) if len(fitting) <= _FEW else None)
        likeness = _likeness(columns, fitting, matches)
        mask = likeness > 0
        scores = likeness if sort is Sort.SIMILARITY else scores
    if sort is Sort.RATING:
        scores = ratings(columns, query.which.member)
    return np.flatnonzero(mask), keys_of(columns, sort, scores), matches


def _likeness(columns: Columns, rows: Rows, matches: Mapping[str, Match]) -> npt.NDArray[np.int64]:
    """How alike the file of each row is, from 1; 0 for those that are not, and for all but these rows."""
    found = np.zeros(columns.count, np.int64)
    by_key = {file_key(sha256): _score(match) for sha256, match in matches.items()}
    keys = np.array(sorted(by_key), np.uint64)
    scores = np.array([by_key[key] for key in keys.tolist()], np.int64)
    if len(keys):
        looks = columns["look"].take(rows)
        # Most of a million are told apart by their last bits.
        ends = np.zeros(_ENDS, bool)
        ends[keys % _ENDS] = True
        rows = rows[ends.take(looks % _ENDS)]
        looks = columns["look"].take(rows)
        at = np.minimum(np.searchsorted(keys, looks), len(keys) - 1)
        found[rows] = np.where(keys[at] == looks, scores[at], 0)
    return found


def _score(match: Match) -> int:
    """Above 0; what is nearly the same before what only resembles it, then by cosine, then by bits, of which there are 64."""
    return 100 + round((1 + match.cosine + 2 * match.same) * _SCORE_UNIT) - match.bits


def _digest(account_id: int, query: Query, asked: Asked) -> str:
    """What a cursor belongs to: whoever asks for something else begins at its beginning."""
    order = query.order(asked.alike is not None)
    return text_digest(repr((account_id, sorted(query.which.given().items()), order, query.like)))[:16]


def _last(conn: Connection, account_id: int, cursor: Cursor, columns: Columns, keys: Sequence[Key]) -> int | None:
    query = select(asset.c.seq).where(asset.c.id == cursor.asset_id, asset.c.account_id == account_id)
    seq = conn.execute(query).scalar()
    row = columns.rows_of(np.array([-1 if seq is None else seq], np.int64))
    return None if row[0] < 0 else int(keys[-1](row)[0])


def _assets(conn: Connection, account_id: int, numbers: Sequence[int]) -> list[tuple[int, Asset]]:
    """In this order; one that another transaction has filed or purged meanwhile is left out."""
    rows = conn.execute(select(asset).where(asset.c.account_id == account_id, in_values(asset.c.seq, numbers))).all()
    found = dict(zip([row.seq for row in rows], assets_from(conn, rows), strict=True))
    return [(number, found[number]) for number in numbers if number in found]


def _suggestion(conn: Connection, account_id: int, query: Query, kept: Kept, asked: Asked) -> str:
    """The search with the nearest of the account's own words, or with beginnings, where that finds something."""
    text = query.which.text
    if text is None:
        return ""
    known = [text for name in _WORDS for text in kept.columns.known(name) if text]
    beginnings = " ".join(word if word.endswith(("*", '"')) else f"{word}*" for word in text.split())
    for meant in (mended(text, known), beginnings):
        if meant and meant != text:
            other = replace(query, which=replace(query.which, text=meant), sort=Sort.NEWEST)
            rows, *_ = _ordered(conn, account_id, other, kept, asked)
            if len(rows):
                return meant
    return ""


def _unknown(columns: Columns, which: Filter) -> Iterator[tuple[str, str, str]]:
    for name in _NAMED:
        for value in several(getattr(which, name)):
            known = columns.known(name)
            if value not in known:
                yield name, value, did_you_mean(value, filter(None, known))
