"""Buying: journalled, paid once for what was delivered, never above what was held, never twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from pressroom.buying import journal
from pressroom.database.schema import op
from pressroom.domain.errors import Corrupt, Permanent, Refused, Retryable
from pressroom.domain.media import Made
from pressroom.domain.operation import Workspace
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Action
from pressroom.providers.base import JobStatus, Order
from pressroom.providers.simulated import SimulatedVendor
from pressroom.runs.records import node_of
from pressroom.services.finish_run import settle_run
from pressroom.services.run_node import RunningRun, run_node
from tests.support.planning import with_model
from tests.support.studio import CATALOG, CREDIT, OPERATIONS, Studio


def bought(model: str = "ink", **params: object) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"name: bought\nsteps:\n  scene: {{uses: draw, model: simulated/{model}, with: {{{values}}}}}\n"


def job(studio: Studio, run: RunningRun) -> journal.Job:
    with studio.context.database.read() as conn:
        found = journal.job_for(conn, studio.account_id, run.plan.node("scene").key)
    assert found is not None
    return found


def captures(studio: Studio) -> list[int]:
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        return list(conn.execute(select(op.c.amount).where(op.c.kind == "capture")).scalars())


def costs(studio: Studio, run: RunningRun) -> list[int]:
    with studio.context.database.read() as conn:
        found = assets_of_node(conn, studio.account_id, run.plan.node("scene").key)
    return [asset.cost_credits_micros for asset in found]


class Slow(SimulatedVendor):
    """A vendor that needs a while to take an order, so that a second buyer comes in between."""

    def submit(self, order: Order, workspace: Workspace) -> str:
        time.sleep(0.3)
        return super().submit(order, workspace)


class Unreachable(SimulatedVendor):
    """A vendor whose line is down before the order reaches it."""

    def submit(self, order: Order, workspace: Workspace) -> str:
        raise Retryable("no connection to the vendor")


class Meeting(SimulatedVendor):
    """A vendor whose two customers collect at the same moment."""

    barrier = threading.Barrier(2)

    def collect(self, job_id: str, order: Order, workspace: Workspace) -> Sequence[Made]:
        self.barrier.wait(30)
        return super().collect(job_id, order, workspace)


class Counting(SimulatedVendor):
    """A vendor that bills the pictures it delivered, not those that were ordered."""

    def status(self, job_id: str) -> JobStatus:
        return replace(super().status(job_id), units={"image": 1})


def another(studio: Studio, kind: type[SimulatedVendor], *faults: str) -> Studio:
    return studio.with_provider(kind(studio.home / "simulated", OPERATIONS, faults=frozenset(faults)))


# what is paid


def test_a_purchase_is_paid_once_it_is_filed_and_its_job_ends_stored(studio: Studio) -> None:
    run = studio.begin(studio.plan(bought()))

    result = run_node(studio.context, run, "scene")

    assert (result.state, result.credits_micros, result.usd_micros) == ("done", CREDIT, CREDIT // 100)
    assert captures(studio) == [CREDIT]
    assert (job(studio, run).state, job(studio, run).run_id) == ("stored", run.id)
    assert job(studio, run).provider_job_id == studio.vendor.purchases()[0]["id"]


def test_of_a_partial_delivery_only_what_came_is_paid_and_its_files_share_the_price_exactly(studio: Studio) -> None:
    shop = studio.with_faults("partial")
    run = shop.begin(shop.plan(bought("oil", files=7)))

    result = run_node(shop.context, run, "scene")

    assert len(result.asset_ids) == 3
    assert result.credits_micros == 3 * 333_333
    assert costs(shop, run) == [333_333, 333_333, 333_333]
    assert captures(shop) == [3 * 333_333]
    with shop.context.database.read() as conn:
        assert node_of(conn, studio.account_id, run.id, "scene").error == "delivered 3 of 7 files"
    assert settle_run(shop.context, run.id).released_micros == 4 * 333_333


def test_a_price_that_does_not_divide_is_shared_to_the_last_millionth(studio: Studio) -> None:
    run = studio.begin(studio.plan(bought("metered", files=7, width=11, height=13)))

    result = run_node(studio.context, run, "scene")

    assert sum(costs(studio, run)) == result.credits_micros
    assert max(costs(studio, run)) - min(costs(studio, run)) <= 1


def test_a_vendor_that_bills_what_it_delivered_is_not_paid_a_share_of_a_share(studio: Studio) -> None:
    shop = another(studio, Counting, "partial")
    run = shop.begin(shop.plan(bought(files=2)))

    assert run_node(shop.context, run, "scene").credits_micros == CREDIT


def test_a_metered_purchase_is_never_paid_above_its_bound(studio: Studio) -> None:
    """The vendor bills 1.2 times what was quoted at 1.5 credits a unit; the catalog promises 1.6 at most."""
    plan = studio.plan(bought("metered", width=1000, height=10))
    run = studio.begin(plan)

    result = run_node(studio.context, run, "scene")

    assert (plan.totals.credits_estimate, plan.totals.credits_bound) == (15_000, 16_000)
    assert result.credits_micros == 16_000


def test_a_metered_purchase_below_its_bound_is_paid_as_billed(studio: Studio) -> None:
    catalog = with_model(CATALOG, "simulated/metered", bound_credits=4 * CREDIT)
    shop = replace(studio, context=replace(studio.context, catalog=catalog))
    run = shop.begin(shop.plan(bought("metered", width=1000, height=10), catalog=catalog))

    result = run_node(shop.context, run, "scene")

    assert result.credits_micros == 18_000
    assert settle_run(shop.context, run.id).released_micros == 22_000


# what fails costs nothing and can be bought again


@pytest.mark.parametrize("fault", ["fail", "reject"])
def test_a_failed_job_captures_nothing_and_can_be_bought_again(studio: Studio, fault: str) -> None:
    shop = studio.with_faults(fault)
    run = shop.begin(shop.plan(bought()))
    with pytest.raises(Permanent):
        run_node(shop.context, run, "scene")
    assert (captures(shop), job(shop, run).state) == ([], "failed")

    results, settled = studio.go(bought())

    assert results["scene"].state == "done"
    assert settled.captured_micros == CREDIT
    assert job(studio, run).order_key.endswith(":1")


def test_a_delivery_of_nothing_is_a_failure(studio: Studio) -> None:
    shop = studio.with_faults("partial")
    run = shop.begin(shop.plan(bought(files=1)))

    with pytest.raises(Permanent, match="delivered nothing"):
        run_node(shop.context, run, "scene")

    assert (captures(shop), job(shop, run).state) == ([], "failed")


@pytest.mark.parametrize(("fault", "error"), [("size", Permanent), ("damaged", Corrupt), ("extra", Permanent)])
def test_a_wrong_delivery_is_neither_filed_nor_paid_and_does_not_block_the_node_for_ever(
    studio: Studio, fault: str, error: type[Exception]
) -> None:
    run = studio.begin(studio.plan(bought(fault=fault)))

    with pytest.raises(error):
        run_node(studio.context, run, "scene")

    assert (captures(studio), costs(studio, run), job(studio, run).state) == ([], [], "failed")
    assert studio.plan(bought(fault=fault)).nodes[0].action is Action.CREATE


# an answer that gets lost


def test_an_order_whose_answer_got_lost_is_found_in_the_vendors_listing(studio: Studio) -> None:
    shop = studio.with_faults("lost_answer")

    results, settled = shop.go(bought())

    assert results["scene"].state == "done"
    assert settled.captured_micros == CREDIT
    assert len(shop.vendor.purchases()) == 1


def test_an_order_that_never_arrived_stays_unknown_and_is_sent_again_later(studio: Studio) -> None:
    down = another(studio, Unreachable)
    run = down.begin(down.plan(bought()))
    with pytest.raises(Retryable, match="no connection"):
        run_node(down.context, run, "scene")
    assert (job(down, run).state, down.vendor.purchases()) == ("unknown", [])

    assert run_node(studio.context, run, "scene").state == "done"

    assert (len(studio.vendor.purchases()), captures(studio)) == (1, [CREDIT])
    assert job(studio, run).order_key.endswith(":0")


def test_an_unfinished_purchase_is_adopted_by_the_next_run(studio: Studio) -> None:
    """The first run got as far as an accepted order; its hold is given back, the second pays."""
    down = studio.with_faults(latency_seconds=1_000)
    first = down.begin(down.plan(bought()))
    opened = Order("", "draw", "ink", {}, 1, {})
    key = first.plan.node("scene").key
    with studio.context.database.write() as conn:
        journal.open_job(
            conn,
            studio.account_id,
            order_key=f"{first.account_id}:{key}:0",
            node_key=key,
            run_id=first.id,
            provider="simulated",
            model="ink",
        )
    studio.vendor.submit(replace(opened, order_key=f"{first.account_id}:{key}:0", units={"image": 1}), None)  # type: ignore[arg-type]
    settle_run(studio.context, first.id, cancelled=True)

    plan = studio.plan(bought())
    second = studio.begin(plan)
    result = run_node(studio.context, second, "scene")

    assert plan.nodes[0].action is Action.ADOPT
    assert (result.state, len(studio.vendor.purchases())) == ("done", 1)
    assert settle_run(studio.context, second.id).captured_micros == CREDIT
    assert settle_run(studio.context, first.id).captured_micros == 0


# several buyers


def test_a_second_buyer_waits_until_the_first_has_sent_the_order(studio: Studio) -> None:
    shop = another(studio, Slow)
    runs = [shop.begin(shop.plan(bought())) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda run: run_node(shop.context, run, "scene"), runs))

    assert len(shop.vendor.purchases()) == 1
    assert captures(shop) == [CREDIT]
    assert sorted(result.state for result in results) == ["done", "reused", "reused", "reused"]
    assert len({result.asset_ids for result in results}) == 1


def test_of_two_runs_that_file_the_same_job_one_pays(studio: Studio) -> None:
    shop = another(studio, Meeting)
    runs = [shop.begin(shop.plan(bought())) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda run: run_node(shop.context, run, "scene"), runs))

    assert sorted(result.state for result in results) == ["done", "reused"]
    assert captures(shop) == [CREDIT]
    payer = next(run for run, result in zip(runs, results, strict=True) if result.state == "done")
    assert job(shop, payer).run_id == payer.id
    assert len(costs(shop, payer)) == 1


def test_a_node_filed_between_the_look_and_the_order_is_not_bought_again(studio: Studio) -> None:
    """A run that looked into the library too early finds out when it opens its job."""
    from pressroom.buying.purchase import buy

    late = studio.begin(studio.plan(bought()))
    studio.go(bought())

    node = late.plan.node("scene")
    assert buy(studio.context, late.account_id, node, late.id, late.hold_id, None) is None  # type: ignore[arg-type]
    assert len(studio.vendor.purchases()) == 1


# a run that has ended


def test_a_node_that_finishes_after_its_run_was_cancelled_is_not_paid_and_stays_adoptable(studio: Studio) -> None:
    shop = another(studio, Slow)
    run = shop.begin(shop.plan(bought()))

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(run_node, shop.context, run, "scene")
        time.sleep(0.1)
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
