"""Campaigns kept as documents, and which URL was fetched as which asset."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_campaign_document_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_document")),
    )
    columns = ["account_id", "name", "created_at"]
    op.create_index(op.f("ix_campaign_document_account_id_name_created_at"), "campaign_document", columns)
    op.create_table(
        "fetched_url",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("url_sha256", sa.String(length=64), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_fetched_url_account_id")),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_fetched_url_asset_id")),
        sa.PrimaryKeyConstraint("account_id", "url_sha256", name=op.f("pk_fetched_url")),
        sqlite_with_rowid=False,
    )
