"""Errors over HTTP: the status by who must act, the code of docs/errors.md, and nothing of the server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.api.problems import answer_with_problems, status_of
from pressroom.domain import errors
from pressroom.domain.errors import Invalid, NotFound, Permanent, PressroomError, Problem, Refused, Retryable
from tests.api.conftest import Caller

BALANCE = Problem("balance", "this needs 4 credits", "add credits")
OTHER = Problem("delivery", "the folder is read-only", file="/srv/secret/out")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid("no"), 422, "invalid"),
        (NotFound("no"), 404, "not_found"),
        (Refused("no"), 409, "refused"),
        (Refused("no", problems=(BALANCE,)), 402, "balance"),
        (Refused("no", problems=(OTHER, BALANCE)), 402, "balance"),
        (Refused("no", problems=(OTHER,)), 409, "delivery"),
        (Refused("no", problems=(Problem("input", "no"),)), 422, "input"),
        (Refused("no", problems=(Problem("scope", "no"),)), 403, "scope"),
        (Retryable("busy"), 503, "retryable"),
        (Permanent("never"), 502, "permanent"),
    ],
)
def test_an_error_says_who_must_act(error: PressroomError, status: int, code: str) -> None:
    answer = raised(error)

    assert (answer["status"], answer["code"], answer["type"]) == (status, code, f"urn:pressroom:problem:{code}")
    assert answer["detail"] == error.message


def test_every_class_of_error_has_a_status() -> None:
    classes = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, PressroomError)]

    assert {cls.__name__: 400 <= status_of(cls("x")) < 600 for cls in classes} == {c.__name__: True for c in classes}


def test_nothing_of_the_server_is_told() -> None:
    assert raised(Refused("no", problems=(OTHER,)))["problems"][0]["file"] == "out"
    full = raised(
        Refused("/srv/secret/media: No space left on device", problems=(replace(OTHER, hint="clear /srv/secret"),))
    )
    assert full["detail"] == "$PRESSROOM_HOME/media: No space left on device"
    assert full["problems"][0]["hint"] == "clear $PRESSROOM_HOME"
    broken = raised(RuntimeError("/srv/secret: password=hunter2"))
    assert "hunter2" not in str(broken)
    assert (broken["status"], broken["code"]) == (500, "internal")


def test_what_a_request_lacks_is_named_without_repeating_it(ask: Caller) -> None:
    answer = ask("POST", "/tokens", status=422, json={"name": "", "secret": "hunter2"})

    assert {problem["message"].partition(":")[0] for problem in answer["problems"]} == {"name", "secret"}
    assert "hunter2" not in str(answer)


def test_what_is_not_there_is_a_problem_too(ask: Caller, client: TestClient) -> None:
    assert ask("GET", "/nowhere", status=404)["code"] == "not_found"
    assert ask("PATCH", "/account", status=405)["code"] == "method_not_allowed"


def raised(error: Exception) -> dict[str, object]:
    app = FastAPI()
    answer_with_problems(app, lambda text: text.replace("/srv/secret", "$PRESSROOM_HOME"))

    @app.get("/")
    def route() -> None:
        raise error

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/")
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = answer.json()
    return found
