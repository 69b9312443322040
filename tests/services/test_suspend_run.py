"""Runs that wait for a person: approved, cut, rejected, given more, or given up; nothing is bought before, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from pressroom.domain.errors import Invalid, OutOfCredits, Refused
from pressroom.domain.events import ApprovalWanted, Event
from pressroom.domain.identity import Principal
from pressroom.domain.states import Decision, Runner, WaitsFor
from pressroom.ledger.allowances import allowances_of
from pressroom.runs.approvals import approvals_of
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import holds_of_run, overdue, run_of
from pressroom.services.launch_run import see_through
from pressroom.services.recover_runs import LEFT, Recovered, expire, recover_runs
from pressroom.services.run_lease import alive
from pressroom.services.run_node import RunningRun, order_node
from pressroom.services.suspend_run import (
    Suspension,
    Verdict,
    ask_again,
    decide,
    suspend_run,
    suspension_of,
    waits_for_a_word,
)
from pressroom.services.take_up_run import take_up
from pressroom.watching.channel import Channel
from tests.support.standing import balance, state
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases

APPROVED = """
name: three
approval: always
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }}"}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""
CAPPED = """
name: capped
budget: {credits: 2, when_reached: suspend}
steps:
  scene: {uses: draw, model: simulated/ink, count: 4, with: {prompt: "{{ each.take }}"}}
  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}
"""
DOLLARS = CAPPED.replace("credits: 2", "usd: 0.02").replace("count: 4", "count: 3")
METERED = CAPPED.replace("credits: 2, ", "")
ANN = Principal("default", "ann@example.com")


def say(studio: Studio, run_id: str, decision: Decision = Decision.APPROVED, **how: object) -> Suspension | None:
    return decide(ANN, studio.context, run_id, Verdict(decision, "a test", **how))  # type: ignore[arg-type]


def gone_on_with(studio: Studio, run_id: str) -> RunningRun:
    found = take_up(studio.principal, studio.context, run_id)
    assert found is not None
    return found


def finished(studio: Studio, run: RunningRun) -> object:
    with alive(studio.context, run) as life:
        return see_through(studio.context, run, life)


def test_a_run_that_waits_says_so_and_what_for(studio: Studio) -> None:
    told: list[Event] = []
    heard = replace(studio, context=replace(studio.context, events=Channel([told.append])))

    run = heard.begin(heard.plan(APPROVED))
    finished(heard, heard.begin(heard.plan(CAPPED)))

    wanted = next(event for event in told if isinstance(event, ApprovalWanted))
    assert (wanted.run, wanted.credits, wanted.plan_hash) == (run.id, 3, run.plan.hash)
    assert "pressroom.run.suspended" in [event.name for event in told]


def test_a_run_that_has_to_be_approved_holds_and_buys_nothing_before(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    found = suspension_of(studio.principal, studio.context, run.id)
    assert (run.suspended, state(studio, run.id), balance(studio)) == (True, "suspended", (97, 3))
    assert (found.waits_for, found.why) == (WaitsFor.APPROVAL, "this campaign is approved before every run")
    assert gone_on_with(studio, run.id).suspended
    assert recover_runs(studio.context) == Recovered()
    assert studio.vendor.purchases() == []


def test_an_approved_run_is_made_and_who_approved_what_is_on_record(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    say(studio, run.id, plan_hash=run.plan.hash)
    finished(studio, gone_on_with(studio, run.id))

    assert (state(studio, run.id), balance(studio)) == ("completed", (97, 0))
    with studio.context.database.read() as conn:
        (made,) = approvals_of(conn, run.id)
    assert (made.decision, made.plan_hash, made.credits_micros) == (Decision.APPROVED, run.plan.hash, 3 * CREDIT)
    assert (made.decided_by, made.decided_from) == ("ann@example.com", "a test")
    assert made.usd_micros == run.plan.totals.usd_bound == 3 * CREDIT // 100


def test_whoever_watches_hears_of_a_decision(studio: Studio) -> None:
    told: list[Event] = []
    heard = replace(studio, context=replace(studio.context, events=Channel([told.append])))
    first, second = heard.begin(heard.plan(APPROVED)), heard.begin(heard.plan(APPROVED))

    say(heard, first.id)
    say(heard, second.id, Decision.REJECTED)

    after = [(each.name, each.run) for each in told if each.name.startswith("pressroom.run.")]
    decided = ["pressroom.run.held", "pressroom.run.decided"]
    assert [name for name, run in after if run == first.id] == decided
    assert [name for name, run in after if run == second.id] == [*decided, "pressroom.run.cancelled"]


def test_what_is_left_out_is_not_made_and_no_longer_held(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    say(studio, run.id, dropped=("scene[take=2]",))

    assert balance(studio) == (98, 2)
    with studio.context.database.read() as conn:
        month = f"{datetime.now(UTC):%Y-%m}"
        assert allowances_of(conn, studio.account_id, month)["edit"].held == 2
    finished(studio, gone_on_with(studio, run.id))
    with studio.context.database.read() as conn:
        states = {node.node_id: node.state for node in nodes_of(conn, studio.account_id, run.id)}
    assert {name for name, found in states.items() if found == "cancelled"} == {"scene[take=2]", "dusk[take=2]"}
    assert (state(studio, run.id), len(studio.vendor.purchases()), balance(studio)) == ("completed", 2, (98, 0))


def test_more_credits_are_no_approval(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    with pytest.raises(Refused, match=f"run {run.id} waits for approval: pressroom approve {run.id}"):
        say(studio, run.id, Decision.RESUMED, cap_micros=3 * CREDIT)

    assert (state(studio, run.id), gone_on_with(studio, run.id).suspended) == ("suspended", True)


def test_a_rejected_run_gives_back_what_it_held_and_is_not_begun_again_without_a_word(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    assert say(studio, run.id, Decision.REJECTED) is None

    assert (state(studio, run.id), balance(studio)) == ("cancelled", (100, 0))
    again = gone_on_with(studio, run.id)
    assert again.suspended
    assert suspension_of(studio.principal, studio.context, run.id).why == "it was not approved before"


def test_a_run_that_nobody_has_decided_about_in_time_is_given_up(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))
    later = replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=1, seconds=1))

    assert recover_runs(later) == Recovered((run.id,))

    assert (state(studio, run.id), balance(studio)) == ("cancelled", (100, 0))
    with studio.context.database.read() as conn:
        assert [each.decision for each in approvals_of(conn, run.id)] == [Decision.EXPIRED]
    with pytest.raises(Invalid, match="it waits for nobody"):
        say(studio, run.id)


def test_a_run_that_was_approved_and_that_nobody_goes_on_with_is_given_up_and_says_so(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))
    say(studio, run.id)
    later = replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=1, seconds=1))

    assert recover_runs(later) == Recovered((run.id,))

    with studio.context.database.read() as conn:
        record = run_of(conn, run.account_id, run.id)
        assert [each.decision for each in approvals_of(conn, run.id)] == [Decision.APPROVED]
    assert (record.state, record.error) == ("cancelled", LEFT)
    assert balance(studio) == (100, 0)


def test_a_decision_is_of_the_plan_that_was_shown_and_of_what_is_there(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))

    with pytest.raises(Refused, match="another plan than the one that was shown"):
        say(studio, run.id, plan_hash="0" * 64)
    with pytest.raises(Invalid, match=r"no node or step 'scen'.*scene"):
        say(studio, run.id, dropped=("scen",))
    with pytest.raises(Invalid):
        decide(Principal("other"), studio.context, run.id, Verdict(Decision.APPROVED, "a test"))
    assert (state(studio, run.id), balance(studio)) == ("suspended", (97, 3))


def test_a_plan_that_was_run_before_needs_no_approval_where_only_changed_ones_do(studio: Studio) -> None:
    text = APPROVED.replace("always", "changed")
    first = studio.begin(studio.plan(text))
    say(studio, first.id)
    finished(studio, gone_on_with(studio, first.id))
    assert first.suspended

    assert not studio.begin(studio.plan(text)).suspended
    assert not studio.begin(studio.plan(text, refresh=("scene",))).suspended
    assert studio.begin(studio.plan(text.replace("count: 3", "count: 4"))).suspended


def test_a_run_whose_budget_is_spent_makes_what_it_can_and_waits_for_more(studio: Studio) -> None:
    run = studio.begin(studio.plan(CAPPED))
    assert balance(studio) == (98, 2)

    found = finished(studio, run)

    assert isinstance(found, Suspension)
    assert (found.waits_for, found.spent_micros, found.missing_micros) == (WaitsFor.CREDITS, 2 * CREDIT, 2 * CREDIT)
    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("suspended", (98, 0), 2)
    with studio.context.database.read() as conn:
        states = [node.state for node in nodes_of(conn, studio.account_id, run.id)]
    assert sorted(states) == ["done"] * 4 + ["waiting"] * 4


def test_it_goes_on_with_what_it_is_given_and_buys_nothing_twice(studio: Studio) -> None:
    run = studio.begin(studio.plan(CAPPED))
    finished(studio, run)

    with pytest.raises(Refused, match="has spent 2 credits"):
        say(studio, run.id, Decision.RESUMED, cap_micros=CREDIT)
    with pytest.raises(Refused, match="account 'default' has 98"):
        say(studio, run.id, Decision.RESUMED, cap_micros=500 * CREDIT)
    say(studio, run.id, Decision.RESUMED, cap_micros=3 * CREDIT)
    assert balance(studio) == (97, 1)
    assert isinstance(finished(studio, gone_on_with(studio, run.id)), Suspension)
    say(studio, run.id, Decision.RESUMED, cap_micros=10 * CREDIT)
    finished(studio, gone_on_with(studio, run.id))

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (96, 0), 4)


def test_a_run_whose_dollars_are_spent_waits_for_more_and_goes_on_with_them(studio: Studio) -> None:
    run = studio.begin(studio.plan(DOLLARS))
    found = finished(studio, run)

    assert isinstance(found, Suspension)
    assert found.why.startswith("$0.01 more than what is left may be needed for scene[take=")
    assert (found.waits_for, found.missing_micros, balance(studio)) == (WaitsFor.CREDITS, 0, (97, 1))
    assert found.as_dict()["lacks"] == [{"of": "usd", "spent": 0.02, "held": 0, "missing": 0.01}]
    assert found.hint == f"pressroom resume {run.id} --usd 0.03"
    with pytest.raises(Refused, match=r"may need \$0\.01 more than what is left: pressroom resume r\w+ --usd 0\.03"):
        say(studio, run.id, Decision.RESUMED)
    with pytest.raises(Refused, match=r"has spent \$0\.02"):
        say(studio, run.id, Decision.RESUMED, usd_micros=CREDIT // 100)
    say(studio, run.id, Decision.RESUMED, usd_micros=CREDIT)
    with studio.context.database.read() as conn:
        assert allowances_of(conn, studio.account_id, f"{datetime.now(UTC):%Y-%m}")["usd"].held == CREDIT // 100
        (made,) = approvals_of(conn, run.id)
    assert (made.credits_micros, made.as_dict()["usd"]) == (3 * CREDIT, 0.03)
    finished(studio, gone_on_with(studio, run.id))

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (97, 0), 3)


def on_plan(studio: Studio, **limits: object) -> Studio:
    """With an account whose subscription includes no more than this a month."""
    plans = {"free": studio.context.catalog.plans["free"].model_copy(update=limits)}
    return replace(studio, context=replace(studio.context, catalog=replace(studio.context.catalog, plans=plans)))


def test_a_run_beyond_what_the_months_plan_includes_waits_until_it_includes_more(studio: Studio) -> None:
    small = on_plan(studio, edits=3)
    run = small.begin(small.plan(METERED))
    found = finished(small, run)

    assert isinstance(found, Suspension)
    assert found.why.startswith("1 edit purchase more than what is left may be needed for scene[take=")
    assert [(each.of, each.spent, each.held, each.missing) for each in found.lacks] == [("edit", 3, 0, 1)]
    assert found.hint == f"pressroom resume {run.id}, once the account's plan leaves 1 edit purchase"
    with pytest.raises(Refused, match="may need 1 edit purchase more than what is left"):
        say(small, run.id, Decision.RESUMED)
    say(studio, run.id, Decision.RESUMED)
    finished(studio, gone_on_with(studio, run.id))

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (96, 0), 4)


def test_a_run_that_waits_into_the_next_month_goes_on_with_what_that_leaves(studio: Studio) -> None:
    small = on_plan(studio, edits=3)
    run = small.begin(small.plan(METERED))
    finished(small, run)
    now = datetime.now(UTC)
    later = replace(small, context=replace(small.context, now=lambda: datetime.now(UTC) + timedelta(days=31)))

    say(later, run.id, Decision.RESUMED)
    finished(later, gone_on_with(later, run.id))

    assert (state(studio, run.id), balance(studio), len(studio.vendor.purchases())) == ("completed", (96, 0), 4)
    with studio.context.database.read() as conn:
        months = (f"{now:%Y-%m}", f"{now + timedelta(days=31):%Y-%m}")
        edits = [allowances_of(conn, studio.account_id, month)["edit"] for month in months]
    assert [(each.used, each.held) for each in edits] == [(3, 0), (1, 0)]


@pytest.mark.parametrize("decision", [Decision.APPROVED, Decision.RESUMED])
def test_of_many_who_decide_at_once_each_comes_after_the_other(studio: Studio, decision: Decision) -> None:
    """In another month too, where a resumed run holds anew: once, and what it held before is free."""
    run = studio.begin(studio.plan(APPROVED if decision is Decision.APPROVED else CAPPED))
    if decision is Decision.RESUMED:
        finished(studio, run)
    later = replace(studio, context=replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=31)))
    here = studio if decision is Decision.APPROVED else later
    together = Barrier(4)

    def decided(number: int) -> str:
        together.wait()
        try:
            cap = (3 if decision is Decision.APPROVED else 4) * CREDIT
            say(here, run.id, Decision.REJECTED if number == 3 else decision, cap_micros=cap)
        except (Invalid, Refused) as exc:
            return str(exc)
        return ""

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(decided, range(4)))

    with studio.context.database.read() as conn:
        made = approvals_of(conn, run.id)
        holds = holds_of_run(conn, run.id)
    # Whoever rejects may be heard first, or last: nobody decides after that.
    assert [each.decision for each in made] == [decision] * (len(made) - 1) + [Decision.REJECTED]
    assert len(made) == said.count("")
    assert all("is cancelled, it waits for nobody" in each for each in said if each)
    assert len(holds) == (2 if decision is Decision.RESUMED and len(made) > 1 else 1)
    assert (state(studio, run.id), balance(studio)[1]) == ("cancelled", 0)


def test_what_was_decided_in_the_very_last_moment_is_not_given_up(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))
    late = replace(studio.context, now=lambda: datetime.now(UTC) + timedelta(days=2))
    with studio.context.database.read() as conn:
        due = overdue(conn, late.now())
    say(studio, run.id)

    with late.database.write() as conn:
        given_up = [expire(conn, studio.context, *each) for each in due]

    assert (given_up, state(studio, run.id), balance(studio)) == ([False], "suspended", (97, 3))


def test_a_run_that_was_given_up_is_begun_again_within_what_its_budget_leaves(studio: Studio) -> None:
    run = studio.begin(studio.plan(CAPPED))
    finished(studio, run)
    say(studio, run.id, Decision.REJECTED)

    again = gone_on_with(studio, run.id)

    assert (again.suspended, balance(studio)) == (True, (98, 0))
    say(studio, run.id)
    found = finished(studio, gone_on_with(studio, run.id))
    assert isinstance(found, Suspension)
    assert (found.spent_micros, found.missing_micros, found.hint[-7:]) == (2 * CREDIT, 2 * CREDIT, "--cap 4")


def test_what_was_decided_and_refused_is_asked_again_with_the_reason(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED))
    before = suspension_of(studio.principal, studio.context, run.id)

    ask_again(studio.context, run, "there is no step 'scen'")

    found = suspension_of(studio.principal, studio.context, run.id)
    assert (found.waits_for, found.why, found.refused) == (before.waits_for, before.why, "there is no step 'scen'")
    assert (found.until > before.until, balance(studio)) == (True, (97, 3))
    say(studio, run.id)
    ask_again(studio.context, run, "too late")
    assert suspension_of(studio.principal, studio.context, run.id).waits_for is WaitsFor.NOTHING


def test_a_run_that_was_suspended_by_hand_goes_on_when_somebody_says_so(studio: Studio) -> None:
    run = studio.begin(studio.plan(APPROVED.replace("always", "never")), flow_run_id="flow-1", runner=Runner.DEPLOYMENT)

    suspend_run(studio.context, run, WaitsFor.RESUMPTION, "somebody has suspended it")

    assert waits_for_a_word(studio.principal, studio.context, run.id)
    assert recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: True}) == Recovered(), (
        "nobody but a person resumes it"
    )
    say(studio, run.id, Decision.RESUMED)
    assert recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: True}) == Recovered(resumed=(run.id,))
    assert not gone_on_with(studio, run.id).suspended


def test_an_order_that_does_not_fit_into_the_rest_is_not_journalled(studio: Studio) -> None:
    run = studio.begin(studio.plan(CAPPED.replace("credits: 2", "credits: 0.5")))

    with pytest.raises(OutOfCredits, match=r"0\.5 credits more than what is left may be needed for scene\[take=1\]"):
        order_node(studio.principal, studio.context, run, "scene[take=1]")

    assert studio.vendor.purchases() == []


def test_a_suspended_run_of_a_deployment_is_taken_up_once_it_has_what_it_waited_for(studio: Studio) -> None:
    run, asked = studio.begin(studio.plan(APPROVED), flow_run_id="flow-1", runner=Runner.DEPLOYMENT), []

    assert (
        recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: not asked.append(run.flow_run_id)}) == Recovered()
    )
    say(studio, run.id)

    assert recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: not asked.append(run.flow_run_id)}).resumed == (
        run.id,
    )
    assert asked == ["flow-1"]
