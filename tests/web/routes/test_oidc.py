"""Signing in by an identity provider, from the button to the page that was asked for, and everything that must not get in."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from pressroom.api.backend import open_backend
from pressroom.domain.identity import SCOPES_OF, Principal, Role
from pressroom.ledger.accounts import account_id_of
from pressroom.people import invitations, members
from pressroom.services import people, sign_in
from pressroom.services.accounts import open_account
from pressroom.services.context import Context
from pressroom.serving.app import create_app
from pressroom.settings import settings_for
from tests.support.api_server import dropped
from tests.support.identity_provider import (
    CLIENT,
    SECRET,
    Provider,
    curve_key,
    identity_provider,
    key,
    shared_key,
)

HERE = "http://127.0.0.1"
BACK = f"{HERE}/login/oidc/back"
OPERATOR = Principal("default")
ANN, NEW = "ann@acme.example", "nora@acme.example"


@dataclass
class Door:
    """A browser at our pages, and the provider that they send it to."""

    browser: TestClient
    context: Context
    provider: Provider

    def go(self, target: str = "/usage") -> str:
        """To the provider and back: the address with which it comes back."""
        answer = self.browser.get("/login/oidc", params={"next": target}, follow_redirects=False)
        assert answer.status_code == 303
        return httpx.get(answer.headers["location"]).headers["location"]

    def enter(self, back: str | None = None) -> httpx.Response:
        return self.browser.get(back or self.go(), follow_redirects=False)

    def leave(self, path: str = "/logout") -> httpx.Response:
        """What is said to who signs out."""
        token = self.browser.get("/library").text.split('name="form_token" value="')[1].split('"')[0]
        return self.browser.post(path, data={"form_token": token}, headers={"Sec-Fetch-Site": "same-origin"})

    def forget(self) -> None:
        """What the server knows of the provider."""
        provider = self.browser.app.state.backend.identities  # type: ignore[attr-defined]
        provider._read_at = None

    @property
    def signed_in(self) -> Principal | None:
        return sign_in.principal_of(self.context, self.browser.cookies.get("pressroom", ""))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One home for all tests: Ann is an editor, the account takes in whoever the provider knows at acme.example."""
    folder = tmp_path_factory.mktemp("oidc")
    with identity_provider(BACK) as provider:
        settings = settings_for(
            folder,
            {},
            home=str(folder / "home"),
            provenance="off",
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_name="Acme",
            oidc_account="default",
            oidc_domains="acme.example, acme.test",
            private_hosts=provider.server.authority,
        )
        backend = open_backend(settings)
        open_account(OPERATOR, backend.context)
        people.add_member(OPERATOR, backend.context, ANN, Role.EDITOR.value)
        yield Door(TestClient(create_app(backend), base_url=HERE), backend.context, provider)


@pytest.fixture
def door(home: Door) -> Door:
    home.browser.cookies.clear()
    home.provider.claims, home.provider.user_info, home.provider.alg = {}, None, "RS256"
    home.provider.signed_by, home.provider.publishes, home.provider.metadata = None, [key("one")], {}
    return home


def test_a_member_signs_in_sees_what_was_asked_for_and_signs_out(door: Door) -> None:
    shown = door.browser.get("/usage", headers={"accept": "text/html"})  # nobody has a password, and yet it is closed
    assert shown.url.path == "/login"
    assert 'href="/login/oidc?next=/usage">Sign in with Acme<' in shown.text

    answer = door.enter(door.go("/usage?by=day"))

    assert answer.headers["location"] == "/usage?by=day"
    assert door.signed_in == Principal("default", ANN, SCOPES_OF[Role.EDITOR])
    cookie = answer.headers.get_list("set-cookie")
    assert any(line.startswith("pressroom=") and "HttpOnly" in line and "SameSite=lax" in line for line in cookie)
    assert any(line.startswith('pressroom-attempt=""') for line in cookie)
    said = door.leave()
    assert door.signed_in is None
    assert "You are still signed in at Acme" in said.text
    assert not door.browser.cookies


@pytest.mark.parametrize("everywhere", [False, True])
def test_who_signs_out_here_is_on_the_way_to_sign_out_at_the_provider(door: Door, everywhere: bool) -> None:
    door.provider.metadata = {"end_session_endpoint": f"{door.provider.issuer}/leave?realm=a&b=<"}
    door.provider.claims = {"name": None, "groups": ["g"] * everywhere * 2_000}
    door.forget()
    door.enter()

    page = door.leave("/logout/everywhere" if everywhere else "/logout").text

    (address,) = {html.unescape(found) for found in re.findall(r'(?:url=|href=")(http[^"]*)"', page)}
    assert address.startswith(f"{door.provider.issuer}/leave?")
    query = parse_qs(urlsplit(address).query)
    hint = query.pop("id_token_hint", [""])[0]
    assert (hint.count("."), door.signed_in) == (0 if everywhere else 2, None), "one that no cookie holds is left out"
    assert query == {
        "realm": ["a"],
        "b": ["<"],
        "client_id": [CLIENT],
        "post_logout_redirect_uri": [f"{HERE}/login"],
    }


def test_who_has_signed_in_with_a_password_is_sent_nowhere(door: Door) -> None:
    door.provider.metadata = {"end_session_endpoint": f"{door.provider.issuer}/leave"}
    door.forget()
    sign_in.set_password(OPERATOR, door.context, ANN, "correct horse battery")
    entered = {"email": ANN, "password": "correct horse battery"}
    door.browser.post("/login", data=entered, headers={"Sec-Fetch-Site": "same-origin"})
    assert door.signed_in is not None

    said = door.leave()

    assert said.url.path == "/login"
    assert "You have signed out." in said.text
    assert door.signed_in is None


def _tampered(provider: Provider, **claims: Any) -> None:
    provider.claims = claims


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (lambda p: _tampered(p, iss="https://evil.example"), "iss"),
        (lambda p: _tampered(p, aud="another-client"), "aud"),
        (lambda p: _tampered(p, aud=[CLIENT, "another-client"]), "azp"),
        (lambda p: _tampered(p, nonce="of another attempt"), "nonce"),
        (lambda p: _tampered(p, nonce=None), "nonce"),
        (lambda p: _tampered(p, exp=int(time.time()) - 3_600), "expired"),
        (lambda p: _tampered(p, exp=None), "exp"),
        (lambda p: _tampered(p, iat=int(time.time()) + 3_600, nbf=int(time.time()) + 3_600), "cannot be trusted"),
        (lambda p: _tampered(p, at_hash="bm90IG9mIHRoaXMgdG9rZW4"), "at_hash"),
        (lambda p: setattr(p, "alg", "none"), "cannot be trusted"),
        (lambda p: (setattr(p, "alg", "HS256"), setattr(p, "signed_by", shared_key(SECRET))), "cannot be trusted"),
        (lambda p: setattr(p, "signed_by", key("forged")), "cannot be trusted"),
        (lambda p: setattr(p, "signed_by", _namesake()), "cannot be trusted"),
        (lambda p: _tampered(p, email_verified=False), "does not vouch"),
        (lambda p: _tampered(p, email_verified=None), "does not vouch"),
        (lambda p: _tampered(p, email_verified="yes"), "does not vouch"),
        (lambda p: _tampered(p, email="not an address"), "not an e-mail address"),
        (lambda p: _tampered(p, email="eve@elsewhere.example"), "member of no account"),
        (lambda p: (_tampered(p, email=None), setattr(p, "user_info", {"sub": "u-2", "email": ANN})), "somebody else"),
    ],
)
def test_what_is_not_signed_for_us_or_not_vouched_for_gets_nobody_in(door: Door, lie: Any, said: str) -> None:
    lie(door.provider)

    answer = door.enter()

    assert answer.status_code in (401, 422)
    assert said in answer.text
    assert door.signed_in is None


def _namesake() -> Any:
    """Another key that calls itself as the provider's."""
    return type(key("one")).generate_key(2048, {"kid": "one"})


def test_an_answer_counts_once_in_the_browser_that_asked(door: Door) -> None:
    back = door.go()
    kept = door.browser.cookies["pressroom-attempt"]
    for address, cookie in (
        (back, ""),  # another browser: somebody else's answer, slipped to it
        (back.replace("state=", "state=x"), kept),
        (back, "forged"),
        (back.replace("iss=", "iss=x"), kept),
    ):
        door.browser.cookies.clear()
        if cookie:
            door.browser.cookies.set("pressroom-attempt", cookie)
        assert door.enter(address).status_code == 401
        assert door.signed_in is None

    door.browser.cookies.set("pressroom-attempt", kept)
    assert door.enter(back).status_code == 303
    door.browser.cookies.clear()
    door.browser.cookies.set("pressroom-attempt", kept)
    again = door.enter(back)
    assert again.status_code == 401
    assert "invalid_grant" in again.text


def test_what_the_provider_refuses_is_told_and_nothing_of_it_is_run(door: Door) -> None:
    state = parse_qs(urlsplit(door.go()).query)["state"][0]

    answer = door.enter(f"{BACK}?state={state}&error=<script>no")

    assert answer.status_code == 401
    assert "Acme says no: &lt;script&gt;no" in answer.text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site(door: Door, target: str) -> None:
    assert door.enter(door.go(target)).headers["location"] == "/"


def test_keys_that_were_changed_are_read_again_and_what_the_token_leaves_out_is_asked_for(door: Door) -> None:
    door.enter()
    door.browser.cookies.clear()
    door.provider.publishes, door.provider.alg = [curve_key("two")], "ES256"
    door.provider.claims = {"email": None, "email_verified": None}
    door.provider.user_info = {"sub": "u-1", "email": ANN.upper(), "email_verified": True}
    before = len(door.provider.asked)

    door.enter()

    assert door.signed_in == Principal("default", ANN, SCOPES_OF[Role.EDITOR])
    asked = [path.rpartition("/")[2] for path in door.provider.asked[before:]]
    assert asked == ["authorize", "token", "jwks", "userinfo"]


def test_who_is_new_joins_as_the_settings_say_and_who_was_removed_stays_out(door: Door) -> None:
    door.provider.claims = {"email": NEW, "name": "Nora"}

    door.enter()

    assert door.signed_in == Principal("default", NEW, SCOPES_OF[Role.VIEWER])
    people.remove_member(OPERATOR, door.context, NEW)
    assert door.signed_in is None
    assert "member of no account" in door.enter().text
    people.add_member(OPERATOR, door.context, NEW, Role.EDITOR.value)
    people.set_disabled(OPERATOR, door.context, NEW, disabled=True)
    assert "member of no account" in door.enter().text


def test_whoever_is_invited_accepts_by_signing_in(door: Door) -> None:
    guest, now = "gus@elsewhere.example", door.context.now()
    with door.context.database.write() as conn:
        account_id = account_id_of(conn, "default")
        invitations.invite(conn, account_id, guest, ANN, now, now.replace(year=now.year + 1))
    door.provider.claims = {"email": guest}

    door.enter()

    found = door.signed_in
    assert found is not None
    assert (found.user, found.account) == (guest, guest)
    with door.context.database.read() as conn:
        assert members.find_member(conn, account_id, guest) is None
        assert invitations.is_guest(conn, guest)


def test_a_provider_that_is_not_who_it_was_or_does_not_answer_is_told_on_the_page(tmp_path: Path) -> None:
    with identity_provider(BACK) as provider:
        given = {"home": str(tmp_path / "home"), "provenance": "off", "oidc_client_id": CLIENT}
        given |= {"private_hosts": provider.server.authority, "oidc_issuer": provider.issuer}
        browser = TestClient(create_app(open_backend(settings_for(tmp_path, {}, **given))), base_url=HERE)
        provider.metadata = {"issuer": "https://evil.example"}
        lied = browser.get("/login/oidc", follow_redirects=False)
        provider.metadata = {"jwks_uri": None}
        short = browser.get("/login/oidc", follow_redirects=False)
        provider.server.answer = dropped
        gone = browser.get("/login/oidc", follow_redirects=False)

    assert lied.status_code == short.status_code == 502
    assert "calls itself &#39;https://evil.example&#39;" in lied.text
    assert "has no jwks_uri" in short.text
    assert gone.status_code == 503
