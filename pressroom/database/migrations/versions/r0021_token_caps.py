"""What tokens may spend, and what they have spent of a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("cap_run", "cap_day", "standing_day"):
        op.add_column("token", sa.Column(name, sa.BigInteger()))
    op.create_table(
        "token_day",
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unasked", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("used >= 0 AND held >= 0 AND unasked >= 0", name=op.f("ck_token_day_never_negative")),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name=op.f("fk_token_day_token_id")),
        sa.PrimaryKeyConstraint("token_id", "day", name=op.f("pk_token_day")),
        sqlite_with_rowid=False,
    )
    # Both databases take it like this; alembic would rebuild the table on SQLite.
    op.execute("ALTER TABLE hold ADD COLUMN token_id BIGINT CONSTRAINT fk_hold_token_id REFERENCES token (id)")
    op.add_column("hold", sa.Column("day", sa.String(length=10), server_default="", nullable=False))
    op.add_column("hold", sa.Column("unasked", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        "ix_hold_token_id",
        "hold",
        ["token_id"],
        sqlite_where=sa.text("token_id IS NOT NULL"),
        postgresql_where=sa.text("token_id IS NOT NULL"),
    )
