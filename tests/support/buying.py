"""Short words for buying one node: the campaign, its run, its jobs, and what moved in the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from sqlalchemy import func, select

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.buying.purchase import Ticket
from pressroom.database.schema import allowance, op
from pressroom.domain.errors import Retryable
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Alternative
from pressroom.providers.base import Delivered, LostOrder, Order, Pending, Status, VendorJob
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import NodeResult, RunningRun, order_node, run_node
from tests.support.studio import CREDIT, Studio

INK_USD = CREDIT // 100


class Silent(SimulatedVendor):
    """One that says of a job only that it is not done, as most vendors do."""

    def submit(self, order: Order) -> Pending | Delivered:
        answer = super().submit(order)
        return replace(answer, ask_again_after=None) if isinstance(answer, Pending) else answer

    def status(self, job: VendorJob) -> Status:
        return replace(super().status(job), retry_after_seconds=None)


def bought(model: str = "ink", vendor: str = "simulated", **params: object) -> str:
    values = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"name: bought\nsteps:\n  scene: {{uses: draw, model: {vendor}/{model}, with: {{{values}}}}}\n"


def began(studio: Studio, *args: str, **params: object) -> RunningRun:
    return studio.begin(studio.plan(bought(*args, **params)))


def make(studio: Studio, run: RunningRun) -> NodeResult:
    return run_node(studio.principal, studio.context, run, "scene")


def ticket(run: RunningRun) -> Ticket:
    node = run.plan.node("scene")
    offers = (Alternative(node.provider, node.model, node.quote),)
    return Ticket(run.account_id, run.id, run.hold_id, "bought", node, offers, node.units)


def job(studio: Studio, run: RunningRun) -> Job:
    with studio.context.database.read() as conn:
        found = journal.jobs_of_node(conn, run.account_id, run.plan.node("scene").key)
    return next((each for each in found if not each.finished), found[0])


def jobs_of(studio: Studio, run: RunningRun) -> list[Job]:
    with studio.context.database.read() as conn:
        return journal.jobs_of_node(conn, run.account_id, run.plan.node("scene").key)


def captures(studio: Studio) -> list[int]:
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        return list(conn.execute(select(op.c.amount).where(op.c.kind == "capture")).scalars())


def refunds(studio: Studio) -> list[int]:
    with studio.context.database.read() as conn:
        return list(conn.execute(select(op.c.amount).where(op.c.kind == "refund")).scalars())


def costs(studio: Studio, run: RunningRun) -> list[int]:
    with studio.context.database.read() as conn:
        assets = assets_of_node(conn, run.account_id, run.plan.node("scene").key)
    return [asset.cost_credits_micros for asset in assets]


def order_all(studio: Studio, run: RunningRun, buyers: int, filed: Callable[[str], object] | None = None) -> int:
    """Buy every node as a run does: orders in a few threads, waiting in none. Returns the most threads that there were.

    `filed` gets the name of each node whose files are there.
    """

    def order(name: str) -> tuple[str, str | None]:
        return name, order_node(studio.principal, studio.context, run, name)

    threads = 0
    with ThreadPoolExecutor(buyers) as pool:
        placing = {pool.submit(order, node.id) for node in run.plan.nodes}
        waiting: dict[Future[Job], str] = {}
        while placing or waiting:
            done, _ = wait([*placing, *waiting], return_when=FIRST_COMPLETED)
            threads = max(threads, threading.active_count())
            answers = [each.result() for each in placing if each in done]
            placing = {each for each in placing if each not in done}
            placing |= {pool.submit(order, waiting.pop(each)) for each in list(waiting) if each in done}
            for name, key in answers:
                if key is not None:
                    waiting[studio.context.poller.wait(key)] = name
                elif filed is not None:
                    filed(name)
    return threads


class Slow(SimulatedVendor):
    """A vendor that needs a while to take an order, so that a second buyer comes in between."""

    def submit(self, order: Order) -> Pending | Delivered:
        time.sleep(0.3)
        return super().submit(order)


class Unreachable(SimulatedVendor):
    """A vendor whose line is down before the order reaches it."""

    def submit(self, order: Order) -> Pending | Delivered:
        raise Retryable("no connection to the vendor")


class Counting(SimulatedVendor):
    """A vendor that bills the pictures it delivered, not those that were ordered."""

    def status(self, job: VendorJob) -> Status:
        status = super().status(job)
        return replace(status, billed=replace(status.billed, meters={"image": 1}))


class Deaf(SimulatedVendor):
    """A vendor that can be asked for nothing after an order was lost."""

    def look_up(self, lost: LostOrder) -> object:
        raise Retryable("no connection to the vendor")


class Dying(SimulatedVendor):
    """A vendor whose customer dies before it hears that its order was taken."""

    def submit(self, order: Order) -> Pending | Delivered:
        super().submit(order)
        raise KeyboardInterrupt


def another(studio: Studio, kind: type[SimulatedVendor], *faults: str) -> Studio:
    return studio.with_vendor(studio.open_vendor(*faults, kind=kind))


def counted(studio: Studio) -> int:
    """Micro-dollars that count against the month's allowance."""
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        months = select(func.sum(allowance.c.used)).where(allowance.c.family == "usd")
        return int(conn.execute(months).scalar_one() or 0)
