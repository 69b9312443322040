"""Every job of before has a hold afterwards, and what it had used of an allowance goes on counting."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from pressroom.database.engine import Database
from pressroom.database.migrate import config
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.records import owner_of

AT = 1_764_460_800_000_000  # 2025-11-30
JOB = (
    "INSERT INTO job (order_key, account_id, node_key, run_id, run_ids, provider, model, callback_key, state, hold_id, "
    "ordered, credits_estimate_micros, credits_bound_micros, usd_estimate_micros, usd_bound_micros, captured_micros, captures, "
    "captured_hold_id, attempts, asked, billed_meters, evidence, spent_usd_micros, delivery, error, created_at, updated_at) "
    "VALUES (:key, 1, :node, :run, '[]', 'v', 'm', :secret, :state, :hold, '{\"family\":\"image\"}', 0, 0, 0, 0, :captured, "
    ":captures, :hold, 1, 0, '{}', '{}', 0, '[]', '', :at, :at)"
)
RUN = (
    "INSERT INTO run (id, account_id, campaign, plan_hash, plan, state, hold_id, flow_run_id, report, out_dir, totals, error, "
    "created_at) VALUES ('r', 1, 'c', 'h', '{}', 'completed', 7, '', '', '', '{}', '', :at)"
)
HOLD = (
    "INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at, month) "
    "VALUES (7, 1, 2, 2, 'released', :at, :at, '2025-11')"
)
OP = (
    "INSERT INTO op (key, kind, fingerprint, account_id, hold_id, amount, at) "
    "VALUES (:key, 'capture', 'x', 1, 7, :amount, :at)"
)


def test_jobs_have_a_hold_and_count_what_they_used(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(empty_url)
    with engine.begin() as conn:
        command.upgrade(config(conn), "0007")
        conn.execute(text("INSERT INTO account (id, name, balance, created_at) VALUES (1, 'acme', 0, 0)"))
        conn.execute(text(HOLD), {"at": AT})
        conn.execute(text(RUN), {"at": AT})
        conn.execute(text("INSERT INTO allowance (account_id, month, family, used, held, carried) "
                          "VALUES (1, '2025-11', 'image', 2, 0, 0)"))  # fmt: skip
        conn.execute(text("INSERT INTO hold_allowance (hold_id, family, amount, captured) VALUES (7, 'image', 2, 2)"))
        for key, run, state, hold, captured, captures in (
            ("filed", "r", "stored", 7, 2, 1),
            ("given back", "r", "failed", 7, 0, 1),
            ("of a run", "r", "intent", None, 0, 0),
            ("of nobody", "gone", "unknown", None, 0, 0),
        ):
            values = {"key": key, "run": run, "state": state, "hold": hold, "captured": captured, "captures": captures}
            conn.execute(text(JOB), values | {"at": AT, "node": key, "secret": key})
            if captures:
                conn.execute(text(OP), {"key": f"capture:{key}", "amount": captured, "at": AT})
    engine.dispose()

    with Database.open(empty_url) as database, database.read() as conn:
        rows = conn.execute(text("SELECT order_key, hold_id, unit_hold_id FROM job ORDER BY order_key")).all()
        holds = {key: hold for key, hold, _ in rows}
        assert {key: unit for key, _, unit in rows if unit} == {"filed": 7}
        assert (holds["filed"], holds["of a run"]) == (7, 7)
        empty = conn.execute(text("SELECT amount, state, month FROM hold WHERE id = :id"), {"id": holds["of nobody"]})
        assert empty.one() == (0, "released", "2025-11")
        assert owner_of(conn, "r") == 1
        wrong = check_invariants(conn)
        assert [sentence for sentence in wrong if "hold" in sentence and "entries" not in sentence] == []
