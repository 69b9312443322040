"""A library of any size, whose values look drawn by lot and are the same on both databases."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, create_engine, insert, make_url, text

from pressroom.database import triggers_postgresql, triggers_sqlite
from pressroom.database.engine import Database
from pressroom.database.postgresql import without_limits
from pressroom.database.schema import collection, fingerprint, instant
from pressroom.database.triggers import ensure_objects
from pressroom.domain.media import Asset, Kind
from pressroom.ledger.accounts import ensure_account
from pressroom.library.assets import add_asset
from pressroom.media.files.fingerprint import DIMENSIONS, VERSION

SMALL_ACCOUNT = 1_000
DAYS = 700
_LOOKS_AT_ONCE = 20_000
DAY = 86_400_000_000
LAST = instant(datetime(2026, 11, 30, tzinfo=UTC))
# Looks drawn by lot, and is the same on both databases: which of 10,007 parts a row falls into, for each use another.
_LOT = "((n.i * {factor}) % 10007)"


def fill(database: Database, url: str, count: int) -> dict[str, int]:
    """The accounts by name. The index of words is filled at once in the end, in a third of the time."""
    with database.write() as conn:
        if database.dialect == "postgresql":
            without_limits(conn)
        accounts = {name: ensure_account(conn, name, 0) for name in ("large", "small")}
        _without_triggers(conn)
        owner = f"CASE WHEN n.i % {max(2, count // SMALL_ACCOUNT)} = 0 THEN {accounts['small']} ELSE {accounts['large']} END"
        names, values = zip(*_columns(owner, count).items(), strict=True)
        _insert(conn, count, f"asset ({', '.join(names)})", ", ".join(values))
        tags = {"common": _under(0.3, 31), "middle": _under(0.005, 37), "rare": f"n.i % {count // 20} = 5"}
        for tag, condition in tags.items():
            _insert(
                conn, count, "asset_tag (account_id, tag, asset_seq)", f"{owner}, '{tag}', n.i", f"WHERE {condition}"
            )
        opinions = "opinion (account_id, member, asset_seq, favourite, rating)"
        _insert(conn, count, opinions, f"{owner}, '', n.i, {_under(0.5, 43)}, 1 + n.i % 5", f"WHERE {_under(0.04, 29)}")
        for name, account_id in accounts.items():
            _shelve(conn, account_id, count if name == "large" else SMALL_ACCOUNT)
        ensure_objects(conn)
        if database.dialect == "sqlite":
            conn.exec_driver_sql("ANALYZE")
        else:
            conn.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('asset', 'seq'), {count})")
    with database.write() as conn:
        for name, account_id in accounts.items():
            add_asset(conn, account_id, Asset(f"last-{name}", "0" * 64, Kind.IMAGE, "image/png", 1))
    if database.dialect == "postgresql":
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
    return accounts


def _without_triggers(conn: Connection) -> None:
    if conn.dialect.name == "sqlite":
        for name in triggers_sqlite.TRIGGERS:
            conn.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    conn.exec_driver_sql("DROP INDEX asset_text_tsv")
    for name, table in triggers_postgresql.TRIGGERS:
        conn.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def _columns(owner: str, count: int) -> dict[str, str]:
    rare = f"n.i % {count // 20} = 3"
    words = {
        "studio": _under(0.4, 7),
        "light": _under(0.5, 11),
        "kettle": _under(0.02, 13),
        "zebra": f"n.i % {count // 10} = 1",
    }
    spoken = "||".join(f"CASE WHEN {condition} THEN ' {word}' ELSE '' END" for word, condition in words.items())
    text_of = dict.fromkeys(("label", "variant", "source_module", "description", "alt_text"), "''")
    plain = dict.fromkeys(("cost_usd_micros", "generation_seconds", "ordinal"), "0")
    is_image = _under(0.8, 17)
    alpha = f"CASE WHEN {_under(0.1, 47)} THEN '{{\"alpha\": true}}' ELSE '{{}}' END"
    return (
        text_of
        | plain
        | {
            "seq": "n.i",
            "account_id": owner,
            "id": "'a'||n.i",
            "sha256": f"substr(n.i||'a{'0' * 64}', 1, 64)",
            "kind": f"CASE WHEN {is_image} THEN 'image' ELSE 'video' END",
            "mime": f"CASE WHEN {is_image} THEN 'image/png' ELSE 'video/mp4' END",
            "size_bytes": f"100000 + {_LOT.format(factor=53)} * 400 + n.i % 400",
            "width": f"CASE WHEN {_under(0.3, 59)} THEN 1080 ELSE 1920 END",
            "height": f"CASE WHEN {_under(0.3, 59)} THEN 1920 ELSE 1080 END",
            "duration_seconds": f"CASE WHEN {is_image} THEN NULL ELSE {_LOT.format(factor=61)} % 60 + 1.0 END",
            "placement": f"CASE WHEN {_under(0.2, 67)} THEN 'web.hero' WHEN {_under(0.3, 71)} THEN 'instagram.story' END",
            "provider": f"CASE WHEN {_under(0.7, 73)} THEN 'fal' ELSE 'local' END",
            "model": f"'model-'||({_LOT.format(factor=79)} % 30)",
            "operation": f"'operation '||({_LOT.format(factor=83)} % 12)",
            "cost_credits_micros": f"{_LOT.format(factor=89)} % 5000 * 1000",
            "folder": f"'a/'||({_LOT.format(factor=97)} % 20)||'/'||({_LOT.format(factor=101)} % 10)",
            "project": f"'project '||({_LOT.format(factor=103)} % 25)",
            "category": f"CASE WHEN {_under(0.6, 107)} THEN 'product' ELSE 'other' END",
            "auto_tagged": "1",
            "state": f"CASE WHEN {_under(0.05, 109)} THEN 'archived' ELSE 'ready' END",
            "uses": f"CASE WHEN {_under(0.1, 113)} THEN n.i % 40 ELSE 0 END",
            "created_by": f"'person '||({_LOT.format(factor=127)} % 8)",
            "name": f"'thing '||({_LOT.format(factor=131)})||' '||n.i",
            "filename": "'thing-'||n.i||'.png'",
            "prompt": f"'a picture of thing '||n.i||{spoken}||' on a table by the window in the morning'",
            "params": "'{}'",
            "details": alpha,
            "node_key": "'key of '||n.i",
            "run_id": "'run '||(n.i / 50)",
            "campaign": f"CASE WHEN {rare} THEN 'rare campaign' ELSE 'campaign '||({_LOT.format(factor=19)} % 100) END",
            "step": f"CASE WHEN {rare} THEN 'rare step' ELSE 'step '||({_LOT.format(factor=23)} % 10) END",
            "title": "'thing '||n.i",
            "created_at": f"{LAST - DAYS * DAY} + CAST(n.i AS BIGINT) * {DAYS * DAY // count}",
        }
    )


def _under(share: float, factor: int) -> str:
    return f"{_LOT.format(factor=factor)} < {int(share * 10_007)}"


def _insert(conn: Connection, count: int, table: str, columns: str, where: str = "") -> None:
    # Not the driver's own text: a remainder's sign would be a placeholder to it.
    conn.execute(text(_numbered(count, table, columns, where)))


def _numbered(count: int, table: str, columns: str, where: str) -> str:
    rows = f"INSERT INTO {table} SELECT {columns} FROM n {where}"
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) {rows}"


def _shelve(conn: Connection, account_id: int, assets: int) -> None:
    """Shelves with a tenth of the account's assets, with 5,000, with 50, and one with nothing."""
    for number, (name, share) in enumerate(
        (("large", 10), ("middle", max(5, assets // 5_000)), ("small", assets // 50), ("empty", 0))
    ):
        shelf = account_id * 10 + number
        values = {"id": shelf, "account_id": account_id, "name": name, "created_at": datetime.now(UTC)}
        conn.execute(insert(collection).values(**values))
        if share:
            mine = (
                f"SELECT {shelf}, seq FROM asset WHERE account_id = {account_id} AND (seq * 41) % 10007 % {share} = 0"
            )
            rows = f"INSERT INTO collection_asset (collection_id, asset_seq) {mine} LIMIT {assets // share}"
            conn.execute(text(rows))


def draw_looks(database: Database, account_id: int, sha256s: Sequence[str], rng: np.random.Generator) -> None:
    """What these files look like, as `remember` keeps it, of pictures that nobody drew."""
    for start in range(0, len(sha256s), _LOOKS_AT_ONCE):
        part = sha256s[start : start + _LOOKS_AT_ONCE]
        vectors = rng.normal(size=(len(part), DIMENSIONS)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        hashes = rng.integers(-(2**63), 2**63 - 1, len(part), dtype=np.int64).tolist()
        looks = [
            {"account_id": account_id, "sha256": name, "version": VERSION, "hash": drawn, "vector": vector.tobytes()}
            for name, drawn, vector in zip(part, hashes, vectors, strict=True)
        ]
        with database.write() as conn:
            conn.execute(insert(fingerprint), looks)


@contextmanager
def database_for(server: str) -> Iterator[tuple[Database, str]]:
    """A new database and its URL, on a server where one is named; it is gone afterwards."""
    if not server:
        with tempfile.TemporaryDirectory(prefix="pressroom-benchmark-") as folder:
            url = f"sqlite:///{Path(folder) / 'pressroom.db'}"
            with Database.open(url) as opened:
                yield opened, url
        return
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    schema = f"bench_{secrets.token_hex(4)}"
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE SCHEMA {schema}")
    try:
        there = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        url = there.render_as_string(hide_password=False)
        with Database.open(url) as opened:
            yield opened, url
    finally:
        with engine.connect() as conn:
            conn.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the clock, and of this process's CPU."""
    started, spent = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - started) * 1e3, (time.process_time() - spent) * 1e3
