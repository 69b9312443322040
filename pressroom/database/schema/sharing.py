"""Who else may see an account's assets: people by their address, and whoever has a link."""

from __future__ import annotations

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
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.library import Right, Shared
from pressroom.domain.states import one_of

# `target` is an asset's id, a collection's number or a folder's path. `access`: `right` is a word of SQL.
share = Table(
    "share",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("target", Text, nullable=False),
    Column("email", String(254), nullable=False),
    Column("access", String(16), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("kind", Shared), name="kind"),
    CheckConstraint(one_of("access", Right), name="access"),
    UniqueConstraint("account_id", "kind", "target", "email"),
    Index(None, "email", "account_id"),
    sqlite_autoincrement=True,
)

# The secret itself is nowhere: `hash` is its SHA-256, `password_hash` is argon2's or empty.
public_link = Table(
    "public_link",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("target", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("access", String(16), nullable=False),
    Column("most_downloads", Integer),
    Column("downloads", Integer, nullable=False, server_default="0"),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(one_of("kind", Shared), name="kind"),
    CheckConstraint(one_of("access", (Right.VIEW, Right.USE)), name="access"),
    CheckConstraint("downloads <= most_downloads", name="downloads"),
    Index(None, "account_id", "id"),
    sqlite_autoincrement=True,
)

# Of an address that something was shared with and that nobody logs in with yet.
invitation = Table(
    "invitation",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("email", String(254), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    UniqueConstraint("account_id", "email"),
    sqlite_autoincrement=True,
)
