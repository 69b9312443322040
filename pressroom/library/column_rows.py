"""Assets as the columns of `Columns` hold them, read from SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import BigInteger, Connection, Select, case, func, select, type_coerce

from pressroom.catalog.models import LOCAL
from pressroom.database.dialect import in_values, json_text
from pressroom.database.schema import asset, asset_tag, collection, collection_asset, opinion
from pressroom.domain.media import ALPHA, PROVENANCE, Asset
from pressroom.library.assets import INPUT
from pressroom.library.column_parts import Array, Codes, Texts
from pressroom.library.columns import FAVOURITE_BIT, MEMBER_SHIFT, NAME_WORDS, NUMBERS, TEXTS, Columns
from pressroom.library.sketches import file_key
from pressroom.provenance.source_types import GENERATIVE

Numbers = npt.NDArray[np.int64]

_READ: Final = 20_000
_MICROSECONDS_A_DAY: Final = 86_400_000_000
_NAME_BYTES: Final = 8 * len(NAME_WORDS)
_PLAIN: Final = {
    "seq": asset.c.seq,
    "sha256": asset.c.sha256,
    "bytes": asset.c.size_bytes,
    "width": asset.c.width,
    "height": asset.c.height,
    "duration": asset.c.duration_seconds,
    "cost": asset.c.cost_credits_micros,
    "uses": asset.c.uses,
    "public": asset.c.is_public,
    "agent_visible": asset.c.agent_visible,
    "kind": asset.c.kind,
    "category": asset.c.category,
    "folder": asset.c.folder,
    "project": asset.c.project,
    "campaign": asset.c.campaign,
    "run": asset.c.run_id,
    "step": asset.c.step,
    "operation": asset.c.operation,
    "placement": asset.c.placement,
    "module": asset.c.source_module,
    "mime": asset.c.mime,
    "state": asset.c.state,
    "creator": asset.c.created_by,
}
# As they are stored: a moment costs a microsecond each to make and is not wanted here.
_MADE: Final = {"created": type_coerce(asset.c.created_at, BigInteger), "maker": asset.c.provider + "/" + asset.c.model}
_SHOWN_NAME: Final = case(
    (asset.c.name != "", asset.c.name), (asset.c.title != "", asset.c.title), else_=asset.c.filename
)


def read_all(conn: Connection, account_id: int) -> Columns:
    """All assets of the account."""
    columns = Columns()
    for rows in conn.execute(_assets(conn, account_id), execution_options={"yield_per": _READ}).partitions(_READ):
        columns.put(_values(columns, rows))
    everything = np.arange(columns.count)
    for name, query in _pairs(account_id).items():
        found = conn.execute(query, execution_options={"yield_per": _READ}).partitions(_READ)
        _put_pairs(columns, name, everything, [row for rows in found for row in rows])
        columns.pairs[name].settle()
    return columns


def read_some(conn: Connection, account_id: int, columns: Columns, seqs: Sequence[int]) -> None:
    """Bring these assets up to date."""
    if not seqs:
        return
    found = conn.execute(_assets(conn, account_id).where(in_values(asset.c.seq, seqs))).all()
    several = {
        name: conn.execute(query.where(in_values(query.selected_columns[0], seqs))).all()
        for name, query in _pairs(account_id).items()
    }
    there = {row.seq for row in found}
    columns.remove(np.array([seq for seq in seqs if seq not in there], np.int64))
    if found:
        changed = columns.put(_values(columns, sorted(found, key=lambda row: row.seq)))
        for name, pairs in several.items():
            _put_pairs(columns, name, changed, pairs)


def _assets(conn: Connection, account_id: int) -> Select[Any]:
    details = {"alpha": (ALPHA,), "source_type": (PROVENANCE, "source_type")}
    read = [json_text(conn, asset.c.details, *path).label(name) for name, path in details.items()]
    plain = [column.label(name) for name, column in (_PLAIN | _MADE).items()]
    query = select(*plain, *read, _SHOWN_NAME.label("shown"), asset.c.provider.label("provider"))
    return query.where(asset.c.account_id == account_id).order_by(asset.c.seq)


def _pairs(account_id: int) -> dict[str, Select[Any]]:
    """The number of an asset, and what it has several of."""
    code = func.coalesce(opinion.c.rating, 0)
    judged = code + case((opinion.c.favourite, FAVOURITE_BIT), else_=0)
    shelved = select(collection_asset.c.asset_seq, collection_asset.c.collection_id).join(
        collection, collection.c.id == collection_asset.c.collection_id
    )
    return {
        "tag": select(asset_tag.c.asset_seq, asset_tag.c.tag).where(asset_tag.c.account_id == account_id),
        "collection": shelved.where(collection.c.account_id == account_id),
        "opinion": select(opinion.c.asset_seq, opinion.c.member, judged).where(opinion.c.account_id == account_id),
    }


def _put_pairs(columns: Columns, name: str, changed: npt.NDArray[np.int64], rows: Sequence[Any]) -> None:
    seqs = np.array([row[0] for row in rows], np.int64)
    columns.put_pairs(name, changed, seqs, _codes(columns.texts, name, rows))


def _codes(texts: dict[str, Texts], name: str, rows: Sequence[Any]) -> Codes:
    if name == "tag":
        return texts["tag"].codes(row[1] for row in rows)
    if name == "opinion":
        return np.array([texts["member"].code(row[1]) << MEMBER_SHIFT | row[2] for row in rows], np.int32)
    return np.array([row[1] for row in rows], np.int32)


def _values(columns: Columns, rows: Sequence[Any]) -> dict[str, Array]:
    """Values of all columns."""
    by_name = {name: [row[at] for row in rows] for at, name in enumerate(rows[0]._fields)}
    by_name["alpha"] = [value in (1, "true") for value in by_name["alpha"]]
    by_name["generated"] = list(map(_generated, by_name["source_type"], by_name["provider"], by_name["module"]))
    by_name["day"] = [micros // _MICROSECONDS_A_DAY for micros in by_name["created"]]
    by_name["look"] = list(map(file_key, by_name["sha256"]))
    by_name["gone"] = [False] * len(rows)
    numbers: dict[str, Array] = {
        name: np.array([value or 0 for value in by_name[name]], dtype) for name, dtype in NUMBERS.items()
    }
    codes = {name: columns.texts[name].codes(value or "" for value in by_name[name]) for name in TEXTS}
    return numbers | codes | dict(zip(NAME_WORDS, name_words(by_name["shown"]), strict=True))


def is_generated(asset: Asset) -> bool:
    """Whether a generative model took part in it."""
    record = asset.details.get(PROVENANCE)
    return _generated(
        record.get("source_type") if isinstance(record, dict) else None, asset.provider, asset.source_module
    )


def _generated(source_type: str | None, provider: str, module: str) -> bool:
    """Whether a generative model took part: by its provenance, else by who made it."""
    if source_type is not None:
        return source_type in GENERATIVE
    return module != INPUT and provider not in ("", LOCAL)


def name_words(names: Sequence[str]) -> Iterator[Array]:
    """The first 32 bytes of each name, whatever its case, as four columns of numbers."""
    keys = b"".join(name.casefold().encode()[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0") for name in names)
    words = np.frombuffer(keys, ">u8").reshape(-1, len(NAME_WORDS))
    return (words[:, at].astype(np.uint64) for at in range(len(NAME_WORDS)))
