"""Runs and their nodes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pressroom.database.schema.columns import Instant, metadata
from pressroom.domain.states import NodeState, RunState, one_of

run = Table(
    "run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("plan_hash", String(64), nullable=False),
    Column("plan", Text, nullable=False),
    Column("state", String(32), nullable=False),
    Column("hold_id", BigInteger),
    Column("flow_run_id", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("out_dir", Text, nullable=False),
    Column("totals", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    CheckConstraint(one_of("state", RunState), name="state"),
    Index(None, "account_id", "campaign", "created_at"),
    Index(None, "account_id", "created_at"),
)

run_node = Table(
    "run_node",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), primary_key=True),
    Column("node_id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("credits_micros", BigInteger, nullable=False),
    Column("usd_micros", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("error", Text, nullable=False),
    Column("asset_ids", Text, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    UniqueConstraint("run_id", "position"),
    CheckConstraint(one_of("state", NodeState), name="state"),
    Index(
        "ix_run_node_done",
        "finished_at",
        sqlite_where=text("state = 'done'"),
        postgresql_where=text("state = 'done'"),
    ),
)
