"""Stored campaigns: written here, with their mistakes at their lines; their inputs and the plan beside the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from pressroom.api.backend import Backend, BackendOf
from pressroom.campaign.load import parse_campaign
from pressroom.campaign.paths import as_reference
from pressroom.domain.errors import Corrupt, Invalid, NotFound, Problem, Refused, problems_of
from pressroom.domain.operation import AssetSlot
from pressroom.planning.input_form import input_form
from pressroom.planning.inputs import kind_of_input
from pressroom.services.documents import MAX_LISTED, list_documents, show_document, store_document
from pressroom.services.library import assets_named
from pressroom.services.plan_campaign import Planned, plan_campaign
from pressroom.services.run_request import RunRequest
from pressroom.sources.stored import Document
from pressroom.web.rendering import page, see
from pressroom.web.schema_form import fields_of, values_in, written_in
from pressroom.web.sent_files import media_sent
from pressroom.web.visitor import Form, RunsReader, RunsWriter, Visitor

router = APIRouter()
INPUT: Final = "input-"  # before the names of a campaign's inputs in the form
_FIRST: Final = """\
pressroom: 1
name: first-campaign
steps:
  poster:
    uses: generate_image
    with: {prompt: "a red kettle on a wooden table, morning light", width: 1080, height: 1080}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A campaign's text with what stands in the fields of its inputs, the values that this means, and what is wrong with it."""

    text: str
    written: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@router.get("/campaigns")
def campaigns_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    versions = list_documents(visitor.principal, backend.context, limit=MAX_LISTED)
    newest = {each.name: each for each in reversed(versions)}
    return page(request, visitor, "campaigns.html.j2", documents=list(reversed(newest.values())))


@router.get("/campaigns/new")
def new_campaign_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    return _editor(request, backend, visitor, "", Asked(_FIRST))


@router.get("/campaigns/{name}")
def campaign_page(request: Request, backend: BackendOf, visitor: RunsReader, name: str) -> Response:
    found = show_document(visitor.principal, backend.context, name)
    versions = list_documents(visitor.principal, backend.context, found.name)
    return _editor(request, backend, visitor, found.name, Asked(found.text), versions=versions, shown=found.id)


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
    asked = _asked(backend, visitor, form, found.text)
    if asked.problems:
        return _editor(request, backend, visitor, found.name, asked, shown=found.id, status=422)
    wanted = RunRequest(document=found.id, inputs=asked.values, plan_hash=str(form.get("plan_hash", "")))
    return see(f"/runs/{backend.crew.launch(visitor.principal, backend.planning(), wanted)}")


@router.post("/campaigns/check")
def check(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form) -> Response:
    """The plan of what stands in the editor with the inputs beside it, before it is kept."""
    asked = _asked(backend, visitor, form, _text(form))
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


def _asked(backend: Backend, visitor: Visitor, form: FormData, text: str) -> Asked:
    """The campaign with the inputs that stand in the form, and the files that were sent for them in the library."""
    schema, slots = _inputs_of(text)
    written = written_in(form, schema, INPUT)
    try:
        written |= media_sent(backend, visitor, form, fields_of(schema, slots, written, {}, prefix=INPUT))
    except (Invalid, Refused, Corrupt) as exc:
        return Asked(text, written, {}, problems_of(exc))
    values, problems = values_in(schema, slots, written)
    for name in slots.keys() & values.keys():
        given = values[name]
        values[name] = [*map(as_reference, given)] if isinstance(given, list) else as_reference(given)
    return Asked(text, written, values, tuple(replace(each, path=("inputs", *each.path)) for each in problems))


def _inputs_of(text: str) -> tuple[Mapping[str, Any], Mapping[str, AssetSlot]]:
    """The form of a campaign's inputs, and the kinds of those that are media; none of a text that is no campaign yet."""
    try:
        inputs = parse_campaign(text, "").campaign.inputs
    except Invalid:
        return {"properties": {}}, {}
    kinds = {name: kind_of_input(spec) for name, spec in inputs.items()}
    return input_form(inputs, {}, paths=False), {name: AssetSlot((kind,)) for name, kind in kinds.items() if kind}


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
    schema, slots = _inputs_of(asked.text)
    beside = {str(each.path[1]): each for each in reversed(problems) if _is_of_input(each, schema)}
    # That one is needed is said of it already.
    told = {name: each.message for name, each in beside.items() if each.code != "missing_input"}
    fields = fields_of(schema, slots, asked.written, told, prefix=INPUT)
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
        wanting=bool(beside) and all(each in beside.values() for each in problems if not each.is_note),
        problems=[each for each in problems if each not in beside.values()],
        versions=versions,
        shown=shown,
    )


def _is_of_input(problem: Problem, schema: Mapping[str, Any]) -> bool:
    """Whether it is about what stands in an input's field, and not about the text."""
    return problem.path[:1] == ("inputs",) and problem.path[1:2] != () and problem.path[1] in schema["properties"]


def _planned(backend: Backend, visitor: Visitor, asked: Asked) -> tuple[Planned | None, tuple[Problem, ...]]:
    """The plan, or why there is none."""
    try:
        request = RunRequest(yaml=asked.text, inputs=dict(asked.values))
        planned = plan_campaign(visitor.principal, backend.planning(), request)
    except Invalid as exc:
        return None, problems_of(exc)
    return planned, planned.verdict.problems
