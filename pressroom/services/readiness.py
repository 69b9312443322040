"""Whether what a server needs answers: the database, the store, and whatever else its entry point has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import wait as all_of
from typing import Final

from sqlalchemy import text

from pressroom.domain.content_hash import text_digest
from pressroom.services.context import Context

OK: Final = "ok"
DOWN: Final = "down"
ASK_SECONDS: Final = 3.0  # for which all parts together are waited for
_NOWHERE: Final = text_digest("no object has this content")

Part = Callable[[], object]


def parts_of(context: Context) -> dict[str, Part]:
    """The parts that every server has; each raises where it does not answer."""
    return {"database": lambda: _asked(context), "store": lambda: context.store.has(_NOWHERE)}


class Readiness:
    """Asks all parts at once. One that has not answered is not asked again before it has: it takes one thread, whoever asks."""

    def __init__(self, parts: Mapping[str, Part], seconds: float = ASK_SECONDS) -> None:
        self._parts = parts
        self._seconds = seconds
        self._asked: dict[str, Future[str]] = {}
        self._lock = threading.Lock()

    def ask(self) -> dict[str, str]:
        """Each part and how it is: `ok`, or `down`; why it is down is for the log alone, since anybody may ask."""
        with self._lock:
            asked = {name: self._asking(name, part) for name, part in self._parts.items()}
        done, _ = all_of(asked.values(), self._seconds)
        return {name: future.result() if future in done else DOWN for name, future in asked.items()}

    def _asking(self, name: str, part: Part) -> Future[str]:
        before = self._asked.get(name)
        if before is not None and not before.done():
            return before
        future: Future[str] = Future()
        threading.Thread(target=lambda: future.set_result(_said(part)), name=f"ask {name}", daemon=True).start()
        self._asked[name] = future
        return future


def _asked(context: Context) -> None:
    with context.database.read() as conn:
        conn.execute(text("SELECT 1"))


def _said(part: Part) -> str:
    try:
        part()
    except Exception:  # noqa: BLE001 - whatever stands in its way, it does not answer
        return DOWN
    return OK
