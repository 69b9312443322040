"""Planning: 10,000 nodes compiled, priced and gated; memory by size; `pressroom plan` from start to exit.

`python benchmarks/plan.py [ROUNDS]`. User CPU seconds are given beside wall seconds, because the first do not change when
the machine is busy with other things.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

from PIL import Image

from pressroom.campaign.load import Loaded, parse_campaign
from pressroom.catalog.load import load_catalog
from pressroom.domain.media import Kind, MediaInfo
from pressroom.operations import OPERATIONS
from pressroom.planning.compile import Request, compile_plan
from pressroom.planning.known_files import KnownFiles
from pressroom.planning.offers import Chooser, configured_providers
from pressroom.planning.plan import FileFacts, Verdict
from pressroom.planning.preflight import AccountFacts, preflight

NODES = 10_000
SIZES = (1_000, 10_000, 40_000)
NODES_PER_ROW = 4  # a scene, its enlargement, its posts and its film
CREDITS = 1_000_000_000_000

CAMPAIGN = """
name: large
policy: {{tier: auto}}
inputs:
  photo: {{type: image, default: photo.jpg}}
steps:
  scene:
    uses: replace_background
    for_each:
      tens: {tens}
      row: {rows}
    with:
      image: "{{{{ inputs.photo }}}}"
      prompt: "scene {{{{ each.tens }}}} {{{{ each.row }}}} in soft light"
      width: 1080
      height: 1080
  large:
    uses: upscale
    with: {{image: "{{{{ steps.scene }}}}", scale: 2}}
  posts:
    uses: resize
    with:
      image: "{{{{ steps.large }}}}"
      placements: [instagram.feed_square, x.post_image_landscape, pinterest.pin_image]
  film:
    uses: image_to_video
    with: {{image: "{{{{ steps.scene }}}}", duration: 5, placement: instagram.reel}}
"""
SMALL = """
name: small
inputs: {photo: {type: image, default: photo.png}}
steps:
  cutout: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
  scene:
    uses: replace_background
    for_each: {scene: [studio, podium, window]}
    with: {image: "{{ steps.cutout }}", scene: "{{ each.scene }}"}
  posts: {uses: resize, with: {image: "{{ steps.scene }}", placements: [instagram.feed_square]}}
"""


def campaign_of(nodes: int) -> Loaded:
    rows = nodes // NODES_PER_ROW // 10
    return parse_campaign(CAMPAIGN.format(tens=list(range(10)), rows=list(range(rows))), "large.yaml")


def plan_and_gate(loaded: Loaded, nodes: int) -> Verdict:
    catalog = load_catalog()
    photo = FileFacts("0" * 64, MediaInfo(Kind.IMAGE, "image/jpeg", 1600, 2000))
    chooser = Chooser(catalog, loaded.campaign.policy, configured_providers(catalog), date(2026, 11, 29))
    request = Request(catalog, OPERATIONS, KnownFiles({"photo.jpg": photo}), chooser, max_nodes=nodes)
    plan = compile_plan(loaded, request)
    assert len(plan.nodes) == nodes, len(plan.nodes)
    payer = AccountFacts("bench", CREDITS, catalog.plans["enterprise"])
    return preflight(plan, payer, catalog, chooser, loaded.positions)


def measured(rounds: int, work: Callable[[], object]) -> str:
    wall, cpu = [], []
    for _ in range(rounds):
        before = [resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        started = time.perf_counter()
        work()
        wall.append(time.perf_counter() - started)
        after = [resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu.append(sum(after) - sum(before))
    return f"{statistics.median(wall):6.2f} s wall, {statistics.median(cpu):5.2f} s user CPU, best {min(wall):.2f} s"


def peak_bytes(nodes: int) -> int:
    loaded = campaign_of(nodes)
    tracemalloc.start()
    plan_and_gate(loaded, nodes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    loaded = campaign_of(NODES)
    print(f"{'read the campaign of 10,000 nodes':44}{measured(rounds, lambda: campaign_of(NODES))}")
    print(f"{'compile, price and gate 10,000 nodes':44}{measured(rounds, lambda: plan_and_gate(loaded, NODES))}")
    for nodes in SIZES:
        peak = peak_bytes(nodes)
        print(f"{f'peak memory, {nodes:,} nodes':44}{peak / 1e6:6.1f} MB, {peak / nodes:,.0f} bytes a node")
    with tempfile.TemporaryDirectory() as folder:
        Image.new("RGB", (800, 1000), "#ccddee").save(Path(folder) / "photo.png")
        (Path(folder) / "campaign.yaml").write_text(SMALL, encoding="utf-8")
        command = [sys.executable, "-m", "pressroom.cli.main", "plan", "campaign.yaml"]
        # What an installed program has: byte code that is kept.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode")}

        def start_to_exit() -> None:
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

        start_to_exit()
        print(f"{'pressroom plan, start to exit':44}{measured(rounds, start_to_exit)}")


if __name__ == "__main__":
    main()
