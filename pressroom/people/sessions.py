"""Sessions: a browser that has signed in, by the SHA-256 of the random id that its cookie holds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, insert, select, update

from pressroom.database.schema import account, membership, person, session
from pressroom.domain.identity import Role

SECRET_BYTES: Final = 32
LASTS: Final = timedelta(days=30)
IDLE: Final = timedelta(days=7)
NOTED_EVERY: Final = timedelta(minutes=1)
MAX_USER_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class Session:
    """Who has signed in, for which account, as what, with which browser."""

    account: str
    email: str
    role: Role
    user_agent: str
    created_at: datetime
    last_used_at: datetime


def new_session(conn: Connection, account_id: int, person_id: int, user_agent: str, now: datetime) -> str:
    """The secret of a session that begins now; those that have ended are forgotten."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    conn.execute(delete(session).where(session.c.created_at <= now - LASTS))
    conn.execute(
        insert(session).values(
            hash=_digest(secret),
            account_id=account_id,
            person_id=person_id,
            user_agent=user_agent[:MAX_USER_AGENT],
            created_at=now,
            last_used_at=now,
        )
    )
    return secret


def find_session(conn: Connection, secret: str, now: datetime) -> Session | None:
    """None where there is none, it has ended, or its person is disabled or no member any more."""
    member = and_(membership.c.account_id == session.c.account_id, membership.c.person_id == session.c.person_id)
    good = (session.c.created_at > now - LASTS, session.c.last_used_at > now - IDLE, person.c.disabled_at.is_(None))
    columns = (session.c.user_agent, session.c.created_at, session.c.last_used_at)
    query = (
        select(account.c.name, person.c.email, membership.c.role, *columns)
        .join_from(session, account, account.c.id == session.c.account_id)
        .join(person, person.c.id == session.c.person_id)
        .join(membership, member)
        .where(session.c.hash == _digest(secret), *good)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _session(row)


def note_use(conn: Connection, secret: str, now: datetime) -> None:
    conn.execute(update(session).where(session.c.hash == _digest(secret)).values(last_used_at=now))


def end_session(conn: Connection, secret: str) -> None:
    conn.execute(delete(session).where(session.c.hash == _digest(secret)))


def end_sessions_of(conn: Connection, person_id: int, account_id: int | None = None) -> int:
    """All of the person's, or those in one account; returns how many there were."""
    these = [session.c.person_id == person_id]
    if account_id is not None:
        these.append(session.c.account_id == account_id)
    return conn.execute(delete(session).where(*these)).rowcount


def accounts_of(conn: Connection, person_id: int) -> dict[str, int]:
    """Names and numbers of the accounts that the person is a member of, by name."""
    query = select(account.c.name, account.c.id).join_from(membership, account)
    rows = conn.execute(query.where(membership.c.person_id == person_id).order_by(account.c.name))
    return {row.name: row.id for row in rows}


def _session(row: Any) -> Session:
    return Session(row.name, row.email, Role(row.role), row.user_agent, row.created_at, row.last_used_at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
