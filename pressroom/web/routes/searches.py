"""Saved searches: each person's own, kept from the library's address, opened, renamed and deleted."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import PressroomError
from pressroom.library.saved_searches import SavedSearch
from pressroom.library.search_words import NAMES
from pressroom.services import finding
from pressroom.web.rendering import page, see
from pressroom.web.visitor import AssetsMarker, AssetsReader, Form, Visitor

router = APIRouter()
_KEPT: Final = frozenset({*NAMES, "sort"})


def address_of(search: SavedSearch) -> str:
    """Where the library shows what it finds."""
    return f"/library?{urlencode(search.query)}"


@router.get("/library/searches")
def searches_page(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    return _shown(request, backend, visitor)


@router.post("/library/searches")
def save(request: Request, backend: BackendOf, visitor: AssetsMarker, form: Form) -> Response:
    """Keeps the filters, the words and the order of the library's address under a name."""
    query = [pair for pair in parse_qsl(str(form.get("query", ""))) if pair[0] in _KEPT]
    name = str(form.get("name", "")).strip()
    try:
        finding.save_search(visitor.principal, backend.context, name, query)
    except PressroomError as exc:
        return _shown(request, backend, visitor, exc, wanted=(name, urlencode(query)))
    return see(f"/library?{urlencode(query)}", "saved")


@router.post("/library/searches/rename")
def rename(request: Request, backend: BackendOf, visitor: AssetsMarker, form: Form) -> Response:
    name, new = str(form.get("name", "")), str(form.get("new", ""))
    try:
        finding.rename_saved_search(visitor.principal, backend.context, name, new)
    except PressroomError as exc:
        return _shown(request, backend, visitor, exc)
    return see("/library/searches", "saved")


@router.post("/library/searches/delete")
def delete(backend: BackendOf, visitor: AssetsMarker, form: Form) -> Response:
    finding.delete_saved_search(visitor.principal, backend.context, str(form.get("name", "")))
    return see("/library/searches", "removed")


def _shown(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    problem: PressroomError | None = None,
    wanted: tuple[str, str] | None = None,
) -> Response:
    kept = finding.saved_searches(visitor.principal, backend.context)
    values = {"searches": [(each, address_of(each)) for each in kept], "problem": problem, "wanted": wanted}
    return page(request, visitor, "searches.html.j2", status=status_of(problem), **values)
