"""Collections: made, looked at, put into order and shared; assets are put on them from the library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from pressroom.api.backend import Backend, BackendOf
from pressroom.api.problems import status_of
from pressroom.domain.errors import Invalid, PressroomError
from pressroom.domain.identity import Principal
from pressroom.services import collections
from pressroom.services.context import Context
from pressroom.services.selection import Selection
from pressroom.web.rendering import page, see
from pressroom.web.visitor import AssetsReader, AssetsWriter, Form, Visitor

router = APIRouter()
_A_PAGE: Final = 60
_FAR: Final = 1_000_000  # places: to an end
# Does something to the collection of this name, or to the asset on it; what is written beside it stands in the form.
Action = Callable[[Principal, Context, str, FormData], object]


def _moved(places: int) -> Action:
    return lambda who, context, name, form: collections.move_in_collection(who, context, name, _asset(form), places)


def _edited(who: Principal, context: Context, name: str, form: FormData) -> None:
    new, words = (str(form.get(field, "")).strip() for field in ("new", "description"))
    collections.edit_collection(who, context, name, new_name=new or None, description=words)


ACTIONS: Final[Mapping[str, Action]] = {
    "first": _moved(-_FAR),
    "earlier": _moved(-1),
    "later": _moved(1),
    "last": _moved(_FAR),
    "cover": lambda who, context, name, form: collections.edit_collection(who, context, name, cover=_asset(form)),
    "off": lambda who, context, name, form: collections.remove_from_collection(
        who, context, name, Selection((_asset(form),))
    ),
    "edit": _edited,
    "delete": lambda who, context, name, form: collections.delete_collection(who, context, name),
}


@router.get("/collections")
def collections_page(request: Request, backend: BackendOf, visitor: AssetsReader) -> Response:
    return _all(request, backend, visitor)


@router.post("/collections")
def make(request: Request, backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    try:
        made = collections.create_collection(visitor.principal, backend.context, str(form.get("name", "")))
    except PressroomError as exc:
        return _all(request, backend, visitor, exc)
    return see(_address(made.name), "saved")


@router.post("/collections/change")
def change(request: Request, backend: BackendOf, visitor: AssetsWriter, form: Form) -> Response:
    name, action = str(form.get("name", "")), str(form.get("do", ""))
    if action not in ACTIONS:
        raise Invalid(f"nothing called {action[:20]!r} is done to collections", hint=f"one of {', '.join(ACTIONS)}")
    try:
        ACTIONS[action](visitor.principal, backend.context, name, form)
    except PressroomError as exc:
        return _one(request, backend, visitor, name, problem=exc)
    if action == "delete":
        return see("/collections", "removed")
    now = str(form.get("new", "")).strip() if action == "edit" else ""
    return see(_address(now or name), "done")


@router.get("/collections/{name:path}")
def collection_page(request: Request, backend: BackendOf, visitor: AssetsReader, name: str) -> Response:
    return _one(request, backend, visitor, name, after=request.query_params.get("after"))


def _asset(form: FormData) -> str:
    return str(form.get("id", ""))


def _address(name: str) -> str:
    return f"/collections/{quote(name, safe='')}"


def _all(request: Request, backend: Backend, visitor: Visitor, problem: PressroomError | None = None) -> Response:
    found = collections.collections_with_faces(visitor.principal, backend.context)
    values = [(each, face, _address(each.name)) for each, face in found]
    return page(request, visitor, "collections.html.j2", status=status_of(problem), collections=values, problem=problem)


def _one(
    request: Request,
    backend: Backend,
    visitor: Visitor,
    name: str,
    *,
    after: str | None = None,
    problem: PressroomError | None = None,
) -> Response:
    found, assets = collections.show_collection(visitor.principal, backend.context, name, _A_PAGE + 1, after)
    return page(
        request,
        visitor,
        "collection.html.j2",
        status=status_of(problem),
        collection=found,
        assets=assets[:_A_PAGE],
        more=f"{_address(name)}?after={assets[_A_PAGE - 1].id}" if len(assets) > _A_PAGE else "",
        begins=after is None,
        problem=problem,
    )
