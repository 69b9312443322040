"""Passwords: argon2id hashes, made and compared two at a time, and links that let a person set one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, delete, insert, select

from pressroom.database.schema import password_link, person, person_password
from pressroom.domain.errors import Invalid

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
LINK_LASTS: Final = timedelta(days=7)
_SECRET_BYTES: Final = 32
_hasher: Final = PasswordHasher()
# Each comparison takes 64 MiB and a third of a second: more at a time would let anybody fill the machine.
_at_once: Final = BoundedSemaphore(2)


def checked_password(password: str) -> str:
    """Raises Invalid for one that is too short to be safe or too long to be hashed."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        message = f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {len(password)}"
        raise Invalid(message, hint="a sentence that only you would write is a good one")
    return password


def hash_of(password: str) -> str:
    with _at_once:
        return _hasher.hash(password)


# Of nobody's password. Whoever has none is compared with it, so that the answer takes equally long.
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$RIZHA0lnneV8f55N5CRSNA$dn53tew/nx+o0W1fEdRC8cNCEfAzMCn3EvfRIS3MrGs"


def is_password(stored: str | None, password: str) -> bool:
    """Whether the hash is of this password; None is no password, and takes as long to compare."""
    with _at_once:
        try:
            return _hasher.verify(stored or _NOBODYS, password[: MAX_LENGTH + 1]) and stored is not None
        except VerificationError:
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def any_password(conn: Connection) -> bool:
    """Whether anybody in this installation can sign in."""
    return conn.execute(select(person_password.c.person_id).limit(1)).first() is not None


def find_password(conn: Connection, email: str) -> tuple[int, str] | None:
    """The person's number and hash; None for who has no password or is disabled."""
    query = select(person_password.c.person_id, person_password.c.hash).join_from(person_password, person)
    row = conn.execute(query.where(person.c.email == email, person.c.disabled_at.is_(None))).one_or_none()
    return None if row is None else (row.person_id, row.hash)


def keep_password(conn: Connection, person_id: int, hashed: str, now: datetime) -> None:
    """In place of an earlier one; links that would set it are void."""
    conn.execute(delete(person_password).where(person_password.c.person_id == person_id))
    conn.execute(insert(person_password).values(person_id=person_id, hash=hashed, set_at=now))
    conn.execute(delete(password_link).where(password_link.c.person_id == person_id))


def drop_password(conn: Connection, person_id: int) -> None:
    """The person signs in no more until another is set."""
    conn.execute(delete(person_password).where(person_password.c.person_id == person_id))


def new_link(conn: Connection, person_id: int, now: datetime) -> str:
    """The secret of a link with which the person sets a password, once; earlier ones are void."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    conn.execute(delete(password_link).where(password_link.c.person_id == person_id))
    values = {"hash": _digest(secret), "person_id": person_id, "expires_at": now + LINK_LASTS}
    conn.execute(insert(password_link).values(**values))
    return secret


def person_of_link(conn: Connection, secret: str, now: datetime) -> tuple[int, str] | None:
    """Number and address of the person whom the link lets set a password; None for one that is void."""
    good = (password_link.c.hash == _digest(secret), password_link.c.expires_at > now, person.c.disabled_at.is_(None))
    query = select(person.c.id, person.c.email).join_from(password_link, person)
    row = conn.execute(query.where(*good)).one_or_none()
    return None if row is None else (row.id, row.email)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
