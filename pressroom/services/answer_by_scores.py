"""Play the person whom a rehearsed run asks."""

from __future__ import annotations

from pressroom.domain.operation import Asks
from pressroom.domain.states import Decision, WaitsFor
from pressroom.reporting.model import RunReport
from pressroom.services.context import Context
from pressroom.services.running import RunningRun
from pressroom.services.suspend_run import Suspension, Verdict, decide
from pressroom.services.take_up_run import take_up


def answered_by_scores(context: Context, run: RunningRun, found: RunReport | Suspension) -> RunningRun | None:
    """The run to go on with, where it has asked about what it has made: everything approved, of every choice the best take."""
    if not isinstance(found, Suspension) or found.waits_for is not WaitsFor.DECISION:
        return None
    chosen = {each.node_id: each.best for each in found.asks if each.asks is Asks.CHOICE}
    decide(run.principal, context, run.id, Verdict(Decision.APPROVED, "a rehearsal", chosen=chosen))
    return take_up(run.principal, context, run.id)
