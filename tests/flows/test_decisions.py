"""What a suspended flow run asks of a person."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from flows.decisions import form_of, pause_key, told, verdict_of
from pressroom.domain.operation import Asks
from pressroom.domain.states import Decision, WaitsFor
from pressroom.runs.questions import Question, Take
from pressroom.services.run_means import Means
from pressroom.services.suspend_run import Suspension

UNTIL = "2026-12-01T10:00:00+00:00"


def test_a_run_that_waits_for_credits_again_asks_again() -> None:
    """With as much left as the first time; the same wait, looked at by another process, is the same question."""
    first = Suspension("r1", "launch", "hash", WaitsFor.CREDITS, "spent", 2, 0, 2, UNTIL)
    second = replace(first, spent_micros=3, missing_micros=1, until="2026-12-01T11:00:00+00:00")

    assert pause_key(first) != pause_key(second)
    assert pause_key(first) == pause_key(replace(first))


def test_the_form_of_a_run_that_lacks_dollars_asks_for_them() -> None:
    lacks = (Means("usd", 30_000, 0, 20_000, budget=30_000), Means("image", 3, 0, 2, month_left=0))
    found = Suspension("r1", "launch", "hash", WaitsFor.CREDITS, "spent", 3_000_000, until=UNTIL, lacks=lacks)

    form = form_of(found)
    said = form.model_json_schema()

    assert (said["properties"]["cap"]["default"], said["properties"]["usd"]["default"]) == (3, 0.05)
    assert (said["properties"]["cap"]["minimum"], said.get("required")) == (0, None)
    assert said["properties"]["cap"]["description"] == "The most credits that the run may cost in all."
    for wrong in ({"cap": -1}, {"cap": 1e30}, {"usd": -1}):
        with pytest.raises(ValidationError):
            form(**wrong)
    said = "3 credits spent, 0 credits held; $0.03 spent, $0.02 missing; 3 image purchases made, 2 missing."
    assert f"{said} Plan `hash`, until 2026-12-01 10:00 UTC." in told(found)
    assert "[launch-decision](/artifacts/key/launch-decision)" in str(form_of(found, "launch-decision")._description)
    assert found.hint == "pressroom resume r1 --usd 0.05, once the account's plan leaves 2 image purchases"
    assert verdict_of(form(cap=3, usd=0.05), found).caps == {"credits": 3_000_000, "usd": 50_000}


def test_the_form_of_a_choice_offers_the_takes_with_what_was_measured_and_the_best_of_them_first() -> None:
    takes = (Take("a1", 0.5, {"sharpness": 0.4}), Take("a2", 0.8, {"sharpness": 0.9}))
    asked = (Question("hero[mood=dusk]", "hero", Asks.CHOICE, takes), Question("ok", "ok", Asks.APPROVAL, takes[:1]))
    found = Suspension("r1", "launch", "hash", WaitsFor.DECISION, "why", 2, 2, until=UNTIL, asks=asked)

    form = form_of(found)
    field = form.model_json_schema()["properties"]["take_1"]

    assert (field["enum"], field["default"], field["title"]) == (["1", "2"], "2", "Which take for hero[mood=dusk]?")
    assert "take 1: 0.50: sharpness 0.40; take 2: 0.80: sharpness 0.90" in field["description"]
    with pytest.raises(ValidationError):
        form(take_1="3")
    said = verdict_of(form(take_1="1", name="ann", cap=3), found)
    assert (said.decision, said.chosen, said.cap_micros) == (Decision.APPROVED, {"hero[mood=dusk]": [1]}, 3_000_000)
    assert verdict_of(form(leave_out=["hero[mood=dusk]"]), found).chosen == {}
    several = replace(
        found, asks=(Question("hero", "hero", Asks.CHOICE, (*takes, takes[0]), ("hero[take=1]", "hero[take=2]")),)
    )
    two = form_of(several)
    field = two.model_json_schema()["properties"]["take_1"]
    assert (field["default"], field["minItems"], field["maxItems"], field["uniqueItems"]) == (["2", "1"], 2, 2, True)
    assert verdict_of(two(take_1=["3", "1"]), several).chosen == {"hero": [3, 1]}
    assert verdict_of(form(approve=False), found).decision is Decision.REJECTED
