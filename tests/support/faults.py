"""The seeded fault simulator: runs of two accounts, three vendors, one clock that stands still, and everything that can go wrong.

A seed decides what happens: who works when, where a process is killed (before or after any transaction, or around a vendor's
answer), which answers are lost, what vendors refuse, withhold, garble, bill too high or say nothing of. Afterwards the vendors'
books are held against ours. The same seed is the same story, to be told again with `benchmarks/fault_seeds.py --seed N`.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from pressroom.buying.inbox import receive
from pressroom.buying.market import DEADLINE
from pressroom.database.engine import Database
from pressroom.database.schema import run as run_table
from pressroom.domain.errors import PressroomError, Retryable
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import ensure_account
from pressroom.planning.plan import Action, Plan
from pressroom.providers.base import (
    Absent,
    Delivered,
    Found,
    LostOrder,
    Order,
    Pending,
    Status,
    Undecided,
    Unknowable,
    VendorJob,
)
from pressroom.providers.registry import listen
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.jobs import Reconciled, cancel_jobs, collect, forget, list_jobs, reconcile
from pressroom.services.run_node import RunningRun, fail_node, order_node, run_node
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import new_run_id
from tests.support.clocks import Clock
from tests.support.fault_audit import wrongs
from tests.support.studio import CREDIT, STYLES, Studio, open_studio

ACCOUNTS = ("ann", "bob")
TRIES = 3
NODES = 2  # of the campaign's: each seed plays with some of them
COMMANDS = 3
KILL = 0.03
CAMPAIGN = """
name: faults
steps:
  polled: {uses: draw, model: simulated/ink, with: {prompt: a, files: 2}}
  metered: {uses: draw, model: simulated/metered, with: {prompt: d, width: 100, height: 100}}
  direct: {uses: draw, model: simulated-direct/ink, with: {prompt: b}}
  called: {uses: draw, model: simulated-callback/ink, with: {prompt: c}}
"""
# What an order may meet, and how often. Several may meet one order.
FAULT_SHARES = {
    "reject": 0.04,
    "lost_order": 0.06,
    "lost_answer": 0.08,
    "fail": 0.05,
    "moderate": 0.04,
    "charged_fail": 0.05,
    "partial": 0.08,
    "damaged": 0.05,
    "overcharge": 0.08,
    "silent": 0.08,
    "twice": 0.2,
}
LATE = 0.04  # of the jobs that are asked for: they are done when nobody waits for them any more
LATE_SECONDS = 1.5 * DEADLINE.total_seconds()


class Killed(BaseException):
    """The process is gone: nothing that would handle an error runs after it."""


class MortalDatabase(Database):
    """A database before and after whose transactions a process may die."""

    dies: Callable[[], bool] | None = None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self._perhaps_die()
        with super().write() as conn:
            yield conn
        self._perhaps_die()

    def _perhaps_die(self) -> None:
        if self.dies is not None and self.dies():
            raise Killed


class FaultyVendor(SimulatedVendor):
    """A vendor whose faults are drawn for each order by the seed."""

    seed = 0
    world: World

    def submit(self, order: Order) -> Pending | Delivered:
        self.world.perhaps_die()
        self._perhaps_unreachable(0.05)
        answer = super().submit(order)
        self.world.perhaps_die()
        return answer

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        self._perhaps_unreachable(0.1)
        return super().look_up(lost)

    def status(self, job: VendorJob) -> Status:
        self.world.perhaps_die()
        self._perhaps_unreachable(0.1)
        return super().status(job)

    def faults_for(self, order: Order) -> frozenset[str]:
        rng = random.Random(f"{self.seed}/{order.order_key}")
        return frozenset(name for name, share in FAULT_SHARES.items() if rng.random() < share * self.world.trouble)

    def latency_of(self, job: Mapping[str, Any]) -> float:
        late = random.Random(f"{self.seed}/late/{job['order_key']}").random() < LATE * self.world.trouble
        self.world.late = self.world.late or late
        return LATE_SECONDS if late else super().latency_of(job)

    def _perhaps_unreachable(self, share: float) -> None:
        if self.world.rng.random() < share * self.world.trouble:
            raise Retryable("no connection")


@dataclass
class World:
    """Everything that a seed plays with."""

    rng: random.Random
    clock: Clock
    database: MortalDatabase
    studios: dict[str, Studio]
    plan: Plan
    trouble: float = 1.0
    deaths: int = 0
    late: bool = False  # whether any job of a vendor is
    killed: list[tuple[str, str]] = field(default_factory=list)  # account and run of processes that died
    refreshes: Counter[str] = field(default_factory=Counter)  # runs of an account that buy anew what is there
    given_up: set[str] = field(default_factory=set)  # jobs that a person has ended by what they cost

    def perhaps_die(self) -> None:
        if self.database.dies is not None and self.database.dies():
            raise Killed


@dataclass
class Stage:
    """Where one seed after the other is played: one database, emptied each time, and one plan, made once."""

    folder: Path
    database: MortalDatabase
    plan: Plan

    @classmethod
    @contextmanager
    def built(cls, folder: Path) -> Iterator[Stage]:
        """`folder` is best in memory. The database stays open: what it has compiled serves all seeds."""
        folder.mkdir(parents=True)
        url = f"sqlite:///{folder / 'pressroom.db'}"
        with MortalDatabase.open(url) as database:
            stage = cls(folder, database, open_studio(folder / "home", database, url, provenance="off").plan(CAMPAIGN))
            database.close()
            assert isinstance(database, MortalDatabase)
            shutil.copyfile(folder / "pressroom.db", folder / "template.db")
            yield stage

    def world(self, seed: int) -> World:
        """A new world for this seed."""
        self.database.close()
        self.database.dies = None
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        for rest in ("-wal", "-shm"):
            (self.folder / f"pressroom.db{rest}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "template.db", self.folder / "pressroom.db")
        url = f"sqlite:///{self.folder / 'pressroom.db'}"
        clock = Clock()
        options = {"clock": clock, "latency_seconds": 20, "provenance": "off"}
        first = open_studio(self.folder / "home", self.database, url, account=ACCOUNTS[0], **options)
        rng = random.Random(seed)
        nodes = tuple(rng.sample(self.plan.nodes, NODES))
        made = World(rng, clock, self.database, {}, replace(self.plan, nodes=nodes))
        context = replace(first.context, vendors={name: _vendor(first, name, seed, made) for name in STYLES})
        listen(context.vendors, partial(receive, context.market))
        for name in ACCOUNTS:
            settings = context.settings.model_copy(update={"account": name})
            made.studios[name] = replace(first, context=replace(context, settings=settings))
            with self.database.write() as conn:
                ensure_account(conn, name, 1_000 * CREDIT)
        return made

    def play(self, seed: int) -> list[str]:
        """What is wrong after this seed, in sentences."""
        made = self.world(seed)
        play(made)
        return wrongs(made)


def _vendor(studio: Studio, name: str, seed: int, made: World) -> FaultyVendor:
    vendor = studio.open_vendor(name=name, kind=FaultyVendor, latency_seconds=20)
    assert isinstance(vendor, FaultyVendor)
    vendor.seed, vendor.world = seed, made
    return vendor


def play(made: World, commands: int = COMMANDS) -> None:
    """Several people run the campaign, at the same time, die, cancel and refresh; at the end it is run in peace."""
    made.database.dies = lambda: made.rng.random() < KILL * made.trouble
    waiting = [command(made, made.rng.choice(ACCOUNTS)) for _ in range(commands)]
    working: list[Iterator[None]] = []
    while waiting or working:
        if waiting and (not working or made.rng.random() < 0.2):
            working.append(waiting.pop())
        worker = made.rng.choice(working)
        if not _step(made, worker):
            working.remove(worker)
    _in_peace(made)
    if made.rng.random() < 0.5:
        _settled_by_hand(made)
        _in_peace(made)


def _step(made: World, worker: Iterator[None]) -> bool:
    try:
        next(worker)
    except StopIteration:
        return False
    except Killed:
        made.deaths += 1
        return False
    _time_passes(made)
    return True


def _time_passes(made: World) -> None:
    """A while of nobody's; what vendors call to say comes in meanwhile."""
    dies, made.database.dies = made.database.dies, None
    made.clock.pause(made.rng.choice((0.01, 0.5, 5.0, DEADLINE.total_seconds() / 4 if made.late else 5.0)))
    if made.rng.random() < 0.1:
        market = made.studios["ann"].context.market
        assert not receive(market, "simulated-callback", "forged", "nobody's", b"x"), "a forged call was believed"
    made.database.dies = dies


def command(made: World, name: str) -> Iterator[None]:
    """What `pressroom run` does, in steps between which others work. Its process ends where it is killed."""
    # A process of its own: what another one knew of jobs died with it.
    studio = replace(made.studios[name], context=replace(made.studios[name].context))
    _recover(made)
    refresh = made.rng.random() < 0.15 * made.trouble
    made.refreshes[name] += refresh
    run_id = new_run_id()
    try:
        run = studio.begin(_renewed(made.plan) if refresh else made.plan, run_id=run_id)
        yield from _run(made, studio, run)
    except Killed:
        made.killed.append((name, run_id))
        raise


def _run(made: World, studio: Studio, run: RunningRun) -> Iterator[None]:
    yield
    cancelled = made.rng.random() < 0.15 * made.trouble
    nodes = [node.id for node in run.plan.nodes]
    made.rng.shuffle(nodes)
    works = [_node(made, studio, run, node_id) for node_id in nodes]
    while works and not (cancelled and made.rng.random() < 0.2):
        work = made.rng.choice(works)
        try:
            next(work)
        except StopIteration:
            works.remove(work)
        yield
    settle_run(studio.context, run.id, cancelled=bool(works))
    if works:
        cancel_jobs(studio.principal, studio.context, run.id)


def _node(made: World, studio: Studio, run: RunningRun, node_id: str) -> Iterator[None]:
    """One node: ordered, waited for, filed; a failure is recorded."""
    for attempt in range(TRIES):
        try:
            while (key := order_node(studio.principal, studio.context, run, node_id)) is not None:
                future = studio.context.poller.watch(key)
                while not future.done():
                    yield
                    studio.context.poller.turn()
                if future.result().overdue:
                    break
                yield
            else:
                run_node(studio.principal, studio.context, run, node_id)
                return
        except Retryable as exc:
            error: Exception = exc
            if attempt + 1 < TRIES:
                continue
        except PressroomError as exc:
            error = exc
        else:
            error = Retryable("still running")
        with suppress(PressroomError):  # where the run was cancelled meanwhile
            fail_node(studio.context, run, node_id, str(error))
        return


def _renewed(plan: Plan) -> Plan:
    nodes = tuple(replace(node, renew=True, action=Action.CREATE) for node in plan.nodes)
    return replace(plan, nodes=nodes)


def _recover(made: World) -> None:
    """What every command begins with: the runs of dead processes are closed and give back what they held."""
    while made.killed:
        name, run_id = made.killed[-1]
        with made.database.read() as conn:
            begun = conn.execute(select(run_table.c.id).where(run_table.c.id == run_id)).one_or_none()
        if begun is not None:
            settle_run(made.studios[name].context, run_id, error="its process ended before it was done")
        made.killed.pop()


def _in_peace(made: World) -> None:
    made.database.dies, made.trouble = None, 0.0
    _recover(made)
    for name in ACCOUNTS:
        for _ in range(2):
            made.clock.pause(LATE_SECONDS)
            collect(made.studios[name].principal, made.studios[name].context)
        for _ in command(made, name):
            made.clock.pause(5)


def _settled_by_hand(made: World) -> None:
    """A person looks at the vendor for each order of which nobody knows, and says truly what is there, or gives it up."""
    for name in ACCOUNTS:
        studio = made.studios[name]
        for lost in list_jobs(studio.principal, studio.context):
            if lost.state != JobState.UNKNOWN:
                continue
            there = [each for each in studio.books(lost.provider).purchases() if each["order_key"] == lost.order_key]
            if made.rng.random() < 0.2:
                forget(studio.principal, studio.context, lost.order_key)
                made.given_up.add(lost.order_key)
            elif not there:
                reconcile(studio.principal, studio.context, lost.order_key, Reconciled(absent=True))
            elif made.rng.random() < 0.5:
                found = Reconciled(vendor_job_id=there[0]["id"])
                reconcile(studio.principal, studio.context, lost.order_key, found)
            else:
                found = Reconciled(billed_usd_micros=there[0]["billed_usd_micros"] or 0)
                reconcile(studio.principal, studio.context, lost.order_key, found)
                made.given_up.add(lost.order_key)
