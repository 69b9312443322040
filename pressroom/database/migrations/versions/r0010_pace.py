"""What vendors allow and how they answered lately, and when jobs left and were delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("sent_at", "delivered_at"):
        op.add_column("job", sa.Column(name, sa.BigInteger(), nullable=True))
    unfinished = sa.text("state IN ('intent', 'submitted', 'unknown', 'delivered')")
    op.create_index(
        "ix_job_open_provider",
        "job",
        ["provider", "created_at"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_index(op.f("ix_job_provider_model_delivered_at"), "job", ["provider", "model", "delivered_at"])
    op.create_table(
        "vendor_pace",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("next_send_at", sa.BigInteger(), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("probe", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_vendor_pace")),
    )
