"""Budgets of accounts for a month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("month_budget", sa.BigInteger(), nullable=True))
    op.drop_index(op.f("ix_hold_account_id"), table_name="hold")
    op.create_index(op.f("ix_hold_account_id_month"), "hold", ["account_id", "month"])
