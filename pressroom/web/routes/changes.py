"""Changing assets from their pages: the words of one, and whatever is done to one, to those picked or to all that were found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from pressroom.api.backend import BackendOf
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.library.editing import Edit
from pressroom.library.search_words import NAMES, query_of
from pressroom.services import edit_assets as changing
from pressroom.services.collections import add_to_collection, create_collection, list_collections
from pressroom.services.context import Context
from pressroom.services.selection import Changed, Selection
from pressroom.web.failures import own_path
from pressroom.web.rendering import page, see
from pressroom.web.visitor import AssetsMarker, AssetsWriter, Form

router = APIRouter()
# Does something to a selection with what was written beside it; only says what it would do where it is asked to (the last).
Action = Callable[[Principal, Context, Selection, str, bool], Changed]


def _tags(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _rated(who: Principal, context: Context, which: Selection, text: str, dry_run: bool) -> Changed:
    if text and not text.isdecimal():
        raise Invalid(f"{text[:20]!r} is no rating", hint="write a number from 1 to 5, or nothing")
    return changing.rate_assets(who, context, which, int(text) if text else None, dry_run=dry_run)


def _collected(who: Principal, context: Context, which: Selection, text: str, dry_run: bool) -> Changed:
    """Into a collection, which is made where there is none of this name."""
    if not dry_run and all(each.name != text for each in list_collections(who, context)):
        create_collection(who, context, text)
    return add_to_collection(who, context, text, which, dry_run=dry_run)


ACTIONS: Final[Mapping[str, Action]] = {
    "tag": lambda who, context, which, text, dry: changing.tag_assets(who, context, which, _tags(text), dry_run=dry),
    "untag": lambda who, context, which, text, dry: changing.untag_assets(
        who, context, which, _tags(text), dry_run=dry
    ),
    "move": lambda who, context, which, text, dry: changing.move_assets(who, context, which, text, dry_run=dry),
    "collect": _collected,
    "favour": lambda who, context, which, text, dry: changing.favour_assets(who, context, which, True, dry_run=dry),
    "disfavour": lambda who, context, which, text, dry: changing.favour_assets(who, context, which, False, dry_run=dry),
    "rate": _rated,
    "archive": lambda who, context, which, text, dry: changing.archive_assets(who, context, which, dry_run=dry),
    "trash": lambda who, context, which, text, dry: changing.trash_assets(who, context, which, dry_run=dry),
    "restore": lambda who, context, which, text, dry: changing.restore_assets(who, context, which, dry_run=dry),
}


_WORDS: Final = ("title", "description", "alt_text", "folder")


@router.post("/library/change")
def change(request: Request, backend: BackendOf, visitor: AssetsMarker, form: Form) -> Response:
    """All that were found are changed only after a page has said how many those are."""
    name, text, back = (str(form.get(field, "")) for field in ("action", "value", "back"))
    if name not in ACTIONS:
        raise Invalid(f"nothing called {name[:20]!r} is done to assets", hint=f"one of {', '.join(ACTIONS)}")
    which, unsure = _selection(form), "all" in form and "sure" not in form
    done = ACTIONS[name](visitor.principal, backend.context, which, text.strip(), unsure)
    if unsure:
        values: dict[str, Any] = {
            "action": name,
            "value": text,
            "back": back,
            "found": str(form["all"]),
            "count_of": len(done.assets),
        }
        return page(request, visitor, "sure.html.j2", **values)
    return see(own_path(back), "done")


@router.post("/assets/{name}/favour")
def favour(backend: BackendOf, visitor: AssetsMarker, form: Form, name: str) -> Response:
    """Make it a favourite of whoever looks, or no longer, from a card among others."""
    wanted = form.get("star") == "on"
    changing.favour_assets(visitor.principal, backend.context, Selection((name,)), wanted)
    return see(own_path(str(form.get("back", ""))), "done")


@router.post("/assets/{name}/words")
def words(backend: BackendOf, visitor: AssetsWriter, form: Form, name: str) -> Response:
    given: dict[str, Any] = {field: str(form[field]).strip() for field in _WORDS if field in form}
    changing.edit_assets(visitor.principal, backend.context, Selection((name,)), Edit(**given))
    return see(f"/assets/{name}", "saved")


def _selection(form: FormData) -> Selection:
    """Those that were picked, or all that the address of the page finds. Raises Invalid for none."""
    if "all" in form:
        asked = parse_qsl(str(form["all"]))
        return Selection(which=query_of([pair for pair in asked if pair[0] in NAMES]).which)
    ids = tuple(str(each) for each in form.getlist("id"))
    if not ids:
        raise Invalid("no asset is picked", hint="pick some, or all that were found")
    return Selection(ids)
