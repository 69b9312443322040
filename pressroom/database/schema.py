"""Every table, once, for SQLite and PostgreSQL.

Amounts are integer millionths (see pressroom.domain.money), instants are microseconds since 1970 in UTC: both sort and sum
exactly on both databases. `op` and `entry` are append-only; triggers in `triggers.py` enforce it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from pressroom.domain.identity import Role
from pressroom.domain.states import UNFINISHED_JOBS, HoldState, JobState, NodeState, RunState, one_of

# The counterparts of every customer account. They hold no running balance: only one row is hot per grant or capture.
ISSUER_ID: Final = -1
REVENUE_ID: Final = -2
SYSTEM_ACCOUNTS: Final = ((ISSUER_ID, "system:issuer"), (REVENUE_ID, "system:revenue"))
SYSTEM_PREFIX: Final = "system:"

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

# SQLite numbers rows by itself only for a column declared exactly INTEGER.
Serial: Final = BigInteger().with_variant(Integer(), "sqlite")


def instant(moment: datetime) -> int:
    """Microseconds since 1970; a moment without a time zone is an error, never a guess."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a time zone: {moment!r}")
    return (moment - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as an integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else instant(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

account = Table(
    "account",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("plan", String(64), nullable=False, server_default="free"),
    Column("balance", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
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
    Index(None, "account_id", "id"),
    Index(None, "person_id"),
    sqlite_autoincrement=True,
)

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
    CheckConstraint("captured >= 0 AND captured <= amount", name="never_over_captured"),
    CheckConstraint(one_of("state", HoldState), name="state"),
    Index("ix_hold_open", "expires_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    Index(None, "account_id"),
)

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

asset = Table(
    "asset",
    metadata,
    # Grows with every asset: the cursor of lists, the row of the full-text index, and what makes lineage acyclic.
    Column("seq", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("id", Text, nullable=False, unique=True),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("mime", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_seconds", Float),
    Column("label", Text, nullable=False),
    Column("placement", Text),
    Column("prompt", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("cost_credits_micros", BigInteger, nullable=False),
    Column("cost_usd_micros", BigInteger, nullable=False),
    Column("generation_seconds", Float, nullable=False),
    Column("node_key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("source_module", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("alt_text", Text, nullable=False),
    Column("favourite", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    Index(None, "account_id", "seq"),
    Index(None, "account_id", "sha256"),
    Index(None, "account_id", "node_key"),
    Index(None, "account_id", "campaign", "seq"),
    Index(None, "account_id", "run_id", "seq"),
    sqlite_autoincrement=True,
)

asset_parent = Table(
    "asset_parent",
    metadata,
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("parent_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("position", Integer, nullable=False),
    # A parent is always older than its child, so no chain of parents can close to a ring.
    CheckConstraint("parent_seq < asset_seq", name="acyclic"),
    Index(None, "parent_seq"),
    sqlite_with_rowid=False,
)

asset_tag = Table(
    "asset_tag",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("tag", String(100), primary_key=True),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Index(None, "asset_seq"),
    sqlite_with_rowid=False,
)

# What a picture looks like, by the bytes it is in: see pressroom.media.fingerprint, whose `version` it states. Kept for each
# account, so that a scan reads no vector of another's.
fingerprint = Table(
    "fingerprint",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("hash", BigInteger, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

collection = Table(
    "collection",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("account_id", "name"),
)

collection_asset = Table(
    "collection_asset",
    metadata,
    Column("collection_id", BigInteger, ForeignKey("collection.id"), primary_key=True),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Index(None, "asset_seq"),
    sqlite_with_rowid=False,
)

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
    Column("hold_id", BigInteger),
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
    Index(None, "run_id"),
    Index("ix_job_open", "created_at", sqlite_where=text(UNFINISHED_JOB), postgresql_where=text(UNFINISHED_JOB)),
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

# A campaign without a folder: its text as it was written, each version a row of its own.
campaign_document = Table(
    "campaign_document",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("name", String(63), nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "account_id", "name", "created_at"),
)

# What a URL gave when it was fetched last. Its hash alone is kept: a query may hold a signature.
fetched_url = Table(
    "fetched_url",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("url_sha256", String(64), primary_key=True),
    Column("asset_id", Text, ForeignKey("asset.id"), nullable=False),
    Column("fetched_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
