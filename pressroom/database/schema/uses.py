"""How assets were used: by whom, when and where."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from pressroom.database.schema.columns import Instant, Serial, metadata
from pressroom.domain.library import Use
from pressroom.domain.states import one_of

asset_use = Table(
    "asset_use",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("asset_seq", BigInteger, ForeignKey("asset.seq"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("member", String(254), nullable=False),
    # Of who reports it: the same use reported twice is one.
    Column("key", String(200), nullable=False),
    Column("details", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint(one_of("kind", Use), name="kind"),
    UniqueConstraint("account_id", "key"),
    Index(None, "asset_seq", "id"),
    Index(None, "account_id", "id"),
    sqlite_autoincrement=True,
)
