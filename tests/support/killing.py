"""Runs that are killed: worker processes that run a campaign without Prefect, and the audit of what is left behind."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from pressroom.database.engine import Database
from pressroom.database.schema import hold, job, op
from pressroom.domain.content_hash import file_digest
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.providers.base import Delivered, Order, Pending, Sink, Status, VendorFile, VendorJob
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.recover_runs import recover_runs
from pressroom.services.run_lease import alive
from pressroom.services.run_node import run_node
from pressroom.services.settle_run import settle_run
from tests.support.processes import FORKED
from tests.support.studio import CREDIT, Studio, open_studio

LATENCY_SECONDS = 0.05
BOUGHT = 6
WORKERS = 3
START_SECONDS = 60.0


def campaign(seed: int) -> str:
    """Six pictures from the vendor, and one made from each of them here."""
    return f"""
name: killed
steps:
  scene: {{uses: draw, model: simulated/ink, count: {BOUGHT}, with: {{prompt: "{{{{ each.take }}}} of {seed}"}}}}
  dusk: {{uses: tint, with: {{image: "{{{{ steps.scene }}}}", prompt: "{seed}"}}}}
"""


def run_once(studio: Studio, text: str) -> None:
    """What a command does: let go of dead runs, plan, hold, run in a few threads, settle."""
    context = studio.context
    recover_runs(context)
    run = studio.begin(studio.plan(text))
    with alive(context, run):
        bought = [node.id for node in run.plan.nodes if not node.upstream]
        made = [node.id for node in run.plan.nodes if node.upstream]
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda node_id: run_node(studio.principal, context, run, node_id), bought))
            list(pool.map(lambda node_id: run_node(studio.principal, context, run, node_id), made))
        settle_run(context, run.id, lease=run.lease)


class Deadly(SimulatedVendor):
    """A vendor in whose dealings the customer's process is killed, at one named moment."""

    MOMENTS = (
        "before the order",
        "order taken, answer not heard",
        "asking how it goes",
        "while collecting",
        "collected",
    )
    moment = ""

    def submit(self, order: Order) -> Pending | Delivered:
        self._perhaps_die("before the order")
        answer = super().submit(order)
        self._perhaps_die("order taken, answer not heard")
        return answer

    def status(self, job: VendorJob) -> Status:
        self._perhaps_die("asking how it goes")
        return super().status(job)

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        def watched(file: VendorFile) -> None:
            sink(file)
            self._perhaps_die("while collecting")

        super().fetch(job, watched)
        if self.moment == "collected":
            # Dies a moment later, somewhere between checking, storing and filing.
            threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGKILL)).start()

    def _perhaps_die(self, moment: str) -> None:
        if moment == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Worker:
    """A process of its own that is ready to run the campaign."""

    process: BaseProcess
    line: Connection

    def start(self) -> None:
        self.line.send("go")

    def wait(self) -> int:
        """The exit code: 0, or minus the signal's number."""
        self.process.join()
        self.line.close()
        assert self.process.exitcode is not None
        return self.process.exitcode

    def kill(self) -> int:
        self.process.kill()
        return self.wait()


def worker(home: Path, url: str, seed: int, deadly: str = "") -> Worker:
    """`deadly` names a moment at which the process kills itself, see `Deadly`."""
    ours, theirs = FORKED.Pipe()
    process = FORKED.Process(target=_work, args=(home, url, seed, deadly, theirs))
    process.start()
    theirs.close()
    assert ours.poll(START_SECONDS), "the worker did not start"
    assert ours.recv() == "ready"
    return Worker(process, ours)


def killed(home: Path, url: str, seed: int, after_seconds: float) -> bool:
    """Start the campaign and kill its process after this time; False when it had ended by then."""
    running = worker(home, url, seed)
    running.start()
    time.sleep(after_seconds)
    code = running.kill()
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def finished(home: Path, url: str, seed: int) -> float:
    """Run the campaign to its end; how many seconds that took."""
    running = worker(home, url, seed)
    started = time.monotonic()
    running.start()
    assert running.wait() == 0
    return time.monotonic() - started


def _work(home: Path, url: str, seed: int, deadly: str, line: Connection) -> None:
    with closing(Database.open(url)) as database:
        studio = studio_at(home, url, database)
        if deadly:
            vendor = studio.open_vendor(kind=Deadly)
            assert deadly in Deadly.MOMENTS
            vendor.moment = deadly  # type: ignore[attr-defined]
            studio = studio.with_vendor(vendor)
        line.send("ready")
        line.recv()
        run_once(studio, campaign(seed))
    os._exit(0)  # what remains, such as the interpreter's own end, is no part of the run


def storm(home: Path, url: str, kills: int, rng: random.Random, per_campaign: int = 3) -> int:
    """Kill runs at random moments, each campaign a few times before it may end. Returns how many were killed at work."""
    whole = finished(home, url, 0)
    hit = 0
    for first in range(0, kills, per_campaign):
        seed = first // per_campaign + 1
        for _ in range(min(per_campaign, kills - first)):
            hit += killed(home, url, seed, rng.uniform(0, whole))
        finished(home, url, seed)
    return hit


def audit(studio: Studio, seeds: Iterable[int]) -> list[str]:
    """Everything that is not as if each campaign had run once and undisturbed; one sentence each."""
    nodes = [node for seed in seeds for node in studio.plan(campaign(seed)).nodes]
    keys = {node.key for node in nodes if node.operation == "draw"}
    orders = Counter(order["order_key"].split(":")[1] for order in studio.vendor.purchases())
    wrong = [f"{key[:8]} was bought {orders[key]} times" for key in keys if orders[key] != 1]
    wrong += [f"{key[:8]} was bought by nobody's plan" for key in orders.keys() - keys]
    with studio.context.database.read() as conn:
        wrong += check_invariants(conn)
        wrong += [
            f"{node.id} is not in the library"
            for node in nodes
            if len(assets_of_node(conn, studio.account_id, node.key)) != 1
        ]
        digests = {asset.sha256 for node in nodes for asset in assets_of_node(conn, studio.account_id, node.key)}
        captured = [row.amount for row in conn.execute(op.select().where(op.c.kind == "capture"))]
        open_jobs = conn.execute(job.select().where(job.c.state != "stored")).all()
        open_holds = conn.execute(hold.select().where(hold.c.state == "open")).all()
    for digest in digests:
        path = studio.context.store.local_path(digest)
        if path is None or file_digest(path) != digest:
            wrong.append(f"{digest[:8]} is not in the store")
    if sum(captured) != len(keys) * CREDIT or len(captured) != len(keys):
        wrong.append(f"{len(captured)} captures of {sum(captured)} for {len(keys)} purchases")
    wrong += [f"job {row.order_key[:8]} is {row.state}" for row in open_jobs]
    wrong += [f"hold {row.id} is open" for row in open_holds]
    wrong += [f"{path} is left in the work folder" for path in studio.context.work.rglob("*") if path.is_file()]
    return wrong


def studio_at(home: Path, url: str, database: Database) -> Studio:
    return open_studio(home, database, url, latency_seconds=LATENCY_SECONDS, grant_credits=100_000)
