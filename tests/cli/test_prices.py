"""`pressroom prices check` as a person and a program see it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import Desk, set_up


@pytest.fixture
def lone(tmp_path: Path) -> Desk:
    return set_up(tmp_path)


def test_old_rows_are_listed_with_their_source(lone: Desk) -> None:
    done = lone.pressroom("prices", "check", "--days", "0", "--json")

    rows = done.json["old"]
    assert (done.code, done.json["live"]) == (0, None)
    assert all(row["days"] > 0 and row["source"] for row in rows)
    shown = lone.pressroom("prices", "check", "--days", "0")
    assert f"{len(rows)} rows were read more than 0 days ago" in shown.err
    assert rows[0]["name"] in shown.out


def test_without_a_key_nobody_is_asked_and_that_is_said(lone: Desk) -> None:
    keys = dict.fromkeys(("ELEVENLABS_API_KEY", "FAL_KEY", "OPENAI_API_KEY", "WAVESPEED_API_KEY"), "")

    done = lone.pressroom("prices", "check", "--live", **keys)

    assert done.code == 0
    assert "no vendor that can be asked has a key: pressroom providers set NAME" in done.err


def test_a_vendor_that_is_away_is_named_with_why(lone: Desk) -> None:
    away = {"FAL_KEY": "a:b", "PRESSROOM_FAL_URL": "http://127.0.0.1:9", "PRESSROOM_PRIVATE_HOSTS": "127.0.0.1:9"}

    done = lone.pressroom("prices", "check", "--live", "--json", **away)

    told = {each["provider"]: each for each in done.json["live"]}
    assert "cannot be reached" in told["fal"]["error"]
    assert done.code == 0
