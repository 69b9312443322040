"""Who may look at pages and send their forms: people who have signed in, from our own pages, as far as their role goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import pytest

from pressroom.domain.states import RunState
from pressroom.runs.records import run_of
from tests.support.web_server import PASSWORD, Served, token_of

SENT = {"name": "spring", "text": "pressroom: 1"}


@contextmanager
def signed_in(house: Served, role: str) -> Iterator[httpx.Client]:
    with house.client() as client:
        answer = client.post("/login", data={"email": f"{role}@example.com", "password": PASSWORD, "next": "/runs?x=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/runs?x=1")
        yield client


def test_a_page_sends_strangers_to_sign_in_and_back(house: Served) -> None:
    with house.client() as client:
        page = client.get("/runs?campaign=autumn")
        part = client.get("/runs", headers={"HX-Request": "true", "HX-Current-URL": f"{house.url}/runs"})
        sent = client.post("/campaigns", data=SENT)
        preview = client.get(f"/previews/{'0' * 64}-320.webp")

    assert (page.status_code, page.headers["location"]) == (
        303,
        "/login?next=" + quote("/runs?campaign=autumn", safe=""),
    )
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/login?next=%2Fruns")
    assert {sent.status_code, preview.status_code} == {303}


def test_a_wrong_password_is_told_in_the_form_and_keeps_the_address(house: Served) -> None:
    with house.client() as client:
        answer = client.post("/login", data={"email": "viewer@example.com", "password": "wrong", "next": "/runs"})

    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert 'value="viewer@example.com"' in answer.text
    assert "set-cookie" not in answer.headers


def test_nobody_is_sent_to_another_site(house: Served) -> None:
    for target in ("https://evil.example/x", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        with house.client() as client:
            form = {"email": "owner@example.com", "password": PASSWORD, "next": target}
            answer = client.post("/login", data=form)
        assert answer.headers["location"] in ("/", "/x")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: Served) -> None:
    with signed_in(house, "viewer") as client:
        cookie = client.cookies.jar.__iter__().__next__()
        again = client.post("/login", data={"email": "viewer@example.com", "password": PASSWORD})

    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert cookie.value not in again.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {},
    ],
)
def test_what_another_site_sends_is_refused(house: Served, headers: dict[str, str]) -> None:
    with signed_in(house, "owner") as client:
        data = {**SENT, "form_token": token_of(client)}
        del client.headers["Sec-Fetch-Site"]
        said = {name: value for name, value in headers.items() if value}
        sent = client.post("/campaigns", data=data, headers=said)
        login = client.post("/login", data={"email": "owner@example.com", "password": PASSWORD}, headers=said)

    assert (sent.status_code, login.status_code) == (403, 403)


def test_a_form_needs_the_token_of_its_session(house: Served) -> None:
    with signed_in(house, "owner") as client, signed_in(house, "owner") as other:
        foreign = token_of(other)
        without, wrong = (client.post("/campaigns", data={**SENT, **token}) for token in ({}, {"form_token": foreign}))
        origin = {"Origin": house.url}
        token = token_of(client)
        del client.headers["Sec-Fetch-Site"]
        good = client.post("/campaigns", data={**SENT, "form_token": token}, headers=origin)

    assert (without.status_code, wrong.status_code, good.status_code) == (403, 403, 303)


def test_a_viewer_looks_and_changes_nothing(house: Served) -> None:
    with signed_in(house, "viewer") as client:
        token = token_of(client)
        shown = {path: client.get(path).status_code for path in house.addresses}
        sent = client.post(f"/runs/{house.waiting}/approved", data={"form_token": token})
        own = {"form_token": token, "id": house.asset, "back": "/library"}
        marked, tagged = (
            client.post("/library/change", data={**own, "action": action, "value": "x"}) for action in ("favour", "tag")
        )

    admin = {path for path, status in shown.items() if status == 403}
    assert admin == {"/setup", "/team", "/webhooks"}
    assert set(shown.values()) == {200, 403}
    assert (sent.status_code, marked.status_code, tagged.status_code) == (403, 303, 403)
    with house.context.database.read() as conn:
        assert run_of(conn, 1, house.waiting).state == RunState.SUSPENDED


def test_signing_out_ends_the_session_itself(house: Served) -> None:
    with signed_in(house, "editor") as client:
        (cookie,) = list(client.cookies.jar)
        client.post("/logout", data={"form_token": token_of(client)})
        with house.client() as thief:
            thief.cookies.set(cookie.name, str(cookie.value))
            assert thief.get("/library").status_code == 303


@pytest.mark.parametrize("headers", [{"Host": "pressroom.evil.example"}, {"X-Forwarded-For": "127.0.0.1"}])
def test_only_who_is_at_this_machine_needs_no_password(open_house: Served, headers: dict[str, str]) -> None:
    with open_house.client() as client:
        here, elsewhere = client.get("/library"), client.get("/library", headers=headers)

    assert (here.status_code, elsewhere.status_code) == (200, 303)


def test_every_answer_forbids_scripts_and_loads_from_elsewhere(open_house: Served) -> None:
    paths = (*open_house.addresses, "/login", "/nothing", f"/assets/{open_house.asset}/file", "/password/none")
    with open_house.client() as client:
        answers = [client.get(path) for path in paths]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy or "script-src 'self';" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script>" not in answer.text
        assert " style=" not in answer.text


def test_a_file_is_given_as_it_is_and_runs_nothing(open_house: Served) -> None:
    with open_house.client() as client:
        shown = client.get(f"/assets/{open_house.asset}/file")
        saved = client.get(f"/assets/{open_house.asset}/file?download")
        part = client.get(f"/assets/{open_house.asset}/file", headers={"Range": "bytes=0-7"})

    assert shown.headers["content-security-policy"].startswith("sandbox;")
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''photo.png"
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")


def test_a_form_without_end_is_not_read(open_house: Served) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"name=x"

    with open_house.client() as client:
        sent = client.post("/campaigns", content=pieces())

    assert sent.status_code == 422
    assert "larger than 64 MB" in sent.text
