"""Invitations: an address that something was shared with and that nobody signs in with becomes a person's, by a secret."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import invitation, person

SECRET_BYTES: Final = 32


def is_known(conn: Connection, email: str) -> bool:
    """Whether there is a person with this address."""
    return conn.execute(select(person.c.id).where(person.c.email == email)).first() is not None


def invite(conn: Connection, account_id: int, email: str, by: str, now: datetime, expires_at: datetime) -> str:
    """The secret of a new invitation; the account's earlier one of the address is void."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    same = (invitation.c.account_id == account_id, invitation.c.email == email)
    conn.execute(delete(invitation).where(*same))
    row = {"account_id": account_id, "email": email, "hash": _hash_of(secret), "created_by": by}
    conn.execute(insert(invitation).values(**row, created_at=now, expires_at=expires_at))
    return secret


def withdraw(conn: Connection, account_id: int, email: str) -> None:
    """Void the account's invitation of an address, if there is one."""
    same = (invitation.c.account_id == account_id, invitation.c.email == email, invitation.c.accepted_at.is_(None))
    conn.execute(delete(invitation).where(*same))


def invited(conn: Connection, secret: str, now: datetime) -> str:
    """The address that the secret was made for; empty for one that is not good any more, or never was."""
    good = (invitation.c.hash == _hash_of(secret), invitation.c.expires_at > now, invitation.c.accepted_at.is_(None))
    return str(conn.execute(select(invitation.c.email).where(*good)).scalar() or "")


def accept(conn: Connection, secret: str, now: datetime) -> str:
    """Take an invitation up, once: from now on there is a person with its address, which is returned; empty as `invited`."""
    email = invited(conn, secret, now)
    good = (invitation.c.hash == _hash_of(secret), invitation.c.accepted_at.is_(None))
    if not email or not conn.execute(update(invitation).where(*good).values(accepted_at=now)).rowcount:
        return ""
    conn.execute(insert_new(conn, person).values(email=email, created_at=now))
    return email


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
