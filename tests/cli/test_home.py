"""`pressroom home register`, and what is said of a server that is configured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.pressroom_home import PressroomHome
from pressroom import prefect_server
from tests.support.desks import Desk

pytestmark = pytest.mark.prefect
KEY = "correct-horse-battery-staple"


@pytest.fixture
def api_url(desk: Desk) -> Iterator[str]:
    server = prefect_server.status(desk.home)
    assert server is not None
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        yield server.api_url


def test_a_home_is_registered_from_the_settings_with_its_keys(desk: Desk, api_url: str) -> None:
    settings = {
        "PRESSROOM_DATABASE_URL": f"postgresql+psycopg://me:{KEY}@db.example/pressroom",
        "PRESSROOM_STORE": "s3://media",
        "PRESSROOM_STORE_SECRET_KEY": KEY,
        "PRESSROOM_PLAN": "pro",
    }

    done = desk.pressroom("home", "register", "team", "--json", PREFECT_API_URL=api_url, FAL_KEY=KEY, **settings)

    assert done.code == 0, done.err
    assert done.json == {"block": "team", "keys": ["FAL_KEY"]}
    opened = PressroomHome.load("team", _sync=True).open(desk.folder)  # type: ignore[call-arg,union-attr]
    assert (opened.url, opened.store, opened.plan) == (settings["PRESSROOM_DATABASE_URL"], "s3://media", "pro")
    assert opened.home.name == ".pressroom"
    assert KEY not in done.out + done.err


def test_what_only_this_machine_sees_is_refused_unless_the_disk_is_shared(desk: Desk, api_url: str) -> None:
    alone = desk.pressroom("home", "register", "alone", PREFECT_API_URL=api_url)
    shared = desk.pressroom("home", "register", "alone", "--shared-disk", PREFECT_API_URL=api_url)

    assert (alone.code, shared.code) == (2, 0)
    assert "the database is a file of this machine" in alone.err
    assert PressroomHome.load("alone", _sync=True).open(desk.folder).home == desk.home  # type: ignore[call-arg,union-attr]


def test_doctor_and_status_tell_of_the_configured_server(desk: Desk, api_url: str) -> None:
    status = desk.pressroom("status", PREFECT_API_URL=api_url)
    doctor = desk.pressroom("doctor", PREFECT_API_URL=api_url)
    nowhere = desk.pressroom("doctor", PREFECT_API_URL="http://127.0.0.1:9/api")

    assert f"answers at {api_url}" in status.out
    assert f"answers at {api_url}" in doctor.out
    assert nowhere.code == 1
    assert "cannot be reached" in nowhere.out
