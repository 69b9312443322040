"""Bodies without end and files that must not be opened: refused by name, whoever sends them, and nothing of them is kept."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.api.bodies import MOST_BYTES
from pressroom.domain.identity import Scope
from tests.api.conftest import Caller
from tests.api.routes.test_tus import PART, TUS
from tests.support.desks import Desk
from tests.support.hostile import corpus

PIECE = b"x" * 1_000_000
# Its container is sound, and only its frames show the damage: see tests/media/test_hostile.py.
SEEN_LATER = "recordings: WebM of 16,383 x 16,383 pixels"


def endless(app: FastAPI, path: str, headers: dict[str, str]) -> tuple[int, int]:
    """The status of the answer to a body of 80 MB without a length, and how much of it was read."""
    read, answers = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += len(PIECE)
        return {"type": "http.request", "body": PIECE, "more_body": read < 80_000_000}

    async def send(message: Any) -> None:
        answers.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": given,
        "http_version": "1.1",
    }
    scope |= {"scheme": "http", "server": ("testserver", 80), "client": ("127.0.0.1", 1), "root_path": "", "state": {}}
    asyncio.run(app({**scope, "raw_path": path.encode(), "asgi": {"version": "3.0"}}, receive, send))
    return answers[0]["status"], read


@pytest.mark.parametrize("path", ["/generations", "/campaigns", "/assets/tag", "/invitations/accept", "/batches"])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "endless"}])
def test_a_body_without_end_is_not_read_to_its_end(app: FastAPI, ask: Caller, path: str, key: dict[str, str]) -> None:
    """Nor is it where nobody says who sends it: a body is read before anybody looks at the token."""
    for headers in (ask.headers, {}):
        status, read = endless(app, f"/api/v1{path}", {**headers, **key, "Content-Type": "application/json"})

        assert status == 413 or (not headers and status == 401)
        assert read <= MOST_BYTES + len(PIECE)


def test_a_body_whose_length_is_too_much_is_not_read_at_all(app: FastAPI) -> None:
    for path in ("/api/v1/generations", "/mcp"):
        assert endless(app, path, {"Content-Length": str(MOST_BYTES + 1)}) == (413, 0)


def test_a_file_that_is_sent_with_a_key_is_on_disk_while_it_comes(ask: Caller, photo: Any, api_desk: Desk) -> None:
    body, headers = photo.read_bytes(), {"Idempotency-Key": secrets.token_hex(8)}

    first, again = (ask("POST", "/assets/uploads?filename=a.png", content=body, headers=headers) for _ in range(2))
    other = ask("POST", "/assets/uploads?filename=a.png", content=body + b"x", headers=headers, status=422)
    large = ask("POST", "/assets/uploads?filename=a.png", content=b"\0" * 64_000_001, headers=headers, status=413)

    assert first == again
    assert (other["code"], large["status"]) == ("idempotency_key", 413)
    assert list(api_desk.settings.home.glob("tmp*")) == []


def test_hostile_files_are_refused_by_every_way_in(ask: Caller, client: TestClient, api_desk: Desk) -> None:
    """A fourth of them, each by one of two ways; tests/media/test_hostile.py looks at all."""
    accepted = []
    before = stored(api_desk)
    for number, (name, data) in enumerate([*corpus()][::4]):
        if number % 2:
            sent = {"content": data, "headers": {"Authorization": f"Bearer {ask.secret(Scope.ASSETS_WRITE)}"}}
            answer = client.post("/api/v1/assets/uploads?filename=a.jpg", **sent)
        else:
            answer = in_one_part(ask, data)
        if answer.is_success:
            accepted.append(name)
            continue
        told = answer.json()
        assert (answer.status_code, told["code"]) == (422, "corrupt"), (name, told)
        assert len(told["detail"]) < 600, name
        assert str(api_desk.folder) not in answer.text, name
    assert set(accepted) <= {SEEN_LATER}
    assert len(stored(api_desk)) <= len(before) + len(accepted)


def stored(desk: Desk) -> list[str]:
    return [str(path) for path in (desk.settings.home / "store").rglob("*") if path.is_file()]


def in_one_part(ask: Caller, data: bytes) -> httpx.Response:
    """Sent by tus; the answer to the part, or to the begin of it where that refuses."""
    begun = ask.client.post("/api/v1/uploads", headers={**ask.headers, **TUS, "Upload-Length": str(len(data) or 1)})
    if not begun.is_success or not data:
        return begun
    headers = {**ask.headers, **PART, "Upload-Offset": "0"}
    return ask.client.patch(begun.headers["location"], headers=headers, content=data)
