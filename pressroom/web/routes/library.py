"""The library: found by words and filters that stand in the address, as cards or lines; files are dropped here."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from starlette.datastructures import UploadFile

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import Invalid
from pressroom.library.search import Found
from pressroom.library.search_words import NAMES, query_of
from pressroom.services.collections import list_collections
from pressroom.services.edit_assets import move_assets, move_folder
from pressroom.services.finding import saved_searches, search_assets
from pressroom.services.marks import marks_of
from pressroom.services.selection import Selection
from pressroom.services.shared_assets import shared_with
from pressroom.web.rendering import SAID_IN, page, see
from pressroom.web.routes.searches import address_of
from pressroom.web.sent_files import add_sent
from pressroom.web.visitor import AssetsReader, AssetsWriter, Form

router = APIRouter()
_A_PAGE: Final = "60"
_VIEWS: Final = ("grid", "list")
_VIEW: Final = "view"
# What of what was found is offered to narrow it down, where there is a choice.
_FACETS: Final = (
    "kind",
    "campaign",
    "project",
    "folder",
    "category",
    "tag",
    "placement",
    "format",
    "orientation",
    "model",
)
_PICKS: Final = "24"
# What is done to assets -> the facet that names for it come from.
_NAMED_BY: Final = {"tag": "tag", "untag": "tag", "move": "folder"}
_MOST_VALUES: Final = 20  # of each facet: ten facets of fifty were as long as the cards
_SORTS: Final = ("newest", "oldest", "name", "size", "cost", "rating", "used")
_OF_THE_PAGE: Final = (_VIEW, SAID_IN)


@router.get("/library")
def library_page(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    given = [(name, value) for name, value in request.query_params.multi_items() if value and name not in _OF_THE_PAGE]
    asked = [*given, ("limit", _A_PAGE), *(("facets", name) for name in _FACETS)]
    try:
        found, problem = search_assets(visitor.principal, backend.context, query_of(asked)), None
    except Invalid as exc:
        found, problem = Found((), None, 0), exc
    view = request.query_params.get(_VIEW)
    return page(
        request,
        visitor,
        "library.html.j2",
        found=found,
        marks=marks_of(visitor.principal, backend.context, [each.id for each in found.items]),
        problem=problem,
        view=view if view in _VIEWS else _VIEWS[0],
        filters=[(name, value) for name, value in given if name in NAMES and name not in ("text", "favourite")],
        given=dict(given),
        folders=_way_to(dict(given).get("folder", "")),
        sorts=_SORTS,
        kept=[(each.name, address_of(each)) for each in saved_searches(visitor.principal, backend.context)],
        shared=len(shared_with(visitor.principal, backend.context)),
        most_values=_MOST_VALUES,
        facets={name: each for name, each in found.facets.items() if len(each.values) > 1},
    )


def _way_to(folder: str) -> list[tuple[str, str]]:
    """Name and path of each folder on the way, the outermost first."""
    names = [name for name in folder.split("/") if name]
    return [(name, "/".join(names[:depth])) for depth, name in enumerate(names, start=1)]


@router.post("/library/folders")
def move(request: Request, backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    """Rename a folder or move it, with all below it."""
    folder, to = (str(form.get(field, "")).strip() for field in ("folder", "to"))
    move_folder(visitor.principal, backend.context, folder, to)
    return see(f"/library?{urlencode({'folder': to})}" if to else "/library", "done")


@router.get("/library/pick")
def pick(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    """What fits the words, of the kinds that a field takes, to be chosen for it: a part of a page."""
    kinds, text = request.query_params.getlist("kind"), request.query_params.get("text", "").strip()
    asked = [*(("kind", kind) for kind in kinds), *([("text", text)] if text else []), ("limit", _PICKS)]
    found = search_assets(visitor.principal, backend.context, query_of(asked))
    return page(request, visitor, "pick.html.j2", found=found, text=text)


@router.get("/library/names")
def names(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    """The collections, folders or tags there are, for what is to be done to those picked: options, and none for anything else."""
    action = request.query_params.get("action", "")
    if action == "collect":
        there = [each.name for each in list_collections(visitor.principal, backend.context)]
    elif action in _NAMED_BY:
        facet = _NAMED_BY[action]
        found = search_assets(visitor.principal, backend.context, query_of([("facets", facet), ("limit", "1")]))
        there = sorted(value for value, _ in found.facets[facet].values)
    else:
        there = []
    return page(request, visitor, "names.html.j2", names=there)


@router.post("/library/pick")
async def bring(backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    """The id of a file that was brought along for a field, as text."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid("no file was chosen", hint="choose one")
    return PlainTextResponse((await run_in_threadpool(add_sent, backend, visitor, file)).id)


@router.post("/library/files")
async def add_files(backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    files = [file for file in form.getlist("file") if isinstance(file, UploadFile) and file.filename]
    if not files:
        raise Invalid("no file was chosen", hint="choose one or drop it on the page")
    added = [(await run_in_threadpool(add_sent, backend, visitor, file)).id for file in files]
    folder = str(form.get("folder", ""))
    if not folder:
        return see("/library", "added")
    await run_in_threadpool(move_assets, visitor.principal, backend.context, Selection(tuple(added)), folder)
    return see(f"/library?{urlencode({'folder': folder})}", "added")
