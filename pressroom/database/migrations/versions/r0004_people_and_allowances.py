"""Monthly allowances are held with the credits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MONTH_OF_HOLD = {
    "sqlite": "strftime('%Y-%m', created_at / 1000000, 'unixepoch')",
    "postgresql": "to_char(to_timestamp(created_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')",
}


def upgrade() -> None:
    op.add_column("hold", sa.Column("month", sa.String(length=7), server_default="", nullable=False))
    op.execute(f"UPDATE hold SET month = {_MONTH_OF_HOLD[op.get_context().dialect.name]}")  # noqa: S608 - constants
    _allowances()


def _allowances() -> None:
    op.create_table(
        "allowance",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("carried", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("held >= 0 AND carried >= 0 AND used >= carried", name=op.f("ck_allowance_never_negative")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_allowance_account_id")),
        sa.PrimaryKeyConstraint("account_id", "month", "family", name=op.f("pk_allowance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hold_allowance",
        sa.Column("hold_id", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("amount >= 0 AND captured >= 0", name=op.f("ck_hold_allowance_never_negative")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_hold_allowance_hold_id")),
        sa.PrimaryKeyConstraint("hold_id", "family", name=op.f("pk_hold_allowance")),
        sqlite_with_rowid=False,
    )
