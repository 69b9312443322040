"""Runs that a server works on while those who asked for them do something else.

A run is held and written down before its caller gets an answer, then made by a thread of this process under its lease. Where
the process is killed, the next server takes it up: under the same id, with the same hold, and nothing is bought twice.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

from pressroom.domain.errors import Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.states import Runner
from pressroom.runs import leases
from pressroom.runs.records import RunRecord
from pressroom.services.context import Context
from pressroom.services.elsewhere import Elsewhere
from pressroom.services.fetch_inputs import planned_with_inputs
from pressroom.services.keep_house import keep_house
from pressroom.services.launch_run import see_through
from pressroom.services.plan_campaign import PlanningContext, plan_campaign
from pressroom.services.recover_runs import recover_runs
from pressroom.services.rounds import going_on
from pressroom.services.run_lease import alive
from pressroom.services.run_node import RunningRun
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import started_before
from pressroom.services.start_run import run_id_of, start_run
from pressroom.services.take_up_run import take_up

RECOVER_SECONDS: Final = 5.0
_LOGGER: Final = logging.getLogger("pressroom")


class Crew:
    """The threads that work on runs: `most` of them make something at a time, the others wait their turn."""

    def __init__(self, context: Context, most: int, elsewhere: Elsewhere | None = None) -> None:
        """`elsewhere`: whose workers make what is left to them."""
        self._context = context
        self._elsewhere = elsewhere or Elsewhere(context)
        self._turns = threading.BoundedSemaphore(most)
        self._stopped = threading.Event()
        self._at_work: set[str] = set()
        self._lock = threading.Lock()
        self.room = threading.Event()  # set when a run has ended: another may begin

    def launch(
        self,
        principal: Principal,
        planning: PlanningContext,
        request: RunRequest,
        *,
        approved: bool = False,
        asks: str = "",
    ) -> str:
        """Plan what is asked for, hold it and begin; the id of the run, which is under way or waits for a person.

        Where the account has begun a run under the request's name before, it is that one. Raises Invalid for a bad campaign,
        Refused with every reason; then nothing was held.
        """
        if request.run_id and (before := started_before(principal, self._context, request.run_id)) is not None:
            return before
        asked = request.model_copy(update={"account": principal.account, "user": principal.user})
        planned = planned_with_inputs(
            principal, lambda: self._context, lambda: plan_campaign(principal, planning, asked)
        )
        run_id = run_id_of(principal, self._context, asked)
        how: Any = {"approved": approved, "asks": asks}
        run = start_run(principal, self._context, planned, run_id=run_id, runner=Runner.SERVER, **how)
        self._go(run, generation=asked.generation)
        return run.id

    def take_up(self, record: RunRecord) -> bool:
        """Go on with a run whose process is gone, or that has what it waited for; False where nobody can.

        A crew that is stopped leaves it to the next server, and so does one that comes too late.
        """
        if self._stopped.is_set():
            return True
        try:
            run = take_up(Principal(record.account), self._context, record.id, runner=Runner.SERVER)
        except Retryable:
            return True
        except Refused:
            return False
        if run is not None:
            self._go(run, generation=record.is_generation)
        return run is not None

    def recover(self) -> None:
        """Look, until the crew is stopped, for runs that the server is to take up."""
        takers = {Runner.SERVER: self.take_up, Runner.DEPLOYMENT: self._elsewhere.take_up}
        while not self._stopped.is_set():
            with going_on(self._context, "runs could not be looked after"):
                recover_runs(self._context, takers)
            self._stopped.wait(RECOVER_SECONDS)

    def begin(self) -> None:
        """Look for runs, and keep the house: in a thread of its own, as a dead run does not wait for a sweep."""
        threading.Thread(target=self.recover, name="recovery", daemon=True).start()
        keeping = (self._context, self._stopped)
        threading.Thread(target=keep_house, args=keeping, name="housekeeping", daemon=True).start()

    def stop(self) -> None:
        """Work on nothing more. What is under way, or begun from now on, is the next server's, as if this one had been killed."""
        self._stopped.set()

    def _go(self, run: RunningRun, *, generation: bool) -> None:
        if run.suspended or self._stopped.is_set():
            return
        with self._lock:
            if run.id in self._at_work:
                return
            self._at_work.add(run.id)
        threading.Thread(target=self._work, args=(run, generation), name=f"run {run.id}", daemon=True).start()

    def _work(self, run: RunningRun, generation: bool) -> None:
        """Make the run, or leave it. Killed before that is written down, it is taken up by the next server, and left anew."""
        try:
            with alive(self._context, run) as life:
                flow_run_id = self._elsewhere.left(run, generation=generation)
                if not flow_run_id:
                    with self._turns:
                        see_through(self._context, run, life, leaves=self._stopped.is_set)
            if flow_run_id:
                with self._context.database.write() as conn:
                    leases.leave(conn, run.id, run.lease, Runner.DEPLOYMENT, flow_run_id)
        except Exception as exc:  # noqa: BLE001 - it is on record with the run; this thread has nobody to tell
            _LOGGER.warning("run %s ended: %s", run.id, self._context.recordable(str(exc)))
        finally:
            with self._lock:
                self._at_work.discard(run.id)
            self.room.set()
