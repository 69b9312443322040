"""Fingerprints are numbered as they come, so that an index of them can tell which are new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("fingerprint", "fingerprint_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE fingerprint_before RENAME CONSTRAINT pk_fingerprint TO pk_fingerprint_before")
        op.execute(
            "ALTER TABLE fingerprint_before RENAME CONSTRAINT fk_fingerprint_account_id TO fk_fingerprint_before_account_id"
        )
    op.create_table(
        "fingerprint",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_fingerprint")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_fingerprint_account_id")),
        sa.UniqueConstraint("account_id", "sha256", name=op.f("uq_fingerprint_account_id_sha256")),
    )
    op.execute(
        "INSERT INTO fingerprint (account_id, sha256, version, hash, vector) "
        "SELECT account_id, sha256, version, hash, vector FROM fingerprint_before"
    )
    op.drop_table("fingerprint_before")
    op.create_index(op.f("ix_fingerprint_account_id_seq"), "fingerprint", ["account_id", "seq"])
