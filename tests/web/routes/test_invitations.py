"""An invitation makes a guest who signs in, sees what is shared, and is nobody else anywhere."""

from __future__ import annotations

import pytest

from pressroom.services.people import add_member, remove_member
from pressroom.services.sharing import share, unshare
from pressroom.services.sign_in import set_password
from tests.support.web_server import OPERATOR, PASSWORD, Served, signed_in

ZOE = "zoe@new.example"
NEW = "a sentence only zoe writes"


@pytest.fixture
def secret(house: Served) -> str:
    return share(OPERATOR, house.context, "asset", house.made, ZOE).invitation


def test_a_guest_sets_a_password_and_sees_what_is_shared_until_a_team_takes_them_in(house: Served, secret: str) -> None:
    address = f"/invitations/{secret}"
    with house.client() as client:
        page = client.get(address)
        short = client.post(address, data={"name": "Zoe", "password": "short", "again": "short"})
        other = client.post(address, data={"password": NEW, "again": NEW + "?"})
        done = client.post(address, data={"name": "Zoe", "password": NEW, "again": NEW})
        again = [client.get(address).status_code, client.post(address, data={"password": NEW}).status_code]
    with signed_in(house, ZOE) as nobody:
        wrong = nobody.get("/library").status_code
    with house.client() as client:
        client.post("/login", data={"email": ZOE, "password": NEW})
        seen, own = client.get("/library/shared").text, client.get("/library").text
        admin = client.get("/team").status_code
        # A member's password is no business of whoever has shared something once.
        add_member(OPERATOR, house.context, ZOE, "editor")
        ended = client.get("/library").status_code
        again_in = client.post("/login", data={"email": ZOE, "password": NEW}).status_code
    set_password(OPERATOR, house.context, ZOE, PASSWORD)
    remove_member(OPERATOR, house.context, ZOE)
    unshare(OPERATOR, house.context, "asset", house.made, ZOE)

    assert (page.status_code, "default shares something" in page.text, ZOE in page.text) == (200, True, True)
    assert (short.status_code, "12 to 256 characters" in short.text, 'value="Zoe"' in short.text) == (422, True, True)
    assert "not the same" in other.text
    assert done.headers["location"].startswith("/login?next=%2Flibrary%2Fshared")
    assert (again, wrong) == ([404, 404], 303)
    assert house.made in seen
    assert (house.made in own, admin) == (False, 403)
    assert (ended, again_in) == (303, 401)


def test_whoever_signs_in_already_only_accepts(house: Served) -> None:
    email = "editor@example.com"
    invited = share(OPERATOR, house.context, "asset", house.made, "yan@new.example").invitation
    add_member(OPERATOR, house.context, "yan@new.example", "viewer")
    with house.client() as client:
        page = client.get(f"/invitations/{invited}")
        done = client.post(f"/invitations/{invited}", data={"password": NEW, "again": NEW})
        tried = client.post("/login", data={"email": "yan@new.example", "password": NEW}).status_code
    unshare(OPERATOR, house.context, "asset", house.made, "yan@new.example")
    remove_member(OPERATOR, house.context, "yan@new.example")

    assert share(OPERATOR, house.context, "asset", house.made, email).invitation == ""
    unshare(OPERATOR, house.context, "asset", house.made, email)
    assert ("You sign in here already" in page.text, 'type="password"' in page.text) == (True, False)
    assert (done.status_code, tried) == (303, 401)
