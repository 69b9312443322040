"""Jobs of before that had counted against the month's dollars go on doing so, and none counts more than its hold says."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from pressroom.database.engine import Database
from pressroom.database.migrate import config
from pressroom.ledger.invariants import check_invariants

JOB = (
    "INSERT INTO job (order_key, account_id, node_key, run_id, run_ids, provider, model, callback_key, state, ordered, "
    "credits_estimate_micros, credits_bound_micros, usd_estimate_micros, usd_bound_micros, captured_micros, captures, "
    "captured_hold_id, attempts, asked, billed_meters, evidence, spent_usd_micros, delivery, error, created_at, updated_at) "
    "VALUES (:key, 1, :key, 'r', '[]', 'v', 'm', :secret, :state, '{}', 0, 0, 0, 0, 0, :captures, :hold, 1, 0, '{}', '{}', "
    ":spent, '[]', '', 0, 0)"
)


def test_what_was_captured_counts_and_what_was_not_does_not(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(empty_url)
    with engine.begin() as conn:
        command.upgrade(config(conn), "0006")
        conn.execute(text("INSERT INTO account (id, name, created_at) VALUES (1, 'acme', 0)"))
        for hold in (7, 8):
            conn.execute(
                text(
                    "INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at, month) "
                    "VALUES (:hold, 1, 0, 0, 'open', 0, 0, '2026-11')"
                ),
                {"hold": hold},
            )
        conn.execute(text("INSERT INTO allowance (account_id, month, family, used, held, carried) "
                          "VALUES (1, '2026-11', 'usd', 30, 0, 0)"))  # fmt: skip
        conn.execute(text("INSERT INTO hold_allowance (hold_id, family, amount, captured) VALUES (7, 'usd', 0, 30)"))
        for key, state, captures, hold, spent in (
            ("captured", "stored", 1, 7, 30),
            ("billed", "failed", 0, None, 20),
            ("free of dollars", "stored", 1, 8, 20),
        ):
            values = {"key": key, "secret": key, "state": state, "captures": captures, "hold": hold, "spent": spent}
            conn.execute(text(JOB), values)
    engine.dispose()

    with Database.open(empty_url) as database, database.read() as conn:
        rows = conn.execute(text("SELECT order_key, counted_usd_micros, counted_hold_id FROM job ORDER BY order_key"))
        assert [tuple(row) for row in rows] == [("billed", 0, None), ("captured", 30, 7), ("free of dollars", 0, None)]
        assert check_invariants(conn) == []
