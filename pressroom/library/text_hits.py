"""Which assets have the words of a search: asked of the database's own index, and remembered as bits.

A word that hundreds of thousands of assets have takes the database long each time; a bit for each asset takes no room.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from pressroom.database import triggers_postgresql, triggers_sqlite
from pressroom.database.prepared import Prepared
from pressroom.database.search_parts import OTHER_WORDS, TITLE_WORDS
from pressroom.library.column_parts import Mask
from pressroom.library.columns import Columns
from pressroom.library.search_query import Term, fts5, tsquery

_MOST_SEARCHES: Final = 128
_MOST_CHANGED: Final = 5_000  # beyond this everything is asked for anew
# One text of all numbers: as a row each, hundreds of thousands of them take three times as long.
_MATCHING: Final = "SELECT group_concat(rowid) FROM asset_fts WHERE asset_fts MATCH :match"
_SQLITE: Final = Prepared(_MATCHING)
_SQLITE_AMONG: Final = Prepared(f"{_MATCHING} AND rowid IN (SELECT value FROM json_each(:among))")  # noqa: S608 - our own text
_ALL_OF: Final = "SELECT string_agg(seq::text, ',') FROM asset_text WHERE account_id = :mine AND tsv @@ "
_POSTGRESQL: Final = Prepared(f"{_ALL_OF}(CAST(:owner AS tsquery) && to_tsquery('simple', :match))")
_POSTGRESQL_AMONG: Final = Prepared(f"{_ALL_OF}to_tsquery('simple', :match) AND seq = ANY(:among)")


@dataclass
class _Search:
    """What a search has found, and what changed since."""

    bits: npt.NDArray[np.uint8]
    count: int
    changed: set[int] = field(default_factory=set)


class TextHits:
    """What was looked for lately in one account."""

    def __init__(self) -> None:
        self._searches: OrderedDict[tuple[tuple[Term, ...], bool], _Search] = OrderedDict()

    def forget(self, seqs: Sequence[int]) -> None:
        """These assets have changed."""
        for key, search in list(self._searches.items()):
            search.changed.update(seqs)
            if len(search.changed) > _MOST_CHANGED:
                del self._searches[key]

    def of(
        self, conn: Connection, account_id: int, columns: Columns, terms: tuple[Term, ...], *, in_titles: bool = False
    ) -> Mask:
        """The rows that have them all, anywhere or in names, titles and tags."""
        key = (terms, in_titles)
        known = self._searches.get(key)
        if known is None:
            hits = columns.mask_of(_rows(columns, _hits(conn, account_id, terms, in_titles)))
        elif known.changed or known.count != columns.count:
            hits = _mended(conn, account_id, columns, known, key)
        else:
            self._searches.move_to_end(key)
            return _unpacked(known, columns.count)
        self._searches[key] = _Search(np.packbits(hits), columns.count)
        while len(self._searches) > _MOST_SEARCHES:
            self._searches.popitem(last=False)
        return hits


def _mended(
    conn: Connection, account_id: int, columns: Columns, known: _Search, key: tuple[tuple[Term, ...], bool]
) -> Mask:
    hits = _unpacked(known, columns.count)
    changed = sorted(known.changed)
    hits[_rows(columns, np.array(changed, np.int64))] = False
    hits[_rows(columns, _hits(conn, account_id, *key, among=changed))] = True
    return hits


def _unpacked(search: _Search, count: int) -> Mask:
    hits = np.zeros(count, bool)
    hits[: search.count] = np.unpackbits(search.bits, count=search.count)
    return hits


def _rows(columns: Columns, seqs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    rows = columns.rows_of(seqs)
    return rows[rows >= 0]


def _hits(
    conn: Connection, account_id: int, terms: tuple[Term, ...], in_titles: bool, among: list[int] | None = None
) -> npt.NDArray[np.int64]:
    """Numbers of the assets that fit, of all or of those `among`, in no order."""
    if conn.dialect.name == "postgresql":
        match = tsquery(terms, "A" if in_titles else "")
        if among is not None:
            found = _POSTGRESQL_AMONG.value(conn, mine=account_id, match=match, among=among)
        else:
            owner = f"'{triggers_postgresql.owner_word(account_id)}'"
            found = _POSTGRESQL.value(conn, mine=account_id, match=match, owner=owner)
    else:
        columns = " ".join(TITLE_WORDS if in_titles else (*TITLE_WORDS, *OTHER_WORDS))
        match = fts5(terms, columns, triggers_sqlite.owner_word(account_id))
        if among is not None:
            found = _SQLITE_AMONG.value(conn, match=match, among=json.dumps(among))
        else:
            found = _SQLITE.value(conn, match=match)
    return np.fromstring(found or "", dtype=np.int64, sep=",")
