"""A home from before accounts owned everything: ten thousand assets of three accounts, and what hangs on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, create_engine, text

from pressroom.database.migrate import config

ASSETS = 10_000
NAMES = ("acme", "rival", "third")
# A photo that two accounts made something of, a photo that nobody used, and a picture of a run whose account is gone.
SHARED, UNUSED, ORPHAN = "ishared", "iunused", "aorphan"


def old_home(url: str) -> None:
    """A database at schema 0002 with three accounts: each third asset is another's."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    with engine.begin() as conn:
        command.upgrade(config(conn), "0002")
        _fill(conn)
    engine.dispose()


def _fill(conn: Connection) -> None:
    for number, name in enumerate(NAMES, start=1):
        conn.execute(text("INSERT INTO account (name, created_at) VALUES (:name, 0)"), {"name": name})
        _run(conn, f"run-{number}", name)
    _run(conn, "run-9", "nobody")
    ids = [(SHARED, "", "input"), (UNUSED, "", "input"), (ORPHAN, "run-9", "")]
    ids += [(f"a{number}", f"run-{number % 3 + 1}", "") for number in range(ASSETS - len(ids))]
    _many(conn, "asset", [_asset(*each) for each in ids])
    seq_of = {row.id: row.seq for row in conn.execute(text("SELECT id, seq FROM asset"))}
    used = [{"asset_seq": seq_of[name], "parent_seq": seq_of[SHARED], "position": 0} for name in ("a0", "a1")]
    _many(conn, "asset_parent", [*used, {"asset_seq": seq_of["a3"], "parent_seq": seq_of["a0"], "position": 0}])
    _many(conn, "asset_tag", [{"tag": "spring", "asset_seq": seq_of[name]} for name in ("a0", "a1", "a2", "a3")])
    conn.execute(text("INSERT INTO collection (name, created_at) VALUES ('fair', 0), ('empty', 0)"))
    _many(conn, "collection_asset", [{"collection_id": 1, "asset_seq": seq_of[name]} for name in ("a0", "a1", "a3")])
    look = {"version": 1, "hash": 7, "vector": b"\0" * 1024}
    _many(conn, "fingerprint", [{"sha256": sha256_of(name), **look} for name, _, _ in ids])
    job = {"node_key": "key", "provider": "p", "model": "m", "state": "submitted", "credits_bound_micros": 0}
    job |= {"attempts": 1, "error": "", "created_at": 0, "updated_at": 0}
    _many(conn, "job", [{**job, "order_key": "key:0", "run_id": "run-2"}])


def sha256_of(name: str) -> str:
    return name.encode().hex().ljust(64, "0")


def _run(conn: Connection, run_id: str, account: str) -> None:
    row = {"id": run_id, "campaign": "launch", "account": account, "plan_hash": "x", "plan": "{}", "state": "completed"}
    rest = dict.fromkeys(("flow_run_id", "report", "out_dir", "error"), "")
    _many(conn, "run", [row | rest | {"totals": "{}", "created_at": 0}])


def _asset(name: str, run_id: str, source_module: str) -> dict[str, Any]:
    empty = ("label", "provider", "model", "operation", "variant", "title", "description", "alt_text", "step", "prompt")
    zero = ("cost_credits_micros", "cost_usd_micros", "generation_seconds", "ordinal", "created_at")
    given = {"id": name, "sha256": sha256_of(name), "kind": "image", "mime": "image/png", "size_bytes": 1}
    given |= {"params": "{}", "details": "{}", "node_key": f"key-{name}", "run_id": run_id, "campaign": "launch"}
    return (
        dict.fromkeys(empty, "") | dict.fromkeys(zero, 0) | given | {"source_module": source_module, "title": "kettle"}
    )


def _many(conn: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    names = list(rows[0])
    conn.execute(text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{n}' for n in names)})"), rows)
