"""Tokens: secrets that stand for an account, and for one of its members where they name one.

A secret is `prt_` and 256 random bits in letters and digits. Only its SHA-256 is kept: a secret this long cannot be
guessed from it, so a slow hash would protect nothing. The first characters find the row.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from pressroom.database.schema import account, membership, person, token
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import SCOPES_OF, Role, Scope

SECRET_BYTES: Final = 32
_DIGITS: Final = string.digits + string.ascii_letters
_LENGTH: Final = 43  # digits of base 62 that 32 bytes need
_SECRET: Final = re.compile(rf"prt_[0-9A-Za-z]{{{_LENGTH}}}", re.ASCII)
PREFIX_LENGTH: Final = len("prt_") + 8
LAST_USE_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; nobody can tell its secret any more. `user` is empty where it belongs to nobody."""

    prefix: str
    name: str
    user: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        times = ("created_at", "expires_at", "last_used_at", "revoked_at")
        moments = {name: getattr(self, name) for name in times}
        return {
            "prefix": self.prefix,
            "name": self.name,
            "user": self.user or None,
            "scopes": sorted(self.scopes),
            **{name: None if at is None else at.isoformat() for name, at in moments.items()},
        }


@dataclass(frozen=True, slots=True)
class Stored:
    """A token's row with what it depends on."""

    id: int
    account: str
    hash: str
    token: Token
    role: Role | None
    disabled_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired, and of nobody or of a member who is not disabled."""
        ended = self.token.revoked_at is not None or (
            self.token.expires_at is not None and self.token.expires_at <= now
        )
        belongs = not self.token.user or (self.role is not None and self.disabled_at is None)
        return not ended and belongs

    @property
    def scopes(self) -> frozenset[Scope]:
        """Never more than the member's role has now."""
        return self.token.scopes if self.role is None else self.token.scopes & SCOPES_OF[self.role]


def new_secret() -> str:
    number, digits = int.from_bytes(secrets.token_bytes(SECRET_BYTES), "big"), []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "prt_" + "".join(reversed(digits))


def is_secret(text: str) -> bool:
    """Whether it has the form of one."""
    return _SECRET.fullmatch(text) is not None


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add_token(
    conn: Connection,
    account_id: int,
    secret: str,
    name: str,
    scopes: Iterable[Scope],
    *,
    person_id: int | None,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    row = {"account_id": account_id, "person_id": person_id, "name": name, "scopes": " ".join(sorted(scopes))}
    known = {"prefix": secret[:PREFIX_LENGTH], "hash": hash_of(secret)}
    conn.execute(insert(token).values(**row, **known, created_at=now, expires_at=expires_at))


def tokens_of(conn: Connection, account_id: int) -> list[Token]:
    """The account's tokens, newest first."""
    query = _stored().where(token.c.account_id == account_id).order_by(token.c.id.desc())
    return [_read(row).token for row in conn.execute(query)]


def token_of(conn: Connection, account_id: int, prefix: str) -> Token:
    """Raises Invalid when the account has no such token."""
    query = _stored().where(token.c.account_id == account_id, token.c.prefix == prefix)
    row = conn.execute(query).one_or_none()
    if row is None:
        # What was given may be a whole secret: it is not repeated.
        raise NotFound("this account has no token with that prefix", hint="`pressroom tokens list` names them")
    return _read(row).token


def stored_of(conn: Connection, secret: str) -> Stored | None:
    """The row that the secret's first characters name, in whatever account."""
    row = conn.execute(_stored().where(token.c.prefix == secret[:PREFIX_LENGTH])).one_or_none()
    return None if row is None else _read(row)


def revoke_token(conn: Connection, account_id: int, prefix: str, now: datetime) -> None:
    """No use of it is good from now on; the first time it was revoked stays."""
    this = (token.c.account_id == account_id, token.c.prefix == prefix, token.c.revoked_at.is_(None))
    conn.execute(update(token).where(*this).values(revoked_at=now))


def revoke_tokens_of(conn: Connection, account_id: int, person_id: int, now: datetime) -> None:
    """Those of one member in this account: coming back does not bring them back."""
    these = (token.c.account_id == account_id, token.c.person_id == person_id, token.c.revoked_at.is_(None))
    conn.execute(update(token).where(*these).values(revoked_at=now))


def note_use(conn: Connection, token_id: int, now: datetime) -> None:
    stale = or_(token.c.last_used_at.is_(None), token.c.last_used_at <= now - LAST_USE_EVERY)
    conn.execute(update(token).where(token.c.id == token_id, stale).values(last_used_at=now))


def _stored() -> Select[Any]:
    member = and_(membership.c.account_id == token.c.account_id, membership.c.person_id == token.c.person_id)
    columns = (account.c.name.label("account"), person.c.email, person.c.disabled_at, membership.c.role)
    return (
        select(token, *columns)
        .join_from(token, account, account.c.id == token.c.account_id)
        .join(person, person.c.id == token.c.person_id, isouter=True)
        .join(membership, member, isouter=True)
    )


def _read(row: Any) -> Stored:
    known = Token(
        prefix=row.prefix,
        name=row.name,
        user=row.email or "",
        scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
    return Stored(row.id, row.account, row.hash, known, Role(row.role) if row.role else None, row.disabled_at)
