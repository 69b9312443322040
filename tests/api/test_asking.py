"""Who may ask what: every route of the table, without a token, with too small a one, and with the right one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.domain.identity import ALL_SCOPES, Scope
from tests.api.conftest import Caller

PUBLIC = {"/healthz", "/readyz", "/api/v1/pricing"}
# Whoever has the secret of a link or an invitation needs nothing else.
BY_SECRET = {
    "/api/v1/public/{secret}",
    "/api/v1/public/{secret}/assets/{asset_id}",
    "/api/v1/public/{secret}/assets/{asset_id}/preview",
    "/api/v1/public/{secret}/assets/{asset_id}/content",
    "/api/v1/invitations/accept",
    "/api/v1/agents/media/{asset_id}",
    "/api/v1/agents/media/{asset_id}/thumbnail",
}
BY_SIGNATURE = {"/api/v1/calls/{vendor}/{key}"}
OPEN = PUBLIC | BY_SECRET | BY_SIGNATURE


def routes(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each."""
    for path, methods in app.openapi()["paths"].items():
        yield from ((method.upper(), path, described) for method, described in methods.items())


def scopes_of(described: dict[str, Any]) -> list[str]:
    return [scope for way in described.get("security", []) for scopes in way.values() for scope in scopes]


def example(path: str) -> str:
    return path.replace("{", "").replace("}", "")


def test_every_route_but_the_public_ones_declares_one_scope(app: FastAPI) -> None:
    found = {(method, path): scopes_of(described) for method, path, described in routes(app)}

    assert {path for (_, path), scopes in found.items() if not scopes} == OPEN
    assert [key for key, scopes in found.items() if scopes and len(set(scopes)) != 1] == []
    assert {scope for scopes in found.values() for scope in scopes} <= set(ALL_SCOPES)


def test_nobody_is_let_in_without_a_token(app: FastAPI, client: TestClient) -> None:
    for method, path, _ in routes(app):
        if path in OPEN:
            continue
        for headers in ({}, {"Authorization": "Bearer prt_" + "0" * 43}, {"Authorization": "Bearer x"}):
            answer = client.request(method, example(path), headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
            assert method == "HEAD" or answer.json()["code"] == "not_authenticated"


def test_a_token_with_every_other_scope_is_too_small(app: FastAPI, client: TestClient, ask: Caller) -> None:
    for method, path, described in routes(app):
        if path in OPEN:
            continue
        scope = Scope(scopes_of(described)[0])
        headers = {"Authorization": f"Bearer {ask.secret(*(ALL_SCOPES - {scope}))}"}
        answer = client.request(method, example(path), headers=headers)
        code = "scope" if method == "HEAD" else answer.json()["code"]
        assert (answer.status_code, code) == (403, "scope"), (method, path)


def test_the_document_is_openapi_3_1_and_every_answer_is_described(app: FastAPI) -> None:
    document = app.openapi()

    assert document["openapi"].startswith("3.1")
    assert "ProblemDetails" in document["components"]["schemas"]
    for method, path, described in routes(app):
        assert described.get("description"), f"{method} {path} says nothing of itself"
        if path not in PUBLIC:
            assert {"401", "403", "422"} <= described["responses"].keys()


@pytest.mark.parametrize("path", sorted(PUBLIC))
def test_public_routes_answer_anybody(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
