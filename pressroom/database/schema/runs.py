"""Runs and their nodes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    false,
    text,
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.states import WORKING_RUNS, Decision, NodeState, PartState, RunState, is_in, one_of

_DONE: Final = is_in("state", NodeState.DONE)

WORKING_RUN: Final = one_of("state", WORKING_RUNS)

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
    # Which process works on it: how often it was taken up, by whom last, and until when that is certain.
    Column("lease", Integer, nullable=False, server_default="0"),
    Column("lease_holder", Text, nullable=False, server_default=""),
    Column("lease_until", Instant),
    # Of a Prefect deployment: whatever becomes of its process, a worker takes it up again.
    Column("runner", String(16), nullable=False, server_default=""),
    # What a suspended run waits for, in JSON values, and how long.
    Column("waits_for", Text, nullable=False, server_default=""),
    Column("waits_until", Instant),
    # Who started it: a member's address or a token's prefix, empty for whoever runs this installation.
    Column("created_by", Text, nullable=False, server_default=""),
    # Asked for as one generation, not as a campaign.
    Column("is_generation", Boolean, nullable=False, server_default=false()),
    CheckConstraint(one_of("state", RunState), name="state"),
    Index(None, "account_id", "campaign", "created_at"),
    Index(None, "account_id", "created_at"),
    Index(None, "flow_run_id"),
    Index("ix_run_working", "lease_until", sqlite_where=text(WORKING_RUN), postgresql_where=text(WORKING_RUN)),
)

# What a run has held, one hold after the other: it is given another when it is taken up after its end.
run_hold = Table(
    "run_hold",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), primary_key=True),
    Column("hold_id", BigInteger, primary_key=True),
)

# What people decided about runs that waited for them.
approval = Table(
    "approval",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("plan_hash", String(64), nullable=False),
    # The most that it may cost from then on, and the nodes that are not to be made, as a JSON list.
    Column("credits_micros", BigInteger, nullable=False),
    # Null of decisions that were written down without it.
    Column("usd_micros", BigInteger, nullable=True),
    Column("dropped", Text, nullable=False),
    # Node id -> number of the take that was chosen, null where it was only approved, as a JSON object.
    Column("answers", Text, nullable=False, server_default="{}"),
    Column("decided_by", Text, nullable=False),
    Column("decided_from", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    CheckConstraint(one_of("decision", Decision), name="decision"),
    Index(None, "run_id", "id"),
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
    # What made it, as provider/model.
    Column("model", Text, nullable=False, server_default=""),
    UniqueConstraint("run_id", "position"),
    CheckConstraint(one_of("state", NodeState), name="state"),
    Index(
        "ix_run_node_done",
        "finished_at",
        sqlite_where=text(_DONE),
        postgresql_where=text(_DONE),
    ),
)

# The nodes of a run that several processes share: each takes a part at a time, under the lease of the process that leads.
run_part = Table(
    "run_part",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("lease", Integer, nullable=False),
    Column("nodes", Text, nullable=False),  # their ids, as a JSON list
    Column("state", String(16), nullable=False),
    Column("holder", Text, nullable=False),
    Column("held_until", Instant),
    CheckConstraint(one_of("state", PartState), name="state"),
)
