"""What a server leaves to the workers of deployments: runs that it has begun, with their credits held and their plans on record.

A worker is told a run's id and nothing else of it. It takes the run up from the database as the next server would, and needs
that and the store, no file of the server's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from pressroom.domain.errors import NotFound, PressroomError, WasCancelled
from pressroom.planning.plan import Action
from pressroom.runs import leases
from pressroom.runs.records import RunRecord
from pressroom.services.context import Context
from pressroom.services.launch_run import Launcher, works_of
from pressroom.services.run_request import RunRequest
from pressroom.services.running import RunningRun

# How often one asks after a flow run that waits for a worker: there may be thousands.
ASK_SECONDS: Final = 60.0
_LOGGER: Final = logging.getLogger("pressroom")


class Elsewhere:
    """Safe to call from several threads."""

    def __init__(
        self,
        context: Context,
        *,
        campaigns: Launcher | None = None,
        generations: Launcher | None = None,
        restart: Callable[[str, datetime | None], bool] | None = None,
    ) -> None:
        """Who makes runs of campaigns, and generations that take long; None: the server. `restart` has a worker run a flow run
        again, by its id and when its process was gone; False where none can."""
        self._context = context
        self._campaigns = campaigns
        self._generations = generations
        self._restart = restart
        self._asked: dict[str, float] = {}  # id of a run -> when its flow run was last asked after

    def left(self, run: RunningRun, *, generation: bool) -> str:
        """The flow run that makes the run; empty where the server does, or must: for now nobody can be asked.

        Called again for the same run it starts nothing twice.
        """
        launcher = self._launcher(run, generation)
        if launcher is None or not self._makes_anything(run):
            return ""
        name = run.plan.campaign
        home = self._context.settings.workers_home
        request = RunRequest(document=name, label=name, run_id=run.id, home_block=home, begun=True)
        try:
            return launcher.launch(run.principal, request).flow_run_id
        except PressroomError as exc:
            _LOGGER.warning("run %s is made here: %s", run.id, self._context.recordable(str(exc)))
            return ""

    def take_up(self, record: RunRecord) -> bool:
        """Have a worker go on with a run that was left, and that nobody works on; False where none can.

        Raises NotFound where the Prefect server does not know its flow run, WasCancelled where somebody has cancelled that.
        """
        if self._restart is None or (record.lease_holder == leases.NOBODY and self._lately(record.id)):
            return True
        try:
            return self._restart(record.flow_run_id, record.lease_until)
        except (NotFound, WasCancelled):
            raise
        except PressroomError as exc:
            _LOGGER.warning("run %s waits: %s", record.id, self._context.recordable(str(exc)))
            return True

    def _launcher(self, run: RunningRun, generation: bool) -> Launcher | None:
        if not generation:
            return self._campaigns
        return self._generations if run.plan.totals.seconds > self._context.settings.long_seconds else None

    def _makes_anything(self, run: RunningRun) -> bool:
        """Else it is over sooner than a worker would come."""
        return any(run.plan.node(work.node_id).action is not Action.REUSE for work in works_of(self._context, run))

    def _lately(self, run_id: str) -> bool:
        """Whether its flow run was asked after lately; else it is now."""
        now = time.monotonic()
        self._asked = {name: at for name, at in self._asked.items() if now - at < ASK_SECONDS}
        return self._asked.setdefault(run_id, now) != now
