"""API tokens: made, given caps, listed, revoked, and turned into a Principal."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.days import day_of
from pressroom.domain.errors import Invalid, NotAuthenticated, NotFound, Problem, Refused
from pressroom.domain.identity import READING, SCOPES_OF, Principal, Scope, scopes_text
from pressroom.domain.money import MAX_CREDITS, micros
from pressroom.domain.suggest import did_you_mean
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.spending import NO_CAPS, Caps
from pressroom.people import members, tokens
from pressroom.people.tokens import Token
from pressroom.services.context import Context

# The fields of Caps, by what people call them.
_CAPS: Final = {"cap_run": "run", "cap_day": "day", "standing_day": "standing"}
NO_CHANGES: Final[Mapping[str, float | None]] = {}
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
    caps: Mapping[str, float | None] = NO_CHANGES,
    seed: bytes = b"",
) -> NewToken:
    """A new token, for a member or for nobody; it can only read unless `scopes` say otherwise. Of the same `seed` it is one.

    `caps` are `cap_run` and `cap_day`, the most credits that its runs may cost, one and all of a day (UTC), and `standing_day`,
    within which a day its agent asks no person. Raises Refused for scopes that the member's role or whoever asks does not have.
    Only an admin makes others' tokens, and a token that has caps or is an agent's makes none.
    """
    principal.require_person("making tokens")
    if not 0 < len(name) <= members.MAX_NAME_LENGTH:
        raise Invalid(f"a token needs a name of 1 to {members.MAX_NAME_LENGTH} characters")
    if expires_at is not None and expires_at <= context.now():
        raise Invalid(f"a token cannot expire in the past: {expires_at.isoformat()}")
    wanted = frozenset(_scope(scope) for scope in scopes) or READING
    capped = _checked(_changed(NO_CAPS, caps), wanted)
    email = members.checked_email(user) if user else ""
    if not email or email != principal.user:
        principal.require(Scope.ADMIN)
    secret = tokens.new_secret(seed)
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        _check_scopes(principal.user or principal.account, wanted - principal.scopes)
        person_id = _member(conn, account_id, email, wanted) if email else None
        now, prefix = context.now(), secret[: tokens.PREFIX_LENGTH]
        if not seed or tokens.stored_of(conn, secret) is None:
            tokens.add_token(
                conn, account_id, secret, name, wanted, person_id=person_id, now=now, expires_at=expires_at, caps=capped
            )
        return NewToken(secret, tokens.token_of(conn, account_id, prefix, day_of(now)))


def change_caps(principal: Principal, context: Context, prefix: str, changes: Mapping[str, float | None]) -> Token:
    """Give a token other caps, in credits, by the names that `create_token` has for them; None lifts one.

    What is held stays held. Raises NotFound when the account has no such token or it was revoked, Refused for a
    program that has caps itself.
    """
    principal.require_person("changing caps")
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        token = _own(conn, principal, context, account_id, prefix)
        tokens.set_caps(conn, account_id, prefix, _checked(_changed(token.caps, changes), token.scopes))
        return tokens.token_of(conn, account_id, prefix, day_of(context.now()))


def list_tokens(principal: Principal, context: Context) -> list[Token]:
    """The account's tokens, newest first; without the scope `admin` only one's own."""
    with context.database.read() as conn:
        found = tokens.tokens_of(conn, account_id_of(conn, principal.account), day_of(context.now()))
    if Scope.ADMIN in principal.scopes:
        return found
    return [token for token in found if token.user and token.user == principal.user]


def revoke_token(principal: Principal, context: Context, prefix: str) -> Token:
    """End a token at once. Raises NotFound when the account has none with this prefix that is not revoked."""
    principal.require_person("revoking tokens")
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        _own(conn, principal, context, account_id, prefix)
        tokens.revoke_token(conn, account_id, prefix, context.now())
        return tokens.token_of(conn, account_id, prefix, day_of(context.now()))


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
    return found.principal()


def _own(conn: Connection, principal: Principal, context: Context, account_id: int, prefix: str) -> Token:
    """The token, where it is the principal's business: its own, or any of the account for an admin.

    Raises NotFound for one that was revoked, as for anything that was deleted: it stays in the list, and nothing is done to it.
    """
    token = tokens.token_of(conn, account_id, prefix, day_of(context.now()))
    if not token.user or token.user != principal.user:
        principal.require(Scope.ADMIN)
    if token.revoked_at is not None:
        raise NotFound(
            f"token {token.prefix} was revoked on {token.revoked_at:%Y-%m-%d}", hint="nobody can use it any more"
        )
    return token


def _changed(caps: Caps, changes: Mapping[str, float | None]) -> Caps:
    """The caps with these in their places. Raises Invalid for a name that there is not, and for what is no amount."""
    unknown = sorted(changes.keys() - _CAPS.keys())
    if unknown:
        raise Invalid(f"there is no cap {unknown[0]!r}", hint=did_you_mean(unknown[0], _CAPS, "caps"))
    return replace(caps, **{_CAPS[name]: _micros(name, value) for name, value in changes.items()})


def _micros(name: str, value: float | None) -> int | None:
    """Raises Invalid for what is no amount of credits."""
    if value is None:
        return None
    try:
        return micros(value)
    except ValueError as exc:
        message = f"{name} is a number of credits from 0 to {MAX_CREDITS}, not {value!r}"
        raise Invalid.of([Problem("value", message, "leave it out for no cap", path=(name,))]) from exc


def _checked(caps: Caps, scopes: frozenset[Scope]) -> Caps:
    """Raises Refused for caps that would hold nobody: who manages tokens makes another without any."""
    if caps and Scope.ADMIN in scopes:
        raise Refused("a token with the scope 'admin' cannot have caps", hint="leave out one of the two")
    return caps


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
