"""Rows of batches that wait for room: which they are, and with whose caps they are begun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("batch") as batch:
        batch.add_column(sa.Column("token_id", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(op.f("fk_batch_token_id_token"), "token", ["token_id"], ["id"])
    waiting = sa.text("run_id IS NULL AND error = ''")
    op.create_index("ix_batch_row_waiting", "batch_row", ["batch_id"], sqlite_where=waiting, postgresql_where=waiting)
