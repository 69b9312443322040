"""Runs: what was made, what it cost, and what waits for a person."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import Invalid
from pressroom.domain.money import micros
from pressroom.domain.states import Decision
from pressroom.services.cancel_run import cancel_run
from pressroom.services.list_runs import list_account_runs
from pressroom.services.run_overview import overview_of_run
from pressroom.services.suspend_run import Verdict, decide
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Form, RunsReader, RunsWriter

router = APIRouter()
_DOOR: Final = "the pages"
_MOST: Final = 200
_MOST_PICTURES: Final = 240
_DONE: Final = {Decision.APPROVED: "approved", Decision.REJECTED: "rejected", Decision.RESUMED: "resumed"}


@router.get("/runs")
def runs_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    campaign = request.query_params.get("campaign", "")
    found = list_account_runs(visitor.principal, backend.context, campaign=campaign or None, limit=_MOST)
    return page(request, visitor, "runs.html.j2", runs=found, campaign=campaign)


@router.get("/runs/{run_id}")
def run_page(request: Request, backend: BackendOf, visitor: RunsReader, run_id: str) -> Response:
    found = overview_of_run(visitor.principal, backend.context, run_id)
    pictures = found.delivered[:_MOST_PICTURES]
    return page(request, visitor, "run.html.j2", found=found, run=found.line.run, pictures=pictures)


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
        _cap(str(form.get("cap", ""))),
        tuple(str(name) for name in form.getlist("drop")),
        str(form.get("plan_hash", "")),
    )
    decide(visitor.principal, backend.context, run_id, verdict)
    return see(f"/runs/{run_id}", _DONE[decision])


def _cap(text: str) -> int | None:
    """Micro-credits. Raises Invalid for what is no amount."""
    if not text.strip():
        return None
    try:
        return micros(text.strip().replace(",", "."))
    except ValueError as exc:
        raise Invalid(f"{text[:40]!r} is no amount of credits", hint="write it like 12.5") from exc
