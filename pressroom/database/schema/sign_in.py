"""How people sign in: passwords, links that set one, sessions, and attempts that failed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from pressroom.database.schema.columns import Instant, Serial, metadata

# An argon2id hash with its parameters and salt.
person_password = Table(
    "person_password",
    metadata,
    Column("person_id", BigInteger, ForeignKey("person.id"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# The secrets of links and sessions are nowhere: these are their SHA-256.
password_link = Table(
    "password_link",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "person_id"),
    sqlite_with_rowid=False,
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("person.id"), nullable=False),
    Column("user_agent", String(300), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Index(None, "person_id"),
    Index(None, "created_at"),
    sqlite_with_rowid=False,
)

# What was tried is kept as a hash: who mistypes may have typed a password for an address.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("subject", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "subject", "at"),
    Index(None, "at"),
)
