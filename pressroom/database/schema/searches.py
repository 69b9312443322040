"""Searches that people keep under a name."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text, UniqueConstraint

from pressroom.database.schema.columns import Instant, Serial, metadata

# `query` is a JSON list of names and values, as they are written; `member` is whose it is (see Principal.user).
saved_search = Table(
    "saved_search",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("member", String(254), nullable=False),
    Column("name", String(200), nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("account_id", "member", "name"),
)
