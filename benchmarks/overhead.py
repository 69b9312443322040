"""What Pressroom adds to a node: whole `pressroom run` commands, made and unchanged, against the same number of bare tasks.

    python benchmarks/overhead.py [NODES [WORKERS [KIND]]]

WORKERS: `max_workers`, 0 as it is by default. KIND: `tiny` pictures, or `media` as people make it: a scene, enlarged, in three
sizes.

Every figure is of a process from its start to its end, imports and settlement included: the campaign made for the first
time, run again unchanged, and flows of bare Prefect tasks in the same groups of five on the same server: of tasks that do
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

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.node_groups import GROUP, GROUPS

SMALL = {"tiny": 50, "media": 10}
SIDE = {"tiny": 32, "media": 1024}
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of a process, and the most memory it held."""

    seconds: float
    cpu_seconds: float
    peak_mb: int


def campaign_text(nodes: int, kind: str) -> str:
    lines = ["pressroom: 1", "name: overhead", "inputs:", "  product: {type: image, default: product.png}"]
    lines += [f"  takes: {{type: list, of: number, default: {list(range(nodes // GROUP))}}}", "steps:"]
    for number, step in enumerate(GROUPS[kind]):
        lines += [f"  s{number}:", f"    uses: {step.operation}"]
        if step.of is None:
            lines.append('    for_each: {n: "{{ inputs.takes }}"}')
            own = {"image": "{{ inputs.product }}", "seed": "{{ each.n }}"}
        else:
            own = {"image": f"{{{{ steps.s{step.of} }}}}"}
        lines.append(f"    with: {json.dumps({**own, **step.params})}")
    return "\n".join(lines) + "\n"


def main() -> None:
    nodes, workers, kind = [*sys.argv[1:], *("1000", "0", "tiny")[len(sys.argv) - 1 :]]
    from pressroom.prefect_server import client_environment, ensure_started, stop

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = ensure_started(folder / "home")
        try:
            server.wait_ready()
            environment = client_environment(folder / "home", server.api_url)
            print(json.dumps(measured(folder, int(nodes), int(workers), kind, {**os.environ, **environment})))
        finally:
            stop(folder / "home")


def measured(folder: Path, nodes: int, workers: int, kind: str, environment: dict[str, str]) -> dict[str, object]:
    from pressroom.settings import Settings

    at_a_time = Settings(home=folder, max_workers=workers).workers
    # Without it every process compiles all that it imports anew, which nobody's does.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment |= {"PRESSROOM_HOME": str(folder / "home"), "PRESSROOM_MAX_WORKERS": str(workers)}
    small, large = (_campaign(folder / name, count, kind) for name, count in (("small", SMALL[kind]), ("large", nodes)))
    run = [sys.executable, "-m", "pressroom", "run"]
    few = _cost([*run, str(small)], environment)
    made = _cost([*run, str(large)], environment)
    again = [_cost([*run, str(large)], environment) for _ in range(3)]
    tasks = [sys.executable, str(ROOT / "benchmarks/bare_tasks.py")]
    bare = _cost([*tasks, str(nodes), str(at_a_time), "", kind], environment)
    product = str(large.with_name("product.png"))
    pictures, few_pictures = (
        _cost([*tasks, str(count), str(at_a_time), product, kind], environment) for count in (nodes, SMALL[kind])
    )
    more = nodes - SMALL[kind]
    return {
        "kind": kind,
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


def _campaign(folder: Path, nodes: int, kind: str) -> Path:
    from PIL import Image, ImageDraw

    folder.mkdir()
    side = SIDE[kind]
    picture = Image.new("RGBA", (side, side))
    circle = (side // 4, side // 4, 3 * side // 4, 3 * side // 4)
    ImageDraw.Draw(picture).ellipse(circle, fill=(200, 40, nodes % 256, 255))
    picture.save(folder / "product.png")
    file = folder / "campaign.yaml"
    file.write_text(campaign_text(nodes, kind))
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
