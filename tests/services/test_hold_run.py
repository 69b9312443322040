"""What the token that starts a run may spend: refused at the start, waited for when it is spent, raised by people alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import ALL_SCOPES, Principal, Scope
from pressroom.domain.states import Decision, RunState, WaitsFor
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.records import find_run, run_of
from pressroom.services import tokens
from pressroom.services.launch_run import see_through
from pressroom.services.run_lease import alive
from pressroom.services.run_node import RunningRun
from pressroom.services.settle_run import settle_run
from pressroom.services.suspend_run import Verdict, decide, suspension_of
from pressroom.services.take_up_run import take_up
from tests.support.callers import EDITOR, OPERATOR, member, with_members
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases

SPENDS = (Scope.RUNS_WRITE, Scope.RUNS_READ)
THREE = """
name: three
steps:
  scene: {uses: draw, model: simulated/ink, count: 3, with: {prompt: "{{ each.take }} NAME"}}
"""
SUSPENDS = "budget: {credits: 3, when_reached: suspend}" + THREE


@pytest.fixture
def house(studio: Studio) -> Studio:
    return with_members(studio)


def bearer(house: Studio, *scopes: Scope, user: str = "", **caps: float) -> Principal:
    made = tokens.create_token(OPERATOR, house.context, "t", scopes=scopes or SPENDS, user=user, caps=caps)
    return tokens.authenticate(house.context, made.secret, house.context.now())


def begin(house: Studio, who: Principal, text: str = THREE, name: str = "a", **options: object) -> RunningRun:
    return house.begin(house.plan(text.replace("NAME", name)), token=who.token, **options)


def today(house: Studio, who: Principal) -> tuple[float, float, float]:
    """Credits spent, held and unasked today, of books that add up."""
    with house.context.database.read() as conn:
        assert check_invariants(conn) == []
    (found,) = [
        each for each in tokens.list_tokens(OPERATOR, house.context) if each.prefix == who.user or who.user == each.user
    ]
    told = found.as_dict()
    return told["spent_today"], told["held_today"], told["unasked_today"]


def made(house: Studio, run: RunningRun) -> None:
    with alive(house.context, run) as life:
        see_through(house.context, run, life)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_run_above_its_tokens_caps_is_refused_and_leaves_nothing(house: Studio) -> None:
    of_run, of_day = bearer(house, cap_run=2), bearer(house, cap_day=5)

    with pytest.raises(Refused, match=r"this needs 3 credits; the token may spend 2 credits on a run") as run:
        begin(house, of_run, run_id="r1")
    first = begin(house, of_day)
    with pytest.raises(Refused, match="holds 3 of the 5 credits") as day:
        begin(house, of_day, name="b", run_id="r2")

    assert (codes(run), codes(day)) == (["cap_run"], ["cap_day"])
    with house.context.database.read() as conn:
        assert [find_run(conn, house.account_id, name) for name in ("r1", "r2")] == [None, None]
    made(house, first)
    assert today(house, of_day) == (3, 0, 0)
    assert today(house, of_run) == (0, 0, 0)


def test_what_a_run_gives_back_is_free_again_and_the_next_day_is_another(house: Studio) -> None:
    agent = bearer(house, cap_day=5)
    first = begin(house, agent)
    settle_run(house.context, first.id, cancelled=True)

    begin(house, agent, name="b")

    assert today(house, agent) == (0, 3, 0)
    later = house.context.now() + timedelta(days=1)
    tomorrow = replace(house, context=replace(house.context, now=lambda: later))
    begin(tomorrow, agent, name="c")
    assert today(tomorrow, agent) == (0, 3, 0)


def test_a_run_that_suspends_goes_on_until_the_cap_and_waits_for_a_person(house: Studio) -> None:
    agent = bearer(house, cap_day=2)

    run = begin(house, agent, SUSPENDS)
    made(house, run)

    waits = suspension_of(agent, house.context, run.id)
    assert (waits.waits_for, waits.spent_micros, waits.missing_micros) == (WaitsFor.CREDITS, 2 * CREDIT, CREDIT)
    with pytest.raises(Refused, match="not for a token that has caps") as no:
        decide(agent, house.context, run.id, Verdict(Decision.RESUMED, "a test", 3 * CREDIT))
    assert codes(no) == ["person"]
    decide(member(EDITOR), house.context, run.id, Verdict(Decision.RESUMED, "a test", 3 * CREDIT))
    found = take_up(house.principal, house.context, run.id)
    assert found is not None
    made(house, found)
    assert today(house, agent) == (3, 0, 0), "what a person has allowed counts as well"
    with pytest.raises(Refused, match="has spent 3 of the 2 credits"):
        begin(house, agent, SUSPENDS, name="b")


def test_a_run_that_is_taken_up_after_its_end_counts_for_the_token_that_started_it(house: Studio) -> None:
    agent = bearer(house, cap_run=4, cap_day=5)
    run = begin(house, agent)
    settle_run(house.context, run.id, error="it broke")
    begin(house, agent, name="b")

    with pytest.raises(Refused, match="holds 3 of the 5 credits"):
        take_up(house.principal, house.context, run.id)

    tokens.change_caps(OPERATOR, house.context, agent.user, {"cap_day": 6})
    assert take_up(house.principal, house.context, run.id) is not None
    assert today(house, agent) == (0, 6, 0)


def test_within_its_standing_budget_an_agent_asks_nobody_and_beyond_it_a_person(house: Studio) -> None:
    agent = bearer(house, Scope.AGENT, standing_day=5)

    free = begin(house, agent, asks="an agent asks")
    asked = begin(house, agent, name="b", asks="an agent asks")
    wanted = begin(house, agent, "approval: always" + THREE, name="c", asks="an agent asks")

    assert [run.suspended for run in (free, asked, wanted)] == [False, True, True]
    assert suspension_of(agent, house.context, asked.id).why == "an agent asks"
    assert today(house, agent) == (0, 9, 3)
    decide(member(EDITOR), house.context, asked.id, Verdict(Decision.REJECTED, "a test"))
    made(house, free)
    assert today(house, agent) == (3, 3, 3)


def test_without_a_standing_budget_an_agent_always_asks(house: Studio) -> None:
    assert begin(house, bearer(house, Scope.AGENT, cap_day=50), asks="an agent asks").suspended
    assert house.begin(house.plan(THREE.replace("NAME", "x")), asks="an agent asks").suspended


@pytest.mark.parametrize(
    ("scopes", "caps"),
    [
        ((Scope.RUNS_WRITE,), {"cap_run": 100}),
        ((Scope.RUNS_WRITE,), {"cap_day": 100}),
        ((Scope.RUNS_WRITE, Scope.AGENT), {"standing_day": 1}),
        ((Scope.RUNS_WRITE, Scope.AGENT), {}),
    ],
)
def test_a_token_that_is_capped_or_an_agents_decides_nothing_that_people_decide(
    house: Studio, scopes: tuple[Scope, ...], caps: dict[str, float]
) -> None:
    agent, other = (bearer(house, *scopes, user=EDITOR, **caps) for _ in range(2))
    mine = begin(house, agent, asks="an agent asks", name="m") if Scope.AGENT in scopes else None
    run = begin(house, agent, "approval: always" + THREE)
    deeds = (
        lambda who: decide(who, house.context, run.id, Verdict(Decision.APPROVED, "a test")),
        lambda who: decide(who, house.context, run.id, Verdict(Decision.RESUMED, "a test", 9 * CREDIT)),
        lambda who: tokens.create_token(who, house.context, "more", user=EDITOR),
        lambda who: tokens.change_caps(who, house.context, who.user, {"cap_day": None}),
        lambda who: tokens.revoke_token(who, house.context, who.user),
    )

    for who in (agent, other):
        for deed in deeds:
            with pytest.raises(Refused, match="not for a token that has caps") as no:
                deed(who)
            assert codes(no) == ["person"]

    assert mine is None or mine.suspended is (caps.get("standing_day", 0) < 3)
    decide(agent, house.context, run.id, Verdict(Decision.REJECTED, "a test"))
    with house.context.database.read() as conn:
        assert run_of(conn, house.account_id, run.id).state == RunState.CANCELLED


def test_no_token_approves_what_an_agent_asked_for_with_it(house: Studio) -> None:
    """Whatever else it may be used for: here it may do everything."""
    all_of_it = bearer(house, *ALL_SCOPES)
    asked, own = begin(house, all_of_it, asks="an agent asks"), begin(house, all_of_it, "approval: always" + THREE, "b")

    with pytest.raises(Refused, match="was asked for with this very token") as no:
        decide(all_of_it, house.context, asked.id, Verdict(Decision.APPROVED, "a test"))

    assert codes(no) == ["person"]
    decide(all_of_it, house.context, own.id, Verdict(Decision.APPROVED, "a test"))
    decide(bearer(house), house.context, asked.id, Verdict(Decision.APPROVED, "a test"))


def test_a_cap_of_nothing_lets_through_what_is_free(house: Studio) -> None:
    agent = bearer(house, cap_run=0, cap_day=0)
    begin(house, agent, "name: free\nsteps:\n  scene: {uses: draw, with: {prompt: a}}\n")

    with pytest.raises(Refused):
        begin(house, agent)


@pytest.mark.parametrize("cap", [-1, float("nan"), float("inf"), 1e30])
def test_a_cap_that_is_no_amount_of_credits_is_refused_by_name(house: Studio, cap: float) -> None:
    with pytest.raises(Invalid, match="cap_day is a number of credits from 0"):
        bearer(house, cap_day=cap)


def test_caps_and_admin_do_not_go_together(house: Studio) -> None:
    admin = bearer(house, Scope.ADMIN)

    with pytest.raises(Refused, match="a token with the scope 'admin' cannot have caps"):
        bearer(house, Scope.ADMIN, cap_day=1)
    with pytest.raises(Refused, match="a token with the scope 'admin' cannot have caps"):
        tokens.change_caps(OPERATOR, house.context, admin.user, {"cap_run": 1})
    with pytest.raises(Invalid, match="there is no cap 'cap_week'"):
        tokens.change_caps(OPERATOR, house.context, admin.user, {"cap_week": 1})
