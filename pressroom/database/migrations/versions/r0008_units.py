"""Every job has a hold; the hold through which one unit of its family counts is kept; jobs are found by when they moved.

Until now a unit counted with the first capture of a job's credits, from the hold that it was captured from, and came back never.
Jobs of before there were holds get that of their run, or an empty one of their own.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNFINISHED = "state IN ('intent', 'submitted', 'unknown', 'delivered')"
_PARTIAL = (("uq_job_unfinished", ["account_id", "node_key"], True), ("ix_job_open", ["created_at"], False))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    _give_holds()
    for name, _, _ in _PARTIAL:
        op.drop_index(name, table_name="job")
    with op.batch_alter_table("job") as batch:
        batch.add_column(sa.Column("unit_hold_id", sa.BigInteger(), nullable=True))
        batch.alter_column("hold_id", existing_type=sa.BigInteger(), nullable=False)
    where = sa.text(_UNFINISHED)
    for name, columns, unique in _PARTIAL:
        op.create_index(name, "job", columns, unique=unique, sqlite_where=where, postgresql_where=where)
    op.create_index(op.f("ix_job_account_id_updated_at"), "job", ["account_id", "updated_at"])
    _find_units()


def _give_holds() -> None:
    conn = op.get_bind()
    conn.exec_driver_sql(
        "UPDATE job SET hold_id = (SELECT r.hold_id FROM run r WHERE r.id = job.run_id AND r.account_id = job.account_id) "
        "WHERE hold_id IS NULL"
    )
    rows = conn.exec_driver_sql("SELECT order_key, account_id, created_at FROM job WHERE hold_id IS NULL").fetchall()
    for order_key, account_id, created_at in rows:
        hold = secrets.randbits(63)
        month = (_EPOCH + timedelta(microseconds=created_at)).strftime("%Y-%m")
        conn.execute(
            sa.text(
                "INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at, month) "
                "VALUES (:hold, :account, 0, 0, 'released', :at, :at, :month)"
            ),
            {"hold": hold, "account": account_id, "at": created_at, "month": month},
        )
        conn.execute(sa.text("UPDATE job SET hold_id = :hold WHERE order_key = :key"), {"hold": hold, "key": order_key})


def _find_units() -> None:
    """What has been captured for a job and is still spent counts one unit, through the hold of its first capture."""
    conn = op.get_bind()
    family = "json_extract(ordered, '$.family')" if conn.dialect.name == "sqlite" else "ordered::json ->> 'family'"
    conn.exec_driver_sql(
        "UPDATE job SET unit_hold_id = "  # noqa: S608 - constants
        "(SELECT o.hold_id FROM op o WHERE o.key = 'capture:' || job.order_key AND o.kind = 'capture') "
        f"WHERE captures > 0 AND COALESCE({family}, '') <> '' "
        "AND (state IN ('submitted', 'unknown', 'delivered', 'stored') OR captured_micros > 0)"
    )
