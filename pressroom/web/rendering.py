"""Templates and what they may ask: amounts, sizes and times as people read them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from textwrap import shorten
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from pressroom.domain.branding import Branding
from pressroom.domain.errors import PressroomError
from pressroom.domain.few import few_of
from pressroom.domain.media import Asset
from pressroom.ledger.statements import StatementLine
from pressroom.reporting.format import words_of
from pressroom.reporting.html_templates import html_templates
from pressroom.services.branding import public_branding
from pressroom.services.generate import STEP
from pressroom.services.previews import has_preview
from pressroom.web.cross_site import FIELD, HEADER
from pressroom.web.static_files import static_url
from pressroom.web.visitor import Visitor

_NAME_CHARACTERS: Final = 60
_OF_A_RUN: Final = re.compile(r"(?:hold|release|extend|expire):(r[0-9a-f]{16})(?::|$)")
TEMPLATES: Final = Path(__file__).parent / "templates"
SAID_IN: Final = "said"
# What a page says after something was done, by the word in its address.
SAID: Final = {
    "saved": "Saved.",
    "done": "Done.",
    "added": "Added.",
    "removed": "Removed.",
    "revoked": "Revoked. Nothing can use it from now on.",
    "capped": "Its caps hold from now on.",
    "approved": "Approved. The run goes on.",
    "rejected": "Rejected. What the run held has been given back.",
    "resumed": "The run goes on.",
    "cancelled": "Cancelled. What was not spent has been given back.",
    "accepted": "You have accepted. Sign in, and see what is shared with you.",
    "password": "Your password is set. Sign in with it.",
    "signed_out": "You have signed out.",
    "deleted": "Deleted. Nothing is told there from now on.",
    "in_line": "In line. It is sent in a moment.",
    "changed": "Changed. The person signs in anew.",
}


def page(
    request: Request, visitor: Visitor | None, template: str, *, status: int = HTTPStatus.OK, **values: Any
) -> Response:
    """The template with what every page has, in the looks of the visitor's account, else in the installation's own."""
    return _rendered(request, visitor, visitor.principal.account if visitor else "", template, status, values)


def guest_page(
    request: Request, account: str, template: str, *, status: int = HTTPStatus.OK, **values: Any
) -> Response:
    """The same for somebody of no account, in the looks of the one that has something to show."""
    return _rendered(request, None, account, template, status, values)


def _rendered(
    request: Request, visitor: Visitor | None, account: str, template: str, status: int, values: dict[str, Any]
) -> Response:
    found = _environment().get_template(template)
    said = SAID.get(request.query_params.get(SAID_IN, ""), "")
    brand = _brand(request, account)
    html = found.render(request=request, visitor=visitor, brand=brand, said=said, path=request.url.path, **values)
    return HTMLResponse(html, status)


def _brand(request: Request, account: str) -> Branding:
    """As it comes where nobody can be asked: a page that says so is to be shown."""
    context = request.app.state.backend.context
    try:
        return public_branding(context, account or context.settings.account)
    except PressroomError:
        return Branding()


def see(path: str, said: str = "", **query: str) -> Response:
    """Go and look at another page: what answers a form that was done, so that loading it again does nothing twice."""
    asked = {**query, **({SAID_IN: said} if said else {})}
    more = f"{'&' if '?' in path else '?'}{urlencode(asked)}" if asked else ""
    return RedirectResponse(path + more, HTTPStatus.SEE_OTHER)


def with_query(request: Request, **changes: str | None) -> str:
    """This page's address with other parameters; None drops one."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in changes and pair[0] != SAID_IN]
    return _address(request, [*kept, *((name, value) for name, value in changes.items() if value)])


def without(request: Request, name: str, value: str) -> str:
    """This page's address, from its first page on, without one value of a parameter that may have several."""
    kept = [pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", SAID_IN)]
    return _address(request, [pair for pair in kept if pair != (name, value)])


def _address(request: Request, asked: list[tuple[str, str]]) -> str:
    return f"{request.url.path}?{urlencode(asked)}" if asked else request.url.path


@cache
def _environment() -> Environment:
    environment = html_templates(TEMPLATES)
    environment.filters.update(
        named=named, minute=_minute, day=_day, iso=_iso, few=few_of, moved_for=moved_for, run_of=run_of
    )
    environment.tests["pictured"] = has_preview
    environment.globals.update(
        static=static_url,
        with_query=with_query,
        without=without,
        FORM_TOKEN=FIELD,
        FORM_TOKEN_HEADER=HEADER,
    )
    return environment


def named(asset: Asset) -> str:
    """What people call it: its title, else the step that made it with the values of its variant, else its name.

    What was asked for as one generation has no step with a name of its own: it is called by its prompt, else by what was done.
    """
    values = ", ".join(part.partition("=")[2] for part in asset.variant.split(", ") if part)
    made = asset.step
    if made == STEP:
        made = shorten(asset.prompt, _NAME_CHARACTERS, placeholder="…") or words_of(asset.operation or asset.kind)
    return asset.title or " · ".join(filter(None, (made, values))) or asset.name or asset.label or asset.id


def moved_for(line: StatementLine) -> str:
    """What a movement of credits was for: a note, or the run, by the key of the command."""
    if line.memo:
        campaign, _, node = line.memo.partition(" ")
        return words_of(campaign) if node == STEP else line.memo
    return "run" if run_of(line) else line.key


def run_of(line: StatementLine) -> str:
    """The run that a movement belongs to; empty for what belongs to none."""
    found = _OF_A_RUN.match(line.key)
    return found[1] if found else ""


def _minute(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}"


def _day(at: datetime | None) -> str:
    return "–" if at is None else f"{at:%Y-%m-%d}"


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
