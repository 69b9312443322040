"""Invitations: an address that something was shared with and that nobody signs in with becomes a person's, by a secret."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import account, invitation, membership, person
from pressroom.domain.secret_text import secret_text


def is_known(conn: Connection, email: str) -> bool:
    """Whether there is a person with this address."""
    return conn.execute(select(person.c.id).where(person.c.email == email)).first() is not None


def invite(
    conn: Connection, account_id: int, email: str, by: str, now: datetime, expires_at: datetime, seed: bytes = b""
) -> str:
    """The secret of a new invitation; the account's earlier one of the address is void. `seed` is 32 bytes to make it of."""
    secret = secret_text(seed)
    same = (invitation.c.account_id == account_id, invitation.c.email == email)
    conn.execute(delete(invitation).where(*same))
    row = {"account_id": account_id, "email": email, "hash": _hash_of(secret), "created_by": by}
    conn.execute(insert(invitation).values(**row, created_at=now, expires_at=expires_at))
    return secret


def withdraw(conn: Connection, account_id: int, email: str) -> None:
    """Void the account's invitation of an address, if there is one."""
    same = (invitation.c.account_id == account_id, invitation.c.email == email, invitation.c.accepted_at.is_(None))
    conn.execute(delete(invitation).where(*same))


def invited_by(conn: Connection, secret: str, now: datetime) -> tuple[str, str] | None:
    """The address that the secret was made for and the account that made it; None for one that is not good."""
    good = (invitation.c.hash == _hash_of(secret), invitation.c.expires_at > now, invitation.c.accepted_at.is_(None))
    row = conn.execute(
        select(invitation.c.email, account.c.name).select_from(invitation).join(account).where(*good)
    ).one_or_none()
    return None if row is None else (row.email, row.name)


def accept(conn: Connection, secret: str, now: datetime) -> str:
    """Take an invitation up, once: there is a person with its address now, which is returned; empty where it is not good."""
    found = invited_by(conn, secret, now)
    good = (invitation.c.hash == _hash_of(secret), invitation.c.accepted_at.is_(None))
    if found is None or not conn.execute(update(invitation).where(*good).values(accepted_at=now)).rowcount:
        return ""
    conn.execute(insert_new(conn, person).values(email=found[0], created_at=now))
    return found[0]


def accept_all(conn: Connection, email: str, now: datetime) -> bool:
    """Take up all invitations of an address, of whatever accounts; whether there was one. There is a person then."""
    good = (invitation.c.email == email, invitation.c.expires_at > now, invitation.c.accepted_at.is_(None))
    if not conn.execute(update(invitation).where(*good).values(accepted_at=now)).rowcount:
        return False
    conn.execute(insert_new(conn, person).values(email=email, created_at=now))
    return True


def is_guest(conn: Connection, email: str) -> bool:
    """Whether somebody came here by invitations alone: no account has made them a member but the one that they got with one."""
    taken = select(invitation.c.accepted_at).where(invitation.c.email == email, invitation.c.accepted_at.is_not(None))
    moments = set(conn.execute(taken).scalars())
    joined = select(membership.c.created_at).select_from(membership).join(person).where(person.c.email == email)
    return bool(moments) and all(moment in moments for moment in conn.execute(joined).scalars())


def _hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
