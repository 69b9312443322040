"""Events as a Prefect server takes them, and the way to it for processes that run no flow: servers and commands.

Flow runs hand theirs to Prefect's own client, which also says which flow run they are of.
"""

from __future__ import annotations

import atexit
import queue
import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import uuid4

from pressroom.bootstrap import open_context
from pressroom.domain.errors import PressroomError
from pressroom.domain.events import AssetStored, Event
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.configured import configured
from pressroom.services.context import Context
from pressroom.settings import Settings
from pressroom.watching.channel import LOGGER

MOST_WAITING: Final = 10_000  # of a server that is away for long; what comes then goes untold
MOST_SENT: Final = 200  # at a time
IDLE_SECONDS: Final = 2.0  # after which the thread ends, until the next event
LEAVE_SECONDS: Final = 3.0  # that a process waits at its end for what is not sent yet


def as_prefect_has_it(event: Event) -> dict[str, Any]:
    """The resource is the run or the account; the run's account and campaign and the assets are related to it."""
    return {
        "event": event.name,
        "resource": {
            "prefect.resource.id": event.subject,
            "prefect.resource.name": event.campaign or event.account,
        },
        "related": [_resource(role, name) for role, name in _others(event) if name],
        "payload": {**event.model_dump(mode="json"), "text": event.text},
    }


def _others(event: Event) -> list[tuple[str, str]]:
    assets = event.assets if isinstance(event, AssetStored) else ()
    return [("account", event.account), ("campaign", event.campaign), *(("asset", asset) for asset in assets)]


def _resource(role: str, name: str) -> dict[str, str]:
    return {"prefect.resource.id": f"pressroom.{role}.{name}", "prefect.resource.role": role}


class PrefectEvents:
    """A listener of the channel. Events are sent by a thread, several in one request: nobody waits for the server."""

    def __init__(self, server: PrefectServer) -> None:
        self._server = server
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        atexit.register(self.flush)

    def __call__(self, event: Event) -> None:
        # An id of its own, so that what is sent again after a lost answer is one event.
        told = {"id": str(uuid4()), "occurred": datetime.now(UTC).isoformat(), **as_prefect_has_it(event)}
        with self._lock:
            self._waiting.put_nowait(told)
            if self._thread is None:
                self._thread = threading.Thread(target=self._send, name="events for Prefect", daemon=True)
                self._thread.start()

    def flush(self, seconds: float = LEAVE_SECONDS) -> None:
        """Wait so long at the most for what has not been sent."""
        deadline = time.monotonic() + seconds
        while self._waiting.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.02)

    def _send(self) -> None:
        while gathered := self._gathered():
            try:
                self._server.do("events", "POST", "/events", gathered)
            except PressroomError as exc:
                LOGGER.warning("%d events were not told to Prefect: %s", len(gathered), exc)
            finally:
                for _ in gathered:
                    self._waiting.task_done()

    def _gathered(self) -> list[dict[str, Any]]:
        """What waits; nothing where nothing comes for a while, and this thread ends: the next event starts another."""
        try:
            found = [self._waiting.get(timeout=IDLE_SECONDS)]
        except queue.Empty:
            with self._lock:
                if self._waiting.empty():
                    self._thread = None
                    return []
            found = [self._waiting.get()]
        while len(found) < MOST_SENT:
            try:
                found.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return found


def open_watched(settings: Settings) -> Context:
    """The context of a command or a server: what happens in it is told to the Prefect server that is configured, if one is."""
    context = open_context(settings)
    url, credentials = configured(settings)
    if url:
        context.events.subscribe(_listener(url, credentials))
    return context


@lru_cache(maxsize=4)
def _listener(url: str, credentials: str) -> PrefectEvents:
    return PrefectEvents(PrefectServer(url, credentials))
