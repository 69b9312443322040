"""Nobody reads or changes what is not theirs: every page about something, asked by others, answers as if it were not there.

The routes are those that there are, so that a new one is covered, or fails until its parameters are known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select

from pressroom.database.schema import (
    asset,
    branding,
    campaign_document,
    collection,
    membership,
    public_link,
    run,
    share,
)
from pressroom.database.schema import token as token_table
from pressroom.domain.identity import Principal
from pressroom.library.assets import assets_by_id
from pressroom.services.collections import create_collection
from pressroom.services.documents import show_document
from pressroom.services.finding import save_search
from pressroom.services.public_links import create_link
from pressroom.services.tokens import create_token
from pressroom.web.pages import ROUTERS
from tests.support.web_server import OPERATOR, RIVAL, Served, token_of

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
PARAMETER = re.compile(r"{(\w+)}")
# What says whose something is; the others are the same for everybody.
OWNED = {"name", "other", "run_id", "number", "prefix", "email", "sha256"}
ALL_THE_SAME = {"side": "320", "light": "0d5a63", "dark": "6fc7cf", "vendor": "fal", "decision": "approved"}
# Answers of these go on and on; tests/api/routes/test_events.py tells whose events they are of.
STREAMS = {"/runs/events"}


@dataclass(frozen=True)
class Owned:
    """What the account has, by the parameters of addresses, and words that nobody else is to read."""

    theirs: Mapping[str, str]
    nobodys: Mapping[str, str]
    words: tuple[str, ...]


@pytest.fixture(scope="module")
def owned(house: Served) -> Owned:
    context = house.context
    create_collection(OPERATOR, context, "veiled shelf")
    save_search(OPERATOR, context, "veiled search", [("text", "photo")])
    made = create_token(OPERATOR, context, "veiled token")
    link = create_link(OPERATOR, context, "asset", house.made)
    with context.database.read() as conn:
        found = assets_by_id(conn, 1, [house.made])[house.made]
    document = show_document(OPERATOR, context, house.document).id
    theirs = {
        "name": house.made,
        "other": house.asset,
        "run_id": house.ended,
        "number": str(link.link.id),
        "prefix": made.token.prefix,
        "email": "owner@example.com",
        "sha256": found.sha256,
    }
    digits = zip(theirs.items(), "456789", strict=False)  # no two alike, whatever their length
    nobodys = {name: re.sub("[0-9a-z]", digit, text) for (name, text), digit in digits}
    nobodys |= {"email": "nobody@example.com", "sha256": "0" * 64}
    words = (found.id, found.sha256, house.asset, house.ended, house.waiting, document, "veiled", "autumn", "photo.png")
    return Owned(theirs, nobodys, words)


@pytest.fixture
def stranger(house: Served) -> Iterator[httpx.Client]:
    with house.client() as client:
        yield client


@pytest.fixture(scope="module")
def secret(house: Served, rival: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A good link, to something of another account."""
    create_collection(Principal(RIVAL.partition("@")[2]), house.context, "rival shelf")
    return create_link(Principal(RIVAL.partition("@")[2]), house.context, "collection", "rival shelf").secret


def filled(path: str, values: Mapping[str, str]) -> str:
    return PARAMETER.sub(lambda found: {**ALL_THE_SAME, **values}[found.group(1)], path)


def about(route: APIRoute) -> bool:
    return bool(OWNED.intersection(PARAMETER.findall(route.path)))


def told(answer: httpx.Response, values: Mapping[str, str]) -> tuple[Any, ...]:
    """All that an answer says, but for what was asked."""
    text = f"{answer.headers.get('location', '')} {answer.text}"
    for name, value in sorted(values.items(), key=lambda each: -len(each[1])):
        text = text.replace(f"link {value}" if name == "number" else value, f"<{name}>")
    return answer.status_code, answer.headers.get("content-type"), text


@pytest.mark.parametrize("who", ["rival", "stranger"])
def test_what_is_of_others_is_as_if_it_were_not_there(
    request: pytest.FixtureRequest, owned: Owned, secret: str, who: str
) -> None:
    client: httpx.Client = request.getfixturevalue(who)
    for route in ROUTES:
        if "GET" not in route.methods or route.path in STREAMS:
            continue
        theirs, nobodys = ({**values, "secret": secret} for values in (owned.theirs, owned.nobodys))
        here = client.get(filled(route.path, theirs))
        if about(route):
            assert told(here, theirs) == told(client.get(filled(route.path, nobodys)), nobodys), route.path
        else:
            assert [word for word in owned.words if word in here.text] == [], route.path


def test_what_is_of_others_is_not_changed(house: Served, rival: httpx.Client, owned: Owned, secret: str) -> None:
    before = rows(house)
    own = token_of(rival)
    bodies: dict[str, dict[str, str]] = {
        "/library/change": {"action": "trash"},
        "/shares": {"kind": "asset", "email": RIVAL, "right": "edit"},
        "/shares/remove": {"kind": "asset", "email": RIVAL},
        "/shares/links": {"kind": "asset", "right": "use", "days": "7"},
    }
    for route in ROUTES:
        if "POST" not in route.methods or not (about(route) or route.path in bodies):
            continue
        answers = []
        for values in (owned.theirs, owned.nobodys):
            form = {
                "title": "stolen",
                "role": "viewer",
                "value": "stolen",
                "id": values["name"],
                "name": values["name"],
            }
            path = filled(route.path, {**values, "secret": secret})
            answer = rival.post(path, data={**form, **bodies.get(route.path, {}), "form_token": own})
            answers.append(told(answer, {**values, "token": own}))
        assert answers[0] == answers[1], route.path
        assert answers[0][0] >= 400, route.path
    assert rows(house) == before


def rows(house: Served) -> list[Any]:
    """Everything of the account that forms change."""
    tables = (asset, branding, campaign_document, collection, membership, public_link, run, share, token_table)
    with house.context.database.read() as conn:
        return [list(conn.execute(select(table).where(table.c.account_id == 1))) for table in tables]
