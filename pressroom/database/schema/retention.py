"""How assets end: rules for what has become old, what was purged, and the objects that are to go after it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.library import RetentionAction
from pressroom.domain.states import one_of

# An empty value does not matter.
retention_rule = Table(
    "retention_rule",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False, server_default=""),
    Column("tag", String(100), nullable=False, server_default=""),
    Column("campaign", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False, server_default=""),
    Column("older_than_days", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("created_by", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("action", RetentionAction), name="action"),
    UniqueConstraint("account_id", "name"),
)

# What is left of a purged asset: enough for its lineage to say that it was there.
deleted_asset = Table(
    "deleted_asset",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("id", Text, nullable=False),
    Column("deleted_at", Instant, nullable=False),
    Index(None, "account_id", "id"),
)

# Objects that nothing names any more. Once `taken` an object is being removed: who wants to name it puts it again first.
object_removal = Table(
    "object_removal",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("taken", Boolean, nullable=False, server_default=false()),
)
