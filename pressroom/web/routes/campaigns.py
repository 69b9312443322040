"""Stored campaigns: written here, with their mistakes at their lines and the plan beside the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.domain.errors import Invalid, Problem
from pressroom.services.documents import MAX_LISTED, list_documents, show_document, store_document
from pressroom.services.plan_campaign import Planned, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.sources.stored import Document
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Form, RunsReader, RunsWriter, Visitor

router = APIRouter()
_FIRST: Final = """\
pressroom: 1
name: first-campaign
steps:
  poster:
    uses: generate_image
    with: {prompt: "a red kettle on a wooden table, morning light", width: 1080, height: 1080}
"""


@router.get("/campaigns")
def campaigns_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    versions = list_documents(visitor.principal, backend.context, limit=MAX_LISTED)
    newest = {each.name: each for each in reversed(versions)}
    return page(request, visitor, "campaigns.html.j2", documents=list(reversed(newest.values())))


@router.get("/campaigns/new")
def new_campaign_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    return _editor(request, backend, visitor, "", _FIRST)


@router.get("/campaigns/{name}")
def campaign_page(request: Request, backend: BackendOf, visitor: RunsReader, name: str) -> Response:
    found = show_document(visitor.principal, backend.context, name)
    versions = list_documents(visitor.principal, backend.context, found.name)
    return _editor(request, backend, visitor, found.name, found.text, versions=versions, shown=found.id)


@router.post("/campaigns")
def keep(backend: BackendOf, visitor: RunsWriter, form: Form) -> Response:
    # A form sends every line end as CR LF.
    name, text = str(form.get("name", "")).strip(), str(form.get("text", "")).replace("\r\n", "\n")
    found = store_document(visitor.principal, backend.context, name, text)
    return see(f"/campaigns/{found.id}", "saved")


@router.post("/campaigns/{name}/run")
def run(backend: BackendOf, visitor: RunsWriter, form: Form, name: str) -> Response:
    """Run what was shown, and nothing dearer."""
    principal, context = visitor.principal, backend.context
    request = RunRequest(
        document=show_document(principal, context, name).id,
        plan_hash=str(form.get("plan_hash", "")),
    )
    return see(f"/runs/{backend.crew.launch(principal, backend.planning(), request)}")


@router.post("/campaigns/check")
def check(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form) -> Response:
    """The plan of what stands in the editor, before it is kept."""
    text = str(form.get("text", "")).replace("\r\n", "\n")
    return _editor(request, backend, visitor, str(form.get("name", "")), text)


def _editor(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    name: str,
    text: str,
    *,
    versions: Sequence[Document] = (),
    shown: str = "",
) -> Response:
    planned, problems = _planned(backend, visitor, text)
    values: dict[str, Any] = {"planned": planned, "problems": problems, "versions": versions, "shown": shown}
    return page(request, visitor, "campaign.html.j2", name=name, text=text, **values)


def _planned(backend: Backend, visitor: Visitor, text: str) -> tuple[Planned | None, tuple[Problem, ...]]:
    """The plan, or why there is none."""
    try:
        planned = plan_campaign(visitor.principal, backend.planning(), RunRequest(yaml=text))
    except Invalid as exc:
        return None, exc.problems or (Problem("usage", exc.message, exc.hint),)
    return planned, planned.verdict.problems
