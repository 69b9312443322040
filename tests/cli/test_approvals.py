"""`approve`, `reject` and `resume` on the command line."""

from __future__ import annotations

import pytest

from tests.support.desks import TINY, Desk

pytestmark = pytest.mark.prefect


def suspended(desk: Desk, line: str) -> str:
    """The id of a run that was begun and waits."""
    desk.write(TINY.replace("name: tiny\n", f"name: tiny\n{line}\n"))
    begun = desk.pressroom("run", desk.campaign, "--json")
    assert begun.code == 5, begun.err
    assert begun.json["state"] == "suspended"
    assert begun.json["waits_for"]["hint"] in begun.err
    return str(begun.json["run_id"])


def test_a_run_is_approved_in_part_and_gone_on_with(desk: Desk) -> None:
    run = suspended(desk, "approval: {above: 3}")
    assert desk.purchases() == []

    approved = desk.pressroom("approve", run, "--drop", "big[mode=fast]", "--json")
    assert (approved.code, approved.json["waits_for"]["held"]) == (0, 2)
    done = desk.pressroom("resume", run, "--json")

    assert (done.code, done.json["state"], done.json["run_id"]) == (0, "completed", run), done.err
    assert done.json["credits"] == {"held": 2, "captured": 2, "released": 0, "balance": 8}
    assert len(desk.purchases()) == 1


def test_a_rejected_run_buys_nothing_and_an_approving_one_waits_for_nobody(desk: Desk) -> None:
    run = suspended(desk, "approval: always")

    assert desk.pressroom("reject", run).code == 0
    again = desk.pressroom("reject", run)
    assert (again.code, f"run {run} is cancelled, it waits for nobody" in again.err) == (2, True)

    done = desk.pressroom("run", desk.campaign, "--approve", "--json")
    assert (done.code, done.json["credits"]["balance"]) == (0, 6), done.err


def test_a_run_whose_budget_is_spent_goes_on_with_more(desk: Desk) -> None:
    run = suspended(desk, "budget: {credits: 2, usd: 0.02, when_reached: suspend}")
    assert len(desk.purchases()) == 1

    done = desk.pressroom("resume", run, "--cap", "4", "--usd", "0.04", "--json")

    assert (done.code, done.json["state"]) == (0, "completed"), done.err
    assert done.json["credits"] == {"held": 4, "captured": 4, "released": 0, "balance": 6}
    assert len(desk.purchases()) == 2
