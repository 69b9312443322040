"""Launching on a deployment: what is sent, what is sent again, and what a server may answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pressroom.domain.errors import Invalid, Permanent, Retryable
from pressroom.domain.identity import Principal
from pressroom.prefect_server.api import PAUSES_SECONDS, PrefectServer
from pressroom.prefect_server.deployment import PrefectDeployment
from pressroom.runs.records import named_id
from pressroom.services.run_request import RunRequest

REQUEST = RunRequest(file="/campaigns/launch.yaml")
ACME = Principal("acme", "ann")


@dataclass
class Server:
    """A server that answers as it is told and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            known.asked.append((self.command, self.path, body, self.headers.get("Authorization", "")))
            status, answer = known.answers.pop(0)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, *args: object) -> None:
            return None

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{httpd.server_port}/api"
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield known
    httpd.shutdown()
    httpd.server_close()


def test_the_request_travels_with_its_account_and_a_run_id_that_is_the_key(server: Server) -> None:
    server.answers = [(200, {"id": "d1"}), (201, {"id": "f1"})]

    launched = PrefectDeployment(PrefectServer(server.url)).launch(ACME, REQUEST)

    method, path, body, _ = server.asked[1]
    assert (method, path) == ("POST", "/api/deployments/d1/create_flow_run")
    assert body["idempotency_key"] == f"pressroom:{named_id('acme', launched.run_id)}"
    assert body["idempotency_key"] != f"pressroom:{named_id('other', launched.run_id)}"
    assert {name: body["parameters"]["request"][name] for name in ("file", "account", "user", "run_id")} == {
        "file": "/campaigns/launch.yaml",
        "account": "acme",
        "user": "ann",
        "run_id": launched.run_id,
    }
    assert (launched.flow_run_id, launched.report) == ("f1", None)


def test_a_busy_server_is_asked_again_under_the_same_key(server: Server) -> None:
    server.answers = [(503, {}), (200, {"id": "d1"}), (503, {}), (503, {}), (200, {"id": "f1"})]
    paused: list[float] = []

    PrefectDeployment(PrefectServer(server.url, sleep=paused.append)).launch(ACME, REQUEST)

    keys = {body["idempotency_key"] for method, _, body, _ in server.asked if method == "POST"}
    assert len(keys) == 1
    assert paused == [PAUSES_SECONDS[0], *PAUSES_SECONDS[:2]]


def test_a_server_that_stays_busy_is_told_as_busy(server: Server) -> None:
    server.answers = [(503, {})] * (len(PAUSES_SECONDS) + 1)

    with pytest.raises(Retryable, match="busy"):
        PrefectDeployment(PrefectServer(server.url, sleep=lambda seconds: None)).launch(ACME, REQUEST)


def test_a_server_that_is_not_there_is_told_so() -> None:
    with pytest.raises(Retryable, match="cannot be reached"):
        PrefectDeployment(PrefectServer("http://127.0.0.1:9/api", sleep=lambda seconds: None)).launch(ACME, REQUEST)


def test_a_deployment_that_is_not_there_is_named_with_what_to_do(server: Server) -> None:
    server.answers = [(404, {"detail": "Deployment not found"})]

    with pytest.raises(Invalid, match=r"no deployment 'campaign/nightly'.*prefect deploy"):
        PrefectDeployment(PrefectServer(server.url), "campaign/nightly").launch(ACME, REQUEST)


def test_what_the_deployment_refuses_is_quoted(server: Server) -> None:
    server.answers = [(200, {"id": "d1"}), (409, {"detail": "'file' is too short"})]

    with pytest.raises(Invalid, match="refuses campaign/campaign: 'file' is too short"):
        PrefectDeployment(PrefectServer(server.url)).launch(ACME, REQUEST)


def test_credentials_are_sent_and_never_shown(server: Server) -> None:
    server.answers = [(401, {"detail": "Unauthorized"})]
    launcher = PrefectDeployment(PrefectServer(server.url, "me:correct-horse"))

    with pytest.raises(Permanent) as caught:
        launcher.launch(ACME, REQUEST)

    assert server.asked[0][3].startswith("Basic ")
    assert "correct-horse" not in str(caught.value) + repr(launcher)
