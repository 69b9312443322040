from __future__ import annotations

from datetime import UTC, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from pressroom.database.engine import Database
from pressroom.database.migrate import config
from pressroom.database.schema import instant
from pressroom.database.urls import sqlite_path
from pressroom.ledger import allowances_of, capture, check_invariants, hold_of

OCTOBER = instant(datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
NOVEMBER = instant(datetime(2026, 11, 1, 0, 0, tzinfo=UTC))


@pytest.fixture
def home_of_before(empty_url: str) -> str:
    """Two accounts' purchases at revision 3, made with the text of rows: the code of that time is gone."""
    path = sqlite_path(empty_url)
    if path is not None:
        path.parent.mkdir()
    engine = create_engine(empty_url)
    with engine.begin() as conn:
        command.upgrade(config(conn), "0003")
        for row in ROWS:
            conn.execute(text(row))
    engine.dispose()
    return empty_url


def run_row(run_id: str, account_id: int) -> str:
    return (
        "INSERT INTO run (id, account_id, campaign, plan_hash, plan, state, flow_run_id, report, out_dir, totals, error, "
        f"created_at) VALUES ('{run_id}', {account_id}, 'c', '', '', 'completed', '', '', '', '', '', {OCTOBER})"
    )


def node_row(run_id: str, at: int, operation: str, finished_at: int, state: str = "done", usd_micros: int = 30) -> str:
    return (
        "INSERT INTO run_node (run_id, node_id, position, step, variant, operation, key, state, action, credits_micros, "
        f"usd_micros, seconds, error, asset_ids, finished_at) VALUES ('{run_id}', 'n{at}', {at}, 's', '', '{operation}', "
        f"'{run_id}-{at}', '{state}', 'create', 0, {usd_micros}, 0, '', '', {finished_at})"
    )


def job_row(run_id: str, at: int, account_id: int, state: str = "stored") -> str:
    return (
        "INSERT INTO job (order_key, account_id, node_key, run_id, provider, model, state, credits_bound_micros, attempts, "
        f"error, created_at, updated_at) VALUES ('{run_id}-{at}:0', {account_id}, '{run_id}-{at}', '{run_id}', 'p', 'm', "
        f"'{state}', 0, 1, '', 0, 0)"
    )


ROWS = (
    "INSERT INTO account (id, name, balance, held, created_at) VALUES (1, 'acme', 5, 5, 0), (2, 'other', 0, 0, 0)",
    "INSERT INTO op (key, kind, fingerprint, account_id, amount, at) VALUES ('g', 'grant', 'grant:acme:5', 1, 5, 0)",
    "INSERT INTO entry (op_id, account_id, amount) SELECT id, 1, 5 FROM op UNION SELECT id, -1, -5 FROM op",
    (
        "INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at) "
        f"VALUES (77, 1, 5, 0, 'open', {NOVEMBER * 2}, {OCTOBER})"
    ),
    run_row("r1", 1),
    node_row("r1", 0, "generate_image", OCTOBER),
    node_row("r1", 1, "generate_image", NOVEMBER),
    node_row("r1", 2, "image_to_video", NOVEMBER),
    node_row("r1", 3, "upscale", NOVEMBER),
    node_row("r1", 4, "generate_image", NOVEMBER, state="failed"),
    node_row("r1", 5, "generate_image", NOVEMBER),
    node_row("r1", 6, "resize", NOVEMBER, usd_micros=0),
    *(job_row("r1", at, 1) for at in range(5)),
    job_row("r1", 5, 1, state="failed"),
    run_row("r2", 2),
    node_row("r2", 0, "generate_image", NOVEMBER),
    job_row("r2", 0, 2),
)


def used(database: Database, account_id: int, month: str) -> dict[str, int]:
    with database.read() as conn:
        return {family: each.used for family, each in allowances_of(conn, account_id, month).items()}


def test_what_was_bought_before_counts_in_its_month_and_for_its_account(home_of_before: str) -> None:
    with Database.open(home_of_before) as database:
        assert used(database, 1, "2026-10") == {"image": 1, "usd": 30}
        assert used(database, 1, "2026-11") == {"image": 1, "video": 1, "edit": 1, "usd": 90}
        assert used(database, 2, "2026-11") == {"image": 1, "usd": 30}


def test_the_books_are_right_afterwards_and_migrating_again_changes_nothing(home_of_before: str) -> None:
    Database.open(home_of_before).close()

    with Database.open(home_of_before) as database:
        assert used(database, 1, "2026-10") == {"image": 1, "usd": 30}
        with database.read() as conn:
            assert check_invariants(conn) == []


def test_a_run_that_was_under_way_goes_on_and_counts_in_the_month_of_its_hold(home_of_before: str) -> None:
    with Database.open(home_of_before) as database:
        with database.write() as conn:
            capture(conn, "node", 77, 2, used={"image": 1, "usd": 5})

        assert used(database, 1, "2026-10") == {"image": 2, "usd": 35}
        with database.read() as conn:
            assert hold_of(conn, 77).month == "2026-10"
