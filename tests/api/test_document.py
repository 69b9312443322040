"""The OpenAPI document says what a client has to know that has nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from pressroom.domain.states import RunState
from tests.api.test_asking import routes

# What creates nothing and spends nothing, and what others than holders of tokens call.
WITHOUT_KEY = {"/estimates", "/plans", "/campaigns/validate", "/invitations/accept", "/calls/{vendor}/{key}"}


def test_calls_that_create_or_spend_say_that_they_take_a_key(app: FastAPI) -> None:
    posts = {path.removeprefix("/api/v1"): told for method, path, told in routes(app) if method == "POST"}

    keyed = {path for path, told in posts.items() if "Idempotency-Key" in names_of(told)}

    assert keyed == posts.keys() - WITHOUT_KEY
    for path in keyed:
        good = [answer for status, answer in posts[path]["responses"].items() if status.startswith("2")]
        assert all("Idempotency-Replayed" in answer["headers"] for answer in good), path


def test_answers_say_when_to_come_again_and_what_is_left(app: FastAPI) -> None:
    for method, path, told in routes(app):
        for status in {"429", "503"} & told["responses"].keys():
            assert (status == "503" and path == "/readyz") or "Retry-After" in told["responses"][status]["headers"]
        if told.get("security"):
            assert "RateLimit" in told["responses"]["429"]["headers"], (method, path)


def test_every_good_answer_has_a_content_or_none_on_purpose(app: FastAPI) -> None:
    """A client made of the document reads nothing where it is told of nothing."""
    for method, path, told in routes(app):
        for status, answer in told["responses"].items():
            if status in {"200", "201", "202"} and method != "HEAD":
                assert answer.get("content"), (method, path, status)


def test_states_are_told_by_name(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]

    assert {*map(str, RunState)} <= {*schemas["GenerationView"]["properties"]["state"]["enum"]}
    assert [*map(str, RunState)] == schemas["RunView"]["properties"]["state"]["enum"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "HEAD", "DELETE"])
def test_what_cannot_be_left_out_is_not_said_to_be(app: FastAPI, method: str) -> None:
    of_tus = [told for verb, path, told in routes(app) if path.startswith("/api/v1/uploads") and verb == method]

    (version,) = [each for told in of_tus for each in told["parameters"] if each["name"] == "Tus-Resumable"]

    assert (version["required"], version["schema"]["enum"]) == (True, ["1.0.0"])


def names_of(told: dict[str, Any]) -> set[str]:
    return {each["name"] for each in told.get("parameters", ())}
