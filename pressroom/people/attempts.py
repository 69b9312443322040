"""Attempts to sign in that failed, counted for each address of a person and of a network, by every server alike."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select

from pressroom.database.schema import sign_in_failure

WITHIN: Final = timedelta(minutes=15)
MOST_OF_A_PERSON: Final = 10
MOST_OF_A_NETWORK: Final = 50


def seconds_to_wait(conn: Connection, email: str, network: str, now: datetime) -> int:
    """For how long nobody may try again, 0 where one may."""
    waits = (
        _wait(conn, _subject("person", email), MOST_OF_A_PERSON, now),
        _wait(conn, _subject("network", network), MOST_OF_A_NETWORK, now),
    )
    return max(waits)


def note_attempt(conn: Connection, email: str, network: str, now: datetime) -> tuple[int, ...]:
    """Count an attempt as failed until it is known, and forget what counts no longer; returns the rows' numbers."""
    conn.execute(delete(sign_in_failure).where(sign_in_failure.c.at <= now - WITHIN))
    subjects = _subject("person", email), _subject("network", network)
    added = insert(sign_in_failure).returning(sign_in_failure.c.id)
    return tuple(conn.execute(added.values(subject=each, at=now)).scalar_one() for each in subjects)


def forget(conn: Connection, email: str, attempt: tuple[int, ...] = ()) -> None:
    """Who has signed in has no failures; those of others in the network stay."""
    these = or_(sign_in_failure.c.subject == _subject("person", email), sign_in_failure.c.id.in_(attempt))
    conn.execute(delete(sign_in_failure).where(these))


def _wait(conn: Connection, subject: str, most: int, now: datetime) -> int:
    recent = (sign_in_failure.c.subject == subject, sign_in_failure.c.at > now - WITHIN)
    count, first = conn.execute(select(func.count(), func.min(sign_in_failure.c.at)).where(*recent)).one()
    return 0 if count < most else ceil((first + WITHIN - now).total_seconds())


def _subject(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()
