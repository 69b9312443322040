"""Voice agents over HTTP: a question, what may be shown, and addresses that open without a token."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from pressroom.domain.identity import Principal, Scope
from pressroom.services.add_media import add_file
from pressroom.services.edit_assets import Edit, edit_assets
from pressroom.services.selection import Selection
from tests.api.conftest import Caller


def test_a_question_is_answered_with_addresses_that_open(ask: Caller, photo: Path, client: TestClient) -> None:
    image = add_file(Principal("default"), ask.context, photo).id
    edit_assets(
        Principal("default"), ask.context, Selection(ids=(image,)), Edit(name="black granite slab", agent_visible=True)
    )

    question = {"query": "Do you have images of black granite?", "limit": 20}
    (found,) = ask("GET", "/agents/search", Scope.AGENT, params=question)

    assert (found["id"], found["name"], found["origin"]) == (image, "black granite slab", "photo")
    file, small = client.get(found["url"]), client.get(found["thumbnail_url"])
    assert (file.status_code, file.content) == (200, photo.read_bytes())
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert ask("GET", f"/assets/{image}/uses")["items"][0]["kind"] == "agent"
    assert client.get(found["url"].replace("until=", "until=1")).status_code == 404
    assert ask("GET", "/agents/search", status=422, params={"limit": 21})["code"] == "request"
    assert ask("GET", "/agents/search", params={"query": "a unicorn"}) == []
