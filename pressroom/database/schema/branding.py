"""How accounts look to their people and guests."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text

from pressroom.database.schema.columns import Instant, metadata

# Colours are #rrggbb or empty, `logo` is the id of one of the account's assets or empty.
branding = Table(
    "branding",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    Column("name", String(60), nullable=False),
    Column("accent", String(7), nullable=False),
    Column("accent_dark", String(7), nullable=False),
    Column("logo", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)
