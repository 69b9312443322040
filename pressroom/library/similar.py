"""Which pictures of the library are nearly the same: cropped, lettered, marked, mirrored or fitted with bars.

Sketches of what `pressroom.media.files.fingerprint` keeps of each tell which few are worth comparing; those are judged exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from pressroom.database.dialect import in_values
from pressroom.database.prepared import Prepared
from pressroom.database.schema import asset, fingerprint
from pressroom.domain.media import Asset, Kind
from pressroom.library.lineage import lineage
from pressroom.library.rows import assets_from
from pressroom.library.sketches import NEAREST_SKETCHES, Sketches
from pressroom.media.files.fingerprint import (
    SAME_HASH,
    SAME_PART,
    SAME_VECTOR,
    VERSION,
    Fingerprint,
    agreement,
)

VARIANTS: Final = ("as it is", "mirrored", "without its bars")
NEAREST: Final = 3
_MOST_CANDIDATES: Final = 2_000
_REMEMBER: Final = Prepared(
    "INSERT INTO fingerprint (account_id, sha256, version, hash, vector) "
    "VALUES (:mine, :sha256, :version, :hash, :vector) ON CONFLICT DO NOTHING"
)
Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """A picture that resembles the asked one. `bits` of 64 differ, `cosine` is 1 for equal layouts."""

    sha256: str
    bits: int
    cosine: float
    variant: str
    same: bool

    @property
    def why(self) -> str:
        """In words: how it resembles."""
        if not self.same:
            return "resembles it"
        if self.cosine >= SAME_VECTOR:
            text = "nearly the same" if self.bits <= SAME_HASH else "cropped or shifted"
        else:
            text = "something added or recoloured"
        return text if self.variant == VARIANTS[0] else f"{text}, {self.variant}"


@dataclass(frozen=True, slots=True)
class Similar:
    """One group of the answer: the best of one node's files, and how many more of that node match as well."""

    asset: Asset
    match: Match
    more: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Near-duplicates, best first. `nearest` is filled when there are none; `family` counts what was left out as kin."""

    duplicates: tuple[Similar, ...]
    nearest: tuple[Similar, ...] = ()
    family: int = 0
    compared: int = 0


@dataclass
class _Found:
    """Candidates of a scan: those that pass the rule, and the nearest of the rest."""

    same: dict[str, Match] = field(default_factory=dict)
    near: list[Match] = field(default_factory=list)
    compared: int = 0


def remember(conn: Connection, account_id: int, sha256: str, found: Fingerprint) -> None:
    """Keep what an account's file looks like; harmless when it is kept already."""
    _REMEMBER.change(conn, mine=account_id, sha256=sha256, version=VERSION, hash=found.hash, vector=found.vector)


def fingerprints(conn: Connection, account_id: int, sha256s: Sequence[str]) -> dict[str, Fingerprint]:
    """What is kept of these files of the account."""
    mine = (fingerprint.c.account_id == account_id, fingerprint.c.version == VERSION)
    query = select(fingerprint.c.sha256, fingerprint.c.hash, fingerprint.c.vector)
    rows = conn.execute(query.where(*mine, in_values(fingerprint.c.sha256, dict.fromkeys(sha256s))))
    return {row.sha256: Fingerprint(row.hash, row.vector) for row in rows}


def without_fingerprint(conn: Connection, account_id: int, limit: int, after: int = 0) -> list[Asset]:
    """The account's newest pictures and videos that were never looked at, at most `limit`, each file once.

    Those up to the number `after` are not asked for: at a million assets that takes seconds.
    """
    kinds = (Kind.IMAGE.value, Kind.VIDEO.value)
    same_file = (fingerprint.c.account_id == asset.c.account_id) & (fingerprint.c.sha256 == asset.c.sha256)
    query = select(asset).select_from(asset.outerjoin(fingerprint, same_file))
    query = query.where(asset.c.account_id == account_id, fingerprint.c.sha256.is_(None), asset.c.kind.in_(kinds))
    query = query.where(asset.c.seq > after)
    rows = conn.execute(query.order_by(asset.c.seq.desc()).limit(limit)).all()
    return list({each.sha256: each for each in assets_from(conn, rows)}.values())


def similar(
    conn: Connection,
    account_id: int,
    queries: Sequence[Fingerprint],
    sketches: Sketches,
    *,
    of: Asset | None = None,
    limit: int = 20,
    family: bool = False,
) -> Answer:
    """The account's near-duplicates of a picture, given as its variants (see `fingerprint.variants`).

    Files that were made from `of`, or that it was made from, or together with it, resemble it by design: they are
    counted and left out unless `family` is set.
    """
    found = _look_through(conn, account_id, queries, sketches, 4 * NEAREST)
    kin = set() if of is None or family else _kin(conn, account_id, of)
    own = set() if of is None else {of.sha256}
    groups, left_out = _grouped(conn, account_id, [each for each in found.same.values() if each.sha256 not in own], kin)
    if groups:
        return Answer(tuple(groups[:limit]), family=left_out, compared=found.compared)
    near, _ = _grouped(conn, account_id, [each for each in found.near if each.sha256 not in own], kin)
    return Answer((), tuple(near[:NEAREST]), left_out, found.compared)


def likeness(
    conn: Connection,
    account_id: int,
    queries: Sequence[Fingerprint],
    sketches: Sketches,
    most: int,
    among: Words | None = None,
) -> dict[str, Match]:
    """SHA-256 -> how it resembles, of the account's near-duplicates and of the nearest others, at most so many.

    `among` are the keys of the only files that matter (see `sketches.file_key`).
    """
    found = _look_through(conn, account_id, queries, sketches, most, among)
    return {match.sha256: match for match in found.near} | found.same


def same(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two pictures are nearly the same, by the rule of the search, as they are."""
    mine, theirs = (np.frombuffer(each.vector, dtype=np.float32) for each in (one, other))
    if float(mine @ theirs) >= SAME_VECTOR:
        return True
    return ((one.hash ^ other.hash) & (2**64 - 1)).bit_count() <= SAME_HASH and agreement(mine, theirs) >= SAME_PART


def _look_through(
    conn: Connection,
    account_id: int,
    queries: Sequence[Fingerprint],
    sketches: Sketches,
    nearest: int,
    among: Words | None = None,
) -> _Found:
    asked = np.array([each.hash for each in queries], dtype=np.int64).view(np.uint64)
    vectors = np.stack([np.frombuffer(each.vector, dtype=np.float32) for each in queries])
    names, compared = sketches.candidates(conn, account_id, asked, vectors, max(nearest, NEAREST_SKETCHES), among)
    found, looks = _Found(compared=compared), fingerprints(conn, account_id, names)
    if looks:
        hashes = np.array([look.hash for look in looks.values()], dtype=np.int64).view(np.uint64)
        kept = np.stack([np.frombuffer(look.vector, dtype=np.float32) for look in looks.values()])
        bits = np.bitwise_count(hashes[:, None] ^ asked[None, :])
        _judge(found, list(looks), bits, kept @ vectors.T, kept, vectors, nearest)
    return found


def _judge(
    found: _Found,
    names: list[str],
    bits: npt.NDArray[Any],
    cosines: Floats,
    kept: Floats,
    vectors: Floats,
    nearest: int,
) -> None:
    for row, number in np.argwhere((cosines >= SAME_VECTOR) | (bits <= SAME_HASH)):
        alike = cosines[row, number] >= SAME_VECTOR or agreement(kept[row], vectors[number]) >= SAME_PART
        match = _match(names[row], bits[row, number], cosines[row, number], number, same=alike)
        if alike and len(found.same) < _MOST_CANDIDATES:
            before = found.same.get(match.sha256)
            found.same[match.sha256] = match if before is None else min(before, match, key=_rank)
    best = cosines.max(axis=1)
    for row in np.argsort(-best)[:nearest]:
        number = int(cosines[row].argmax())
        found.near.append(_match(names[row], bits[row, number], best[row], number, same=False))
    found.near.sort(key=_rank)


def _match(name: str, bits: Any, cosine: Any, number: int, *, same: bool) -> Match:
    return Match(name, int(bits), round(float(cosine), 4), VARIANTS[number], same)


def _rank(match: Match) -> tuple[float, int]:
    return -match.cosine, match.bits


def _kin(conn: Connection, account_id: int, of: Asset) -> set[str]:
    """Ids of the ancestors and descendants, and the node keys of the asset and its siblings."""
    tree = lineage(conn, account_id, of.id)
    return {each.id for each in (*tree.ancestors, *tree.descendants)} | ({of.node_key} if of.node_key else set())


def _grouped(conn: Connection, account_id: int, matches: Sequence[Match], kin: set[str]) -> tuple[list[Similar], int]:
    """The best match of each node, best first, and how many matches are kin."""
    ranked = sorted(matches, key=_rank)
    mine = select(asset).where(asset.c.account_id == account_id).order_by(asset.c.seq)
    assets: dict[str, list[Asset]] = {}
    rows = conn.execute(mine.where(in_values(asset.c.sha256, (match.sha256 for match in ranked)))).all()
    for each in assets_from(conn, rows):
        assets.setdefault(each.sha256, []).append(each)
    groups: dict[str, Similar] = {}
    left_out = 0
    for match in ranked:
        for each in assets.get(match.sha256, ())[:1]:
            if each.id in kin or (each.node_key and each.node_key in kin):
                left_out += 1
                continue
            key = each.node_key or each.id
            first = groups.get(key)
            groups[key] = Similar(each, match) if first is None else Similar(first.asset, first.match, first.more + 1)
    return list(groups.values()), left_out
