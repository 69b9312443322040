"""The yardsticks for the overhead per node: bare Prefect tasks in groups of five, as an async flow submits them.

    python benchmarks/bare_tasks.py [COUNT [WORKERS [PRODUCT [KIND]]]]

They do nothing; with a picture they make of it what the nodes of `benchmarks/overhead.py` make, by the same functions, and put it
into a folder: `tiny` pictures, or `media` as people make it. Prints one JSON line. It needs PREFECT_API_URL to be set.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from prefect import allow_failure, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import SyncClientContext
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.node_groups import GROUP, GROUPS


@task(cache_policy=NO_CACHE, persist_result=False)
def nothing(number: int, upstream: list[int]) -> int:
    return number


@task(cache_policy=NO_CACHE, persist_result=False)
def picture(number: int, before: list[Path], product: Path, folder: Path, kind: str) -> Path:
    """What the node makes, as a script alone would."""
    from pressroom.domain.media_limits import MediaLimits
    from pressroom.domain.operation import Brand, Workspace
    from pressroom.media.files.ffmpeg import ffmpeg_program
    from pressroom.operations import OPERATIONS

    step = GROUPS[kind][number % GROUP]
    operation = OPERATIONS[step.operation]
    assert operation.run is not None
    own = {"seed": number // GROUP} if step.of is None else {}
    params = operation.params.model_validate({"image": "image", **step.params, **own})
    with tempfile.TemporaryDirectory() as work:
        inputs = {"image": before[0] if before else product}
        made = operation.run(params, Workspace(Path(work), inputs, {}, Brand(), {}, MediaLimits(), ffmpeg_program("")))
        return Path(shutil.move(made[0].path, folder / f"{number}{step.suffix}"))


@flow(name="overhead-bare")
async def bare(count: int, kind: str, submit: Callable[[int, list[Any]], PrefectFuture[Any]]) -> tuple[float, float]:
    """Wall and CPU seconds until `count` tasks, in groups of GROUP, are done: the flow's own start and end do not count."""
    started, cpu = time.perf_counter(), time.process_time()
    futures: list[PrefectFuture[Any]] = []
    # Without it every task submitted by an async flow makes two HTTP clients of its own: 60 ms instead of 4.
    with SyncClientContext.get_or_create():
        for number in range(count):
            of = GROUPS[kind][number % GROUP].of
            upstream = [] if of is None else [allow_failure(futures[number - number % GROUP + of])]
            futures.append(submit(number, upstream))
        waiting = {asyncio.wrap_future(future.wrapped_future) for future in futures}
        await asyncio.wait(waiting)
    return time.perf_counter() - started, time.process_time() - cpu


def bare_seconds(count: int, max_workers: int, product: Path | None, kind: str) -> tuple[float, float]:
    runner = ThreadPoolTaskRunner(max_workers=max_workers)
    flow_of = bare.with_options(task_runner=runner, validate_parameters=False)
    if product is None:
        return asyncio.run(flow_of(count, kind, nothing.submit))
    with tempfile.TemporaryDirectory() as folder:
        submit = partial(picture.submit, product=product, folder=Path(folder), kind=kind)
        return asyncio.run(flow_of(count, kind, submit))


def main() -> None:
    count, workers, product, kind = [*sys.argv[1:], *("1000", "4", "", "tiny")[len(sys.argv) - 1 :]]
    if not os.environ.get("PREFECT_API_URL"):
        raise SystemExit("set PREFECT_API_URL: an ephemeral server is not measured here")
    seconds, cpu = bare_seconds(int(count), int(workers), Path(product) if product else None, kind)
    line = {
        "tasks": int(count),
        "workers": int(workers),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "tasks_per_s": round(int(count) / seconds),
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
