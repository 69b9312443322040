"""Searches are kept under a name, and found assets by columns in memory: the index of words holds no filters any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_search_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("account_id", "member", "name", name=op.f("uq_saved_search_account_id_member_name")),
    )
    # The new index, its triggers and its tables are made by `ensure_objects`.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE asset DROP COLUMN IF EXISTS tsv")
        for name in ("kind", "step", "favourite"):
            op.execute(f"DROP INDEX IF EXISTS asset_by_{name}")
        return
    for name in ("insert", "delete", "update", "tag", "untag", "shelve", "unshelve"):
        op.execute(f"DROP TRIGGER IF EXISTS asset_fts_{name}")
    op.execute("DROP TABLE IF EXISTS asset_fts")
    op.execute("DROP VIEW IF EXISTS asset_text")
