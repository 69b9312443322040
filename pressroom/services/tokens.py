"""API tokens: made, listed, revoked, and turned into a Principal."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, NotAuthenticated, Refused
from pressroom.domain.identity import READING, SCOPES_OF, Principal, Scope, scopes_text
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.people import members, tokens
from pressroom.people.tokens import Token
from pressroom.services.context import Context

_NOBODYS: Final = tokens.hash_of("no token has this")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token with its secret, which is never shown again."""

    secret: str
    token: Token

    def __repr__(self) -> str:
        return f"NewToken({self.token.prefix}...)"  # a secret is in no log


def create_token(
    principal: Principal,
    context: Context,
    name: str,
    *,
    scopes: Iterable[str] = (),
    user: str = "",
    expires_at: datetime | None = None,
) -> NewToken:
    """A new token, for a member or for nobody; it can only read unless `scopes` say otherwise.

    Raises Refused for scopes that the member's role or whoever asks does not have. Only an admin makes others' tokens.
    """
    if not 0 < len(name) <= members.MAX_NAME_LENGTH:
        raise Invalid(f"a token needs a name of 1 to {members.MAX_NAME_LENGTH} characters")
    if expires_at is not None and expires_at <= context.now():
        raise Invalid(f"a token cannot expire in the past: {expires_at.isoformat()}")
    wanted = frozenset(_scope(scope) for scope in scopes) or READING
    email = members.checked_email(user) if user else ""
    if not email or email != principal.user:
        principal.require(Scope.ADMIN)
    secret = tokens.new_secret()
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        _check_scopes(principal.user or principal.account, wanted - principal.scopes)
        person_id = _member(conn, account_id, email, wanted) if email else None
        tokens.add_token(
            conn, account_id, secret, name, wanted, person_id=person_id, now=context.now(), expires_at=expires_at
        )
        return NewToken(secret, tokens.token_of(conn, account_id, secret[: tokens.PREFIX_LENGTH]))


def list_tokens(principal: Principal, context: Context) -> list[Token]:
    """The account's tokens, newest first; without the scope `admin` only one's own."""
    with context.database.read() as conn:
        found = tokens.tokens_of(conn, account_id_of(conn, principal.account))
    if Scope.ADMIN in principal.scopes:
        return found
    return [token for token in found if token.user and token.user == principal.user]


def revoke_token(principal: Principal, context: Context, prefix: str) -> Token:
    """End a token at once; harmless when repeated. Raises Invalid when the account has none with this prefix."""
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        token = tokens.token_of(conn, account_id, prefix)
        if not token.user or token.user != principal.user:
            principal.require(Scope.ADMIN)
        tokens.revoke_token(conn, account_id, prefix, context.now())
        return tokens.token_of(conn, account_id, prefix)


def authenticate(context: Context, secret: str, now: datetime) -> Principal:
    """Who the secret stands for. Raises NotAuthenticated, with the same words whatever is wrong with it."""
    well_formed = tokens.is_secret(secret)
    with context.database.read() as conn:
        found = tokens.stored_of(conn, secret) if well_formed else None
    # Compared in constant time, and also where there is nothing to compare with.
    same = hmac.compare_digest(tokens.hash_of(secret if well_formed else ""), found.hash if found else _NOBODYS)
    if found is None or not same or not found.is_good(now):
        raise NotAuthenticated("this token is not valid", hint="ask an admin of the account for a new one")
    last = found.token.last_used_at
    if last is None or last <= now - tokens.LAST_USE_EVERY:
        with context.database.write() as conn:
            tokens.note_use(conn, found.id, now)
    return Principal(found.account, found.token.user or found.token.prefix, found.scopes)


def _scope(name: str) -> Scope:
    try:
        return Scope(name)
    except ValueError as exc:
        raise Invalid(f"there is no scope {name!r}", hint=did_you_mean(name, Scope, "scopes")) from exc


def _member(conn: Connection, account_id: int, email: str, wanted: frozenset[Scope]) -> int:
    role = members.member_of(conn, account_id, email).role
    _check_scopes(f"{email} as {role.value}", wanted - SCOPES_OF[role])
    return members.person_id_of(conn, email)


def _check_scopes(who: str, excess: frozenset[Scope]) -> None:
    if excess:
        raise Refused(f"{who} does not have {scopes_text(excess)}", hint="leave these scopes out, or change the role")
