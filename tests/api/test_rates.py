"""How often a token may ask over HTTP, by what its routes do, and how that is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.domain.errors import Refused
from pressroom.domain.identity import ALL_SCOPES, SCOPES_OF, Principal, Role, Scope
from pressroom.people import attempts
from pressroom.people.rates import limit_of
from pressroom.services import people, sign_in
from pressroom.services.accounts import open_account
from pressroom.services.begin_batches import Clerk
from pressroom.services.generate import Generation, start_generation
from pressroom.services.tokens import create_token, revoke_token
from pressroom.serving.app import create_app
from pressroom.settings import settings_for
from tests.api.test_asking import OPEN, example, routes, scopes_of

SPENDING = {
    "/runs",
    "/runs/{run_id}/approve",
    "/runs/{run_id}/resume",
    "/generations",
    "/batches",
    "/batches/{batch_id}/resume",
}
NOTES = """\
pressroom: 1
name: notes
inputs:
  prompt: {type: text}
steps:
  make: {uses: generate_image, model: simulated/sketch, with: {prompt: "{{ inputs.prompt }}", width: 64, height: 64}}
"""
PICTURE = {"operation": "generate_image", "model": "simulated/sketch", "width": 64, "height": 64}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("rates")
    settings = settings_for(
        folder, {}, home=str(folder / "home"), provenance="off", grant_credits=1_000, plan="enterprise"
    )
    backend = open_backend(settings)
    open_account(Principal("default"), backend.context)
    backend.crew.stop()
    backend.clerk.stop()
    return create_app(backend)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def token(app: FastAPI, *scopes: Scope) -> dict[str, str]:
    made = create_token(Principal("default"), app.state.backend.context, "t", scopes=scopes or ALL_SCOPES)
    return {"Authorization": f"Bearer {made.secret}"}


def test_what_a_route_does_decides_its_limit(app: FastAPI, client: TestClient) -> None:
    limits = {"read": 300, "write": 60, "spend": 30}
    for method, path, described in routes(app):
        if path in OPEN or "events" in path:
            continue
        scope = Scope(scopes_of(described)[0])
        spends = method == "POST" and path.removeprefix("/api/v1") in SPENDING
        # Who may only read says that an asset was used, and that is written all the same.
        marks = path.endswith("/{asset_id}/uses")
        writing = marks or scope in (Scope.ASSETS_WRITE, Scope.RUNS_WRITE, Scope.ADMIN)
        writes = writing and method not in ("GET", "HEAD")
        name = "spend" if spends else "write" if writes else "read"

        answer = client.request(method, example(path), headers=token(app, scope, Scope.ASSETS_READ))

        assert answer.headers["ratelimit-policy"] == f'"{name}";q={limits[name]};w=60', (method, path)
        assert answer.headers["ratelimit"].startswith(f'"{name}";r={limits[name] - 1};t='), (method, path)


def test_who_asks_too_often_is_told_when_to_come_again(app: FastAPI, client: TestClient) -> None:
    headers = token(app)
    answers = [client.post("/api/v1/runs/r0/cancel", headers=headers) for _ in range(61)]

    assert {each.status_code for each in answers[:60]} == {404}
    last = answers[60]
    assert (last.status_code, last.json()["code"]) == (429, "rate")
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert last.headers["ratelimit"].startswith('"write";r=0;t=')
    assert client.get("/api/v1/credits", headers=headers).status_code == 200
    assert client.post("/api/v1/runs/r0/cancel", headers=token(app)).status_code == 404


def test_a_token_has_ten_jobs_under_way_at_most_and_a_key_that_is_sent_again_costs_nothing(
    app: FastAPI, client: TestClient
) -> None:
    headers = token(app)
    for number in range(10):
        given = {**headers, "Idempotency-Key": f"job {number}"}
        for _ in range(3):
            answer = client.post("/api/v1/generations", json={**PICTURE, "prompt": str(number)}, headers=given)
            assert answer.status_code == 202

    refused = client.post("/api/v1/generations", json={**PICTURE, "prompt": "more"}, headers=headers)

    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "rate", "5")
    assert refused.headers["ratelimit"].startswith('"spend";r=19;t=')
    other = client.post("/api/v1/generations", json={**PICTURE, "prompt": "other"}, headers=token(app))
    assert other.status_code == 202


def test_what_takes_long_is_answered_at_once_and_told_listed_and_cancelled_meanwhile(
    app: FastAPI, client: TestClient
) -> None:
    headers = token(app)
    before = client.get("/api/v1/credits", headers=headers).json()["available"]

    begun = client.post("/api/v1/generations", json={**PICTURE, "prompt": "long"}, headers=headers)
    again = client.get(begun.headers["location"], headers=headers).json()
    listed = client.get("/api/v1/generations?state=queued&limit=1", headers=headers).json()["items"]
    held = client.get("/api/v1/credits", headers=headers).json()["available"]
    client.post(f"/api/v1/runs/{again['id']}/cancel", headers=headers)

    assert (begun.status_code, again["state"], [each["id"] for each in listed]) == (202, "queued", [again["id"]])
    assert held < before == client.get("/api/v1/credits", headers=headers).json()["available"]
    assert client.get(begun.headers["location"], headers=headers).json()["state"] == "cancelled"


def test_rows_of_a_batch_wait_for_room_and_keep_to_the_token_that_asked(app: FastAPI, client: TestClient) -> None:
    backend = app.state.backend
    made = create_token(Principal("default"), backend.context, "few", scopes=ALL_SCOPES)
    headers = {"Authorization": f"Bearer {made.secret}"}
    client.post("/api/v1/campaigns", json={"name": "notes", "text": NOTES}, headers=headers)
    clerk = Clerk(backend.context, backend.crew, backend.planning)

    begun = client.post(
        "/api/v1/batches", headers=headers, json={"campaign": "notes", "rows": [{"prompt": f"{n}"} for n in range(13)]}
    )
    path = f"/api/v1{begun.headers['location'].removeprefix('/api/v1')}"
    assert (begun.status_code, begun.json()["counts"]) == (202, {"waiting": 13})
    clerk.begin_rows()

    assert client.get(path, headers=headers).json()["counts"] == {"running": 10, "waiting": 3}
    more = client.post("/api/v1/generations", json={**PICTURE, "prompt": "more"}, headers=headers)
    assert (more.status_code, more.json()["code"]) == (429, "rate")
    first = client.get(path, headers=headers).json()["rows"][0]["run"]
    client.post(f"/api/v1/runs/{first}/cancel", headers=headers)
    clerk.begin_rows()
    assert client.get(path, headers=headers).json()["counts"] == {"running": 10, "cancelled": 1, "waiting": 2}
    revoke_token(Principal("default"), backend.context, made.token.prefix)
    clerk.begin_rows()
    shown = client.get(path, headers=token(app)).json()
    assert shown["counts"] == {"running": 10, "cancelled": 1, "refused": 2}
    assert "is not good any more" in shown["rows"][-1]["error"]


def test_a_person_at_the_pages_has_as_many_and_whoever_runs_the_installation_any_number(app: FastAPI) -> None:
    context, planning, crew = app.state.backend.context, app.state.backend.planning(), app.state.backend.crew
    people.add_member(Principal("default"), context, "ann@example.com", Role.EDITOR.value)
    ann = Principal("default", "ann@example.com", SCOPES_OF[Role.EDITOR])

    def begin(who: Principal, number: int) -> None:
        start_generation(who, context, crew, planning, Generation(**PICTURE, prompt=f"{who.user} {number}"), "")

    for number in range(10):
        begin(ann, number)
    with pytest.raises(Refused, match="10 jobs of yours are under way"):
        begin(ann, 10)
    for number in range(11):
        begin(Principal("default"), number)


def test_who_asks_for_too_many_pages_or_tries_too_many_passwords_is_told_when_to_come_again(
    app: FastAPI, client: TestClient
) -> None:
    context = app.state.backend.context
    sign_in.set_password(Principal("default"), context, "ann@example.com", "my grey kettle sings at six")
    said = {"email": "ann@example.com", "password": "wrong", "next": "/"}
    sent = {"Sec-Fetch-Site": "same-origin"}
    with context.database.write() as conn:
        for _ in range(attempts.MOST_OF_A_PERSON):
            attempts.note_attempt(conn, said["email"], "198.51.100.1", context.now())
    tried = client.post("/login", data=said, headers=sent)
    with context.database.write() as conn:
        attempts.forget(conn, said["email"])
    client.post("/login", data={**said, "password": "my grey kettle sings at six"}, headers=sent)
    looked = client.get("/usage")

    backend, now = app.state.backend, int(context.now().timestamp())
    limit = limit_of("of_a_person", "page", 1)
    for _ in range(limit.most):
        backend.rates.count("person:ann@example.com", limit, now)
    page, picture = client.get("/usage"), client.get("/previews/none.webp")

    assert (tried.status_code, 890 <= int(tried.headers["retry-after"]) <= 900) == (429, True)
    assert "too many attempts" in tried.text
    assert looked.status_code == 200
    assert looked.headers["ratelimit-policy"] == '"page";q=1200;w=60'
    assert (page.status_code, int(page.headers["retry-after"]) <= 60) == (429, True)
    assert "more than 1200 requests" in page.text
    assert picture.status_code == 404
    client.cookies.clear()
    assert client.get("/login").headers["ratelimit-policy"] == '"unknown";q=3000;w=60'
    assert "ratelimit-policy" not in client.get("/static/none").headers
