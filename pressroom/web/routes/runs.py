"""Runs: what was made, what it cost, and what waits for a person."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import BackendOf
from pressroom.domain.amounts import said_amount
from pressroom.domain.errors import Invalid
from pressroom.domain.states import Decision, Runner
from pressroom.runs.questions import takes_in
from pressroom.services.cancel_run import cancel_run
from pressroom.services.recent_runs import recent_runs
from pressroom.services.review import review_of
from pressroom.services.run_overview import overview_of_run
from pressroom.services.suspend_run import Verdict, decide
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Form, RunsReader, RunsWriter

router = APIRouter()
_DOOR: Final = "the pages"
_TAKE: Final = "take "  # how the fields of choices begin, one for each node: radio buttons of one name are one choice
_MOST: Final = 200
_MOST_PICTURES: Final = 240
_MOST_COMPARED: Final = 24
_DONE: Final = {Decision.APPROVED: "approved", Decision.REJECTED: "rejected", Decision.RESUMED: "resumed"}


@router.get("/runs")
def runs_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    campaign = request.query_params.get("campaign", "")
    found = recent_runs(visitor.principal, backend.context, campaign=campaign or None, limit=_MOST)
    return page(request, visitor, "runs.html.j2", runs=found, campaign=campaign)


@router.get("/runs/{run_id}")
def run_page(request: Request, backend: BackendOf, visitor: RunsReader, run_id: str) -> Response:
    found = overview_of_run(visitor.principal, backend.context, run_id)
    pictures = found.delivered[:_MOST_PICTURES]
    compared = found.compared(backend.context.operations)[:_MOST_COMPARED]
    review = review_of(visitor.principal, backend.context, found.line.run.id) if found.waits_for else None
    values: dict[str, Any] = {"found": found, "run": found.line.run, "pictures": pictures, "compared": compared}
    # What is asked about is shown where it is decided; before anything was bought, all that is there is to be looked at.
    asks = found.waits_for is not None and found.waits_for.asks
    values |= {
        "review": review,
        "shown": [each.asset for each in review.shown if not asks or each.is_input] if review else [],
    }
    return page(request, visitor, "run.html.j2", **values)


@router.post("/runs/{run_id}/cancel")
def cancel(backend: BackendOf, visitor: RunsWriter, run_id: str) -> Response:
    cancel_run(visitor.principal, backend.context, run_id, f"cancelled by {visitor.principal.user or 'a person'}")
    return see(f"/runs/{run_id}", "cancelled")


@router.post("/runs/{run_id}/{decision}")
def decided(backend: BackendOf, visitor: RunsWriter, form: Form, run_id: str, decision: Decision) -> Response:
    if decision not in _DONE:
        raise Invalid(f"nobody decides that a run is {decision}")
    verdict = Verdict(
        decision,
        _DOOR,
        said_amount(str(form.get("cap", ""))),
        tuple(str(name) for name in form.getlist("drop")),
        str(form.get("plan_hash", "")),
        takes_in(str(each) for name, each in form.multi_items() if name.startswith(_TAKE)),
        said_amount(str(form.get("usd", "")), "dollars"),
        Runner.SERVER,
    )
    decide(visitor.principal, backend.context, run_id, verdict)
    return see(f"/runs/{run_id}", _DONE[decision])
