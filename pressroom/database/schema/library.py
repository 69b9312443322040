"""What an account has: assets with their lineage and looks, collections, stored campaigns, what URLs gave."""

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
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.library import AssetState, Category, TagOrigin
from pressroom.domain.states import one_of

# Assets that no rule has tagged yet: pressroom.library.auto_tags catches up with them.
UNTAGGED: Final = text("auto_tagged = 0")

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
    Column("created_at", Instant, nullable=False),
    # What a team calls it and where it lies; `folder` is a path of up to eight names, empty at the top.
    Column("name", Text, nullable=False, server_default=""),
    Column("filename", Text, nullable=False, server_default=""),
    Column("folder", Text, nullable=False, server_default=""),
    Column("project", String(200), nullable=False, server_default=""),
    Column("category", String(16), nullable=False, server_default=Category.OTHER.value),
    # A JSON list, and a JSON object of whatever its owner keeps with it.
    Column("seo_keywords", Text, nullable=False, server_default="[]"),
    Column("metadata", Text, nullable=False, server_default="{}"),
    Column("is_public", Boolean, nullable=False, server_default=false()),
    Column("agent_visible", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False, server_default=AssetState.READY.value),
    Column("trashed_at", Instant),
    Column("created_by", Text, nullable=False, server_default=""),
    # Rows of asset_use, counted in the transaction that writes them: openings, and every other use.
    Column("views", Integer, nullable=False, server_default="0"),
    Column("uses", Integer, nullable=False, server_default="0"),
    # The version of the rules that tagged it last, 0 for none.
    Column("auto_tagged", Integer, nullable=False, server_default="0"),
    CheckConstraint(one_of("category", Category), name="category"),
    CheckConstraint(one_of("state", AssetState), name="state"),
    Index(None, "account_id", "seq"),
    Index(None, "account_id", "sha256"),
    Index(None, "account_id", "node_key"),
    Index(None, "account_id", "campaign", "seq"),
    Index(None, "account_id", "run_id", "seq"),
    Index(None, "account_id", "folder", "seq"),
    Index("ix_asset_untagged", "account_id", "seq", sqlite_where=UNTAGGED, postgresql_where=UNTAGGED),
    sqlite_autoincrement=True,
)

# The words in a text asset, as they are found and shown.
asset_content = Table(
    "asset_content",
    metadata,
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True, autoincrement=False),
    Column("charset", String(40), nullable=False),
    Column("content", Text, nullable=False),
)

# What one person thinks of an asset; `member` is who acts (see Principal.user), empty where nobody logs in.
opinion = Table(
    "opinion",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("member", String(254), primary_key=True),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("favourite", Boolean, nullable=False, server_default=false()),
    Column("rating", Integer),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    Index(None, "asset_seq"),
    sqlite_with_rowid=False,
)

# Its ends have no foreign keys: the lineage of what was purged stays, see `deleted_asset`.
asset_parent = Table(
    "asset_parent",
    metadata,
    Column("asset_seq", BigInteger, primary_key=True),
    Column("parent_seq", BigInteger, primary_key=True),
    Column("position", Integer, nullable=False),
    # A parent is always older than its child, so no chain of parents can close to a ring.
    CheckConstraint("parent_seq < asset_seq", name="acyclic"),
    Index(None, "parent_seq"),
    sqlite_with_rowid=False,
)
asset_parent.add_is_dependent_on(asset)

asset_tag = Table(
    "asset_tag",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("tag", String(100), primary_key=True),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("origin", String(16), nullable=False, server_default=TagOrigin.PERSON.value),
    # From 0 to 1: how sure a rule or a model was.
    Column("confidence", Float, nullable=False, server_default="1"),
    CheckConstraint(one_of("origin", TagOrigin), name="origin"),
    Index(None, "asset_seq"),
    sqlite_with_rowid=False,
)

# A tag that a person took off: no rule and no model puts it back.
removed_tag = Table(
    "removed_tag",
    metadata,
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("tag", String(100), primary_key=True),
    sqlite_with_rowid=False,
)

# What a picture looks like, by the bytes it is in: see pressroom.media.files.fingerprint, whose `version` it states.
# Kept for each account, so that a scan reads no vector of another's.
fingerprint = Table(
    "fingerprint",
    metadata,
    Column("seq", Serial, primary_key=True),  # grows with every row: what an index has not seen yet is above its last
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", BigInteger, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("account_id", "sha256"),
    Index(None, "account_id", "seq"),
)

collection = Table(
    "collection",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("name", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("cover_seq", BigInteger, ForeignKey("asset.seq")),
    UniqueConstraint("account_id", "name"),
)

collection_asset = Table(
    "collection_asset",
    metadata,
    Column("collection_id", BigInteger, ForeignKey("collection.id"), primary_key=True),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), primary_key=True),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Index(None, "asset_seq"),
    Index(None, "collection_id", "position"),
    sqlite_with_rowid=False,
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
