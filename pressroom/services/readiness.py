"""Whether what a server needs answers: the database, the store, and whatever else its entry point has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import text

from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import PressroomError
from pressroom.services.context import Context

_NOWHERE: Final = text_digest("no object has this content")


def readiness(context: Context, others: Mapping[str, Callable[[], object]] | None = None) -> dict[str, str]:
    """Each part and how it is: `ok`, or `down`; why it is down is for the log alone, since anybody may ask."""
    parts: dict[str, Callable[[], object]] = {
        "database": lambda: _asked(context),
        "store": lambda: context.store.has(_NOWHERE),
        **(others or {}),
    }
    return {name: _said(part) for name, part in parts.items()}


def _asked(context: Context) -> None:
    with context.database.read() as conn:
        conn.execute(text("SELECT 1"))


def _said(part: Callable[[], object]) -> str:
    try:
        part()
    except (PressroomError, OSError):
        return "down"
    return "ok"
