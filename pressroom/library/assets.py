"""Adding assets and finding them by name: their id, their bytes, or the node that made them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from pressroom.database.dialect import in_values
from pressroom.database.prepared import Prepared
from pressroom.database.schema import asset
from pressroom.domain.content_hash import digest
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.media import Asset, MediaInfo
from pressroom.library.purging import keep_object
from pressroom.library.rows import ROW, assets_from, no_asset, row_of
from pressroom.library.tags import add_tags

MIN_PREFIX: Final = 4
MAX_CANDIDATES: Final = 100
# `source_module` of the files that a person brought.
INPUT: Final = "input"
_HEX: Final = re.compile(r"i?[0-9a-f]+")  # ids of what people brought begin with an i
# Sorts after every hexadecimal digit: the end of the range that a prefix stands for.
_AFTER_HEX: Final = "g"

_OF_NODES: Final = (
    select(asset)
    .where(asset.c.account_id == bindparam("mine"), in_values(asset.c.node_key, bindparam("nodes")))
    .order_by(asset.c.seq)
)
_ADD: Final = Prepared(
    f"INSERT INTO asset ({', '.join(ROW)}) VALUES ({', '.join(f':{name}' for name in ROW)}) "  # noqa: S608 - our columns
    "ON CONFLICT DO NOTHING RETURNING seq"
)
_ADD_PARENT: Final = Prepared(
    "INSERT INTO asset_parent (asset_seq, parent_seq, position) "
    "SELECT :child, seq, :position FROM asset WHERE account_id = :mine AND id = :parent AND seq <> :child"
)
_SHA256: Final = Prepared("SELECT sha256 FROM asset WHERE id = :id AND account_id = :mine")
_BROUGHT: Final = Prepared(
    "SELECT id FROM asset WHERE account_id = :mine AND sha256 = :sha256 AND source_module = :module ORDER BY seq LIMIT 1"
)
_IS_MADE: Final = Prepared("SELECT 1 FROM asset WHERE account_id = :mine AND node_key = :node LIMIT 1")
_MAIN: Final = Prepared(
    "SELECT id, sha256, mime, width, height, details FROM asset "
    "WHERE account_id = :mine AND node_key = :node AND label = '' AND run_id = "
    "(SELECT run_id FROM asset WHERE account_id = :mine AND node_key = :node ORDER BY seq DESC LIMIT 1) "
    "ORDER BY ordinal LIMIT 1"
)


class MainFile(NamedTuple):
    """The unlabelled file of a node: what other nodes take from it."""

    id: str
    sha256: str
    mime: str
    width: int | None
    height: int | None
    details: Mapping[str, Any]


def add_asset(conn: Connection, account_id: int, new: Asset) -> bool:
    """File an account's asset; False when it was filed before. Its parents must be filed already and never change.

    Raises Permanent when the id stands for other bytes, or a parent is missing; Retryable as `keep_object`.
    """
    keep_object(conn, new.sha256)
    number = _ADD.value(conn, **row_of(account_id, new))
    if number is None:
        _check_same(conn, account_id, new)
        return False
    wanted = dict.fromkeys(new.parents)
    missing = [
        parent
        for position, parent in enumerate(wanted)
        if not _ADD_PARENT.change(conn, child=number, parent=parent, position=position, mine=account_id)
    ]
    if missing:
        raise Permanent(f"asset {new.id!r} names {len(missing)} parents that are not filed, first {missing[0]!r}")
    if new.tags:
        add_tags(conn, account_id, [new.id], new.tags)
    return True


def input_id(conn: Connection, account_id: int, sha256: str) -> str:
    """The id of a file that the account's people brought: the one it is filed under, else the one it is to get."""
    filed = _BROUGHT.value(conn, mine=account_id, sha256=sha256, module=INPUT)
    return str(filed) if filed is not None else f"i{digest([account_id, sha256])[:20]}"


def input_asset(
    asset_id: str, sha256: str, file_name: str, info: MediaInfo, at: datetime, by: str = "", campaign: str = ""
) -> Asset:
    """The record of a file that a person brought under this name."""
    return Asset(
        id=asset_id,
        sha256=sha256,
        kind=info.kind,
        mime=info.mime,
        size_bytes=info.size_bytes or 0,
        width=info.width,
        height=info.height,
        duration_seconds=info.duration_seconds,
        details=info.details,
        campaign=campaign,
        source_module=INPUT,
        title=file_name,
        name=file_name,
        filename=file_name,
        created_at=at,
        created_by=by,
    )


def is_made(conn: Connection, account_id: int, node_key: str) -> bool:
    """Whether anything is filed that the node made."""
    return bool(node_key) and _IS_MADE.value(conn, mine=account_id, node=node_key) is not None


def main_file_of_node(conn: Connection, account_id: int, node_key: str) -> MainFile | None:
    """The newest of what the node made that others take; None when nothing is filed."""
    rows = _MAIN.rows(conn, mine=account_id, node=node_key)
    if not rows:
        return None
    asset_id, sha256, mime, width, height, details = rows[0]
    return MainFile(asset_id, sha256, mime, width, height, json.loads(details))


def assets_of_node(conn: Connection, account_id: int, node_key: str) -> tuple[Asset, ...]:
    """What the node made, in the order of its files; empty when nothing is filed."""
    return known(conn, account_id, [node_key]).get(node_key, ())


def known(conn: Connection, account_id: int, node_keys: Iterable[str]) -> dict[str, tuple[Asset, ...]]:
    """The assets of every node key that has any. A node that was made again answers with its newest files."""
    rows = conn.execute(_OF_NODES, {"mine": account_id, "nodes": list(dict.fromkeys(filter(None, node_keys)))}).all()
    newest = {row.node_key: row.run_id for row in rows}
    current = [row for row in rows if row.run_id == newest[row.node_key]]
    found: defaultdict[str, list[Asset]] = defaultdict(list)
    for each in assets_from(conn, current):
        found[each.node_key].append(each)
    return {key: tuple(sorted(assets, key=lambda each: each.ordinal)) for key, assets in found.items()}


def assets_by_id(conn: Connection, account_id: int, asset_ids: Iterable[str]) -> dict[str, Asset]:
    """The account's assets of these ids, those that there are, in the order asked for."""
    wanted, mine = list(dict.fromkeys(asset_ids)), select(asset).where(asset.c.account_id == account_id)
    rows = conn.execute(mine.where(in_values(asset.c.id, wanted))).all()
    found = {each.id: each for each in assets_from(conn, rows)}
    return {asset_id: found[asset_id] for asset_id in wanted if asset_id in found}


def get_asset(conn: Connection, account_id: int, name: str) -> Asset:
    """The account's asset with this id, or whose id or SHA-256 begins so (at least 4 digits); of equal bytes the newest.

    Raises Invalid when there is none, or the beginning fits several files.
    """
    mine = select(asset).where(asset.c.account_id == account_id)
    row = conn.execute(mine.where(asset.c.id == name)).one_or_none() or _by_prefix(conn, mine, name)
    return assets_from(conn, [row])[0]


def accounts_with(conn: Connection, least: int) -> list[tuple[int, int]]:
    """Account and how many assets it has, of those that have so many, the most first."""
    count = func.count()
    large = select(asset.c.account_id, count).group_by(asset.c.account_id).having(count >= least)
    return [(account_id, found) for account_id, found in conn.execute(large.order_by(count.desc()))]


def _check_same(conn: Connection, account_id: int, new: Asset) -> None:
    sha256 = _SHA256.value(conn, id=new.id, mine=account_id)
    if sha256 is None:
        raise Permanent(f"asset {new.id!r} cannot be filed under this id")
    if sha256 != new.sha256:
        raise Permanent(f"asset {new.id!r} is filed with SHA-256 {sha256}, it cannot become {new.sha256}")


def _by_prefix(conn: Connection, mine: Select[Any], prefix: str) -> Row[Any]:
    missing = no_asset(prefix)
    if len(prefix) < MIN_PREFIX or not _HEX.fullmatch(prefix.lower()):
        raise missing
    for column in (asset.c.id, asset.c.sha256):
        query = mine.where(column >= prefix.lower(), column < prefix.lower() + _AFTER_HEX)
        rows = conn.execute(query.order_by(asset.c.seq.desc()).limit(MAX_CANDIDATES)).all()
        files = {row.sha256 for row in rows}
        if len(files) > 1:
            shown = ", ".join(sorted(sha256[: len(prefix) + 4] for sha256 in files))
            raise Invalid(f"{prefix!r} fits {len(files)} files: {shown}", hint="give more digits")
        if rows:
            return rows[0]
    raise missing
