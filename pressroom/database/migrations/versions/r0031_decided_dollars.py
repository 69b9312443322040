"""The dollars of what people have decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approval", sa.Column("usd_micros", sa.BigInteger(), nullable=True))
