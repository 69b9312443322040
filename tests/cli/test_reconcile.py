"""`pressroom reconcile` and `pressroom jobs adopt`: what they print, and how they end."""

from __future__ import annotations

import pytest

from tests.support.desks import Desk


@pytest.mark.prefect
def test_a_bill_that_differs_is_shown_and_booked(desk: Desk) -> None:
    desk.pressroom("run", desk.campaign, PRESSROOM_SIMULATED_FAULTS="overcharge,silent")

    found = desk.pressroom("reconcile", "--vendor", "simulated")
    assert found.code == 3, found.err
    assert "2 differs; by its record" in found.out
    assert "it had not said what it charges" in found.out
    assert desk.pressroom("reconcile", "--vendor", "simulated", "--settle").code == 0

    agreed = desk.pressroom("reconcile", "--vendor", "simulated", "--json")
    charged = sum(order["billed_usd_micros"] for order in desk.purchases())
    assert (agreed.code, agreed.json["agrees"]) == (0, True)
    assert agreed.json["ours_usd_micros"] == agreed.json["theirs_usd_micros"] == charged
    assert {line["verdict"] for line in agreed.json["lines"]} == {"equal"}

    known = desk.pressroom("jobs", "adopt", "simulated", "enlarge", desk.purchases()[0]["id"])
    assert known.code == 3
    assert "on record here already" in known.err


@pytest.mark.parametrize("model", ["enlarge", "simulated/enlarge"])
def test_an_order_is_adopted_by_either_name_of_its_model(desk: Desk, model: str) -> None:
    desk.pressroom("credits")

    done = desk.pressroom("jobs", "adopt", "simulated", model, "never-sent")

    assert (done.code, "simulated does not know 'never-sent'" in done.err) == (3, True), done.err


def test_a_wrong_vendor_is_named_with_those_that_there_are(desk: Desk) -> None:
    desk.pressroom("credits")

    wrong = desk.pressroom("reconcile", "--vendor", "fall")

    assert wrong.code == 2
    assert "there is no vendor 'fall'" in wrong.err
    assert "fal, " in wrong.err
