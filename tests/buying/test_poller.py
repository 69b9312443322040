"""Waiting is a row with a time: nobody sits in a thread, nobody asks too often, and what others move is seen."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from pressroom.buying import journal
from pressroom.buying.market import DEADLINE
from pressroom.database.engine import Database
from pressroom.domain.errors import Refused, Retryable
from pressroom.ledger.accounts import ensure_account
from pressroom.providers.base import Sink, Status, VendorJob
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import order_node, run_node
from tests.support.buying import Silent
from tests.support.clocks import Clock
from tests.support.studio import STYLES, Studio, open_studio

MANY = 40


def shop(count: int, vendor: str = "simulated") -> str:
    return (
        f"name: many\nsteps:\n  scene: {{uses: draw, model: {vendor}/ink, for_each: {{n: {list(range(count))}}}, "
        'with: {prompt: "{{ each.n }}"}}\n'
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def still(tmp_path: Path, database: Database, database_url: str, clock: Clock) -> Studio:
    """A studio whose vendors need 20 seconds, on a clock that stands still until somebody waits."""
    return open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=clock)


class Counted(SimulatedVendor):
    """A vendor that counts how often it is asked for each job."""

    asked: Counter[str]
    down_until = 0.0

    def status(self, job: VendorJob) -> Status:
        self.asked[job.id] += 1
        if self._clock() < self.down_until:
            raise Retryable("no connection")
        return super().status(job)


class Full(SimulatedVendor):
    """A vendor whose files find no room in the store."""

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        raise Refused("no room in the store")


def counted(studio: Studio, **options: float) -> tuple[Studio, Counted]:
    vendor = studio.open_vendor(kind=Counted, **options)
    assert isinstance(vendor, Counted)
    vendor.asked = Counter()
    return studio.with_vendor(vendor), vendor


@pytest.mark.parametrize("vendor", ["simulated", "simulated-callback"])
def test_all_purchases_wait_at_once(still: Studio, clock: Clock, vendor: str) -> None:
    run = still.begin(still.plan(shop(MANY, vendor)))
    began = clock.now()
    keys = [order_node(still.principal, still.context, run, node.id) for node in run.plan.nodes]
    poller = still.context.poller

    futures = [poller.watch(key) for key in keys if key]
    poller.drive(futures)

    assert len(futures) == MANY
    assert {future.result().state for future in futures} == {"delivered"}
    assert clock.now() - began < timedelta(seconds=25)


def test_a_vendor_that_says_when_it_is_done_is_asked_hardly_twice(still: Studio) -> None:
    studio, vendor = counted(still, latency_seconds=20)

    studio.go(shop(1))

    assert max(vendor.asked.values()) <= 2


def test_what_a_silent_vendor_has_made_is_asked_for_around_the_time_that_it_took_lately(
    still: Studio, clock: Clock
) -> None:
    studio, took = still.with_vendor(still.open_vendor(kind=Silent, latency_seconds=20)), []

    for number in range(3):
        began = clock.now()
        studio.go(shop(1).replace("each.n", f"each.n }}}} of {number} {{{{ each.n"))
        took.append((clock.now() - began).total_seconds())

    assert took[0] > 21.5
    assert all(20 <= seconds < 21.5 for seconds in took[1:])


def test_a_vendor_that_cannot_be_reached_is_left_alone_longer_each_time(still: Studio, clock: Clock) -> None:
    studio, vendor = counted(still)
    vendor.down_until = clock.seconds() + 200

    results, _ = studio.go(shop(1))

    assert {result.state for result in results.values()} == {"done"}
    assert sum(vendor.asked.values()) < 12


def test_what_stands_in_the_way_of_taking_the_files_is_told_to_who_waits(still: Studio) -> None:
    studio = still.with_vendor(still.open_vendor(kind=Full))
    run = studio.begin(studio.plan(shop(1)))

    with pytest.raises(Refused, match="no room"):
        run_node(studio.principal, studio.context, run, run.plan.nodes[0].id)

    assert studio.plan(shop(1)).nodes[0].action == "adopt"


def test_a_job_past_its_deadline_is_waited_for_no_longer_and_bought_no_second_time(still: Studio, clock: Clock) -> None:
    studio = still.with_faults(latency_seconds=1.5 * DEADLINE.total_seconds())
    run = studio.begin(studio.plan(shop(1)))
    began = clock.now()

    with pytest.raises(Retryable, match="waited for, not bought twice"):
        run_node(studio.principal, studio.context, run, run.plan.nodes[0].id)

    assert DEADLINE <= clock.now() - began < DEADLINE + timedelta(minutes=1)
    assert run_node(studio.principal, studio.context, run, run.plan.nodes[0].id).state == "done"
    assert len(studio.vendor.purchases()) == 1


def test_a_job_that_another_process_moves_wakes_who_waits_for_it(studio: Studio) -> None:
    slow = studio.with_faults(latency_seconds=1_000)
    run = slow.begin(slow.plan(shop(1)))
    key = order_node(slow.principal, slow.context, run, run.plan.nodes[0].id)
    assert key is not None
    future = slow.context.poller.wait(key)

    with studio.context.database.write() as conn:
        journal.mark_cancelled(conn, key, "a person stopped it", studio.context.now())

    assert future.result(10).state == "cancelled"


def test_an_order_in_line_that_another_process_takes_up_and_dies_over_wakes_who_waits_for_it(studio: Studio) -> None:
    now, known = studio.context.now(), {"node_key": "n", "provider": "simulated", "model": "ink", "hold_id": 7}
    later = {"next_ask_at": now + timedelta(hours=1), "deadline_at": now + timedelta(hours=2)}
    with studio.context.database.write() as conn:
        ours = ensure_account(conn, "default", 0)
        key = journal.open_job(conn, ours, order_key="o", run_id="r1", now=now, **known).order_key
        journal.mark_later(conn, key, "waits for a place", now, **later)
    future = studio.context.poller.wait(key)

    with studio.context.database.write() as conn:
        journal.open_job(conn, ours, order_key="other", run_id="r2", now=now, **known)

    assert (future.result(10).state, studio.context.poller.wait(key).result(10).next_ask_at) == ("intent", None)


def test_the_thread_ends_when_nothing_is_waited_for_and_begins_anew(studio: Studio) -> None:
    quick = studio.with_faults(latency_seconds=0.3)
    for text in (shop(2), shop(4)):
        results, _ = quick.go(text)
        assert {result.state for result in results.values()} <= {"done", "reused"}

    for thread in threading.enumerate():
        if thread.name == "poller":
            thread.join(10)
    assert "poller" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("vendor", STYLES)
def test_two_waiters_for_one_job_are_both_told(still: Studio, vendor: str) -> None:
    runs = [still.begin(still.plan(shop(1, vendor))) for _ in range(2)]

    results = [run_node(still.principal, still.context, run, run.plan.nodes[0].id) for run in runs]

    assert [result.state for result in results] == ["done", "reused"]
    assert len(still.books(vendor).purchases()) == 1
