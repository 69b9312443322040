"""Jobs, and what vendors called to say of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.states import UNFINISHED_JOBS, JobState, one_of

UNFINISHED_JOB: Final = one_of("state", UNFINISHED_JOBS)

job = Table(
    "job",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("node_key", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    # Every run that took it up, as a JSON list; `run_id` is the last of them.
    Column("run_ids", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("vendor_job_id", Text),
    # A secret of this one order, for the address at which its vendor may call back.
    Column("callback_key", String(64), nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    # Of the last run that took it up: what is spent on it counts somewhere, whatever becomes of it.
    Column("hold_id", BigInteger, nullable=False),
    Column("ordered", Text, nullable=False),
    Column("credits_estimate_micros", BigInteger, nullable=False),
    Column("credits_bound_micros", BigInteger, nullable=False),
    Column("usd_estimate_micros", BigInteger, nullable=False),
    Column("usd_bound_micros", BigInteger, nullable=False),
    # Credits captured for it less those given back, how many captures that took, and from which hold the last.
    Column("captured_micros", BigInteger, nullable=False),
    Column("captures", Integer, nullable=False),
    Column("captured_hold_id", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("next_ask_at", Instant),
    Column("deadline_at", Instant),
    # What the vendor said of its bill; NULL is nothing. `spent_usd_micros` is what counts as spent, said or assumed.
    Column("billed_usd_micros", BigInteger),
    Column("billed_meters", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("spent_usd_micros", BigInteger, nullable=False),
    # What was delivered: a JSON list of files in the store.
    Column("delivery", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    # Dollars that count against the month's allowance for it, and through which hold.
    Column("counted_usd_micros", BigInteger, nullable=False, server_default="0"),
    Column("counted_hold_id", BigInteger),
    # The hold through which one unit of its family counts; NULL where none counts.
    Column("unit_hold_id", BigInteger),
    # When it was let through to a vendor that takes so many at a time; NULL while it has not left.
    Column("sent_at", Instant),
    Column("delivered_at", Instant),
    CheckConstraint(one_of("state", JobState), name="state"),
    # At most one purchase of a node is under way in an account, whoever asks, in whatever process.
    Index(
        "uq_job_unfinished",
        "account_id",
        "node_key",
        unique=True,
        sqlite_where=text(UNFINISHED_JOB),
        postgresql_where=text(UNFINISHED_JOB),
    ),
    Index(None, "account_id", "node_key", "created_at"),
    Index(None, "account_id", "updated_at"),
    Index(None, "run_id"),
    Index("ix_job_open", "created_at", sqlite_where=text(UNFINISHED_JOB), postgresql_where=text(UNFINISHED_JOB)),
    Index(
        "ix_job_open_provider",
        "provider",
        "created_at",
        sqlite_where=text(UNFINISHED_JOB),
        postgresql_where=text(UNFINISHED_JOB),
    ),
    Index(None, "provider", "model", "delivered_at"),
)

# What all accounts together may ask of a vendor, and how it answered lately.
vendor_pace = Table(
    "vendor_pace",
    metadata,
    Column("provider", Text, primary_key=True),
    # From when on its rate allows the next order; later where it asked for a pause, and how often in a row it did.
    Column("next_send_at", Instant),
    Column("pauses", Integer, nullable=False),
    # Failures in a row; it is left alone until then, for the so manyth time in a row, and this order tries it again.
    Column("failures", Integer, nullable=False),
    Column("rests", Integer, nullable=False),
    Column("rests_until", Instant),
    Column("probe", Text),
)

# What vendors called to say, each message once, whatever became of it.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("order_key", Text, ForeignKey("job.order_key"), nullable=False),
    Column("vendor_job_id", Text, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("order_key", "payload_sha256"),
)
