"""Jobs: what was ordered, where it stands at the vendor, what was billed and delivered; and the inbox of callbacks.

Jobs of before keep their keys. What they spent is what was captured for them; the vendor's own words were not kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATES = "state IN ('intent', 'submitted', 'unknown', 'delivered', 'stored', 'failed', 'rejected', 'cancelled')"
_UNFINISHED = "state IN ('intent', 'submitted', 'unknown', 'delivered')"
_NEW = (
    ("run_ids", sa.Text(), "[]"),
    ("callback_key", sa.String(length=64), ""),
    ("ordered", sa.Text(), "{}"),
    ("credits_estimate_micros", sa.BigInteger(), "0"),
    ("usd_estimate_micros", sa.BigInteger(), "0"),
    ("usd_bound_micros", sa.BigInteger(), "0"),
    ("captured_micros", sa.BigInteger(), "0"),
    ("captures", sa.Integer(), "0"),
    ("asked", sa.Integer(), "0"),
    ("billed_meters", sa.Text(), "{}"),
    ("evidence", sa.Text(), "{}"),
    ("spent_usd_micros", sa.BigInteger(), "0"),
    ("delivery", sa.Text(), "[]"),
)
_NULLABLE = (
    ("captured_hold_id", sa.BigInteger()),
    ("next_ask_at", sa.BigInteger()),
    ("deadline_at", sa.BigInteger()),
    ("billed_usd_micros", sa.BigInteger()),
)


def upgrade() -> None:
    op.drop_index("uq_job_unfinished", table_name="job")
    with op.batch_alter_table("job", recreate="auto") as batch:
        batch.alter_column("provider_job_id", new_column_name="vendor_job_id")
        for name, kind, default in _NEW:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        for name, kind in _NULLABLE:
            batch.add_column(sa.Column(name, kind, nullable=True))
        batch.drop_constraint(op.f("ck_job_state"), type_="check")
        batch.create_check_constraint(op.f("ck_job_state"), _STATES)
    _fill()
    with op.batch_alter_table("job") as batch:
        for name, _, _ in _NEW:
            batch.alter_column(name, server_default=None)
        batch.create_unique_constraint(op.f("uq_job_callback_key"), ["callback_key"])
    where = sa.text(_UNFINISHED)
    for name, columns, unique in (
        ("uq_job_unfinished", ["account_id", "node_key"], True),
        ("ix_job_open", ["created_at"], False),
    ):
        op.create_index(name, "job", columns, unique=unique, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("vendor_job_id", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_key"], ["job.order_key"], name=op.f("fk_inbox_order_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("order_key", "payload_sha256", name=op.f("uq_inbox_order_key_payload_sha256")),
    )


def _fill() -> None:
    """A secret for each job, its run, and what the ledger and the run's record say of it."""
    conn = op.get_bind()
    secret = "lower(hex(randomblob(16)))" if conn.dialect.name == "sqlite" else "md5(random()::text || order_key)"
    conn.exec_driver_sql(
        f"UPDATE job SET callback_key = {secret}, run_ids = '[\"' || run_id || '\"]', "  # noqa: S608 - constants
        "usd_bound_micros = 0, captured_hold_id = NULL"
    )
    conn.exec_driver_sql(
        "UPDATE job SET captures = 1, captured_hold_id = hold_id, captured_micros = "
        "(SELECT o.amount FROM op o WHERE o.key = 'capture:' || job.order_key AND o.kind = 'capture') "
        "WHERE EXISTS (SELECT 1 FROM op o WHERE o.key = 'capture:' || job.order_key AND o.kind = 'capture')"
    )
    conn.exec_driver_sql(
        "UPDATE job SET spent_usd_micros = COALESCE((SELECT MAX(n.usd_micros) FROM run_node n "
        "WHERE n.run_id = job.run_id AND n.key = job.node_key), 0) WHERE state = 'stored'"
    )
    # What was asked for before is asked for at once by whoever takes it up.
    conn.exec_driver_sql("UPDATE job SET next_ask_at = updated_at, deadline_at = updated_at WHERE state = 'submitted'")
