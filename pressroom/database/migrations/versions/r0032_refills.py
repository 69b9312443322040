"""Credits that accounts are given each month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("month_refill", sa.BigInteger(), nullable=True))
