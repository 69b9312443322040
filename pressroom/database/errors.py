"""The border with the database: driver errors become ours, without SQL, parameters or secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pressroom.domain.errors import Corrupt, Permanent, PressroomError, Refused, Retryable
from pressroom.domain.redaction import redacted, secrets_of

# Serialization failure, deadlock, too many connections, server shutting down; and the time limits of postgresql.yaml: for a
# lock, a statement, a transaction that does nothing.
_BUSY_STATES: Final = ("40001", "40P01", "53300", "57P01", "57P02", "57P03", "55P03", "57014", "25P03")
_DAMAGED: Final = ("malformed", "not a database")
_RIGHTS: Final = "give this user the right to write there, or set PRESSROOM_HOME"
# What a person must mend, in SQLite's words and PostgreSQL's: nothing was written.
_NO_ROOM: Final = {
    "disk is full": "free some disk space",
    "No space left": "free some disk space",
    "disk I/O error": "free some disk space, or look whether the disk is whole",
    "readonly database": _RIGHTS,
    "unable to open": _RIGHTS,
}
_LASTING: Final = (
    "no such table",
    "no such column",
    "read-only",
    "authentication failed",
    "does not exist",
)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside the block into an error of ours."""
    try:
        yield
    except SQLAlchemyError as exc:
        error = _ours(exc, url)
        if any(secret in str(exc) for secret in secrets_of(url)):
            raise error from None  # the cause would print the password
        raise error from exc


def _ours(exc: SQLAlchemyError, url: str) -> PressroomError:
    text = redacted(_text(exc), secrets_of(url))
    if isinstance(exc, PoolTimeout):
        return Retryable("the database is busy: every connection is in use", hint="try again, or use fewer workers")
    if isinstance(exc, IntegrityError | DataError):
        return Permanent(f"the database refused a row: {text}")
    if any(word in text for word in _DAMAGED):
        return Corrupt(
            f"the database file is damaged: {text}", hint="restore it from a copy; the media are not affected"
        )
    if hint := next((hint for word, hint in _NO_ROOM.items() if word in text), ""):
        return Refused(f"the database cannot be written: {text}", hint=hint)
    if is_passing(exc):
        return Retryable(f"the database is busy or away: {text}", hint="try again; `pressroom doctor` checks it")
    return Permanent(f"the database failed: {text}", hint="`pressroom doctor` checks it")


def is_passing(exc: SQLAlchemyError) -> bool:
    """Whether the same may work later."""
    if not isinstance(exc, DBAPIError):
        return False
    if getattr(exc.orig, "sqlstate", None) in _BUSY_STATES or exc.connection_invalidated:
        return True
    return isinstance(exc, OperationalError | InterfaceError) and not any(word in _text(exc) for word in _LASTING)


def _text(exc: SQLAlchemyError) -> str:
    """The driver's own words: SQLAlchemy would add the statement, PostgreSQL's details the whole row."""
    if isinstance(exc, DBAPIError) and exc.orig is not None:
        primary = getattr(getattr(exc.orig, "diag", None), "message_primary", None)
        return " ".join(str(primary or exc.orig).split())
    return str(exc).splitlines()[0]
