"""Stored campaigns: written here, with their mistakes at their lines; their inputs and the plan beside the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from pressroom.api.backend import Backend, BackendOf
from pressroom.campaign.load import parse_campaign
from pressroom.domain.errors import Invalid, NotFound, Problem, problems_of
from pressroom.services.documents import MAX_LISTED, list_documents, show_document, store_document
from pressroom.services.library import assets_named
from pressroom.services.plan_campaign import Planned, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.sources.stored import Document
from pressroom.web.campaign_form import Asked, asked_in, asked_of, field_of, form_of
from pressroom.web.rendering import page, see
from pressroom.web.visitor import Form, RunsReader, RunsWriter, Visitor

router = APIRouter()
_MISSING: Final = "missing_input"
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
    return _editor(request, backend, visitor, "", asked_of(_FIRST))


@router.get("/campaigns/{name}")
def campaign_page(request: Request, backend: BackendOf, visitor: RunsReader, name: str) -> Response:
    found = show_document(visitor.principal, backend.context, name)
    versions = list_documents(visitor.principal, backend.context, found.name)
    return _editor(request, backend, visitor, found.name, asked_of(found.text), versions=versions, shown=found.id)


@router.post("/campaigns")
def keep(backend: BackendOf, visitor: RunsWriter, form: Form) -> Response:
    text = _text(form)
    name = str(form.get("name", "")).strip() or _own_name(text)
    found = store_document(visitor.principal, backend.context, name, text)
    return see(f"/campaigns/{found.id}", "saved")


@router.post("/campaigns/{name}/run")
def run(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form, name: str) -> Response:
    """Run what was shown, and nothing dearer."""
    found = show_document(visitor.principal, backend.context, name)
    asked = asked_in(backend, visitor, form, found.text)
    if asked.problems:
        return _editor(request, backend, visitor, found.name, asked, shown=found.id, status=422)
    wanted = RunRequest(
        document=found.id, inputs=asked.inputs, feeds=asked.feeds, plan_hash=str(form.get("plan_hash", ""))
    )
    return see(f"/runs/{backend.crew.launch(visitor.principal, backend.planning(), wanted)}")


@router.post("/campaigns/check")
def check(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form) -> Response:
    """The plan of what stands in the editor with the inputs beside it, before it is kept."""
    asked = asked_in(backend, visitor, form, _text(form))
    shown = _shown_as(backend, visitor, str(form.get("document", "")), asked.text)
    return _editor(request, backend, visitor, str(form.get("name", "")), asked, shown=shown)


def _own_name(text: str) -> str:
    try:
        return parse_campaign(text, "").campaign.name
    except Invalid:
        return ""


def _text(form: FormData) -> str:
    """A form sends every line end as CR LF."""
    return str(form.get("text", "")).replace("\r\n", "\n")


def _shown_as(backend: Backend, visitor: Visitor, name: str, text: str) -> str:
    """The id of the stored version that was opened, where its text is still this."""
    try:
        found = show_document(visitor.principal, backend.context, name)
    except NotFound:
        return ""
    return found.id if found.text == text else ""


def _editor(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    name: str,
    asked: Asked,
    *,
    versions: Sequence[Document] = (),
    shown: str = "",
    status: int = 200,
) -> Response:
    planned, against = _planned(backend, visitor, asked)
    problems = (*asked.problems, *against)
    told = {field_of(each): each for each in reversed(problems)}
    # That one is needed is said of it already.
    fields = form_of(asked, {name: each.message for name, each in told.items() if each.code != _MISSING})
    beside = [told[field.id] for field in fields if field.id in told]
    media = [media for field in fields for media in field.media]
    return page(
        request,
        visitor,
        "campaign.html.j2",
        status=status,
        name=name,
        text=asked.text,
        fields=fields,
        chosen=assets_named(visitor.principal, backend.context, media) if media else {},
        planned=planned,
        wanting=bool(beside) and all(each in beside for each in problems if not each.is_note),
        problems=[each for each in problems if each not in beside or (each.line and each.code != _MISSING)],
        versions=versions,
        shown=shown,
    )


def _planned(backend: Backend, visitor: Visitor, asked: Asked) -> tuple[Planned | None, tuple[Problem, ...]]:
    """The plan, or why there is none."""
    try:
        request = RunRequest(yaml=asked.text, inputs=asked.inputs, feeds=asked.feeds)
        planned = plan_campaign(visitor.principal, backend.planning(), request)
    except Invalid as exc:
        return None, problems_of(exc)
    return planned, planned.verdict.problems
