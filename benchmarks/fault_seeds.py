"""Play many seeds of the fault simulator, or one of them again.

    python benchmarks/fault_seeds.py --seeds 10000
    python benchmarks/fault_seeds.py --seed 4711

The exit status is 0 when, after every seed, the vendors' books and ours agree and nothing is lost, held or bought twice.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.faults import Stage

CHUNK = 100
MEMORY = Path("/dev/shm")


def play(folder: Path, seeds: range) -> list[str]:
    """What is wrong after these seeds, each sentence with its number."""
    with Stage.built(folder / str(seeds.start)) as stage:
        return [f"seed {seed}: {wrong}" for seed in seeds for wrong in stage.play(seed)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    if options.seed is not None:
        seeds = range(options.seed, options.seed + 1)
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        started = time.monotonic()
        parts = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
        with ProcessPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
            found = [sentence for sentences in pool.map(partial(play, folder), parts) for sentence in sentences]
        seconds = time.monotonic() - started
    print("\n".join(found) or "the vendors' books and ours agree; nothing is lost, held or bought twice")
    print(f"{len(seeds)} seeds in {seconds:.0f} s, {1_000 * seconds / len(seeds):.0f} ms each")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
