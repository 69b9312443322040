"""What a vendor allows holds for everybody on the database: places, rates, pauses, and being left alone."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pressroom.buying import journal
from pressroom.buying.admission import (
    GOING_SECONDS,
    IN_LINE_SECONDS,
    SPREAD,
    admitted,
    count_answer,
    count_failure,
    pause,
    spread,
)
from pressroom.buying.claiming import claim_due
from pressroom.buying.job import Job
from pressroom.buying.market import DEADLINE
from pressroom.buying.poller import IO_THREADS
from pressroom.buying.schedule import ASK_AFTER_SECONDS
from pressroom.buying.spooling import failed, in_line, submitted
from pressroom.database.engine import Database
from pressroom.database.plan_reader import plan_reader_for
from pressroom.database.schema import job, vendor_pace
from pressroom.domain.errors import Retryable
from pressroom.domain.states import JobState
from pressroom.planning.health import ailing_vendors
from pressroom.providers.base import FREE_OF_CHARGE, Delivered, Order, Pending, Trouble
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import order_node, run_node
from tests.buying import asking_for_places
from tests.support.buying import order_all
from tests.support.clocks import Clock
from tests.support.studio import CATALOG, Studio, open_studio

BUYERS = 4


def shop(count: int, more: str = "") -> str:
    return (
        f"name: many\nsteps:\n  scene: {{uses: draw, model: simulated/ink, {more} for_each: {{n: {list(range(count))}}}, "
        'with: {prompt: "{{ each.n }}"}}\n'
    )


def allowing(**limits: Any) -> Any:
    """The studio's catalog with these limits of its vendor."""
    row = CATALOG.providers["simulated"].model_copy(update=limits)
    return replace(CATALOG, providers={**CATALOG.providers, "simulated": row})


@pytest.fixture
def clock() -> Clock:
    return Clock()


def still(tmp_path: Path, database: Database, url: str, clock: Clock, **limits: Any) -> Studio:
    catalog = allowing(**limits)
    return open_studio(tmp_path / "home", database, url, latency_seconds=20, clock=clock, catalog=catalog)


@pytest.fixture
def opened(tmp_path: Path, database: Database, database_url: str, clock: Clock) -> Any:
    """Opens a studio whose vendor has these limits, and so many jobs in it that have not left."""

    def open_jobs(count: int, **limits: Any) -> tuple[Studio, list[Job]]:
        studio = still(tmp_path, database, database_url, clock, **limits)
        run = studio.begin(studio.plan(shop(count)))
        with database.write() as conn:
            jobs = [
                journal.open_job(
                    conn,
                    run.account_id,
                    order_key=f"order-{number}",
                    node_key=f"node-{number}",
                    run_id=run.id,
                    provider="simulated",
                    model="ink",
                    now=clock.now() + timedelta(microseconds=number),
                    hold_id=run.hold_id,
                )
                for number in range(count)
            ]
        return studio, jobs

    return open_jobs


class Busy(SimulatedVendor):
    """A vendor that takes so many orders at a time, and says no to each beyond it. `most` is how many there were at once."""

    places = 10
    most = 0
    refused = 0

    def submit(self, order: Order) -> Pending | Delivered:
        with self._counting:
            running = [end for end in self.ends if end > self._clock()]
            if len(running) >= self.places:
                self.refused += 1
                raise Retryable("too many at a time", unsent=True, retry_after_seconds=0.1, trouble=Trouble.BUSY)
            self.ends = [*running, self._clock() + self._latency_seconds]
            self.most = max(self.most, len(self.ends))
        return super().submit(order)

    _counting = threading.Lock()
    ends: tuple[float, ...] | list[float] = ()


def test_what_a_vendor_takes_at_a_time_is_kept_and_waiting_costs_no_thread(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    studio = open_studio(
        tmp_path / "home", database, database_url, catalog=allowing(jobs_at_once=10), latency_seconds=0.5
    )
    vendor = studio.open_vendor(kind=Busy, latency_seconds=0.5)
    assert isinstance(vendor, Busy)
    studio = studio.with_vendor(vendor)
    run = studio.begin(studio.plan(shop(40)))
    before = threading.active_count()
    started = time.monotonic()

    threads = order_all(studio, run, BUYERS)

    seconds = time.monotonic() - started
    assert {job.state for job in jobs_in(studio)} == {JobState.DELIVERED}
    assert (vendor.refused, 1 < vendor.most <= 10) == (0, True)
    assert threads - before <= BUYERS + IO_THREADS + 1
    assert 2.0 <= seconds < 60
    assert len(vendor.purchases()) == 40


def jobs_in(studio: Studio) -> list[Any]:
    with studio.context.database.read() as conn:
        return list(conn.execute(select(job)).all())


def test_of_several_that_ask_only_so_many_may_leave_and_the_end_of_one_wakes_the_oldest(
    opened: Any, clock: Clock
) -> None:
    studio, jobs = opened(4, jobs_at_once=2)
    market = studio.context.market

    waits = [admitted(market, each) for each in jobs]

    assert [each is None for each in waits] == [True, True, False, False]
    assert "2 orders at a time" in waits[2].reason
    for each, told in zip(jobs[2:], waits[2:], strict=True):
        kept = in_line(market, each, told)
        assert (kept.state, kept.sent, kept.next_ask_at > clock.now()) == (JobState.INTENT, False, True)
    failed(market, jobs[0], "stopped", FREE_OF_CHARGE)
    due = [
        each.order_key for each in jobs_in(studio) if each.next_ask_at is not None and each.next_ask_at <= clock.now()
    ]
    assert due == ["order-2"]
    assert admitted(market, jobs[2]) is None
    assert admitted(market, jobs[3]) is not None


def due_of(studio: Studio, clock: Clock) -> list[str]:
    return [each.order_key for each in jobs_in(studio) if each.next_ask_at and each.next_ask_at <= clock.now()]


def test_each_end_wakes_another_one_also_while_the_first_is_on_its_way(opened: Any, clock: Clock) -> None:
    studio, jobs = opened(5, jobs_at_once=2)
    market = studio.context.market
    waits = [admitted(market, each) for each in jobs]
    for each, told in zip(jobs[2:], waits[2:], strict=True):
        in_line(market, each, told)

    failed(market, jobs[0], "stopped", FREE_OF_CHARGE)
    (claimed,) = claim_due(market, [each.order_key for each in jobs])
    failed(market, jobs[1], "stopped", FREE_OF_CHARGE)

    assert (claimed.order_key, due_of(studio, clock)) == ("order-2", ["order-3"])
    clock.pause(
        GOING_SECONDS + ASK_AFTER_SECONDS[-1]
    )  # whoever was to send them is gone: the end of a third wakes the next one
    assert admitted(market, jobs[3]) is None
    failed(market, jobs[3], "stopped", FREE_OF_CHARGE)
    assert "order-4" in due_of(studio, clock)


def test_a_free_place_does_not_wait_for_an_order_that_will_look_for_itself_later(opened: Any, clock: Clock) -> None:
    studio, jobs = opened(3, jobs_at_once=2)
    market = studio.context.market
    told = [admitted(market, each) for each in jobs]
    kept = in_line(market, jobs[2], told[2])
    clock.pause((kept.next_ask_at - clock.now()).total_seconds() - 5)
    assert due_of(studio, clock) == []

    failed(market, jobs[0], "stopped", FREE_OF_CHARGE)

    assert due_of(studio, clock) == ["order-2"]


def test_an_order_that_has_left_takes_one_place_and_not_another_as_one_that_is_on_its_way(
    opened: Any, clock: Clock
) -> None:
    studio, jobs = opened(4, jobs_at_once=2)
    market = studio.context.market
    for each, told in zip(jobs, [admitted(market, each) for each in jobs], strict=True):
        if told is not None:
            in_line(market, each, told)
    failed(market, jobs[0], "stopped", FREE_OF_CHARGE)
    assert due_of(studio, clock) == ["order-2"]
    assert admitted(market, jobs[2]) is None  # it leaves as soon as it was woken

    failed(market, jobs[1], "stopped", FREE_OF_CHARGE)

    assert "order-3" in due_of(studio, clock)


def test_an_order_that_was_claimed_and_came_back_to_the_line_is_claimed_for_as_short_again(
    opened: Any, clock: Clock
) -> None:
    studio, jobs = opened(2, jobs_at_once=1)
    market = studio.context.market
    assert admitted(market, jobs[0]) is None
    until = set()

    for _ in range(6):
        told = admitted(market, jobs[1])
        in_line(market, jobs[1], told)
        clock.pause(IN_LINE_SECONDS * (1 + SPREAD))
        (claimed,) = claim_due(market, ["order-1"])
        until.add(claimed.next_ask_at - clock.now())

    assert until == {timedelta(seconds=ASK_AFTER_SECONDS[1])}


def test_who_joins_the_line_when_a_place_has_just_come_free_goes_at_once(opened: Any, clock: Clock) -> None:
    studio, jobs = opened(2, jobs_at_once=1)
    market = studio.context.market
    assert admitted(market, jobs[0]) is None
    told = admitted(market, jobs[1])
    failed(market, jobs[0], "stopped", FREE_OF_CHARGE)

    kept = in_line(market, jobs[1], told)

    assert (kept.order_key, kept.next_ask_at) == ("order-1", clock.now())


def test_an_order_that_nobody_waits_for_any_more_keeps_its_place_only_so_long(opened: Any, clock: Clock) -> None:
    studio, jobs = opened(2, jobs_at_once=1)
    assert admitted(studio.context.market, jobs[0]) is None
    submitted(studio.context.market, jobs[0], "v1")
    assert admitted(studio.context.market, jobs[1]) is not None

    clock.pause(DEADLINE.total_seconds() + 1)

    assert admitted(studio.context.market, jobs[1]) is None


def test_threads_that_ask_at_the_same_time_get_no_more_places_than_there_are(opened: Any) -> None:
    studio, jobs = opened(24, jobs_at_once=5)

    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda each: admitted(studio.context.market, each), jobs))

    assert waits.count(None) == 5


def test_processes_that_share_a_database_share_the_places(opened: Any, database_url: str) -> None:
    opened(24)
    keys = [f"order-{number}" for number in range(24)]
    asking = [
        subprocess.Popen(
            [sys.executable, asking_for_places.__file__, database_url, *keys[number::3]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]

    for process in asking:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    got = [process.communicate(timeout=120)[0] for process in asking]

    assert sum(map(int, got)) == asking_for_places.PLACES


def test_so_many_leave_a_minute(opened: Any, clock: Clock) -> None:
    studio, jobs = opened(40, requests_per_minute=120)
    left = 0
    began = clock.now()

    for each in jobs:
        while (wait := admitted(studio.context.market, each)) is not None:
            clock.pause(wait.seconds)
        left += 1

    # 2 a second, and those of the first second together.
    assert left == 40
    assert timedelta(seconds=18) <= clock.now() - began <= timedelta(seconds=20)


def test_a_pause_that_a_vendor_asks_for_holds_for_all_and_grows(opened: Any, clock: Clock) -> None:
    studio, (_, other) = opened(2)
    market = studio.context.market

    def waited() -> float:
        wait = admitted(market, other)
        return 0.0 if wait is None else wait.seconds

    pause(market, "simulated", 4)
    pause(market, "simulated", 4)  # told at the same time to another order
    first = waited()
    clock.pause(first + 1)
    assert waited() == 0.0
    pause(market, "simulated", 4)
    second = waited()
    with market.database.write() as conn:
        count_answer(conn, "simulated", clock.now())
    clock.pause(second + 1)
    pause(market, "simulated", 4)

    assert (round(first), round(second), round(waited())) == (4, 8, 4)


@pytest.mark.parametrize(
    "limits", [{}, {"jobs_at_once": 9}, {"requests_per_minute": 600}], ids=["any", "places", "rate"]
)
def test_a_pause_stands_whatever_is_answered_to_orders_that_left_before(
    opened: Any, clock: Clock, limits: dict[str, float]
) -> None:
    studio, (earlier, other) = opened(2, **limits)
    market = studio.context.market
    assert admitted(market, earlier) is None
    pause(market, "simulated", 20)
    with market.database.write() as conn:
        count_answer(conn, "simulated", clock.now())

    wait = admitted(market, other)
    count_failure(market, earlier)
    after_failure = admitted(market, other)
    clock.pause(21)

    assert wait is not None
    assert after_failure is not None
    assert (round(wait.seconds), round(after_failure.seconds)) == (20, 20)
    assert admitted(market, other) is None


def test_a_vendor_that_failed_so_often_in_a_row_is_left_alone_then_one_order_tries_it(
    opened: Any, clock: Clock
) -> None:
    studio, jobs = opened(8, rests_after=3, rest_seconds=30)
    market = studio.context.market
    for each in jobs[:3]:
        assert admitted(market, each) is None
        count_failure(market, each)

    resting = admitted(market, jobs[3])
    assert resting is not None
    assert (resting.resting, round(resting.seconds)) == (True, 30)
    assert "last 3 orders went wrong" in resting.reason
    count_failure(market, jobs[4])  # sent before: it makes nothing longer
    clock.pause(31)

    assert admitted(market, jobs[3]) is None  # the probe
    waits = admitted(market, jobs[5])
    assert waits is not None
    assert waits.resting
    count_failure(market, jobs[3])
    longer = admitted(market, jobs[5])
    assert longer is not None
    assert round(longer.seconds) == 60
    in_line(market, jobs[6], longer)
    clock.pause(61)
    assert admitted(market, jobs[5]) is None
    submitted(market, jobs[5], "v5")  # it answers again
    assert all(admitted(market, each) is None for each in jobs[6:])
    assert next(each for each in jobs_in(studio) if each.order_key == "order-6").next_ask_at <= clock.now()


class Down(SimulatedVendor):
    """A vendor that cannot be reached before a moment. `tried` counts the orders."""

    until = 0.0
    tried = 0

    def submit(self, order: Order) -> Pending | Delivered:
        self.tried += 1
        if self._clock() < self.until:
            raise Retryable("no connection")
        return super().submit(order)


def down(studio: Studio, until: float) -> tuple[Studio, Down]:
    vendor = studio.open_vendor(kind=Down)
    assert isinstance(vendor, Down)
    vendor.until = until
    return studio.with_vendor(vendor), vendor


def test_orders_wait_for_a_vendor_that_is_left_alone_and_each_is_bought_once(
    tmp_path: Path, database: Database, database_url: str, clock: Clock
) -> None:
    studio, vendor = down(still(tmp_path, database, database_url, clock, rests_after=3), clock.seconds() + 100)
    run = studio.begin(studio.plan(shop(6)))
    names = [node.id for node in run.plan.nodes]
    for name in names[:2]:
        with pytest.raises(Retryable):
            order_node(studio.principal, studio.context, run, name)

    done = [run_node(studio.principal, studio.context, run, name) for name in names]

    assert {each.state for each in done} == {"done"}
    assert len(vendor.purchases()) == 6
    assert vendor.tried <= 3 + 2 + 6  # until it is left alone, two that try it in vain, and each once


def test_a_vendor_that_is_left_alone_gives_way_to_the_next_one(
    tmp_path: Path, database: Database, database_url: str, clock: Clock
) -> None:
    studio, vendor = down(still(tmp_path, database, database_url, clock, rests_after=1), clock.seconds() + 10_000)
    run = studio.begin(studio.plan(shop(2, "fallback: [simulated-direct/ink],")))

    results = [run_node(studio.principal, studio.context, run, node.id) for node in run.plan.nodes]

    assert {each.state for each in results} == {"done"}
    assert {(each.provider, each.state) for each in jobs_in(studio)} == {
        ("simulated", JobState.FAILED),
        ("simulated-direct", JobState.STORED),
    }
    assert (vendor.purchases(), vendor.tried) == ([], 1)


class Overrun(SimulatedVendor):
    """A vendor that asks for a pause of hours."""

    def submit(self, order: Order) -> Pending | Delivered:
        raise Retryable("too many today", unsent=True, retry_after_seconds=20_000, trouble=Trouble.BUSY)


def test_a_vendor_that_asks_for_hours_is_waited_for_no_longer_than_any(
    tmp_path: Path, database: Database, database_url: str, clock: Clock
) -> None:
    studio = still(tmp_path, database, database_url, clock)
    studio = studio.with_vendor(studio.open_vendor(kind=Overrun))
    began = clock.now()

    results, _ = studio.go(shop(1))

    (result,) = results.values()
    assert isinstance(result, Retryable)
    assert DEADLINE <= clock.now() - began < 2 * DEADLINE


def test_orders_in_line_say_nothing_against_their_vendor(opened: Any, clock: Clock, database_url: str) -> None:
    studio, jobs = opened(5, jobs_at_once=1)
    for each in jobs:
        wait = admitted(studio.context.market, each)
        if wait is not None:
            in_line(studio.context.market, each, wait)

    with plan_reader_for(database_url, studio.account) as reader:
        orders = reader.recent_orders(clock.now() - timedelta(hours=1), clock.now())
        assert reader.last_errors() == {}

    assert len(orders) == 5
    assert ailing_vendors(orders, studio.context.catalog.providers, clock.now()) == {}


def test_orders_that_were_refused_together_come_back_apart() -> None:
    waits = {spread(10, f"order-{number}") for number in range(50)}

    assert len(waits) == 50
    assert all(10 <= seconds <= 10 * (1 + SPREAD) for seconds in waits)


def test_without_limits_and_troubles_only_the_time_is_written(opened: Any) -> None:
    studio, jobs = opened(2)

    assert admitted(studio.context.market, jobs[0]) is None

    assert [one.order_key for one in jobs_in(studio) if one.sent_at is not None] == [jobs[0].order_key]
    with studio.context.database.read() as conn:
        assert conn.execute(select(vendor_pace)).all() == []
