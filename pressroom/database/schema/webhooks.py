"""Outgoing webhooks: endpoints with their secrets, what they are told of, and how far the log of events was gone through."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text
from sqlalchemy import UniqueConstraint as Unique

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.states import DeliveryState, one_of

_WAITING: Final = one_of("state", (DeliveryState.WAITING,))

webhook = Table(
    "webhook",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),  # JSON list of patterns
    # One that was named with a single run: told of that alone, and signed with the account's own secret. Empty: all runs.
    Column("run_id", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("after_seq", BigInteger, nullable=False),  # told of what comes behind this number of the log
    Column("disabled_at", Instant),
    Column("disabled_why", Text, nullable=False),
    Index(None, "account_id", "run_id"),
)

# Sealed; those without a webhook are the account's own. More than one is good while the older ones end.
webhook_secret = Table(
    "webhook_secret",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("webhook_id", String(40), ForeignKey("webhook.id")),
    Column("sealed", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Index(None, "account_id", "webhook_id"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("webhook_id", String(40), ForeignKey("webhook.id"), nullable=False),
    Column("event_seq", BigInteger),  # NULL for a ping
    Column("type", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    # Of the tries since it was last put in line: one that was put there by a person begins anew.
    Column("tries", Integer, nullable=False),
    Column("next_at", Instant),
    Column("lease_until", Instant),  # of the server that sends it now
    Column("answer_status", Integer),
    Column("answer", Text, nullable=False),
    Column("answered_at", Instant),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("state", DeliveryState), name="state"),
    Unique("webhook_id", "event_seq"),
    Index(None, "account_id", "created_at"),
    Index("ix_webhook_delivery_due", "next_at", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
)

# One row: up to where the log of events was gone through for all endpoints.
webhook_cursor = Table(
    "webhook_cursor",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
