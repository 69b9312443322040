"""Which runs were asked for as one generation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("is_generation", sa.Boolean(), server_default=sa.false(), nullable=False))
