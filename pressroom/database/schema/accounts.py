"""Accounts, the people who act for them, and their tokens."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, Text

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH, Role
from pressroom.domain.states import one_of

# The counterparts of every customer account. They hold no running balance: only one row is hot per grant or capture.
ISSUER_ID: Final = -1
REVENUE_ID: Final = -2
SYSTEM_ACCOUNTS: Final = ((ISSUER_ID, "system:issuer"), (REVENUE_ID, "system:revenue"))
SYSTEM_PREFIX: Final = "system:"

account = Table(
    "account",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", String(ACCOUNT_NAME_LENGTH), nullable=False, unique=True),
    Column("plan", String(64), nullable=False, server_default="free"),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    # The most that it spends in a month, in micro-credits; null is no limit.
    Column("month_budget", BigInteger),
    # What it is given at the beginning of each month, in micro-credits; null is nothing.
    Column("month_refill", BigInteger),
    CheckConstraint("held >= 0 AND balance >= held", name="never_negative"),
    # Counts from 1 in spite of the negative ids of the system accounts.
    sqlite_autoincrement=True,
)

# Who may act for accounts. `user` is a reserved word of PostgreSQL.
person = Table(
    "person",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    sqlite_autoincrement=True,
)

# The name is the one that the account gave: no account learns what another calls a person.
membership = Table(
    "membership",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), primary_key=True),
    Column("name", String(200), nullable=False, server_default=""),
    Column("role", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("role", Role), name="role"),
    Index(None, "person_id"),
    sqlite_with_rowid=False,
)

# The secret itself is nowhere: `prefix` finds the row, `hash` is the SHA-256 of the whole.
token = Table(
    "token",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("person.id")),
    Column("prefix", String(16), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    # What it may spend, in micro-credits: a run and a day at most, and a day without asking a person. Null: no cap, and none.
    Column("cap_run", BigInteger),
    Column("cap_day", BigInteger),
    Column("standing_day", BigInteger),
    Index(None, "account_id", "id"),
    Index(None, "person_id"),
    sqlite_autoincrement=True,
)

# What the runs that a token started have spent of a day ("2026-12-01", UTC), and what they have set aside.
token_day = Table(
    "token_day",
    metadata,
    Column("token_id", BigInteger, ForeignKey("token.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("used", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    # The part of both that no person was asked for.
    Column("unasked", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("used >= 0 AND held >= 0 AND unasked >= 0", name="never_negative"),
    sqlite_with_rowid=False,
)
