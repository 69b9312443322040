"""Begin the rows of batches, as many at a time as whoever asked for them may have under way.

A batch is answered when it is written down. Its rows become runs here, in the order in which they were asked for; those for
which there is no room wait. Where the server is killed the next one goes on: a row is begun once, by its name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, Refused, Retryable, is_code
from pressroom.domain.identity import Principal
from pressroom.people.tokens import stored_of_number
from pressroom.runs import batches
from pressroom.runs.batches import Batch, BatchRow
from pressroom.services.batches import request_of_row, turn_of
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.hold_run import has_room
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.rounds import going_on

LOOK_SECONDS: Final = 2.0
_HINDERED: Final = "batches could not be looked after"


class Clerk:
    """The thread of a server that begins rows; several servers begin each row once."""

    def __init__(self, context: Context, crew: Crew, planning: Callable[[], PlanningContext]) -> None:
        self._context = context
        self._crew = crew
        self._planning = planning
        self._stopped = threading.Event()

    def begin(self) -> None:
        threading.Thread(target=self._work, name="batches", daemon=True).start()

    def wake(self) -> None:
        """There is something to begin."""
        self._crew.room.set()

    def stop(self) -> None:
        """Begin nothing more: the rest is the next server's."""
        self._stopped.set()
        self._crew.room.set()

    def begin_rows(self) -> None:
        """Begin what there is room for, of every batch."""
        with self._context.database.read() as conn:
            waiting = batches.waiting_batches(conn)
        for found in waiting:
            with going_on(self._context, _HINDERED):  # what hinders one batch is no reason for the others to wait
                self._begin_rows_of(found)

    def _begin_rows_of(self, found: Batch) -> None:
        with self._context.database.read() as conn:
            rows = batches.rows_of(conn, found)
        for row in rows:
            if row.state == batches.WAITING and (self._stopped.is_set() or not self._begun(found, row)):
                break

    def _work(self) -> None:
        while not self._stopped.is_set():
            self._crew.room.clear()
            with going_on(self._context, _HINDERED):
                self.begin_rows()
            self._crew.room.wait(LOOK_SECONDS)

    def _begun(self, found: Batch, row: BatchRow) -> bool:
        """Whether the next row may follow: this one was begun, or is refused for good."""
        context = self._context
        with context.database.turn(turn_of(found.id)):
            with context.database.read() as conn:
                if not batches.is_waiting(conn, found.id, row.position):
                    return True
                principal = _principal(conn, context, found)
                if principal and not has_room(conn, context, found.account_id, principal.user, principal.token):
                    return False
            try:
                run_id = self._launched(principal, found, row)
            except Retryable:
                return False
            except (Invalid, Refused) as exc:
                if is_code(exc, "rate"):
                    return False
                with context.database.write() as conn:
                    batches.set_refused(conn, found.id, row.position, context.recordable(str(exc)))
                return True
            with context.database.write() as conn:
                batches.set_begun(conn, found.id, row.position, run_id)
            return True

    def _launched(self, principal: Principal | None, found: Batch, row: BatchRow) -> str:
        if principal is None:
            raise Refused("the token that has begun the batch is not good any more", hint="resume it with another one")
        request = request_of_row(found.document_id, row.inputs, found.refresh)
        request = request.model_copy(update={"run_id": batches.run_name(found.id, row.position)})
        return self._crew.launch(principal, self._planning(), request, approved=found.approved)


def _principal(conn: Connection, context: Context, found: Batch) -> Principal | None:
    """Whoever has begun the batch, with what the token may do today; None where it is not good any more."""
    if found.token_id is None:
        return Principal(batches.account_of(conn, found), found.created_by)
    stored = stored_of_number(conn, found.token_id)
    return stored.principal() if stored is not None and stored.is_good(context.now()) else None
