"""Tags: short words on assets, counted truly."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete, func, select

from pressroom.database.dialect import insert_new
from pressroom.database.schema import asset_tag
from pressroom.domain.errors import Invalid
from pressroom.library.rows import number_of

MAX_TAG_LENGTH: Final = 100


def add_tags(conn: Connection, account_id: int, asset_id: str, *tags: str) -> None:
    """Put tags on an asset; one that it has is left. Raises Invalid when there is no such asset."""
    number = number_of(conn, account_id, asset_id)
    rows = [
        {"account_id": account_id, "tag": tag, "asset_seq": number} for tag in dict.fromkeys(map(checked_tag, tags))
    ]
    if rows:
        conn.execute(insert_new(conn, asset_tag).values(rows))


def remove_tags(conn: Connection, account_id: int, asset_id: str, *tags: str) -> None:
    """Take tags off an asset; one that it has not is no error."""
    number = number_of(conn, account_id, asset_id)
    mine = (asset_tag.c.account_id == account_id, asset_tag.c.asset_seq == number)
    conn.execute(delete(asset_tag).where(*mine, asset_tag.c.tag.in_(tags)))


def tag_counts(conn: Connection, account_id: int) -> dict[str, int]:
    """Every tag of the account with the number of its assets, most used first."""
    count = func.count()
    mine = select(asset_tag.c.tag, count).where(asset_tag.c.account_id == account_id)
    query = mine.group_by(asset_tag.c.tag).order_by(count.desc(), asset_tag.c.tag)
    return {tag: int(number) for tag, number in conn.execute(query)}


def checked_tag(tag: str) -> str:
    """The tag without outer blanks. Raises Invalid for an empty or overlong one."""
    stripped = tag.strip()
    if not 0 < len(stripped) <= MAX_TAG_LENGTH:
        raise Invalid(f"a tag has 1 to {MAX_TAG_LENGTH} characters, not {len(stripped)}: {stripped[:20]!r}")
    return stripped
