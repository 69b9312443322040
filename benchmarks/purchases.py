"""How long many purchases take in one process: waiting holds no thread.

python benchmarks/purchases.py                    200 purchases of 20 s, in real time
python benchmarks/purchases.py --count 1000 --fake    on a clock that stands still until something waits
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom.database.engine import Database
from pressroom.services.run_node import RunningRun, order_node, run_node
from pressroom.services.settle_run import settle_run
from tests.support.clocks import Clock
from tests.support.studio import Studio, open_studio

ORDERS, MAKES = 16, 2


def campaign(count: int, vendor: str) -> str:
    return (
        f"name: many\nsteps:\n  scene: {{uses: draw, model: {vendor}/ink, for_each: {{n: {list(range(count))}}}, "
        'with: {prompt: "{{ each.n }}"}}\n'
    )


def real(studio: Studio, run: RunningRun) -> None:
    """As a run does it: orders in a few threads, waiting in none, filing in two."""
    with ThreadPoolExecutor(MAKES) as makes, ThreadPoolExecutor(ORDERS) as orders:
        names = [node.id for node in run.plan.nodes]
        keys = orders.map(lambda name: order_node(studio.principal, studio.context, run, name), names)
        waiting = [(name, studio.context.poller.wait(key)) for name, key in zip(names, keys, strict=True) if key]
        filed = []
        for name, future in waiting:
            future.result()
            filed.append(makes.submit(run_node, studio.principal, studio.context, run, name))
        for each in filed:
            each.result()


def fake(studio: Studio, run: RunningRun) -> None:
    poller = studio.context.poller
    keys = [order_node(studio.principal, studio.context, run, node.id) for node in run.plan.nodes]
    poller.drive([poller.watch(key) for key in keys if key])
    for node in run.plan.nodes:
        run_node(studio.principal, studio.context, run, node.id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--vendor", default="simulated", choices=["simulated", "simulated-callback"])
    parser.add_argument("--fake", action="store_true")
    options = parser.parse_args()
    clock = Clock() if options.fake else None
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/pressroom.db"
        with Database.open(url) as database:
            home = Path(folder) / "home"
            studio = open_studio(
                home, database, url, latency_seconds=options.seconds, clock=clock, grant_credits=100_000
            )
            run = studio.begin(studio.plan(campaign(options.count, options.vendor)))
            started, cpu = time.perf_counter(), time.process_time()
            (fake if options.fake else real)(studio, run)
            settled = settle_run(studio.context, run.id)
            wall, used = time.perf_counter() - started, time.process_time() - cpu
    assert settled.nodes == {"done": options.count}, settled.nodes
    print(f"{options.count} purchases of {options.seconds:g} s: {wall:.1f} s, {used:.1f} s of CPU")


if __name__ == "__main__":
    main()
