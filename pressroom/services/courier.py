"""The part of a server that tells endpoints: one thread looks for what is to be told, a few send it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Final

from pressroom.database.dialect import clock
from pressroom.services.context import Context
from pressroom.services.rounds import going_on
from pressroom.services.send_webhooks import claim_due, gather, send
from pressroom.webhooks.deliveries import Delivery, forget_old
from pressroom.webhooks.endpoints import Endpoint
from pressroom.webhooks.rules import rules

LOOK_SECONDS: Final = 0.5
_TIDY: Final = timedelta(hours=1)
_HINDERED: Final = "webhooks are not sent"


class Courier:
    """`now` is an aware clock; without one it is the database's, by which servers on several machines agree."""

    def __init__(self, context: Context, now: Callable[[], datetime] | None = None) -> None:
        self._context = context
        self._now = now or self._database_time
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(rules().deliveries_at_once, thread_name_prefix="send webhooks")
        self._sending: set[Future[None]] = set()
        self._tidied_at: datetime | None = None

    def begin(self) -> None:
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more; what is being sent is answered first. What is left is the next server's."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self.drain()
        self._pool.shutdown()

    def turn(self) -> int:
        """One round: what happened becomes deliveries, and those that are due begin to be sent; how many began."""
        while gather(self._context, self._now()):
            pass
        self._sending = {each for each in self._sending if not each.done()}
        free = rules().deliveries_at_once - len(self._sending)
        due = claim_due(self._context, self._now(), free) if free else []
        self._sending |= {self._pool.submit(self._send, *each) for each in due}
        self._tidy()
        return len(due)

    def drain(self) -> None:
        """Wait for what is being sent."""
        wait(self._sending)

    def _send(self, endpoint: Endpoint, delivery: Delivery) -> None:
        with going_on(self._context, _HINDERED):  # its lease runs out, and it is sent again
            send(self._context, endpoint, delivery, self._now())

    def _tidy(self) -> None:
        now = self._now()
        if self._tidied_at is None or now - self._tidied_at >= _TIDY:
            self._tidied_at = now
            with self._context.database.write() as conn:
                forget_old(conn, now - timedelta(days=rules().kept_days))

    def _work(self) -> None:
        while not self._stopped.is_set():
            begun = 0
            with going_on(self._context, _HINDERED):
                begun = self.turn()
            if not begun:
                self._stopped.wait(LOOK_SECONDS)

    def _database_time(self) -> datetime:
        with self._context.database.read() as conn:
            return clock(conn)
