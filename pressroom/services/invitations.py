"""Invitations: whoever has the link of one becomes a person who may sign in, and sees what is shared with the address."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from pressroom.database.schema import account
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH, Role
from pressroom.ledger.accounts import ensure_account
from pressroom.people import invitations, members, passwords, sessions
from pressroom.services.context import Context


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom the link was made for and by which account; whether a password is still to be set."""

    email: str
    account: str
    wants_password: bool


def show_invitation(context: Context, secret: str) -> Invitation:
    """Raises NotFound, in the same words, for a secret that is not good any more or never was."""
    with context.database.read() as conn:
        return _found(conn, context, secret)


def accept_invitation(context: Context, secret: str, *, name: str = "", password: str | None = None) -> Invitation:
    """Take it up, once. Who signs in nowhere yet gets an account of their own that has no credits, and the password.

    Raises NotFound as `show_invitation`, Invalid for a password that is too short, and then the invitation stays good.
    """
    found = show_invitation(context, secret)
    hashed, name = "", members.checked_name(name.strip())
    if found.wants_password and password is not None:
        hashed = passwords.hash_of(passwords.checked_password(password))
    now = context.now()
    with context.database.write() as conn:
        wanted = _found(conn, context, secret).wants_password  # what was so a moment ago may not be any more
        if not invitations.accept(conn, secret, now):
            raise _void()
        person_id = members.person_id_of(conn, found.email)
        _join(conn, context, found.email, name, now)
        if hashed and wanted:
            passwords.keep_password(conn, person_id, hashed, now)
    return found


def join_by_address(conn: Connection, context: Context, email: str, name: str) -> int | None:
    """Take up every invitation of an address that somebody has proved to be theirs; the person, or None where there is none."""
    now = context.now()
    if not invitations.accept_all(conn, email, now):
        return None
    _join(conn, context, email, name, now)
    return members.person_id_of(conn, email)


def _join(conn: Connection, context: Context, email: str, name: str, now: datetime) -> None:
    """Who is a member nowhere gets an account of their own."""
    if not sessions.accounts_of(conn, members.person_id_of(conn, email)):
        members.add_member(conn, _account_for(conn, context, email), email, Role.EDITOR, name, now)


def _found(conn: Connection, context: Context, secret: str) -> Invitation:
    invited = invitations.invited_by(conn, secret, context.now())
    if invited is None:
        raise _void()
    email, owner = invited
    # A member's password is set by a link of whoever runs the installation: who shares must not become a member elsewhere.
    joined = invitations.is_known(conn, email) and sessions.accounts_of(conn, members.person_id_of(conn, email))
    return Invitation(email, owner, not joined and passwords.find_password(conn, email) is None)


def _account_for(conn: Connection, context: Context, email: str) -> int:
    """A new account, called as the address where that is free: one that is there already is somebody's."""
    name = email[:ACCOUNT_NAME_LENGTH]
    if conn.execute(select(account.c.id).where(account.c.name == name)).first() is not None:
        name = f"guest-{secrets.token_hex(6)}"
    return ensure_account(conn, name, 0, context.settings.plan)


def _void() -> NotFound:
    return NotFound("this invitation is not good any more", hint="ask who shared with you to share once more")
