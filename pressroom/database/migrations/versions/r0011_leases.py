"""Who works on a run is in the database; a run may have held several holds, and may wait for a person.

Until now a run was alive while its process held the lock of a file in the home. Runs that are under way while this migration
runs are taken for dead by it: nobody renews what they never had.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORKING = "state IN ('planned', 'running')"
_STATES = "state IN ('planned', 'running', 'suspended', 'completed', 'completed_with_failures', 'failed', 'cancelled', 'refused')"


def upgrade() -> None:
    with op.batch_alter_table("run") as batch:
        if op.get_bind().dialect.name == "postgresql":
            batch.drop_constraint(op.f("ck_run_state"), type_="check")
        batch.add_column(sa.Column("lease", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("lease_holder", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("lease_until", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("deployed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("waits_for", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("waits_until", sa.BigInteger(), nullable=True))
        batch.create_check_constraint(op.f("ck_run_state"), _STATES)
    op.create_index(op.f("ix_run_flow_run_id"), "run", ["flow_run_id"])
    where = sa.text(_WORKING)
    op.create_index("ix_run_working", "run", ["lease_until"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "run_hold",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "hold_id", name=op.f("pk_run_hold")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_hold_run_id")),
    )
    op.execute("INSERT INTO run_hold (run_id, hold_id) SELECT id, hold_id FROM run WHERE hold_id IS NOT NULL")
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("credits_micros", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_from", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected', 'resumed', 'expired')", name=op.f("ck_approval_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_approval_run_id")),
    )
    op.create_index(op.f("ix_approval_run_id_id"), "approval", ["run_id", "id"])
