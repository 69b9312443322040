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

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from pressroom.database.schema import account, membership, person, token, token_day
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import SCOPES_OF, Bearer, Principal, Role, Scope
from pressroom.domain.money import to_number
from pressroom.ledger.spending import NO_CAPS, NO_DAY, Caps, Day

SECRET_BYTES: Final = 32
_DIGITS: Final = string.digits + string.ascii_letters
_LENGTH: Final = 43  # digits of base 62 that 32 bytes need
_SECRET: Final = re.compile(rf"prt_[0-9A-Za-z]{{{_LENGTH}}}", re.ASCII)
PREFIX_LENGTH: Final = len("prt_") + 8
LAST_USE_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; nobody can tell its secret any more. `user` is empty where it belongs to nobody.

    `today` is what its runs have spent of the day on which it was looked at.
    """

    prefix: str
    name: str
    user: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    caps: Caps = NO_CAPS
    today: Day = NO_DAY

    @property
    def is_bound(self) -> bool:
        """Whether it has a cap, or is an agent's: whoever may make tokens could make itself another."""
        return bool(self.caps) or (Scope.AGENT in self.scopes and Scope.ADMIN not in self.scopes)

    def as_dict(self) -> dict[str, Any]:
        times = ("created_at", "expires_at", "last_used_at", "revoked_at")
        moments = {name: getattr(self, name) for name in times}
        return {
            "prefix": self.prefix,
            "name": self.name,
            "user": self.user or None,
            "scopes": sorted(self.scopes),
            **{name: None if at is None else at.isoformat() for name, at in moments.items()},
            "cap_run": _credits(self.caps.run),
            "cap_day": _credits(self.caps.day),
            "standing_day": _credits(self.caps.standing),
            "spent_today": to_number(self.today.used),
            "held_today": to_number(self.today.held),
            "unasked_today": to_number(self.today.unasked),
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

    @property
    def bearer(self) -> Bearer:
        return Bearer(self.id, self.token.is_bound)

    def principal(self, scopes: frozenset[Scope] | None = None) -> Principal:
        """For whom it acts, with all that it may or with these scopes."""
        return Principal(
            self.account, self.token.user or self.token.prefix, self.scopes if scopes is None else scopes, self.bearer
        )


def new_secret(seed: bytes = b"") -> str:
    """A secret out of these 32 bytes, or of random ones."""
    number, digits = int.from_bytes(seed or secrets.token_bytes(SECRET_BYTES), "big"), []
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
    caps: Caps = NO_CAPS,
) -> None:
    row = {"account_id": account_id, "person_id": person_id, "name": name, "scopes": " ".join(sorted(scopes))}
    row |= {"cap_run": caps.run, "cap_day": caps.day, "standing_day": caps.standing}
    known = {"prefix": secret[:PREFIX_LENGTH], "hash": hash_of(secret)}
    conn.execute(insert(token).values(**row, **known, created_at=now, expires_at=expires_at))


def set_caps(conn: Connection, account_id: int, prefix: str, caps: Caps) -> None:
    """What it may spend from now on; what is held stays held."""
    values = {"cap_run": caps.run, "cap_day": caps.day, "standing_day": caps.standing}
    conn.execute(update(token).where(token.c.account_id == account_id, token.c.prefix == prefix).values(**values))


def tokens_of(conn: Connection, account_id: int, day: str) -> list[Token]:
    """The account's tokens, newest first, with what they have spent of the day."""
    query = _stored(day).where(token.c.account_id == account_id).order_by(token.c.id.desc())
    return [_read(row).token for row in conn.execute(query)]


def token_of(conn: Connection, account_id: int, prefix: str, day: str) -> Token:
    """The same for one. Raises NotFound when the account has no such token."""
    query = _stored(day).where(token.c.account_id == account_id, token.c.prefix == prefix)
    row = conn.execute(query).one_or_none()
    if row is None:
        # What was given may be a whole secret: it is not repeated.
        raise NotFound("this account has no token with that prefix", hint="`pressroom tokens list` names them")
    return _read(row).token


def stored_of(conn: Connection, secret: str) -> Stored | None:
    """The row that the secret's first characters name, in whatever account."""
    return stored_by(conn, secret[:PREFIX_LENGTH])


def stored_by(conn: Connection, prefix: str) -> Stored | None:
    """The same by these characters alone: whoever calls has yet to make sure of the secret."""
    row = conn.execute(_stored().where(token.c.prefix == prefix)).one_or_none()
    return None if row is None else _read(row)


def stored_of_number(conn: Connection, token_id: int) -> Stored | None:
    row = conn.execute(_stored().where(token.c.id == token_id)).one_or_none()
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


def _stored(day: str = "") -> Select[Any]:
    member = and_(membership.c.account_id == token.c.account_id, membership.c.person_id == token.c.person_id)
    columns = [account.c.name.label("account"), person.c.email, person.c.disabled_at, membership.c.role]
    of_day = token_day.c
    spent = [func.coalesce(column, 0).label(column.name) for column in (of_day.used, of_day.held, of_day.unasked)]
    query = (
        select(token, *columns, *(spent if day else ()))
        .join_from(token, account, account.c.id == token.c.account_id)
        .join(person, person.c.id == token.c.person_id, isouter=True)
        .join(membership, member, isouter=True)
    )
    return query.join(token_day, and_(of_day.token_id == token.c.id, of_day.day == day), isouter=True) if day else query


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
        caps=Caps(row.cap_run, row.cap_day, row.standing_day),
        today=Day(row.used, row.held, row.unasked) if "used" in row._mapping else NO_DAY,
    )
    return Stored(row.id, row.account, row.hash, known, Role(row.role) if row.role else None, row.disabled_at)


def _credits(micros: int | None) -> int | float | None:
    return None if micros is None else to_number(micros)
