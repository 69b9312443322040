"""Processes that share a run: every node is made once, and whoever dies or fails leaves the rest a run that ends rightly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy import update

from pressroom.database.schema import EPOCH, run_part
from pressroom.domain.errors import NOT_MADE, OutOfCredits, Permanent
from pressroom.domain.states import NodeState
from pressroom.ledger.invariants import check_invariants
from pressroom.runs import leases
from pressroom.runs.nodes import counts_of_nodes, nodes_of
from pressroom.services.execute_run import Limits, Work, execute
from pressroom.services.launch_run import reason_of, works_of
from pressroom.services.run_node import fail_node, run_node
from pressroom.services.running import RunningRun
from pressroom.services.share_run import Share, Shared, percent_ended, share_out, spent_text
from tests.support.studio import Studio

NARROW = Limits(orders=1, makes=1)
# One picture that all others need, four of them, and each in another colour.
FOUR = """
name: four
steps:
  base: {uses: draw, with: {prompt: base}}
  dyed: {uses: tint, count: 4, with: {image: "{{ steps.base }}", prompt: "{{ each.take }}"}}
  again: {uses: tint, with: {image: "{{ steps.dyed }}", prompt: again}}
"""


class Killed(BaseException):
    """What ends a process in the middle of its work."""


@dataclass
class Maker:
    """Makes nodes for real, one at a time, and gives others their turn after each."""

    studio: Studio
    run: RunningRun
    breaking: frozenset[str] = frozenset()
    stops_after: int = 1_000
    made: list[str] = field(default_factory=list)

    async def order(self, node_id: str) -> str | None:
        return None

    async def wait(self, order_key: str) -> None: ...

    async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
        failed: dict[str, Exception] = {}
        for work in batch:
            if len(self.made) >= self.stops_after:
                raise Killed
            await asyncio.sleep(0)
            if work.node_id in self.breaking:
                failed[work.node_id] = Permanent("it broke")
                fail_node(self.studio.context, self.run, work.node_id, "it broke")
                continue
            run_node(self.studio.principal, self.studio.context, self.run, work.node_id)
            self.made.append(work.node_id)
        return failed

    async def record(self, failures: Mapping[str, Exception]) -> None:
        for node_id, exc in failures.items():
            fail_node(self.studio.context, self.run, node_id, reason_of(exc))


@dataclass
class Company:
    """A run that is shared: what is first has been made."""

    studio: Studio
    run: RunningRun
    works: tuple[Work, ...]
    shared: Shared
    leader: Maker

    def share(self, name: str, *, leads: bool = False) -> Share:
        return Share(self.studio.context, self.run, self.works, self.shared.last if leads else None, f"{name}/1/x")

    async def work(self, maker: Maker, name: str, *, leads: bool = False) -> None:
        share = self.share(name, leads=leads)
        with share.taking(lambda: False):
            await execute((), maker, NARROW, more=share.more)

    def states(self) -> dict[str, str]:
        with self.studio.context.database.read() as conn:
            assert check_invariants(conn) == []
            return {node.node_id: node.state for node in nodes_of(conn, self.studio.account_id, self.run.id)}


@pytest.fixture
def company(studio: Studio) -> Company:
    return gather(studio, FOUR)


def gather(studio: Studio, text: str, workers: int = 2, **options: object) -> Company:
    run = studio.begin(studio.plan(text))
    works = works_of(studio.context, run)
    shared = share_out(studio.context, run, works, workers)
    assert shared is not None
    leader = Maker(studio, run)
    asyncio.run(execute(shared.first, leader, NARROW))
    return Company(studio, run, works, shared, leader)


def test_two_processes_make_every_node_once_between_them(company: Company) -> None:
    helper = Maker(company.studio, company.run)

    async def together() -> None:
        await asyncio.gather(company.work(company.leader, "leader", leads=True), company.work(helper, "helper"))

    asyncio.run(together())

    assert [work.node_id for work in company.shared.first] == ["base"]
    assert sorted(company.leader.made + helper.made) == sorted(work.node_id for work in company.works)
    assert len(helper.made) >= 2
    assert set(company.states().values()) == {NodeState.DONE}
    assert percent_ended(company.studio.context, company.run) == 100.0
    assert spent_text(company.studio.context, company.run).endswith(" paid")


def test_a_leader_alone_makes_all_of_it(company: Company) -> None:
    asyncio.run(company.work(company.leader, "leader", leads=True))

    assert set(company.states().values()) == {NodeState.DONE}


def test_what_a_helper_had_that_died_is_taken_again_and_nothing_of_it_is_made_twice(company: Company) -> None:
    helper = Maker(company.studio, company.run, stops_after=1)
    dying = company.share("helper")
    with pytest.raises(Killed):
        asyncio.run(execute((), helper, NARROW, more=dying.more))  # outside of `taking`: it says nothing any more
    assert len(helper.made) == 1
    with company.studio.context.database.write() as conn:
        conn.execute(update(run_part).values(held_until=EPOCH))

    asyncio.run(company.work(company.leader, "leader", leads=True))

    assert len(company.leader.made) == len(company.works) - 1
    assert set(company.states().values()) == {NodeState.DONE}


def test_a_helper_that_is_stopped_gives_back_what_it_had_at_once(company: Company) -> None:
    helper = Maker(company.studio, company.run, stops_after=1)
    with pytest.raises(Killed):
        asyncio.run(company.work(helper, "helper"))

    asyncio.run(company.work(company.leader, "leader", leads=True))

    assert set(company.states().values()) == {NodeState.DONE}


def test_what_failed_at_a_helper_fails_what_needs_it_and_nothing_else(company: Company) -> None:
    helper = Maker(company.studio, company.run, breaking=frozenset({"dyed[take=3]"}))
    asyncio.run(company.work(helper, "helper"))

    asyncio.run(company.work(company.leader, "leader", leads=True))

    states = company.states()
    failed = {name for name, state in states.items() if state == NodeState.FAILED}
    assert failed == {"dyed[take=3]", "again[take=3]"}
    assert {state for name, state in states.items() if name not in failed} == {NodeState.DONE}


def test_what_failed_before_the_parts_fails_all_that_need_it_wherever_it_is(studio: Studio) -> None:
    run = studio.begin(studio.plan(FOUR))
    works = works_of(studio.context, run)
    shared = share_out(studio.context, run, works, 2)
    assert shared is not None
    maker = Maker(studio, run, breaking=frozenset({"base"}))
    asyncio.run(execute(shared.first, maker, NARROW))

    asyncio.run(Company(studio, run, works, shared, maker).work(maker, "leader", leads=True))

    with studio.context.database.read() as conn:
        nodes = nodes_of(conn, studio.account_id, run.id)
    assert {node.error for node in nodes} == {"it broke", NOT_MADE}
    assert {node.state for node in nodes} == {NodeState.FAILED}


def test_a_run_whose_credits_end_at_a_helper_is_short_for_its_leader(company: Company) -> None:
    class Short(Maker):
        async def make(self, batch: Sequence[Work]) -> Mapping[str, Exception]:
            raise AssertionError("nothing is made")

        async def order(self, node_id: str) -> str | None:
            raise OutOfCredits("too little is left")

    bought = tuple(Work(work.node_id, work.upstream, bought=True) for work in company.works)
    helper = Company(company.studio, company.run, bought, company.shared, company.leader)
    with pytest.raises(OutOfCredits):
        asyncio.run(helper.work(Short(company.studio, company.run), "helper"))

    with pytest.raises(OutOfCredits, match="another process"):
        asyncio.run(company.work(company.leader, "leader", leads=True))

    with company.studio.context.database.read() as conn:
        counts = counts_of_nodes(conn, company.studio.account_id, company.run.id)
    assert counts[NodeState.WAITING] > 0


def test_a_helper_of_a_run_that_another_process_has_taken_up_stops(company: Company) -> None:
    with company.studio.context.database.write() as conn:
        leases.drop(conn, company.run.id, company.run.lease)
        assert leases.take(conn, company.run.id, 60) == company.run.lease + 1

    with pytest.raises(Permanent, match="taken up by another process"):
        asyncio.run(company.work(Maker(company.studio, company.run), "helper"))


def test_a_run_that_holds_together_is_not_shared(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps:\n  base: {uses: draw, with: {prompt: base}}\n"))

    assert share_out(studio.context, run, works_of(studio.context, run), 4) is None
