"""How long many purchases take in one process: waiting holds no thread.

python benchmarks/purchases.py                    200 purchases of 20 s, in real time
python benchmarks/purchases.py --at-once 50           the same at a vendor that works on 50 at a time
python benchmarks/purchases.py --at-once 50 --silent  ... which does not say how long it will still take
python benchmarks/purchases.py --count 1000 --fake    on a clock that stands still until something waits
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom.catalog.load import Catalog
from pressroom.database.engine import Database
from pressroom.services.run_node import RunningRun, order_node, run_node
from pressroom.services.settle_run import settle_run
from tests.support.buying import Silent, order_all
from tests.support.clocks import Clock
from tests.support.studio import CATALOG, Studio, open_studio

ORDERS, MAKES = 16, 2


def campaign(count: int, vendor: str) -> str:
    return (
        f"name: many\nsteps:\n  scene: {{uses: draw, model: {vendor}/ink, for_each: {{n: {list(range(count))}}}, "
        'with: {prompt: "{{ each.n }}"}}\n'
    )


def real(studio: Studio, run: RunningRun) -> int:
    """As a run does it: orders in a few threads, waiting in none, filing in two. Returns the most threads that there were."""
    with ThreadPoolExecutor(MAKES) as makes:
        filed: list[Future[object]] = []

        def file(name: str) -> None:
            filed.append(makes.submit(run_node, studio.principal, studio.context, run, name))

        threads = order_all(studio, run, ORDERS, file)
        for each in filed:
            each.result()
    return threads


def fake(studio: Studio, run: RunningRun) -> int:
    poller = studio.context.poller
    keys = [order_node(studio.principal, studio.context, run, node.id) for node in run.plan.nodes]
    poller.drive([poller.watch(key) for key in keys if key])
    for node in run.plan.nodes:
        run_node(studio.principal, studio.context, run, node.id)
    return threading.active_count()


def allowing(at_once: int | None) -> Catalog:
    """The studio's catalog with a vendor that works on so many orders at a time."""
    providers = {name: row.model_copy(update={"jobs_at_once": at_once}) for name, row in CATALOG.providers.items()}
    return replace(CATALOG, providers=providers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--vendor", default="simulated", choices=["simulated", "simulated-callback"])
    parser.add_argument("--at-once", type=int, help="orders that the vendor works on at a time; default: any number")
    parser.add_argument("--silent", action="store_true", help="the vendor does not say how long a job will still take")
    parser.add_argument("--fake", action="store_true")
    options = parser.parse_args()
    clock = Clock() if options.fake else None
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pressroom.db"
        with Database.open(url) as database:
            home = Path(folder) / "home"
            studio = open_studio(
                home,
                database,
                url,
                latency_seconds=options.seconds,
                clock=clock,
                catalog=allowing(options.at_once),
                grant_credits=100_000,
            )
            if options.silent:
                silent = studio.open_vendor(name=options.vendor, kind=Silent, latency_seconds=options.seconds)
                studio = studio.with_vendor(silent)
            run = studio.begin(studio.plan(campaign(options.count, options.vendor)))
            started, cpu = time.perf_counter(), time.process_time()
            threads = (fake if options.fake else real)(studio, run)
            settled = settle_run(studio.context, run.id)
            wall, used = time.perf_counter() - started, time.process_time() - cpu
    assert settled.nodes == {"done": options.count}, settled.nodes
    print(
        f"{options.count} purchases of {options.seconds:g} s: {wall:.1f} s, {used:.1f} s of CPU, {threads} threads at most"
    )


if __name__ == "__main__":
    main()
