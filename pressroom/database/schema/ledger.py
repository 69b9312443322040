"""The books: commands, holds, allowances, entries. `op` and `entry` are append-only; triggers enforce it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    case,
    text,
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.states import HoldState, is_in, one_of

OPEN_HOLD: Final = is_in("state", HoldState.OPEN)

op = Table(
    "op",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    # Deferred: the command row is written first, so that a replay is noticed before anything else happens.
    Column("hold_id", BigInteger, ForeignKey("hold.id", deferrable=True, initially="DEFERRED")),
    Column("refunds_op_id", BigInteger, ForeignKey("op.id")),
    Column("amount", BigInteger, nullable=False),
    Column("memo", Text, nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    CheckConstraint("amount >= 0", name="amount"),
    Index(None, "account_id", "id"),
    Index(None, "hold_id"),
    Index(None, "refunds_op_id"),
    sqlite_autoincrement=True,
)

hold = Table(
    "hold",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("captured", BigInteger, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    # Whose allowances it counts against ("2026-11", UTC), also for what is captured after that month has ended.
    Column("month", String(7), nullable=False, server_default=""),
    # The token that started its run, the day of which it counts, and how much of it no person was asked for.
    Column("token_id", BigInteger, ForeignKey("token.id")),
    Column("day", String(10), nullable=False, server_default=""),
    Column("unasked", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("captured >= 0 AND captured <= amount", name="never_over_captured"),
    CheckConstraint(one_of("state", HoldState), name="state"),
    Index("ix_hold_open", "expires_at", sqlite_where=text(OPEN_HOLD), postgresql_where=text(OPEN_HOLD)),
    Index(None, "account_id", "month"),
    Index(
        "ix_hold_token_id",
        "token_id",
        sqlite_where=text("token_id IS NOT NULL"),
        postgresql_where=text("token_id IS NOT NULL"),
    ),
)

# What a hold keeps from being spent otherwise.
hold_left: ColumnElement[int] = case((hold.c.state == HoldState.OPEN, hold.c.amount - hold.c.captured), else_=0)

# What an account may buy in a month, by family: images, edits, videos, audio, and the vendors' dollars in micros.
allowance = Table(
    "allowance",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("family", String(16), primary_key=True),
    Column("used", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    # The part of `used` that was bought before holds counted allowances.
    Column("carried", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("held >= 0 AND carried >= 0 AND used >= carried", name="never_negative"),
    sqlite_with_rowid=False,
)

hold_allowance = Table(
    "hold_allowance",
    metadata,
    Column("hold_id", BigInteger, ForeignKey("hold.id"), primary_key=True),
    Column("family", String(16), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    # May pass the amount: what a vendor billed is written down in full.
    Column("captured", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("amount >= 0 AND captured >= 0", name="never_negative"),
    sqlite_with_rowid=False,
)

entry = Table(
    "entry",
    metadata,
    Column("op_id", BigInteger, ForeignKey("op.id"), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Index(None, "account_id", "op_id"),
    sqlite_with_rowid=False,
)
