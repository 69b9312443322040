"""Alerts that an account has been given: each once, until what it was about is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import alert


def is_news(conn: Connection, account_id: int, name: str, now: datetime) -> bool:
    """Whether this call was the first to say it, of all processes."""
    values = {"account_id": account_id, "name": name, "told_at": now}
    return conn.execute(insert_new(conn, alert).values(**values).returning(alert.c.name)).first() is not None


def is_told(conn: Connection, account_id: int, name: str) -> bool:
    mine = (alert.c.account_id == account_id, alert.c.name == name)
    return conn.execute(select(alert.c.name).where(*mine)).first() is not None


def forget(conn: Connection, account_id: int, name: str) -> None:
    """It is over; when it comes about again it is news."""
    conn.execute(delete(alert).where(alert.c.account_id == account_id, alert.c.name == name))
