"""Adding assets and finding them by name: their id, their bytes, or the node that made them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from pressroom.database.dialect import chunks, insert_new
from pressroom.database.schema import asset, asset_parent
from pressroom.domain.errors import Invalid, Permanent
from pressroom.domain.media import Asset
from pressroom.library.rows import assets_from, row_of
from pressroom.library.tags import add_tags

MIN_PREFIX: Final = 4
MAX_CANDIDATES: Final = 100
_HEX: Final = re.compile(r"[0-9a-f]+")
# Sorts after every hexadecimal digit: the end of the range that a prefix stands for.
_AFTER_HEX: Final = "g"


def add_asset(conn: Connection, new: Asset) -> bool:
    """File an asset; False when it was filed before. Its parents must be filed already and never change.

    Raises Permanent when the id stands for other bytes, or a parent is missing.
    """
    number = conn.execute(insert_new(conn, asset).values(**row_of(new)).returning(asset.c.seq)).scalar()
    if number is None:
        _check_same(conn, new)
        return False
    parents = _numbers(conn, new)
    if parents:
        rows = [{"asset_seq": number, "parent_seq": parent, "position": at} for at, parent in enumerate(parents)]
        for chunk in chunks(rows):
            conn.execute(insert(asset_parent).values(chunk))
    if new.tags:
        add_tags(conn, new.id, *new.tags)
    return True


def assets_of_node(conn: Connection, node_key: str) -> tuple[Asset, ...]:
    """What the node made, in the order of its files; empty when nothing is filed."""
    return known(conn, [node_key]).get(node_key, ())


def known(conn: Connection, node_keys: Iterable[str]) -> dict[str, tuple[Asset, ...]]:
    """The assets of every node key that has any. A node that was made again answers with its newest files."""
    rows: list[Row[Any]] = []
    for chunk in chunks(key for key in dict.fromkeys(node_keys) if key):
        rows += conn.execute(select(asset).where(asset.c.node_key.in_(chunk)).order_by(asset.c.seq)).all()
    newest = {row.node_key: row.run_id for row in rows}
    current = [row for row in rows if row.run_id == newest[row.node_key]]
    found: defaultdict[str, list[Asset]] = defaultdict(list)
    for each in assets_from(conn, current):
        found[each.node_key].append(each)
    return {key: tuple(sorted(assets, key=lambda each: each.ordinal)) for key, assets in found.items()}


def get_asset(conn: Connection, name: str) -> Asset:
    """The asset with this id, or whose id or SHA-256 begins so (at least 4 digits); of equal bytes the newest.

    Raises Invalid when there is none, or the beginning fits several files.
    """
    row = conn.execute(select(asset).where(asset.c.id == name)).one_or_none() or _by_prefix(conn, name)
    return assets_from(conn, [row])[0]


def describe(
    conn: Connection,
    asset_id: str,
    *,
    title: str | None = None,
    description: str | None = None,
    alt_text: str | None = None,
) -> None:
    """Change an asset's words; None leaves them. Raises Invalid when there is no such asset."""
    given = {"title": title, "description": description, "alt_text": alt_text}
    values = {name: value for name, value in given.items() if value is not None}
    number = number_of(conn, asset_id)
    if values:
        conn.execute(update(asset).where(asset.c.seq == number).values(**values))


def set_favourite(conn: Connection, asset_id: str, favourite: bool = True) -> None:
    """Raises Invalid when there is no such asset."""
    conn.execute(update(asset).where(asset.c.seq == number_of(conn, asset_id)).values(favourite=favourite))


def number_of(conn: Connection, asset_id: str) -> int:
    """The asset's row number. Raises Invalid when there is no such asset."""
    number = conn.execute(select(asset.c.seq).where(asset.c.id == asset_id)).scalar()
    if number is None:
        raise Invalid(f"there is no asset {asset_id!r}", hint="`pressroom assets list` shows them")
    return int(number)


def _check_same(conn: Connection, new: Asset) -> None:
    sha256 = conn.execute(select(asset.c.sha256).where(asset.c.id == new.id)).scalar()
    if sha256 != new.sha256:
        raise Permanent(f"asset {new.id!r} is filed with SHA-256 {sha256}, it cannot become {new.sha256}")


def _numbers(conn: Connection, child: Asset) -> Sequence[int]:
    """Row numbers of the parents, in their order."""
    wanted = tuple(dict.fromkeys(child.parents))
    found: dict[str, int] = {}
    for chunk in chunks(wanted):
        rows = conn.execute(select(asset.c.id, asset.c.seq).where(asset.c.id.in_(chunk)))
        found |= {row.id: row.seq for row in rows}
    missing = [name for name in wanted if name not in found or name == child.id]
    if missing:
        raise Permanent(f"asset {child.id!r} names {len(missing)} parents that are not filed, first {missing[0]!r}")
    return [found[name] for name in wanted]


def _by_prefix(conn: Connection, prefix: str) -> Row[Any]:
    missing = Invalid(f"there is no asset {prefix!r}", hint="`pressroom assets list` shows them")
    if len(prefix) < MIN_PREFIX or not _HEX.fullmatch(prefix.lower()):
        raise missing
    for column in (asset.c.id, asset.c.sha256):
        query = select(asset).where(column >= prefix.lower(), column < prefix.lower() + _AFTER_HEX)
        rows = conn.execute(query.order_by(asset.c.seq.desc()).limit(MAX_CANDIDATES)).all()
        files = {row.sha256 for row in rows}
        if len(files) > 1:
            shown = ", ".join(sorted(sha256[: len(prefix) + 4] for sha256 in files))
            raise Invalid(f"{prefix!r} fits {len(files)} files: {shown}", hint="give more digits")
        if rows:
            return rows[0]
    raise missing
