"""Monthly allowances are held with the credits; users, their roles and tokens are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MONTH = {
    "sqlite": "strftime('%Y-%m', {at} / 1000000, 'unixepoch')",
    "postgresql": "to_char(to_timestamp({at} / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM')",
}
# What was bought until now, by the month in which it was done: no limit begins anew.
BOUGHT = (
    "SELECT r.account_id, {month} AS month, {family} AS family, {units} AS units FROM job j "
    "JOIN run_node n ON n.run_id = j.run_id AND n.key = j.node_key JOIN run r ON r.id = n.run_id "
    "WHERE j.state = 'stored' AND n.state = 'done'"
)
FAMILY = "CASE n.operation WHEN 'generate_image' THEN 'image' WHEN 'image_to_video' THEN 'video' ELSE 'edit' END"


def upgrade() -> None:
    month = MONTH[op.get_context().dialect.name]
    op.add_column("hold", sa.Column("month", sa.String(length=7), server_default="", nullable=False))
    op.execute(f"UPDATE hold SET month = {month.format(at='created_at')}")  # noqa: S608 - constants
    _allowances()
    _carry_over(month.format(at="n.finished_at"))
    _people()
    _tokens()


def _carry_over(month: str) -> None:
    counts = BOUGHT.format(month=month, family=FAMILY, units="1")
    dollars = BOUGHT.format(month=month, family="'usd'", units="n.usd_micros")
    op.execute(
        "INSERT INTO allowance (account_id, month, family, used, held, carried) "  # noqa: S608 - constants
        f"SELECT account_id, month, family, SUM(units), 0, SUM(units) FROM ({counts} UNION ALL {dollars}) bought "
        "GROUP BY account_id, month, family HAVING SUM(units) > 0"
    )


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


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "membership",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'admin', 'editor', 'viewer')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_membership_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("account_id", "person_id", name=op.f("pk_membership")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"])


def _tokens() -> None:
    op.create_table(
        "token",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("prefix", name=op.f("uq_token_prefix")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_token_account_id_id"), "token", ["account_id", "id"])
    op.create_index(op.f("ix_token_person_id"), "token", ["person_id"])
