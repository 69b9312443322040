"""Budgets of a month: of an account and of a campaign's runs; no start passes them, and a run that may wait does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from pressroom.database.engine import Database
from pressroom.database.plan_reader import plan_reader_for
from pressroom.domain.errors import Refused
from pressroom.domain.events import BudgetReached, Event, RunHeld
from pressroom.domain.identity import Bearer, Principal
from pressroom.domain.months import month_of
from pressroom.domain.states import Decision, WaitsFor
from pressroom.services.accounts import refund_credits, set_budget, show_account, show_statement
from pressroom.services.launch_run import see_through
from pressroom.services.run_lease import alive
from pressroom.services.run_node import RunningRun
from pressroom.services.suspend_run import Suspension, Verdict, decide
from pressroom.services.take_up_run import take_up
from pressroom.watching.channel import Channel
from tests.support.standing import balance
from tests.support.studio import CREDIT, Studio, open_studio

TEXT = """
name: spent
steps:
  scene: {uses: draw, model: simulated-direct/ink, count: 4, with: {prompt: "{{ each.take }}"}}
"""
FIRST = "name: first\nsteps: {scene: {uses: draw, model: simulated-direct/ink, with: {prompt: first}}}\n"
WAITS = TEXT.replace("steps:", "budget: {when_reached: suspend}\nsteps:")


@pytest.fixture
def studio(tmp_path: Path, database: Database, database_url: str) -> Studio:
    return open_studio(tmp_path / "home", database, database_url, budget_alerts="80,100")


def finished(studio: Studio, run: RunningRun | None) -> object:
    assert run is not None
    with alive(studio.context, run) as life:
        return see_through(studio.context, run, life)


def budgeted(studio: Studio, credits: float | None) -> None:
    set_budget(studio.principal, studio.context, None if credits is None else int(credits * CREDIT))


def opened(studio: Studio) -> Studio:
    """With an account, which opens with its first run."""
    finished(studio, studio.begin(studio.plan(FIRST)))
    return studio


def test_a_run_above_the_accounts_month_is_refused_with_every_number_and_holds_nothing(studio: Studio) -> None:
    opened(studio)
    budgeted(studio, 4.5)

    with pytest.raises(Refused) as refused:
        studio.begin(studio.plan(TEXT))

    (problem,) = refused.value.problems
    assert problem.code == "budget_month"
    assert "this needs 4 credits on top of 1 spent in " in problem.message
    assert problem.message.endswith("the budget of account 'default' is 4.5 credits a month")
    assert balance(studio) == (99, 0)
    (found,) = (each for each in show_account(studio.principal, studio.context).allowances if each.family == "credits")
    assert (found.used, found.held, found.left) == (CREDIT, 0, int(3.5 * CREDIT))
    month = month_of(studio.context.now())
    with plan_reader_for(studio.url, studio.account) as reader:
        assert reader.month_budget() == int(4.5 * CREDIT)
        assert [reader.month_spent(month, name) for name in ("", "first", "spent")] == [CREDIT, CREDIT, 0]
    budgeted(studio, None)
    assert not studio.begin(studio.plan(TEXT)).suspended


def test_what_is_refunded_is_no_longer_spent_in_the_month_of_its_capture(studio: Studio) -> None:
    opened(studio)
    budgeted(studio, 4.5)
    (key,) = [line.key for line in show_statement(studio.principal, studio.context) if line.kind == "capture"]

    refund_credits(studio.principal, studio.context, key, CREDIT // 4)
    refund_credits(studio.principal, studio.context, key, CREDIT // 4)

    (found,) = (each for each in show_account(studio.principal, studio.context).allowances if each.family == "credits")
    assert (found.used, found.left) == (CREDIT // 2, 4 * CREDIT)
    month = month_of(studio.context.now())
    with plan_reader_for(studio.url, studio.account) as reader:
        spent = [reader.month_spent(month, name) for name in ("", "first", "spent")]
        assert (spent, reader.month_spent("2020-01")) == ([CREDIT // 2, CREDIT // 2, 0], 0)
    assert not studio.begin(studio.plan(TEXT)).suspended


def test_all_runs_of_a_campaign_share_its_month(studio: Studio) -> None:
    text = TEXT.replace("steps:", "budget: {month: 6}\nsteps:")
    finished(studio, studio.begin(studio.plan(text)))

    with pytest.raises(Refused, match="the budget of campaign 'spent' is 6 credits a month"):
        studio.begin(studio.plan(text, refresh=("scene",)))
    assert not studio.begin(studio.plan(text.replace("name: spent", "name: other"), refresh=("scene",))).suspended


def test_of_two_starts_at_once_one_fits(studio: Studio) -> None:
    opened(studio)
    budgeted(studio, 6)
    plans = [studio.plan(TEXT.replace("prompt: ", f"height: {height}, prompt: ")) for height in (20, 22)]
    ends: list[str] = []

    def start(number: int) -> None:
        try:
            studio.begin(plans[number])
            ends.append("held")
        except Refused:
            ends.append("refused")

    threads = [Thread(target=start, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (sorted(ends), balance(studio)) == (["held", "refused"], (95, 4))


def test_a_run_that_may_wait_holds_what_the_month_leaves_and_goes_on_once_the_budget_is_raised(studio: Studio) -> None:
    told: list[Event] = []
    heard = opened(replace(studio, context=replace(studio.context, events=Channel([told.append]))))
    budgeted(heard, 4)

    run = heard.begin(heard.plan(WAITS))
    found = finished(heard, run)

    assert isinstance(found, Suspension)
    assert (found.waits_for, found.spent_micros, found.missing_micros) == (WaitsFor.CREDITS, 3 * CREDIT, CREDIT)
    assert [each.credits for each in told if isinstance(each, RunHeld)] == [1, 3]
    reached = [(each.percent, each.scope, each.spent) for each in told if isinstance(each, BudgetReached)]
    assert reached == [(80, "month", 4), (100, "month", 4)]
    more = Verdict(Decision.RESUMED, "a test", 4 * CREDIT)
    with pytest.raises(Refused, match="the budget of account 'default' is 4 credits a month"):
        decide(heard.principal, heard.context, run.id, more)
    budgeted(heard, 5)
    decide(heard.principal, heard.context, run.id, more)
    finished(heard, take_up(heard.principal, heard.context, run.id))
    assert (balance(heard), len(heard.open_vendor(name="simulated-direct").purchases())) == ((95, 0), 5)


def test_a_run_that_may_wait_holds_the_balance_where_that_is_less(tmp_path: Path, sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database:
        poor = open_studio(tmp_path / "home", database, sqlite_url, grant_credits=3)

        found = finished(poor, poor.begin(poor.plan(WAITS)))

        assert isinstance(found, Suspension)
        assert (found.spent_micros, found.missing_micros, balance(poor)) == (3 * CREDIT, CREDIT, (0, 0))
        with pytest.raises(Refused, match="account 'default' has 0"):
            poor.begin(poor.plan(WAITS, refresh=("scene",)))


def test_who_has_caps_changes_no_budget(studio: Studio) -> None:
    opened(studio)

    with pytest.raises(Refused, match="not for a token that has caps"):
        set_budget(Principal("default", "t", bearer=Bearer(1, bound=True)), studio.context, 10 * CREDIT)
