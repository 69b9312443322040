"""Tags: short words on assets, counted truly. Each says who put it there, and how sure that was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from pressroom.database.dialect import chunks, in_values, insert_new
from pressroom.database.schema import asset_tag, removed_tag
from pressroom.domain.library import TagOrigin
from pressroom.domain.shelving import checked_tag
from pressroom.library.rows import number_of, numbers_of


@dataclass(frozen=True, slots=True)
class Tag:
    """`confidence` is from 0 to 1, and 1 where a person said it."""

    tag: str
    origin: TagOrigin = TagOrigin.PERSON
    confidence: float = 1.0

    def as_dict(self) -> dict[str, Any]:
        return {"tag": self.tag, "origin": self.origin.value, "confidence": self.confidence}


def add_tags(conn: Connection, account_id: int, asset_ids: Iterable[str], tags: Iterable[object]) -> None:
    """Put a person's tags on assets; from then on a tag is the person's, whoever gave it before.

    A number is its text. Raises Invalid when an asset does not exist.
    """
    words = list(dict.fromkeys(checked_tag(str(tag)) for tag in tags))
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).values()):
        for word in words:
            rows = [{"account_id": account_id, "tag": word, "asset_seq": number} for number in chunk]
            conn.execute(insert_new(conn, asset_tag).values(rows))
            given = (
                asset_tag.c.account_id == account_id,
                asset_tag.c.tag == word,
                in_values(asset_tag.c.asset_seq, chunk),
            )
            theirs = update(asset_tag).where(*given, asset_tag.c.origin != TagOrigin.PERSON)
            conn.execute(theirs.values(origin=TagOrigin.PERSON.value, confidence=1.0))
        _no_longer_removed(conn, chunk, words)


def remove_tags(conn: Connection, account_id: int, asset_ids: Iterable[str], tags: Iterable[object]) -> int:
    """Take tags off assets, so that no rule and no model puts them back; returns how many were there."""
    words, removed = [str(tag).strip() for tag in tags], 0
    for chunk in chunks(numbers_of(conn, account_id, asset_ids).values()):
        these = (
            asset_tag.c.account_id == account_id,
            in_values(asset_tag.c.asset_seq, chunk),
            asset_tag.c.tag.in_(words),
        )
        found = conn.execute(select(asset_tag.c.asset_seq, asset_tag.c.tag).where(*these)).all()
        if found:
            rows = [{"asset_seq": number, "tag": tag} for number, tag in found]
            conn.execute(insert_new(conn, removed_tag).values(rows))
            conn.execute(delete(asset_tag).where(*these))
        removed += len(found)
    return removed


def suggest_tags(conn: Connection, account_id: int, asset_seq: int, tags: Iterable[Tag]) -> None:
    """Put tags of a rule or a model on an asset, but for those that a person has taken off or given."""
    gone = set(conn.execute(select(removed_tag.c.tag).where(removed_tag.c.asset_seq == asset_seq)).scalars())
    rows = [
        {
            "account_id": account_id,
            "tag": each.tag,
            "asset_seq": asset_seq,
            "origin": each.origin.value,
            "confidence": each.confidence,
        }
        for each in tags
        if each.tag not in gone
    ]
    if rows:
        conn.execute(insert_new(conn, asset_tag).values(rows))


def tags_of(conn: Connection, account_id: int, asset_id: str) -> tuple[Tag, ...]:
    """The asset's tags by name, each with who gave it. Raises Invalid when there is no such asset."""
    number = number_of(conn, account_id, asset_id)
    query = select(asset_tag.c.tag, asset_tag.c.origin, asset_tag.c.confidence)
    rows = conn.execute(query.where(asset_tag.c.asset_seq == number).order_by(asset_tag.c.tag))
    return tuple(Tag(tag, TagOrigin(origin), confidence) for tag, origin, confidence in rows)


def tag_counts(conn: Connection, account_id: int) -> dict[str, int]:
    """Every tag of the account with the number of its assets, most used first."""
    count = func.count()
    mine = select(asset_tag.c.tag, count).where(asset_tag.c.account_id == account_id)
    query = mine.group_by(asset_tag.c.tag).order_by(count.desc(), asset_tag.c.tag)
    return {tag: int(number) for tag, number in conn.execute(query)}


def _no_longer_removed(conn: Connection, numbers: list[int], words: list[str]) -> None:
    these = (in_values(removed_tag.c.asset_seq, numbers), removed_tag.c.tag.in_(words))
    conn.execute(delete(removed_tag).where(*these))
