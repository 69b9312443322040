"""What a server keeps: what happened, in the order in which it is told, answers to calls with a key, and plans as shown."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from pressroom.database.schema.columns import Instant, Serial, metadata

# `seq` grows in the order of commits: who has read up to one has missed nothing before it.
event = Table(
    "event",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("run_id", Text, nullable=False),
    Column("name", String(64), nullable=False),
    Column("data", Text, nullable=False),  # JSON
    Column("at", Instant, nullable=False),
    Index(None, "account_id", "seq"),
    Index(None, "run_id", "seq"),
    sqlite_autoincrement=True,
)

MAX_ROUTE_LENGTH: Final = 200  # of what stands for an address
# A status of 0: the call is under way, in the process that holds it until then.
answer = Table(
    "answer",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("route", String(MAX_ROUTE_LENGTH), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("asked_sha256", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("held_until", Instant, nullable=False),
    Column("kept", Boolean, nullable=False),  # for ever, since credits were spent by it
    Column("created_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# Plans that were shown, so that a person or an agent may start one by its hash alone.
shown_plan = Table(
    "shown_plan",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("request", Text, nullable=False),  # JSON
    Column("plan", Text, nullable=False),  # JSON, as it was answered
    Column("created_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# Files that come in parts. What has arrived lies in the home; `asset_id` is what it became, `failure` why it became nothing.
upload = Table(
    "upload",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("asset_id", Text),
    Column("failure", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "account_id", "expires_at"),
    sqlite_with_rowid=False,
)

# Requests of somebody within a window that began at that second (since 1970); whoever it is stands there as a SHA-256.
request_count = Table(
    "request_count",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("name", String(16), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Index(None, "since"),
    sqlite_with_rowid=False,
)
