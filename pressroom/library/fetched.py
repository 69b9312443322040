"""Which URL gave which asset when it was fetched last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert

from pressroom.database.schema import fetched_url
from pressroom.domain.content_hash import text_digest


def remember_fetched(conn: Connection, account_id: int, url: str, asset_id: str, at: datetime) -> None:
    """Keep that this URL stands for this asset from now on."""
    key = {"account_id": account_id, "url_sha256": text_digest(url)}
    conn.execute(delete(fetched_url).filter_by(**key))
    conn.execute(insert(fetched_url).values(**key, asset_id=asset_id, fetched_at=at))
