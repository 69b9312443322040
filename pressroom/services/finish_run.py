"""Finish a run whose nodes have ended: put its files on their collections, settle it, deliver what it made, and report."""

from __future__ import annotations

from pressroom.domain.identity import Principal
from pressroom.reporting.model import RunReport
from pressroom.runs.settlement import Settlement
from pressroom.services.context import Context
from pressroom.services.deliver_run import publish
from pressroom.services.running import RunningRun
from pressroom.services.settle_run import settle_run
from pressroom.services.shelve_run import shelve


def finish_run(principal: Principal, context: Context, run: RunningRun) -> RunReport:
    """Release what was not spent, put the files where people look, and say how it went; harmless when repeated.

    Files that cannot be delivered are told in the report, never raised: by now the money is spent.
    """
    return publish(context, run.plan, settle_finished(context, run))


def settle_finished(context: Context, run: RunningRun) -> Settlement:
    """The first half of it, for those who do the second one as a step of its own. Harmless when repeated too."""
    shelve(context, run)
    return settle_run(context, run.id, lease=run.lease)
