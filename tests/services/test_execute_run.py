"""The order of need: what is started when, under which limit, and what a failure takes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.errors import Permanent, Retryable, UpstreamFailed
from pressroom.domain.opening import Opening
from pressroom.services.execute_run import (
    LOOK_SECONDS,
    MOST_TOGETHER,
    SHARES,
    Gate,
    Limits,
    Pace,
    Progress,
    Work,
    execute,
)

WIDE = Limits(orders=100, makes=100)


@dataclass
class Diary:
    """A crew that writes down what it is asked to do and needs a turn of the loop for each."""

    failing: frozenset[str] = frozenset()
    refusing: frozenset[str] = frozenset()
    busy: dict[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    recorded: dict[str, Exception] = field(default_factory=dict)
    now: dict[str, int] = field(default_factory=lambda: {"order": 0, "wait": 0, "make": 0})
    most: dict[str, int] = field(default_factory=lambda: {"order": 0, "wait": 0, "make": 0})
    patience: int = 1
    alternatives: dict[str, int] = field(default_factory=dict)
    batches: list[list[str]] = field(default_factory=list)

    async def order(self, node_id: str) -> str | None:
        await self._do("order", node_id)
        if self.busy.get(node_id, 0):
            self.busy[node_id] -= 1
            raise Retryable("busy")
        if node_id in self.refusing:
            raise Permanent("no")
        if f"wait {node_id}" in self.log and not self.alternatives.get(node_id, 0):
            return None
        self.alternatives[node_id] = self.alternatives.get(node_id, 1) - 1
        return f"key of {node_id}"

    async def wait(self, order_key: str) -> None:
        await self._do("wait", order_key.removeprefix("key of "))

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        names = [work.node_id for work in batch]
        needed = {name for work in batch for name in work.upstream}
        assert all(f"made {name}" in self.log for name in needed), (names, needed, self.log)
        assert len({work.operation for work in batch}) == 1
        assert len(batch) == 1 or not any(work.bought or work.alone for work in batch)
        self.batches.append(names)
        await self._do("make", *names)
        self.log += [f"made {name}" for name in names if name not in self.failing]
        return {name: Permanent(f"{name} broke") for name in names if name in self.failing}

    async def record(self, failures: Mapping[str, Exception]) -> None:
        assert not self.recorded.keys() & failures.keys(), "a failure is recorded once"
        self.recorded |= failures

    async def _do(self, what: str, *node_ids: str) -> None:
        self.log += [f"{what} {node_id}" for node_id in node_ids]
        self.now[what] += 1
        self.most[what] = max(self.most[what], self.now[what])
        for _ in range(self.patience):
            await asyncio.sleep(0)
        self.now[what] -= 1


def go(works: list[Work], crew: Diary, limits: Limits = WIDE, progress: Progress | None = None) -> frozenset[str]:
    return asyncio.run(asyncio.wait_for(execute(works, crew, limits, progress), 20))


def test_a_node_follows_what_it_needs() -> None:
    crew = Diary()

    failed = go([Work("a"), Work("b", ("a",)), Work("c", ("a", "b"))], crew)

    assert failed == frozenset()
    assert crew.log == ["make a", "made a", "make b", "made b", "make c", "made c"]


def test_what_is_not_part_of_the_work_counts_as_there() -> None:
    assert go([Work("b", ("reused",))], Diary(log=["made reused"])) == frozenset()


def test_a_bought_node_is_ordered_waited_for_and_filed() -> None:
    crew = Diary()

    go([Work("a", bought=True)], crew)

    assert crew.log == ["order a", "wait a", "order a", "make a", "made a"]


def test_it_is_ordered_again_until_nothing_is_to_be_waited_for() -> None:
    """Where one vendor has failed, the next order is an alternative's."""
    crew = Diary(alternatives={"a": 3})

    go([Work("a", bought=True)], crew)

    assert crew.log.count("wait a") == 3
    assert crew.log[-1] == "made a"


def test_waiting_counts_against_no_limit() -> None:
    crew = Diary(patience=50)

    go([Work(f"n{number}", bought=True) for number in range(40)], crew, Limits(orders=40, makes=1))

    assert crew.most["wait"] == 40
    assert crew.most["make"] == 1


def test_orders_and_computing_have_limits_of_their_own() -> None:
    crew = Diary(patience=5)
    works = [Work(f"bought{number}", bought=True) for number in range(20)] + [
        Work(f"n{number}") for number in range(20)
    ]

    go(works, crew, Limits(orders=3, makes=2))

    assert (crew.most["order"], crew.most["make"]) == (3, 2)


def test_what_is_paid_for_is_filed_before_anything_else_is_computed() -> None:
    crew = Diary()

    go([Work("a", bought=True), *(Work(f"n{number}") for number in range(20))], crew, Limits(orders=1, makes=1))

    assert crew.log.index("make a") < crew.log.index("make n9")


def test_a_failure_fails_all_that_need_it_with_the_first_cause_and_nothing_else() -> None:
    crew = Diary(failing=frozenset({"a"}))
    progress = Progress(4)

    failed = go([Work("a"), Work("b", ("a",)), Work("c", ("b",)), Work("other")], crew, progress=progress)

    assert failed == {"a", "b", "c"}
    assert {name: type(error) for name, error in crew.recorded.items()} == {"b": UpstreamFailed, "c": UpstreamFailed}
    assert {error.fields["cause"] for error in crew.recorded.values()} == {"a broke"}  # type: ignore[attr-defined]
    assert (progress.done, progress.failed, progress.percent) == (1, 3, 100.0)


def test_a_refused_order_is_recorded_and_never_made() -> None:
    crew = Diary(refusing=frozenset({"a"}))

    assert go([Work("a", bought=True), Work("b", ("a",))], crew) == {"a", "b"}
    assert set(crew.recorded) == {"a", "b"}
    assert "make a" not in crew.log


def test_an_order_that_never_left_is_placed_again() -> None:
    crew = Diary(busy={"a": 1})

    assert go([Work("a", bought=True)], crew) == frozenset()
    assert crew.log[:3] == ["order a", "order a", "wait a"]


def test_small_nodes_of_one_operation_are_made_together_once_it_is_known_that_they_are_small() -> None:
    crew = Diary()
    works = [Work(f"n{number}", operation="upscale") for number in range(100)]

    assert go(works, crew, Limits(orders=1, makes=1)) == frozenset()

    sizes = [len(batch) for batch in crew.batches]
    assert sizes[:2] == [1, 99 // SHARES]
    assert sorted(sizes[1:], reverse=True) == sizes[1:], "a batch is a share of what waits"
    assert sum(sizes) == 100


def test_a_run_that_a_person_can_survey_goes_node_by_node() -> None:
    crew = Diary()

    go([Work(f"n{number}") for number in range(8 * SHARES)], crew, Limits(orders=1, makes=4))

    assert {len(batch) for batch in crew.batches} == {1}


def test_what_may_wait_for_a_vendor_is_made_alone_and_ends_a_batch() -> None:
    crew = Diary()
    works = [Work(f"n{number}", alone=number % 4 == 0) for number in range(100)]

    go(works, crew, Limits(orders=1, makes=1))

    assert max(len(batch) for batch in crew.batches) == 3


def test_a_batch_takes_about_as_long_as_it_may() -> None:
    times = iter([0.0, 1.0, 1.0, 1.0])  # of two batches: one node of a second, a hundred of none
    pace = Pace(makes=1, clock=lambda: next(times))

    assert pace.most("upscale", 1000) == 1, "nothing is known of it yet"
    with pace.timed([Work("a", operation="upscale")]):
        pass
    assert pace.most("upscale", 1000) == 1
    with pace.timed([Work("b", operation="resize")]):
        pass
    assert pace.most("resize", 1000) == MOST_TOGETHER
    assert pace.most("upscale", 1000) == 1, "each operation has its own pace"


def test_a_failure_in_a_batch_takes_along_only_what_needs_it() -> None:
    crew = Diary(failing=frozenset({"n7"}))
    works = [Work(f"n{number}") for number in range(40)] + [Work(f"m{number}", (f"n{number}",)) for number in range(40)]

    assert go(works, crew, Limits(orders=1, makes=1)) == {"n7", "m7"}
    assert set(crew.recorded) == {"m7"}
    assert max(map(len, crew.batches)) > 1


def test_nothing_to_do_ends_at_once() -> None:
    assert go([], Diary()) == frozenset()


def test_cancelling_stops_what_is_under_way() -> None:
    crew = Diary(patience=10**9)

    async def cancelled() -> None:
        running = asyncio.ensure_future(execute([Work("a"), Work("b", ("a",))], crew, WIDE))
        await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.sleep(0)

    asyncio.run(cancelled())
    assert crew.log == ["make a"]


@st.composite
def graphs(draw: st.DrawFn) -> list[Work]:
    size = draw(st.integers(1, 30))
    return [
        Work(
            f"n{number}",
            tuple(
                sorted({f"n{draw(st.integers(0, number - 1))}" for _ in range(draw(st.integers(0, 3)))})
                if number
                else ()
            ),
            draw(st.booleans()),
            draw(st.sampled_from(["", "upscale"])),
            draw(st.booleans()),
        )
        for number in range(size)
    ]


@given(graphs(), st.data(), st.integers(1, 4), st.integers(1, 4))
def test_every_node_ends_once_and_fails_exactly_when_it_or_what_it_needs_does(
    works: list[Work], data: st.DataObject, orders: int, makes: int
) -> None:
    names = [work.node_id for work in works]
    failing = frozenset(data.draw(st.sets(st.sampled_from(names))))
    refusing = frozenset(data.draw(st.sets(st.sampled_from(names))))
    crew, progress = Diary(failing, refusing), Progress(len(works))

    failed = go(works, crew, Limits(orders, makes), progress)

    expected: set[str] = set()
    for work in works:
        broken = work.node_id in failing or (work.bought and work.node_id in refusing)
        if broken or expected.intersection(work.upstream):
            expected.add(work.node_id)
    assert failed == expected
    assert sorted(entry for entry in crew.log if entry.startswith("made ")) == sorted(
        f"made {name}" for name in names if name not in expected
    )
    assert (progress.done, progress.failed) == (len(names) - len(expected), len(expected))
    assert crew.most["order"] <= orders
    assert crew.most["make"] <= makes


@dataclass
class Clock:
    """A clock that only sleeping moves on, and the sleeps that moved it."""

    at: datetime
    slept: list[float] = field(default_factory=list)
    closes_after: int | None = None

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def is_closed(self) -> bool:
        return self.closes_after is not None and len(self.slept) >= self.closes_after

    def gate(self, window: str) -> Gate:
        return Gate(Opening.parse(window), lambda: self.at, self.sleep, self.is_closed)


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_nodes_start_in_their_hours_only() -> None:
    clock, crew = Clock(NOON), Diary()

    go(
        [Work("a"), Work("b", bought=True)],
        crew,
        Limits(orders=9, makes=9, gate=clock.gate("12:01-13:00 Europe/London")),
    )

    assert clock.at == NOON + timedelta(minutes=1)
    assert max(clock.slept) <= LOOK_SECONDS
    assert {"made a", "made b"} <= {*crew.log}


@dataclass
class Slow(Diary):
    """A crew whose orders take two hours, and that knows when it made what."""

    clock: Clock = field(default_factory=lambda: Clock(NOON))
    made_at: dict[str, datetime] = field(default_factory=dict)

    async def wait(self, order_key: str) -> None:
        await super().wait(order_key)
        self.clock.at += timedelta(hours=2)

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        self.made_at |= {work.node_id: self.clock.at for work in batch}
        return await super().make(batch)


def test_what_was_bought_is_filed_after_hours_and_what_needs_it_waits_for_the_next_day() -> None:
    crew = Slow()
    limits = Limits(orders=9, makes=9, gate=crew.clock.gate("12:00-13:00 Europe/London"))

    go([Work("bought", bought=True), Work("after", ("bought",))], crew, limits)

    assert NOON + timedelta(hours=2) <= crew.made_at["bought"] <= NOON + timedelta(hours=2, minutes=1)
    assert crew.made_at["after"] == NOON + timedelta(days=1)


def test_a_run_that_is_closed_while_it_waits_for_its_hours_ends() -> None:
    clock, crew = Clock(NOON, closes_after=2), Diary(failing=frozenset({"a"}))

    failed = go([Work("a")], crew, Limits(orders=9, makes=9, gate=clock.gate("18:00-19:00 UTC")))

    assert failed == {"a"}  # whoever is asked to make it refuses
    assert clock.slept == [LOOK_SECONDS] * 2


def test_a_cancellation_is_heard_while_a_run_waits_for_its_hours() -> None:
    async def cancelled() -> None:
        gate = Gate(Opening.parse("18:00-19:00 UTC"), lambda: NOON)
        running = asyncio.create_task(execute([Work("a")], Diary(), Limits(orders=1, makes=1, gate=gate)))
        await asyncio.sleep(0.05)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(asyncio.wait_for(cancelled(), 20))
