"""Batches: many rows of inputs for one stored campaign, each row a run."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from pressroom.database.schema.columns import Instant, metadata

_WAITING = "run_id IS NULL AND error = ''"

batch = Table(
    "batch",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("campaign", Text, nullable=False),
    Column("document_id", Text, nullable=False),  # the version that all its rows are of
    Column("refresh", Text, nullable=False),  # JSON list
    Column("approved", Boolean, nullable=False),
    Column("credits_bound_micros", BigInteger, nullable=False),  # the most that all rows together may cost, as planned
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("cancelled_at", Instant),
    Column("token_id", BigInteger, ForeignKey("token.id")),  # with whose caps what is left is begun; NULL for a person
    Index(None, "account_id", "created_at"),
)

batch_row = Table(
    "batch_row",
    metadata,
    Column("batch_id", String(40), ForeignKey("batch.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("inputs", Text, nullable=False),  # JSON
    Column("run_id", Text),  # NULL before it was begun
    Column("error", Text, nullable=False),  # why it was refused when it was to begin
    Index("ix_batch_row_waiting", "batch_id", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
    sqlite_with_rowid=False,
)
