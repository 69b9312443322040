"""What Pressroom adds to a Prefect task: 1,000 nodes of a campaign against 1,000 bare tasks, in one run.

    python benchmarks/overhead.py [NODES [WORKERS]]

Both are chains of five, submitted by an async flow to the same server; only the time from the first submit to the last
end counts. The nodes are reused from the library: everything but the media work itself is done (state, records, events).
A run that makes them is shown too, for orientation.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHAIN = 5


def campaign_text(nodes: int) -> str:
    lines = ["pressroom: 1", "name: overhead", "inputs:", "  product: {type: image, default: product.png}"]
    lines += [f"  takes: {{type: list, of: number, default: {list(range(nodes // CHAIN))}}}", "steps:"]
    lines += [
        "  s0:",
        "    uses: replace_background",
        '    for_each: {n: "{{ inputs.takes }}"}',
        "    with: {image: '{{ inputs.product }}', color: '#808080', seed: '{{ each.n }}', width: 16, height: 16}",
    ]
    for number in range(1, CHAIN):
        lines += [
            f"  s{number}:",
            "    uses: upscale",
            f"    with: {{image: '{{{{ steps.s{number - 1} }}}}', scale: 2}}",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    nodes, workers = ([int(argument) for argument in sys.argv[1:]] + [1000, 4][len(sys.argv) - 1 :])[:2]
    root = Path(__file__).resolve().parent.parent
    sys.path[:0] = [str(root), str(root / "benchmarks")]
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), nodes, workers)


def measure(folder: Path, nodes: int, workers: int) -> None:
    from PIL import Image, ImageDraw

    from pressroom.prefect_server import client_environment, ensure_started, stop

    picture = Image.new("RGBA", (32, 32))
    ImageDraw.Draw(picture).ellipse((8, 8, 24, 24), fill=(200, 40, 40, 255))
    picture.save(folder / "product.png")
    (folder / "campaign.yaml").write_text(campaign_text(nodes))
    server = ensure_started(folder / ".pressroom")
    try:
        os.environ.update(client_environment(folder / ".pressroom", server.api_url))
        server.wait_ready()
        report(folder / "campaign.yaml", nodes, workers)
    finally:
        stop(folder / ".pressroom")


def report(file: Path, nodes: int, workers: int) -> None:
    from prefect_overhead_bare import bare_seconds

    made = run_seconds(file, workers)
    rounds = [(bare_seconds(nodes, workers), run_seconds(file, workers)) for _ in range(3)]
    ratios = sorted(ours[0] / bare[0] for bare, ours in rounds)
    cpu_ratios = sorted(ours[1] / bare[1] for bare, ours in rounds)
    line = {
        "nodes": nodes,
        "workers": workers,
        "bare_seconds": [round(bare[0], 2) for bare, _ in rounds],
        "reused_seconds": [round(ours[0], 2) for _, ours in rounds],
        "ratio_median": round(ratios[len(ratios) // 2], 2),
        "bare_cpu_seconds": [round(bare[1], 2) for bare, _ in rounds],
        "reused_cpu_seconds": [round(ours[1], 2) for _, ours in rounds],
        "cpu_ratio_median": round(cpu_ratios[len(cpu_ratios) // 2], 2),
        "made_seconds": round(made[0], 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(line))


def run_seconds(file: Path, workers: int) -> tuple[float, float]:
    """Wall and CPU seconds from the first submit to the last end of one run of the campaign."""
    from prefect import flow
    from prefect.context import SyncClientContext
    from prefect.task_runners import ThreadPoolTaskRunner

    from flows.campaign import chain, home_of, wait_for_all
    from pressroom.services.finish_run import settle_run
    from pressroom.services.run_request import RunRequest
    from tasks.preflight import open_gate

    @flow(name="overhead-ours", persist_result=False)
    async def ours(file: str) -> tuple[float, float]:
        request = RunRequest(file=file)
        begun = open_gate(request, home_of(request), "")
        started, cpu = time.perf_counter(), time.process_time()
        with SyncClientContext.get_or_create():
            futures: Any = chain(begun)
            await wait_for_all(list(futures.values()))
        seconds = time.perf_counter() - started, time.process_time() - cpu
        settle_run(home_of(request).open(), begun.run_id)
        return seconds

    runner: Any = ThreadPoolTaskRunner(max_workers=workers)
    return asyncio.run(ours.with_options(task_runner=runner)(str(file)))


if __name__ == "__main__":
    main()
