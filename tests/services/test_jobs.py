"""Purchases settled by hand, collected after their run has died, and stopped with their run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.database.engine import Database
from pressroom.database.schema import allowance, op
from pressroom.domain.errors import AnswerLost, Invalid, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.planning.plan import Action
from pressroom.services.jobs import (
    Reconciled,
    cancel_jobs,
    collect,
    find_job,
    forget,
    list_jobs,
    look_for,
    reconcile,
    spent_by,
)
from pressroom.services.run_node import RunningRun, order_node
from pressroom.services.settle_run import settle_run
from tests.support.buying import Unreachable
from tests.support.clocks import Clock
from tests.support.studio import CREDIT, Studio, open_studio

USD = CREDIT // 100


def text(vendor: str = "simulated-direct", prompt: str = "a red kettle") -> str:
    return f"name: jobs\nsteps:\n  scene: {{uses: draw, model: {vendor}/ink, with: {{prompt: {prompt}}}}}\n"


@pytest.fixture
def still(tmp_path: Path, database: Database, database_url: str) -> Studio:
    return open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=Clock())


def lost(studio: Studio, fault: str = "lost_answer") -> Job:
    """An order of which nobody knows whether the vendor has it."""
    shop = studio.with_faults(fault, name="simulated-direct")
    results, _ = shop.go(text())
    assert isinstance(results["scene"], AnswerLost)
    [job] = list_jobs(studio.principal, studio.context)
    return job


def ordered(studio: Studio, vendor: str = "simulated") -> RunningRun:
    run = studio.begin(studio.plan(text(vendor)))
    assert order_node(studio.principal, studio.context, run, "scene") is not None
    return run


def available(studio: Studio) -> int:
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        return balance_of(conn, studio.account).available_micros


def counted(studio: Studio) -> int:
    """Micro-dollars that count against the month's allowance."""
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        dollars = select(func.sum(allowance.c.used)).where(allowance.c.family == "usd")
        return int(conn.execute(dollars).scalar_one() or 0)


# looking


def test_a_job_is_named_by_the_beginning_of_its_key_and_says_what_to_look_for(studio: Studio) -> None:
    job = lost(studio)

    found = find_job(studio.principal, studio.context, job.node_key[:6])

    assert found == job
    looks = look_for(found)
    assert (looks["model"], looks["prompt"], looks["price_usd_micros"]) == ("ink", "a red kettle", USD)
    assert looks["sizes"] == ["24 x 16"]
    assert looks["sent_after"] <= looks["sent_before"]


def test_another_accounts_job_is_as_unknown_as_one_that_never_was(studio: Studio) -> None:
    job = lost(studio)
    bob = replace(studio, context=replace(studio.context, settings=_of(studio, "bob")))
    bob.go("name: own\nsteps:\n  scene: {uses: draw}\n")

    assert list_jobs(Principal("bob"), studio.context) == []
    for act in (find_job, forget):
        with pytest.raises(Invalid) as caught:
            act(Principal("bob"), studio.context, job.order_key)
        assert str(caught.value) == f"there is no job {job.order_key!r}: pressroom jobs list"


def _of(studio: Studio, account: str) -> object:
    return studio.context.settings.model_copy(update={"account": account})


# settling


def test_one_that_is_there_is_adopted_and_filed_by_the_next_run_without_a_second_purchase(studio: Studio) -> None:
    job = lost(studio)
    [taken] = studio.books("simulated-direct").purchases()

    found = reconcile(studio.principal, studio.context, job.order_key, Reconciled(vendor_job_id=taken["id"]))

    assert (found.state, found.billed_usd_micros) == ("delivered", USD)
    results, settled = studio.go(text())
    assert (results["scene"].state, settled.captured_micros) == ("done", 0)
    assert len(studio.books("simulated-direct").purchases()) == 1
    assert available(studio) == 99 * CREDIT


def test_one_that_the_vendor_does_not_know_is_not_adopted(studio: Studio) -> None:
    job = lost(studio)

    with pytest.raises(Refused, match="does not know 'j-9'"):
        reconcile(studio.principal, studio.context, job.order_key, Reconciled(vendor_job_id="j-9"))

    assert find_job(studio.principal, studio.context, job.order_key).state == "unknown"


def test_one_that_was_never_taken_gives_its_credits_back_and_may_be_bought_again(studio: Studio) -> None:
    job = lost(studio, "lost_order")
    assert available(studio) == 99 * CREDIT

    found = reconcile(studio.principal, studio.context, job.order_key, Reconciled(absent=True))

    assert (found.state, found.spent_usd_micros, available(studio)) == ("failed", 0, 100 * CREDIT)
    assert counted(studio) == 0
    results, settled = studio.go(text())
    assert (results["scene"].state, settled.captured_micros) == ("done", CREDIT)


@pytest.mark.parametrize(("usd", "kept"), [(USD, CREDIT), (USD // 2, CREDIT // 2), (3 * USD, CREDIT), (0, 0)])
def test_one_that_was_billed_and_cannot_be_had_is_trued_up(studio: Studio, usd: int, kept: int) -> None:
    job = lost(studio)

    found = reconcile(studio.principal, studio.context, job.order_key, Reconciled(billed_usd_micros=usd))

    assert (found.state, found.billed_usd_micros, found.spent_usd_micros) == ("failed", usd, usd)
    assert counted(studio) == usd
    assert available(studio) == 100 * CREDIT - kept


def test_the_bill_of_a_job_that_has_ended_can_be_corrected(studio: Studio) -> None:
    shop = studio.with_faults("silent")
    shop.go(text("simulated"))
    [job] = list_jobs(studio.principal, studio.context, everything=True)
    assert job.assumed

    found = reconcile(studio.principal, studio.context, job.order_key, Reconciled(billed_usd_micros=7))

    assert (found.state, found.billed_usd_micros, found.assumed) == ("stored", 7, False)


def test_one_that_was_given_up_stays_spent_and_may_be_bought_again(studio: Studio) -> None:
    job = lost(studio)

    found = forget(studio.principal, studio.context, job.order_key)

    assert (found.state, found.spent_usd_micros, found.assumed) == ("failed", USD, True)
    assert available(studio) == 99 * CREDIT
    assert studio.go(text())[0]["scene"].state == "done"


def test_what_is_known_cannot_be_said_to_be_otherwise(studio: Studio) -> None:
    studio.go(text("simulated"))
    [job] = list_jobs(studio.principal, studio.context, everything=True)

    for act in (
        lambda: forget(studio.principal, studio.context, job.order_key),
        lambda: reconcile(studio.principal, studio.context, job.order_key, Reconciled(absent=True)),
    ):
        with pytest.raises(Refused, match="is stored"):
            act()


# runs that have ended


def test_an_order_that_certainly_never_left_is_no_unknown_one_when_it_is_collected(studio: Studio) -> None:
    """Also at a vendor that cannot list its orders: nobody need ask it."""
    unreachable = studio.open_vendor(name="simulated-direct", kind=Unreachable)
    shop = studio.with_vendor(unreachable)
    run = shop.begin(shop.plan(text()))
    with pytest.raises(Retryable):
        order_node(shop.principal, shop.context, run, "scene")
    settle_run(shop.context, run.id, cancelled=True)

    [moved] = collect(studio.principal, studio.context)

    assert (moved.state, moved.spent_usd_micros, moved.captured_micros) == ("failed", 0, 0)
    assert counted(studio) == 0


def test_what_a_dead_run_ordered_is_collected_and_filed_by_the_next_one(still: Studio) -> None:
    run = ordered(still)
    settle_run(still.context, run.id, error="its process ended")
    still.context.pause(30)  # type: ignore[misc]

    [moved] = collect(still.principal, still.context)

    assert (moved.state, still.context.store.has(moved.delivery[0].sha256)) == ("delivered", True)
    assert list_jobs(still.principal, still.context) == [moved]
    results, settled = still.go(text("simulated"))
    assert (results["scene"].state, settled.captured_micros) == ("done", CREDIT)
    assert len(still.vendor.purchases()) == 1


def test_a_job_of_a_vendor_that_is_not_there_any_more_hinders_no_other(still: Studio) -> None:
    for vendor in ("simulated-callback", "simulated"):
        settle_run(still.context, ordered(still, vendor).id, error="its process ended")
    vendors = {name: vendor for name, vendor in still.context.vendors.items() if name != "simulated-callback"}
    still = replace(still, context=replace(still.context, vendors=vendors))
    still.context.pause(30)  # type: ignore[misc]

    [moved] = collect(still.principal, still.context)

    assert (moved.provider, moved.state) == ("simulated", "delivered")


def test_an_order_that_becomes_unknown_after_its_hold_has_ended_captures_nothing_and_says_so(still: Studio) -> None:
    run = still.begin(still.plan(text()))
    node = run.plan.node("scene")
    with still.context.database.write() as conn:
        journal.open_job(conn, run.account_id, order_key="1:x:0", node_key=node.key, run_id=run.id, hold_id=run.hold_id,
                         provider="simulated-direct", model="ink", now=still.context.now(), quote=node.quote)  # fmt: skip
    settle_run(still.context, run.id, error="its process ended")

    for _ in range(2):
        collect(still.principal, still.context)

    [job] = list_jobs(still.principal, still.context)
    assert (job.state, job.captured_micros, job.spent_usd_micros) == ("unknown", 0, USD)
    assert job.error.count("no credits were captured") == 1
    assert (available(still), counted(still)) == (100 * CREDIT, USD)


def test_what_a_living_run_waits_for_is_left_alone(still: Studio) -> None:
    ordered(still)
    still.context.pause(30)  # type: ignore[misc]

    assert collect(still.principal, still.context) == []


def test_an_order_of_a_dead_run_that_never_left_is_closed(still: Studio) -> None:
    run = still.begin(still.plan(text("simulated")))
    node = run.plan.node("scene")
    with still.context.database.write() as conn:
        journal.open_job(conn, run.account_id, order_key="1:x:0", node_key=node.key, run_id=run.id, hold_id=run.hold_id,
                         provider="simulated", model="ink", now=still.context.now())  # fmt: skip
    settle_run(still.context, run.id, error="its process ended")

    [moved] = collect(still.principal, still.context)

    assert (moved.state, moved.spent_usd_micros) == ("failed", 0)
    assert still.plan(text("simulated")).nodes[0].action is Action.CREATE


def test_what_a_cancelled_run_ordered_is_stopped_at_the_vendor(still: Studio) -> None:
    run = ordered(still)
    settle_run(still.context, run.id, cancelled=True)

    [stopped] = cancel_jobs(still.principal, still.context, run.id)

    assert (stopped.state, stopped.billed_usd_micros) == ("cancelled", 0)
    assert still.vendor.purchases()[0]["cancelled_at"] is not None
    with still.context.database.read() as conn:
        assert list(conn.execute(select(op.c.amount).where(op.c.kind == "capture")).scalars()) == []


def test_what_was_done_before_it_could_be_stopped_is_kept(still: Studio) -> None:
    run = ordered(still)
    still.context.pause(30)  # type: ignore[misc]

    [done] = cancel_jobs(still.principal, still.context, run.id)

    assert done.state == "delivered"


def test_what_another_run_has_taken_up_is_not_stopped(still: Studio) -> None:
    first, second = ordered(still), ordered(still)

    assert cancel_jobs(still.principal, still.context, first.id) == []
    [stopped] = cancel_jobs(still.principal, still.context, second.id)
    assert stopped.state == "cancelled"


def test_what_a_run_has_spent_counts_what_is_open_at_a_vendor(still: Studio) -> None:
    """Nothing is captured yet, and nobody can say that it will cost nothing."""
    nothing = still.begin(still.plan(text("simulated", "a blue kettle")))

    found = spent_by(still.context, ordered(still))

    assert spent_by(still.context, nothing) == {}
    assert found["captured"] == 0
    assert found["held"] > 0
