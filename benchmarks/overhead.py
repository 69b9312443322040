"""What Pressroom adds to a node: whole `pressroom run` commands, made and unchanged, against the same number of bare tasks.

    python benchmarks/overhead.py [NODES [WORKERS]]    WORKERS: `max_workers`, 0 as it is by default

Every figure is of a process from its start to its end, imports and settlement included: the campaign made for the first
time, run again unchanged, and flows of bare Prefect tasks in the same chains of five on the same server: of tasks that do
nothing, and of tasks that make the same pictures.
A second, small campaign tells what does not depend on the number of nodes, so that the cost of one node can be told.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

CHAIN = 5
SMALL = 50
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of a process, and the most memory it held."""

    seconds: float
    cpu_seconds: float
    peak_mb: int


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
    nodes, workers = ([int(argument) for argument in sys.argv[1:]] + [1000, 0][len(sys.argv) - 1 :])[:2]
    sys.path.insert(0, str(ROOT))
    from pressroom.prefect_server import client_environment, ensure_started, stop

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = ensure_started(folder / "home")
        try:
            server.wait_ready()
            environment = client_environment(folder / "home", server.api_url)
            print(json.dumps(measured(folder, nodes, workers, {**os.environ, **environment})))
        finally:
            stop(folder / "home")


def measured(folder: Path, nodes: int, workers: int, environment: dict[str, str]) -> dict[str, object]:
    from pressroom.settings import Settings

    at_a_time = Settings(home=folder, max_workers=workers).workers
    # Without it every process compiles all that it imports anew, which nobody's does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment |= {"PRESSROOM_HOME": str(folder / "home"), "PRESSROOM_MAX_WORKERS": str(workers)}
    small, large = _campaign(folder / "small", SMALL), _campaign(folder / "large", nodes)
    run = [sys.executable, "-m", "pressroom", "run"]
    few = _cost([*run, str(small)], environment)
    made = _cost([*run, str(large)], environment)
    again = [_cost([*run, str(large)], environment) for _ in range(3)]
    tasks = [sys.executable, str(ROOT / "benchmarks/bare_tasks.py")]
    bare = _cost([*tasks, str(nodes), str(at_a_time)], environment)
    product = str(large.with_name("product.png"))
    pictures, few_pictures = (
        _cost([*tasks, str(count), str(at_a_time), product], environment) for count in (nodes, SMALL)
    )
    more = nodes - SMALL
    return {
        "nodes": nodes,
        "workers": workers,
        "bare_seconds": round(bare.seconds, 2),
        "bare_pictures_seconds": round(pictures.seconds, 2),
        "ms_each_bare_picture": round((pictures.seconds - few_pictures.seconds) / more * 1000, 1),
        "made_seconds": round(made.seconds, 2),
        "made_cpu_seconds": round(made.cpu_seconds, 2),
        "ms_each_made": round((made.seconds - few.seconds) / more * 1000, 1),
        "cpu_ms_each_made": round((made.cpu_seconds - few.cpu_seconds) / more * 1000, 1),
        "kb_each_made": round((made.peak_mb - few.peak_mb) * 1000 / more, 1),
        "unchanged_seconds": sorted(round(cost.seconds, 2) for cost in again),
        "unchanged_cpu_seconds": sorted(round(cost.cpu_seconds, 2) for cost in again),
        "peak_memory_mb": made.peak_mb,
    }


def _campaign(folder: Path, nodes: int) -> Path:
    from PIL import Image, ImageDraw

    folder.mkdir()
    picture = Image.new("RGBA", (32, 32))
    ImageDraw.Draw(picture).ellipse((8, 8, 24, 24), fill=(200, 40, nodes % 256, 255))
    picture.save(folder / "product.png")
    file = folder / "campaign.yaml"
    file.write_text(campaign_text(nodes))
    return file


def _cost(command: list[str], environment: dict[str, str]) -> Cost:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, told = process.communicate()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(told.decode()[-2000:])
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - started, cpu, used.ru_maxrss // 1024)


if __name__ == "__main__":
    main()
