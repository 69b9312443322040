"""Whether a server is ready: each part is asked, for a bounded time, and says no more than that it is down."""

from __future__ import annotations

import threading
from pathlib import Path

from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.domain.errors import Retryable
from pressroom.services.readiness import Readiness
from pressroom.serving.app import create_app
from pressroom.settings import settings_for
from tests.support.api_server import HOST, answered, api_server


def fails() -> None:
    raise Retryable("postgresql://somebody:secret@host is away")


def test_each_part_says_how_it_is_and_not_why() -> None:
    assert Readiness({"good": lambda: None, "bad": fails}).ask() == {"good": "ok", "bad": "down"}


def test_a_part_that_never_answers_is_down_in_time_and_holds_up_one_thread() -> None:
    asked, over = [], threading.Event()

    def hangs() -> None:
        asked.append(1)
        over.wait(60)

    found = Readiness({"slow": hangs, "good": lambda: None}, seconds=0.05)

    answers = [found.ask() for _ in range(3)]
    over.set()

    assert answers == [{"slow": "down", "good": "ok"}] * 3
    assert len(asked) == 1


def test_a_server_asks_the_prefect_server_that_is_configured(tmp_path: Path) -> None:
    with api_server(answered(b"true")) as prefect:
        url = f"http://someone:secret@{HOST}:{prefect.port}/api"
        settings = settings_for(tmp_path, {}, home=str(tmp_path / "home"), prefect_api_url=url)
        client = TestClient(create_app(open_backend(settings)))

        well = client.get("/readyz")
        prefect.answer = answered(b"busy", 503)
        ill = client.get("/readyz")

    assert (well.status_code, well.json()["parts"]) == (200, {"database": "ok", "store": "ok", "prefect": "ok"})
    assert (ill.status_code, ill.json()["ready"], ill.json()["parts"]["prefect"]) == (503, False, "down")
    assert "secret" not in ill.text
    assert {path for _, path, *_ in prefect.asked} == {"/api/health"}
