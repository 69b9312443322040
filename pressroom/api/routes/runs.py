"""Runs: started, watched, decided about, and what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from pydantic import ConfigDict, Field

from pressroom.api import models
from pressroom.api.asking import RunsReader, RunsWriter, Spender
from pressroom.api.backend import BackendOf
from pressroom.api.document import file_of_type
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page, page_of
from pressroom.api.once import LOCATED, OnceRoute, effect_name
from pressroom.api.problems import documented
from pressroom.api.routes.planning import CampaignRequest
from pressroom.domain.asked import Asked
from pressroom.domain.identity import Principal
from pressroom.domain.media import mime_of
from pressroom.domain.money import MAX_CREDITS, micros
from pressroom.domain.states import Decision, Runner
from pressroom.operations.choose import MOST_TAKES
from pressroom.planning.plan_file import node_json
from pressroom.reporting.statement import render_statement
from pressroom.reporting.summary import summary_of
from pressroom.services.cancel_run import cancel_run
from pressroom.services.list_runs import RunLine, count_account_runs, list_account_runs
from pressroom.services.review import changed_since
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import (
    contact_sheet_of,
    node_as_dict,
    show_nodes,
    show_report,
    show_run,
    show_run_plan,
    zip_run,
)
from pressroom.services.shown_plans import plan_shown
from pressroom.services.suspend_run import Verdict, decide

router = APIRouter(route_class=OnceRoute, prefix="/runs", tags=["runs"], responses=documented(404))
DOOR: Final = "the API"
ZIP: Final = "application/zip"
# The contact sheet has its pictures and its style within it, and no script.
_SHEET: Final = {"Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"}


class NewRun(CampaignRequest):
    """A campaign to run, or a plan by its hash alone; with both only what was shown under it, and no dearer."""

    plan_hash: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    approve: bool = Field(False, description="Approve plan and price where the campaign asks for it.")

    @property
    def names_a_plan(self) -> bool:
        return bool(self.plan_hash)


Take = Annotated[int, Field(ge=1, le=MOST_TAKES)]


class Approval(Asked):
    """Which steps or nodes not to make, nor what needs them, which takes to go on with, and the most that it may cost in all."""

    model_config = ConfigDict(extra="forbid")

    drop: list[str] = Field(default_factory=list, max_length=10_000)
    cap: float | None = Field(None, ge=0, le=MAX_CREDITS, description="Credits.")
    plan_hash: str = Field("", description="Of the plan that was looked at; another one is refused.")
    choose: dict[str, Take | Annotated[list[Take], Field(min_length=1, max_length=MOST_TAKES)]] = Field(
        default_factory=dict,
        max_length=10_000,
        description="What is asked about, a step or a node -> number of the take that it is to be, or of as many as it keeps.",
    )


class Resumption(Asked):
    """The most that the run may cost in all, where it is to be more; what is left out stays as the campaign says."""

    model_config = ConfigDict(extra="forbid")

    cap: float | None = Field(None, ge=0, le=MAX_CREDITS, description="Credits.")
    usd: float | None = Field(None, ge=0, le=MAX_CREDITS, description="US dollars that its orders cost at vendors.")


@router.get("", response_model=PageOf[models.Run])
def runs(
    principal: RunsReader,
    backend: BackendOf,
    limit: Limit = USUAL,
    cursor: Cursor = "",
    campaign: Annotated[str, Query(max_length=63, description="Only of this campaign.")] = "",
) -> Any:
    """The account's runs, the newest first."""
    lines = list_account_runs(
        principal, backend.context, campaign=campaign or None, limit=limit + 1, before=cursor or None
    )
    count = count_account_runs(principal, backend.context, campaign=campaign or None)
    return page(lines, limit, count, lambda line: line.run.id, RunLine.as_dict)


@router.post("", status_code=202, response_model=models.RunView, responses={**LOCATED, **documented(402, 409)})
def start(asked: NewRun, principal: Spender, backend: BackendOf, called: Request) -> Any:
    """Hold the credits and begin; 402 or 403 with every reason where it may not."""
    request = _request(asked, principal, backend).model_copy(update={"run_id": effect_name(called)})
    run_id = backend.crew.launch(principal, backend.planning(), request, approved=asked.approve)
    return show_run(principal, backend.context, run_id).as_dict()


def _request(asked: NewRun, principal: Principal, backend: BackendOf) -> RunRequest:
    if asked.campaign or asked.yaml:
        return asked.asked(plan_hash=asked.plan_hash)
    return plan_shown(principal, backend.context, asked.plan_hash)[0]


@router.get("/{run_id}", response_model=models.RunView)
def run(run_id: str, principal: RunsReader, backend: BackendOf) -> Any:
    """A run as it stands, and what it waits for."""
    return show_run(principal, backend.context, run_id).as_dict()


@router.get("/{run_id}/nodes", response_model=PageOf[models.RunNode])
def nodes(run_id: str, principal: RunsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """What is made, in the plan's order, and how far each is."""
    found = show_nodes(principal, backend.context, run_id)
    return page_of(found, limit, cursor, lambda node: node.node_id, node_as_dict)


@router.get("/{run_id}/plan")
def plan(run_id: str, principal: RunsReader, backend: BackendOf) -> list[dict[str, Any]]:
    """What was planned for it, node by node."""
    return [node_json(node) for node in show_run_plan(principal, backend.context, run_id).nodes]


@router.get("/{run_id}/changes", response_model=models.RunChanges | None)
def changes(run_id: str, principal: RunsReader, backend: BackendOf) -> Any:
    """What has changed since the campaign's last run that was completed or approved; null where there is none."""
    found = changed_since(principal, backend.context, run_id)
    return None if found is None else found.as_dict()


@router.get("/{run_id}/report")
def report(run_id: str, principal: RunsReader, backend: BackendOf) -> dict[str, Any]:
    """How it ended: nodes with their assets, credits, failures, delivery."""
    kept = ("out", "report", "report_url", "statement")  # folders of the server
    found = summary_of(show_report(principal, backend.context, run_id))
    return {name: value for name, value in found.items() if name not in kept}


@router.get("/{run_id}/statement", response_class=Response, responses=file_of_type(mime_of("text")))
def statement(run_id: str, principal: RunsReader, backend: BackendOf) -> Response:
    """What it cost, as a text."""
    return Response(render_statement(show_report(principal, backend.context, run_id)), media_type=mime_of("text"))


@router.get(
    "/{run_id}/contact-sheet", response_class=StreamingResponse, responses=file_of_type(HTMLResponse.media_type)
)
def contact_sheet(run_id: str, principal: RunsReader, backend: BackendOf) -> StreamingResponse:
    """Everything that it made on one page."""
    page = contact_sheet_of(principal, backend.context, run_id)
    return StreamingResponse(
        page, headers={**_SHEET, "X-Content-Type-Options": "nosniff"}, media_type=HTMLResponse.media_type
    )


@router.get("/{run_id}/zip", response_class=StreamingResponse, responses=file_of_type(ZIP))
def archive(run_id: str, principal: RunsReader, backend: BackendOf) -> StreamingResponse:
    """Its deliverables in one archive."""
    name = show_run(principal, backend.context, run_id).line.run.campaign
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(zip_run(principal, backend.context, run_id), media_type=ZIP, headers=headers)


@router.post("/{run_id}/cancel", response_model=models.RunView)
def cancel(run_id: str, principal: RunsWriter, backend: BackendOf) -> Any:
    """Stop it, and give back what it has not spent; one that has ended stays so."""
    cancel_run(principal, backend.context, run_id)
    return show_run(principal, backend.context, run_id).as_dict()


@router.post("/{run_id}/approve", response_model=models.RunView, responses=documented(402, 409))
def approve(run_id: str, said: Approval, principal: Spender, backend: BackendOf) -> Any:
    """Approve a run that waits for it, and choose among takes; it goes on where it runs."""
    cap = None if said.cap is None else micros(said.cap)
    verdict = Verdict(Decision.APPROVED, DOOR, cap, tuple(said.drop), said.plan_hash, said.choose)
    return _decided(run_id, verdict, principal, backend)


@router.post("/{run_id}/reject", response_model=models.RunView, responses=documented(409))
def reject(run_id: str, principal: RunsWriter, backend: BackendOf) -> Any:
    """Reject a run that waits: it is cancelled, and what it held is given back."""
    return _decided(run_id, Verdict(Decision.REJECTED, DOOR), principal, backend)


@router.post("/{run_id}/resume", response_model=models.RunView, responses=documented(402, 409))
def resume(run_id: str, said: Resumption, principal: Spender, backend: BackendOf) -> Any:
    """Go on with a run that waits, with more credits or dollars where a cap says so, else with what its budgets leave."""
    cap, usd = (None if given is None else micros(given) for given in (said.cap, said.usd))
    return _decided(run_id, Verdict(Decision.RESUMED, DOOR, cap, usd_micros=usd), principal, backend)


def _decided(run_id: str, verdict: Verdict, principal: Principal, backend: BackendOf) -> dict[str, Any]:
    decide(principal, backend.context, run_id, replace(verdict, runner=Runner.SERVER))
    return show_run(principal, backend.context, run_id).as_dict()
