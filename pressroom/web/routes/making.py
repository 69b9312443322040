"""Making one thing: out of words by its kind (`/create`), or by any operation (`/studio`), with its price on the button."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from pressroom.api.backend import Backend, BackendOf
from pressroom.catalog.load import AUTO
from pressroom.catalog.models import Model
from pressroom.domain.errors import Corrupt, Invalid, NotFound, Problem, Refused, problems_of
from pressroom.domain.media import Kind
from pressroom.domain.operation import PICKED_ON, Operation, Picked, asset_slots, form_schema
from pressroom.domain.suggest import did_you_mean
from pressroom.services.estimate import estimate
from pressroom.services.generate import Generation, asked_for, request_of, start_generation
from pressroom.services.library import assets_named, show_asset
from pressroom.services.masks import add_mask
from pressroom.services.recent_runs import recent_runs
from pressroom.services.start_run import new_run_id
from pressroom.web.rendering import page, see
from pressroom.web.schema_form import Field, fields_of, scalar, values_in, written_in
from pressroom.web.sent_files import media_sent, sent_file
from pressroom.web.visitor import AssetsReader, AssetsWriter, Form, RunsReader, RunsWriter, Visitor

router = APIRouter()
_NUMBERS: Final = ("count", "max_credits")
_KINDS: Final = {
    "image": "generate_image",
    "video": "text_to_video",
    "audio": "speak",
    "text": "write_text",
}
_MOST_RECENT: Final = 8
# What is looked at first; whatever else the schema has stands below.
_FIRST: Final = ("prompt", "text", "style", "preset", "ratio", "placement", "duration", "voice", "kind", "tone")


@dataclass(frozen=True, slots=True)
class Asked:
    """A form as it was sent: what stands in it, the generation that it means, and what is wrong with it."""

    written: Mapping[str, str]
    wanted: Generation | None
    problems: tuple[Problem, ...]
    settings: Mapping[str, str]


@router.get("/create")
def create_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    kind = request.query_params.get("type", "image")
    if kind not in _KINDS:
        raise NotFound(f"nothing of the kind {kind[:20]!r} is made here", hint=f"one of {', '.join(_KINDS)}")
    operation = _operation(backend, _KINDS[kind])
    return _shown(request, backend, visitor, operation, _given(request, backend, operation), tab=kind)


@router.get("/studio")
def studio_page(request: Request, backend: BackendOf, visitor: RunsReader) -> Response:
    """Every operation; with an asset in the address those that take it, and where it goes in each."""
    name = request.query_params.get("asset", "")
    asset = show_asset(visitor.principal, backend.context, name) if name else None
    families: dict[str, list[tuple[Operation[Any], str]]] = {}
    for each in backend.context.operations.values():
        slot = next(
            (slot for slot, takes in asset_slots(each.params).items() if asset and asset.kind in takes.kinds), ""
        )
        if slot or asset is None:
            families.setdefault(each.family, []).append((each, slot))
    return page(request, visitor, "studio.html.j2", families=families, asset=asset)


@router.get("/studio/{name}")
def operation_page(request: Request, backend: BackendOf, visitor: RunsReader, name: str) -> Response:
    operation = _operation(backend, name)
    return _shown(request, backend, visitor, operation, _given(request, backend, operation))


@router.post("/studio/{name}/price")
def price(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form, name: str) -> Response:
    """The same form with what it would cost, and what is against it."""
    operation = _operation(backend, name)
    asked = _asked(backend, visitor, form, operation)
    return _shown(request, backend, visitor, operation, asked, tab=str(form.get("tab", "")))


@router.post("/studio/{name}")
def make(request: Request, backend: BackendOf, visitor: RunsWriter, form: Form, name: str) -> Response:
    operation = _operation(backend, name)
    asked = _asked(backend, visitor, form, operation)
    try:
        if asked.wanted is not None and not asked.problems:
            return see(f"/runs/{_started(backend, visitor, asked.wanted)}")
    except (Invalid, Refused) as exc:
        asked = Asked(asked.written, None, problems_of(exc), asked.settings)
    return _shown(request, backend, visitor, operation, asked, tab=str(form.get("tab", "")), status=422)


@router.post("/studio/masks/{image}")
def mask(backend: BackendOf, visitor: AssetsWriter, form: Form, image: str) -> Response:
    """The id of what was painted over a picture, as text, for the form that it was painted in."""
    return PlainTextResponse(_filed_mask(backend, visitor, form.get("mask"), image))


@router.get("/studio/pictures/{name}")
def picture(backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    """How large a picture is, and where a small one is: what the tools that point at it need."""
    asset = show_asset(visitor.principal, backend.context, name)
    if asset.kind is not Kind.IMAGE or not asset.width or not asset.height:
        raise NotFound(f"{asset.id} is no picture", hint="give the id of one")
    preview = f"/assets/{asset.id}/preview-1600.webp"
    return JSONResponse({"id": asset.id, "width": asset.width, "height": asset.height, "preview": preview})


def _sent(backend: Backend, visitor: Visitor, form: FormData, fields: Sequence[Field]) -> dict[str, str]:
    """Of forms without a script: the ids of files that were sent, by parameter; masks after the picture that they are of."""
    found = media_sent(backend, visitor, form, fields)
    image = found.get(PICKED_ON) or str(form.get(PICKED_ON, "")).strip()
    for field in fields:
        file = form.get(f"_{field.id}_file") if field.picked is Picked.MASK else None
        if isinstance(file, UploadFile) and file.filename:
            found[field.name] = _filed_mask(backend, visitor, file, image)
    return found


def _filed_mask(backend: Backend, visitor: Visitor, file: object, image: str) -> str:
    if not isinstance(file, UploadFile):
        raise Invalid("no mask was sent", hint="paint one, or choose a file")
    with sent_file(file) as path:
        return add_mask(visitor.principal, backend.context, path, image).id


def _started(backend: Backend, visitor: Visitor, wanted: Generation) -> str:
    planning, name = backend.planning(), new_run_id()
    return start_generation(visitor.principal, backend.context, backend.crew, planning, wanted, name)


def _operation(backend: Backend, name: str) -> Operation[Any]:
    known = backend.context.operations
    if name not in known:
        raise NotFound(f"there is no operation {name[:80]!r}", hint=did_you_mean(name, known, "operations"))
    return known[name]


def _given(request: Request, backend: Backend, operation: Operation[Any]) -> Asked:
    """A new form, filled with what its address says."""
    asked = request.query_params
    written = {name: asked[name] for name in operation.params.model_fields if name in asked}
    tier = asked.get("tier") or _tiers(backend, operation)[0]
    return Asked(written, None, (), {"tier": tier, "model": asked.get("model", ""), "count": "1", "max_credits": ""})


def _asked(backend: Backend, visitor: Visitor, form: FormData, operation: Operation[Any]) -> Asked:
    """What the form says, with the files that were sent in the library."""
    schema, slots = form_schema(operation), asset_slots(operation.params)
    written = written_in(form, schema)
    settings = {name: str(form.get(f"_{name}", "")).strip() for name in ("tier", "model", "count", "max_credits")}
    try:
        written |= _sent(backend, visitor, form, fields_of(schema, slots, written, {}))
    except (Invalid, Refused, Corrupt) as exc:
        return Asked(written, None, problems_of(exc), settings)
    values, problems = values_in(schema, slots, written)
    try:
        given = {name: scalar(text) if name in _NUMBERS else text for name, text in settings.items() if text}
        wanted = Generation(operation=operation.name, parameters=values, **given)
    except ValidationError as exc:
        wanted, problems = None, [*problems, *map(_of_field, exc.errors())]
    return Asked(written, wanted, tuple(problems), settings)


def _of_field(error: Any) -> Problem:
    name = str(error["loc"][0]) if error["loc"] else ""
    return Problem("parameter", str(error["msg"]).removeprefix("Value error, "), path=(f"_{name}",))


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    operation: Operation[Any],
    asked: Asked,
    *,
    tab: str = "",
    status: int = 200,
) -> Response:
    priced, against = _priced(backend, visitor, operation, asked)
    problems = (*asked.problems, *against)
    known = {*operation.params.model_fields, *(f"_{name}" for name in asked.settings)}
    beside = {str(each.path[0]): each.message for each in reversed(problems) if each.path and each.path[0] in known}
    made_of = form_schema(operation), asset_slots(operation.params)
    fields = fields_of(*made_of, asked.written, beside, {"placement": tuple(backend.context.catalog.placements)})
    first = {each.name for each in fields if each.required or each.name in _FIRST or each.picked or each.problem}
    chosen = assets_named(visitor.principal, backend.context, [name for field in fields for name in field.media])
    return page(
        request,
        visitor,
        "make.html.j2",
        status=status,
        operation=operation,
        first=[field for field in fields if field.name in first],
        more=[field for field in fields if field.name not in first],
        problems=[each for each in problems if not each.path or str(each.path[0]) not in known],
        beside=beside,
        priced=priced,
        settings=asked.settings,
        tiers=_tiers(backend, operation),
        chosen=chosen,
        takes_media=bool(asset_slots(operation.params)),
        models=list(_models(backend, operation)),
        tabs=list(_KINDS) if tab else [],
        tab=tab,
        recent=recent_runs(visitor.principal, backend.context, limit=_MOST_RECENT),
        own=f"/create?type={tab}" if tab else f"/studio/{operation.name}",
    )


def _priced(
    backend: Backend, visitor: Visitor, operation: Operation[Any], asked: Asked
) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """What it would cost, and what is against it."""
    if asked.wanted is None or asked.problems:
        return None, ()
    try:
        with asked_for():
            request = request_of(asked.wanted, backend.context.operations)
            found = estimate(visitor.principal, backend.planning(), request)
    except (Invalid, Refused) as exc:
        return None, problems_of(exc)
    return found, tuple(_problem(each) for each in found["problems"])


def _problem(values: Mapping[str, Any]) -> Problem:
    return Problem(**{**values, "path": tuple(values["path"])})


def _tiers(backend: Backend, operation: Operation[Any]) -> list[str]:
    """Those of which there is a model for it, the cheapest first; then the one that means any of them."""
    there = {model.tier for model in _models(backend, operation)}
    return [*(tier for tier in backend.context.catalog.tiers if tier in there), AUTO]


def _models(backend: Backend, operation: Operation[Any]) -> Iterator[Model]:
    return (model for model in backend.context.catalog.models.values() if model.operation == operation.name)
