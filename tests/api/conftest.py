"""The API of a home of its own, asked as a program asks it: with a token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.domain.identity import ALL_SCOPES, Principal, Scope
from pressroom.services.accounts import open_account
from pressroom.services.context import Context
from pressroom.services.tokens import create_token
from pressroom.serving.app import create_app
from tests.support.desks import Desk, set_up


@dataclass
class Caller:
    """Asks as an account, with all scopes or with those that are named."""

    client: TestClient
    context: Context
    account: str = "default"
    secrets: dict[frozenset[Scope], str] = field(default_factory=dict)

    def secret(self, *scopes: Scope) -> str:
        wanted = frozenset(scopes or ALL_SCOPES)
        if wanted not in self.secrets:
            principal = Principal(self.account)
            self.secrets[wanted] = create_token(principal, self.context, "try", scopes=wanted).secret
        return self.secrets[wanted]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret()}"}

    def __call__(self, method: str, path: str, *scopes: Scope, status: int | None = None, **given: Any) -> Any:
        """The JSON of the answer, whose status must be this where one is said, else a good one."""
        headers = {"Authorization": f"Bearer {self.secret(*scopes)}", **given.pop("headers", {})}
        answer = self.client.request(method, f"/api/v1{path}", headers=headers, **given)
        good = answer.status_code == status if status else answer.is_success
        assert good, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


@pytest.fixture(scope="module")
def api_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return set_up(tmp_path_factory.mktemp("api"))


@pytest.fixture(scope="module")
def app(api_desk: Desk) -> FastAPI:
    return create_app(open_backend(api_desk.settings))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def ask(client: TestClient, api_desk: Desk) -> Caller:
    """The account `default`."""
    return _caller(client, api_desk, "default")


@pytest.fixture(scope="module")
def ask_as_bob(client: TestClient, api_desk: Desk) -> Caller:
    """Another account of the same home."""
    return _caller(client, api_desk, "bob")


def _caller(client: TestClient, desk: Desk, account: str) -> Caller:
    open_account(Principal(account), desk.context)
    return Caller(client, desk.context, account)


@pytest.fixture(scope="module")
def photo(api_desk: Desk) -> Path:
    return api_desk.folder / "photo.png"
