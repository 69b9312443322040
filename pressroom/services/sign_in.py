"""Signing in with a password, out of one browser or of all, and setting a password."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, NotAuthenticated, Refused, refusal
from pressroom.domain.identity import SCOPES_OF, Principal
from pressroom.ledger.accounts import account_id_of
from pressroom.people import attempts, members, passwords, sessions
from pressroom.services.context import Context

WRONG = "address and password do not belong together"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's secret, which goes into the cookie and nowhere else, and who it stands for; `token` is what the identity
    provider has signed, where the session began there."""

    secret: str
    principal: Principal
    token: str = ""

    def __repr__(self) -> str:
        return f"SignedIn({self.principal.user})"  # a secret is in no log


def needs_sign_in(context: Context) -> bool:
    """Whether anybody can sign in here; before that, who is at this machine is who runs the installation."""
    if context.settings.oidc_issuer:
        return True
    with context.database.read() as conn:
        return passwords.any_password(conn)


def sign_in(context: Context, email: str, password: str, *, network: str, user_agent: str = "") -> SignedIn:
    """A new session. `network` is the address that the request came from.

    Raises NotAuthenticated, with the same words whatever is wrong, and Refused (`rate`, with `retry_after`) after
    too many failures.
    """
    known, now = email.strip().lower(), context.now()
    with context.database.write() as conn:
        wait = attempts.seconds_to_wait(conn, known, network, now)
        attempt = () if wait else attempts.note_attempt(conn, known, network, now)
        found = passwords.find_password(conn, known)
    if wait:
        raise refusal("rate", "too many attempts to sign in have failed", f"wait {wait} seconds", retry_after=wait)
    right = passwords.is_password(found[1] if found else None, password)
    hashed = passwords.hash_of(password) if right and found and passwords.is_outdated(found[1]) else ""
    with context.database.write() as conn:
        started = start_session(conn, context, found[0], user_agent) if right and found else None
        if started is None or found is None:
            raise NotAuthenticated(WRONG, hint="ask whoever runs this installation for a link to set a password")
        attempts.forget(conn, known, attempt)
        if hashed:
            passwords.keep_password(conn, found[0], hashed, now)
    return started


def principal_of(context: Context, secret: str) -> Principal | None:
    """Who the session stands for, with what the role may do today; None where there is no such session any more."""
    now = context.now()
    with context.database.read() as conn:
        found = sessions.find_session(conn, secret, now)
    if found is None:
        return None
    if found.last_used_at <= now - sessions.NOTED_EVERY:
        with context.database.write() as conn:
            sessions.note_use(conn, secret, now)
    return Principal(found.account, found.email, SCOPES_OF[found.role])


def sign_out(context: Context, secret: str) -> None:
    with context.database.write() as conn:
        sessions.end_session(conn, secret)


def sign_out_everywhere(principal: Principal, context: Context) -> int:
    """End every session of the person who acts; returns how many there were."""
    with context.database.write() as conn:
        return sessions.end_sessions_of(conn, members.person_id_of(conn, _person(principal)))


def change_password(principal: Principal, context: Context, old: str, new: str) -> None:
    """Set one's own password and end every session. Raises Refused where `old` is not the present one."""
    email = _person(principal)
    passwords.checked_password(new)
    with context.database.read() as conn:
        found = passwords.find_password(conn, email)
    if found is None or not passwords.is_password(found[1], old):
        raise Refused("this is not your present password")
    _set(context, found[0], new)


def set_password(principal: Principal, context: Context, email: str, password: str) -> None:
    """Set a member's password, for whoever runs this installation, and end every session of the person."""
    principal.require_operator("setting others' passwords")
    passwords.checked_password(password)
    with context.database.read() as conn:
        person_id = _member(conn, principal, email)
    _set(context, person_id, password)


def password_link(principal: Principal, context: Context, email: str) -> str:
    """The secret of a link with which a member sets a password, once within a week: for whoever runs this installation."""
    principal.require_operator("links to set others' passwords")
    with context.database.write() as conn:
        return passwords.new_link(conn, _member(conn, principal, email), context.now())


def owner_of_link(context: Context, secret: str) -> str:
    """The address of the person whom the link lets set a password. Raises Invalid for one that is void."""
    with context.database.read() as conn:
        return _of_link(conn, context, secret)[1]


def use_link(context: Context, secret: str, password: str) -> None:
    """Set the password that the link is for; it is void then. Raises Invalid for one that is void already."""
    passwords.checked_password(password)
    hashed = passwords.hash_of(password)
    with context.database.write() as conn:
        person_id, email = _of_link(conn, context, secret)
        _keep(conn, context, person_id, hashed)
        attempts.forget(conn, email)


def start_session(conn: Connection, context: Context, person_id: int, user_agent: str) -> SignedIn | None:
    """A session for the settings' account where the person is its member, else for the first by name.

    None for who is a member of none, or disabled.
    """
    accounts = sessions.accounts_of(conn, person_id)
    if not accounts:
        return None
    name = context.settings.account if context.settings.account in accounts else next(iter(accounts))
    secret = sessions.new_session(conn, accounts[name], person_id, user_agent, context.now())
    found = sessions.find_session(conn, secret, context.now())
    return None if found is None else SignedIn(secret, Principal(name, found.email, SCOPES_OF[found.role]))


def _set(context: Context, person_id: int, password: str) -> None:
    hashed = passwords.hash_of(password)
    with context.database.write() as conn:
        _keep(conn, context, person_id, hashed)


def _keep(conn: Connection, context: Context, person_id: int, hashed: str) -> None:
    passwords.keep_password(conn, person_id, hashed, context.now())
    sessions.end_sessions_of(conn, person_id)


def _member(conn: Connection, principal: Principal, email: str) -> int:
    member = members.member_of(conn, account_id_of(conn, principal.account), members.checked_email(email))
    return members.person_id_of(conn, member.email)


def _of_link(conn: Connection, context: Context, secret: str) -> tuple[int, str]:
    found = passwords.person_of_link(conn, secret, context.now())
    if found is None:
        raise Invalid("this link is void: it was used, or it is older than a week", hint="ask for a new one")
    return found


def _person(principal: Principal) -> str:
    if "@" not in principal.user:
        raise Refused("this is for people who have signed in", hint="sign in with address and password")
    return principal.user
