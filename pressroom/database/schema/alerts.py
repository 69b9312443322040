"""Of what an account's people have been told, so that they are told once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from pressroom.database.schema.columns import Instant, metadata

alert = Table(
    "alert",
    metadata,
    Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True),
    # What was told, as `pressroom.services.watch_budgets` names it: the budget, its amount, and the percentage.
    Column("name", Text, primary_key=True),
    Column("told_at", Instant, nullable=False),
)
