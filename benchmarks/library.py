"""How long a page of the library takes at a million assets, for every filter and every pair of filters.

    uv run python benchmarks/library.py [assets] [--postgresql URL] [--worst 20]

Two accounts share the database: one has all assets but a thousand, which are the other's. Every value that is looked for
is common, rare or never there. The limit for each page of 50 is 50 ms at the 95th percentile.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, insert, make_url, text

from pressroom.database.engine import Database
from pressroom.database.schema import collection
from pressroom.database.triggers import SQLITE_TRIGGERS, ensure_objects
from pressroom.ledger.accounts import ensure_account
from pressroom.library.search import Filter, count_assets, find

LIMIT_MS = 50.0
REPEATS = 10
SMALL_ACCOUNT = 1_000
# Each filter with values that many, few or no assets have.
VALUES: dict[str, tuple[Any, ...]] = {
    "campaign": ("campaign 7", "rare campaign", "no campaign"),
    "kind": ("image", "video", "audio"),
    "tag": ("common", "middle", "rare", "unused"),
    "step": ("step 3", "rare step", "no step"),
    "run_id": ("run 7", "no run"),
    "collection": ("large", "middle", "small", "empty", "none"),
    "favourite": (True, False),
    "text": ("studio", "studio light", "kettle", "zebra", "unheardof"),
}


def main(arguments: argparse.Namespace) -> None:
    with _database(arguments.postgresql) as (database, url):
        started = time.perf_counter()
        accounts = _fill(database, url, arguments.assets)
        print(f"{database.dialect}: {arguments.assets:,} assets in {time.perf_counter() - started:.0f} s")
        for name, account_id in accounts.items():
            _measure(database, name, account_id, arguments.worst)


def _measure(database: Database, name: str, account_id: int, worst: int) -> None:
    times: list[tuple[float, str, int]] = []
    own = 0.0
    with database.read() as conn:
        for which in _filters():
            spent = time.process_time()
            found = [_ms(lambda which=which: find(conn, account_id, which)) for _ in range(REPEATS)]
            own = max(own, (time.process_time() - spent) * 1e3 / REPEATS)
            counted = [_ms(lambda which=which: count_assets(conn, account_id, which)) for _ in range(REPEATS)]
            hits = len(find(conn, account_id, which).assets)
            times.append((_p95(found), f"page  {_named(which)}", hits))
            times.append((_p95(counted), f"count {_named(which)}", hits))
    times.sort(reverse=True)
    pages = [ms for ms, label, _ in times if label.startswith("page")]
    over = sum(ms > LIMIT_MS for ms in pages)
    print(
        f"account {name}: {len(pages)} filters, p95 of a page at most {max(pages):.1f} ms, {over} over {LIMIT_MS:g} ms"
    )
    for ms, label, hits in times[:worst]:
        print(f"  {ms:8.1f} ms  {label}  ({hits} shown)")


def _filters() -> Iterator[Filter]:
    """Nothing, each filter with each value, and each pair of them."""
    nothing = Filter()
    single = [replace(nothing, **{name: value}) for name, values in VALUES.items() for value in values]
    yield from (nothing, *single)
    for one, other in combinations(VALUES, 2):
        for first in VALUES[one]:
            for second in VALUES[other]:
                yield replace(nothing, **{one: first, other: second})


# Looks drawn by lot, and is the same on both databases: which of 10,007 parts a row falls into, for each use another.
_LOT = "((n.i * {factor}) % 10007)"


def _fill(database: Database, server: str, count: int) -> dict[str, int]:
    with database.write() as conn:
        accounts = {name: ensure_account(conn, name, 0) for name in ("large", "small")}
        if database.dialect == "sqlite":
            for name in SQLITE_TRIGGERS:
                conn.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            conn.exec_driver_sql("DROP INDEX asset_tsv")
        owner = f"CASE WHEN n.i % {max(2, count // SMALL_ACCOUNT)} = 0 THEN {accounts['small']} ELSE {accounts['large']} END"
        names, values = zip(*_columns(owner, count).items(), strict=True)
        _insert(conn, count, f"asset ({', '.join(names)})", ", ".join(values))
        tags = {"common": _under(0.3, 31), "middle": _under(0.005, 37), "rare": f"n.i % {count // 20} = 5"}
        for tag, condition in tags.items():
            _insert(
                conn, count, "asset_tag (account_id, tag, asset_seq)", f"{owner}, '{tag}', n.i", f"WHERE {condition}"
            )
        liked = f"{owner}, '', n.i, true"
        _insert(conn, count, "opinion (account_id, member, asset_seq, favourite)", liked, f"WHERE {_under(0.02, 29)}")
        for name, account_id in accounts.items():
            _shelve(conn, account_id, count if name == "large" else SMALL_ACCOUNT)
        ensure_objects(conn)
        if database.dialect == "sqlite":
            conn.exec_driver_sql("ANALYZE")
    if server:
        with create_engine(server, isolation_level="AUTOCOMMIT").connect() as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")
    return accounts


def _columns(owner: str, count: int) -> dict[str, str]:
    rare = f"n.i % {count // 20} = 3"
    words = {
        "studio": _under(0.4, 7),
        "light": _under(0.5, 11),
        "kettle": _under(0.02, 13),
        "zebra": f"n.i % {count // 10} = 1",
    }
    spoken = "||".join(f"CASE WHEN {condition} THEN ' {word}' ELSE '' END" for word, condition in words.items())
    text_of = dict.fromkeys(("label", "provider", "model", "operation", "variant", "source_module"), "''")
    plain = dict.fromkeys(("cost_credits_micros", "cost_usd_micros", "generation_seconds", "ordinal"), "0")
    return (
        text_of
        | plain
        | {
            "seq": "n.i",
            "account_id": owner,
            "id": "'a'||n.i",
            "sha256": "'sha256 of '||n.i",
            "kind": f"CASE WHEN {_under(0.8, 17)} THEN 'image' ELSE 'video' END",
            "mime": "'image/png'",
            "size_bytes": "1000",
            "prompt": f"'a picture of thing '||n.i||{spoken}||' on a table by the window in the morning'",
            "params": "'{}'",
            "details": "'{}'",
            "node_key": "'key of '||n.i",
            "run_id": "'run '||(n.i / 50)",
            "campaign": f"CASE WHEN {rare} THEN 'rare campaign' ELSE 'campaign '||({_LOT.format(factor=19)} % 100) END",
            "step": f"CASE WHEN {rare} THEN 'rare step' ELSE 'step '||({_LOT.format(factor=23)} % 10) END",
            "title": "'thing '||n.i",
            "description": "''",
            "alt_text": "''",
            "created_at": "0",
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


@contextmanager
def _database(server: str) -> Iterator[tuple[Database, str]]:
    """A new database and its URL where it is on a server; it is gone afterwards."""
    if not server:
        with (
            tempfile.TemporaryDirectory(prefix="pressroom-library-") as folder,
            Database.open(f"sqlite:///{Path(folder) / 'pressroom.db'}") as opened,
        ):
            yield opened, ""
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


def _named(which: Filter) -> str:
    given = {each.name: getattr(which, each.name) for each in fields(which)}
    return ", ".join(f"{name}={value}" for name, value in given.items() if value is not None) or "everything"


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95) - 1]


def _ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("assets", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--postgresql", default="", help="Measure a PostgreSQL server instead, in a schema of its own.")
    parser.add_argument("--worst", type=int, default=20, help="How many of the slowest to name.")
    main(parser.parse_args())
