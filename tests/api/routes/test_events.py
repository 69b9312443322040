"""What happens, told over HTTP by a real server: nothing lost and nothing twice, across a cut connection and a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from pressroom.api.backend import open_backend
from pressroom.domain.identity import Principal, Scope
from pressroom.services.accounts import open_account
from pressroom.services.tokens import create_token
from pressroom.serving.app import create_app
from pressroom.serving.server import listen
from tests.support.desks import Desk, eventually, set_up

PICTURE = {"media_type": "image", "prompt": "sea", "width": 64, "height": 64}


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of a server of its own; the home outlives it."""
    config = uvicorn.Config(create_app(open_backend(desk.settings)), log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as socket:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        assert eventually(lambda: server.started, 30)
        try:
            yield f"http://127.0.0.1:{socket.getsockname()[1]}/api/v1"
        finally:
            server.should_exit = True
            thread.join(30)


def read(url: str, path: str, headers: dict[str, str], after: str = "", most: int = 100) -> list[dict[str, Any]]:
    """The events of a stream until its `end`, or the first so many of them."""
    found: list[dict[str, Any]] = []
    more = {"Last-Event-ID": after} if after else {}
    with httpx.stream("GET", f"{url}{path}", headers={**headers, **more}, timeout=20) as answer:
        answer.raise_for_status()
        event: dict[str, Any] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name in ("event", "id", "data"):
                event[name] = value
            elif not line and event:
                if event.get("event") == "end":
                    break
                found.append({"id": event["id"], **json.loads(event["data"])})
                event = {}
                if len(found) == most:
                    break
    return found


def test_every_event_is_told_once_across_a_cut_and_a_restart(tmp_path: Any) -> None:
    desk = set_up(tmp_path)
    open_account(Principal("default"), desk.context)
    open_account(Principal("bob"), desk.context)
    token = create_token(Principal("default"), desk.context, "t", scopes=[Scope.RUNS_READ, Scope.RUNS_WRITE]).secret
    headers = {"Authorization": f"Bearer {token}"}
    bob = {"Authorization": f"Bearer {create_token(Principal('bob'), desk.context, 't').secret}"}

    with served(desk) as url:
        run = httpx.post(f"{url}/generations", json=PICTURE, headers=headers, timeout=20).json()["id"]
        live = read(url, f"/runs/{run}/events", headers)
        first = read(url, f"/runs/{run}/events", headers, most=1)
        assert httpx.get(f"{url}/runs/{run}/events", headers=bob, timeout=20).status_code == 404
    with served(desk) as url:
        rest = read(url, f"/runs/{run}/events", headers, after=first[-1]["id"])
        second = httpx.post(f"{url}/generations", json=PICTURE, headers=headers, timeout=20).json()["id"]
        account = read(url, "/events", headers, after=rest[-1]["id"], most=3)

    assert [event["name"] for event in live] == [
        "pressroom.run.held",
        "pressroom.asset.stored",
        "pressroom.run.completed",
    ]
    assert live == [*first, *rest]
    assert {event["run"] for event in account} == {second}
    assert [event["name"] for event in account] == [event["name"] for event in live]
