"""Buying: journalled, paid once for what was delivered, billed dollars in full, never twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from pressroom.buying.purchase import Supplies, place
from pressroom.domain.errors import Corrupt, Permanent, PressroomError, Refused
from pressroom.ledger.accounts import balance_of
from pressroom.planning.plan import Action
from pressroom.runs.nodes import node_of
from pressroom.services.settle_run import settle_run
from tests.support.buying import (
    INK_USD,
    Counting,
    Slow,
    another,
    began,
    bought,
    captures,
    costs,
    counted,
    job,
    jobs_of,
    make,
    ticket,
)
from tests.support.planning import with_model
from tests.support.studio import CATALOG, CREDIT, STYLES, Studio

# what is paid


@pytest.mark.parametrize("vendor", STYLES)
def test_a_purchase_is_paid_once_it_is_filed_whatever_way_the_vendor_answers(studio: Studio, vendor: str) -> None:
    run = began(studio, "ink", vendor)

    result = make(studio, run)

    assert (result.state, result.credits_micros, result.usd_micros) == ("done", CREDIT, INK_USD)
    assert captures(studio) == [CREDIT]
    found = job(studio, run)
    assert (found.state, found.run_id, found.billed_usd_micros, found.assumed) == ("stored", run.id, INK_USD, False)
    assert found.evidence == {"invoice": studio.books(vendor).purchases()[0]["id"]}


def test_of_a_partial_delivery_only_what_came_is_paid_and_its_files_share_the_price_exactly(studio: Studio) -> None:
    shop = studio.with_faults("partial")
    run = began(shop, "oil", files=7)

    result = make(shop, run)

    assert len(result.asset_ids) == 3
    assert result.credits_micros == 3 * 333_333
    assert costs(shop, run) == [333_333, 333_333, 333_333]
    assert captures(shop) == [3 * 333_333]
    with shop.context.database.read() as conn:
        assert node_of(conn, run.account_id, run.id, "scene").error == "delivered 3 of 7 files"
    assert settle_run(shop.context, run.id).released_micros == 4 * 333_333


def test_a_price_that_does_not_divide_is_shared_to_the_last_millionth(studio: Studio) -> None:
    run = began(studio, "metered", files=7, width=11, height=13)

    result = make(studio, run)

    assert sum(costs(studio, run)) == result.credits_micros
    assert max(costs(studio, run)) - min(costs(studio, run)) <= 1


def test_a_vendor_that_bills_what_it_delivered_is_not_paid_a_share_of_a_share(studio: Studio) -> None:
    shop = another(studio, Counting, "partial")

    assert make(shop, began(shop, files=2)).credits_micros == CREDIT


def test_a_metered_purchase_is_never_paid_above_its_bound(studio: Studio) -> None:
    """The vendor bills 1.2 times what was quoted at 1.5 credits a unit; the catalog promises 1.6 at most."""
    plan = studio.plan(bought("metered", width=1000, height=10))
    run = studio.begin(plan)

    result = make(studio, run)

    assert (plan.totals.credits_estimate, plan.totals.credits_bound) == (15_000, 16_000)
    assert result.credits_micros == 16_000


def test_a_metered_purchase_below_its_bound_is_paid_as_billed(studio: Studio) -> None:
    catalog = with_model(CATALOG, "simulated/metered", bound_credits=4 * CREDIT)
    shop = replace(studio, context=replace(studio.context, catalog=catalog))
    run = shop.begin(shop.plan(bought("metered", width=1000, height=10), catalog=catalog))

    result = make(shop, run)

    assert result.credits_micros == 18_000
    assert settle_run(shop.context, run.id).released_micros == 22_000


# what was billed is a fact


def test_what_is_billed_above_the_quote_is_recorded_in_full(studio: Studio) -> None:
    shop = studio.with_faults("overcharge")
    run = began(shop)

    result = make(shop, run)

    assert (result.usd_micros, job(shop, run).billed_usd_micros) == (3 * INK_USD, 3 * INK_USD)
    assert result.credits_micros == CREDIT
    assert settle_run(shop.context, run.id).usd_micros == 3 * INK_USD


def test_a_vendor_that_says_nothing_of_its_bill_is_assumed_to_have_charged_the_quote(studio: Studio) -> None:
    shop = studio.with_faults("silent")
    run = began(shop)

    assert make(shop, run).usd_micros == INK_USD
    assert (job(shop, run).billed_usd_micros, job(shop, run).assumed) == (None, True)


@pytest.mark.parametrize(
    ("params", "faults", "error", "message"),
    [
        ({"fault": "size"}, (), Permanent, "25 x 16 instead of 24 x 16"),
        ({}, ("damaged",), Corrupt, "what simulated/ink delivered cannot be used: "),
        ({"fault": "extra"}, (), Permanent, "the plan promises 1"),
        ({"files": 1}, ("partial",), Permanent, "delivered nothing"),
    ],
)
def test_a_delivery_that_our_checks_refuse_costs_no_credits_and_its_bill_is_kept_and_said(
    studio: Studio, params: dict[str, object], faults: tuple[str, ...], error: type[PressroomError], message: str
) -> None:
    shop = studio.with_faults(*faults)
    run = began(shop, **params)

    results = shop.walk(run)

    problem = results["scene"]
    assert isinstance(problem, error)
    assert message in str(problem)
    assert "simulated billed $0.01" in str(problem)
    assert "nothing was charged" not in str(problem)
    assert "export it again" not in str(problem)
    found = job(shop, run)
    assert (found.state, found.billed_usd_micros, captures(shop), costs(shop, run)) == ("rejected", INK_USD, [], [])
    assert all(shop.context.store.has(file.sha256) for file in found.delivery)
    assert settle_run(shop.context, run.id).usd_micros == INK_USD
    assert studio.plan(bought(**params)).nodes[0].action is Action.CREATE


# several buyers


def test_a_second_buyer_waits_until_the_first_has_sent_the_order(studio: Studio) -> None:
    shop = another(studio, Slow)
    runs = [began(shop) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda run: make(shop, run), runs))

    assert len(shop.vendor.purchases()) == 1
    assert captures(shop) == [CREDIT]
    assert sorted(result.state for result in results) == ["done", "reused", "reused", "reused"]
    assert len({result.asset_ids for result in results}) == 1
    payer = next(run for run, result in zip(runs, results, strict=True) if result.state == "done")
    assert job(shop, payer).run_id == payer.id
    assert len(costs(shop, payer)) == 1


def test_a_node_filed_between_the_look_and_the_order_is_not_bought_again(studio: Studio) -> None:
    """A run that looked into the library too early finds out when it opens its job."""
    late = began(studio)
    studio.go(bought())

    assert place(studio.context.market, ticket(late), Supplies()) is None
    assert len(studio.vendor.purchases()) == 1


# a run that has ended


def test_a_node_that_finishes_after_its_run_was_cancelled_is_not_paid_and_stays_adoptable(studio: Studio) -> None:
    shop = another(studio, Slow)
    run = began(shop)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(make, shop, run)
        while not jobs_of(shop, run):
            time.sleep(0.01)
        settled = settle_run(shop.context, run.id, cancelled=True)
        with pytest.raises((Refused, Permanent)):
            working.result()

    assert (settled.state, captures(shop)) == ("cancelled", [])
    assert studio.plan(bought()).nodes[0].action is Action.ADOPT
    results, _ = studio.go(bought())
    assert (results["scene"].state, len(studio.vendor.purchases())) == ("done", 1)


def test_the_account_ends_with_what_it_had_less_what_was_delivered(studio: Studio) -> None:
    studio.go(bought(files=3))

    with studio.context.database.read() as conn:
        balance = balance_of(conn, "default")
    assert (balance.available_micros, balance.held_micros) == (97 * CREDIT, 0)


@pytest.mark.parametrize(
    ("fault", "vendor", "state"),
    [
        ("charged_fail", "simulated", "failed"),
        ("fail", "simulated", "failed"),
        ("damaged", "simulated", "rejected"),
        ("overcharge", "simulated", "stored"),
        ("lost_answer", "simulated-direct", "unknown"),
        ("silent", "simulated", "stored"),
    ],
)
def test_every_dollar_that_counts_as_spent_counts_against_the_month_once(
    studio: Studio, fault: str, vendor: str, state: str
) -> None:
    run = began(studio.with_faults(fault, name=vendor), vendor=vendor)
    with suppress(PressroomError):
        make(studio.with_faults(fault, name=vendor), run)
    settle_run(studio.context, run.id)

    found = job(studio, run)
    assert found.state == state
    assert counted(studio) == found.counted_usd_micros == found.spent_usd_micros
    assert found.spent_usd_micros or fault == "fail"
