"""The yardstick for the overhead per node: tasks that do nothing, as an async flow submits them with bare Prefect.

`python benchmarks/bare_tasks.py [COUNT [WORKERS]]` prints one JSON line. It needs PREFECT_API_URL to be set.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from prefect import allow_failure, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import SyncClientContext
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

CHAIN = 5


@task(cache_policy=NO_CACHE, persist_result=False)
def nothing(number: int, upstream: list[int]) -> int:
    return number


@flow(name="overhead-bare")
async def bare(count: int) -> tuple[float, float]:
    """Wall and CPU seconds until `count` tasks, in chains of CHAIN, are done: the flow's own start and end do not count."""
    started, cpu = time.perf_counter(), time.process_time()
    futures: list[PrefectFuture[int]] = []
    # Without it every task submitted by an async flow makes two HTTP clients of its own: 60 ms instead of 4.
    with SyncClientContext.get_or_create():
        for number in range(count):
            upstream = [allow_failure(futures[-1])] if number % CHAIN else []
            futures.append(nothing.submit(number, upstream))
        waiting = {asyncio.wrap_future(future.wrapped_future) for future in futures}
        await asyncio.wait(waiting)
    return time.perf_counter() - started, time.process_time() - cpu


def bare_seconds(count: int, max_workers: int) -> tuple[float, float]:
    runner = ThreadPoolTaskRunner(max_workers=max_workers)
    return asyncio.run(bare.with_options(task_runner=runner)(count))


def main() -> None:
    count, workers = ([int(argument) for argument in sys.argv[1:]] + [1000, 4][len(sys.argv) - 1 :])[:2]
    if not os.environ.get("PREFECT_API_URL"):
        raise SystemExit("set PREFECT_API_URL: an ephemeral server is not measured here")
    seconds, cpu = bare_seconds(count, workers)
    line = {
        "tasks": count,
        "workers": workers,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "tasks_per_s": round(count / seconds),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
