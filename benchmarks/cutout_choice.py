"""Learns which of the masks that `pressroom.media.cutout.segmentation` finds to choose: choice_data/choice.json.

python -m benchmarks.cutout_choice [--flat 9001] [--solid 1,2] [--cache FOLDER] [--write]

Every family of subjects, of either painter, and every photo is judged by weights that never saw it; so is each maker by
weights learned from the others alone. Then the weights of all are written, with and without a network's masks. They maximise
the overlap that is to be expected when masks are drawn with probabilities that grow with their weighted sum (softmax).
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.optimize import minimize

from benchmarks.cutout import PROCESSES
from benchmarks.sittings import FLAT, REAL, SOLID, Sitting, shown, sittings
from pressroom.media.cutout.mask_choice import DATA, REACH, Weights, is_whole, preference
from pressroom.media.cutout.masks import bools
from pressroom.media.cutout.network import bundled
from pressroom.media.cutout.segmentation import reduced, searched

FLAT_SEEDS, SOLID_SEEDS = (9001,), (1, 2)
RIDGE = 2e-3
WORST_LOSS = 0.6  # of overlap; worse mistakes count no more
PARTS = 6  # the families are left out in so many groups
DATE = "2026-11-30"
OWN = (
    "quality", "separation", "stranger_outside", "backdrop_inside", "unlike_missing", "weakest", "scattered", "consensus"
)  # fmt: skip
NETWORKS = ("first_overlap", "second_overlap", "mean_overlap", "sure_outside")
MAKERS = {FLAT: 1, SOLID: 2, REAL: 2}  # what each maker's pictures count together, however many there are

Masks = list[dict[str, Any]]  # of one picture: traits, the true overlap `iou`, the `names` of the ways that led there
Judge = Callable[[Masks], dict[str, Any]]


def rows(sitting: Sitting, with_network: bool) -> Masks:
    """The traits of each mask that is found in one picture, and its overlap with the truth."""
    cv2.setNumThreads(1)
    picture = shown(sitting)
    small = reduced(picture.pixels)
    size = (small.shape[1], small.shape[0])
    counts = cv2.resize(picture.counts.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    truth = bools(cv2.resize(picture.alpha, size, interpolation=cv2.INTER_AREA) >= 0.5) & counts
    search = searched(small, bundled() if with_network else None)
    found: dict[bytes, dict[str, Any]] = {}
    for name, traits in search.traits.items():
        mask = search.found[name] & counts
        overlap = float((mask & truth).sum()) / max(1.0, float((mask | truth).sum()))
        found.setdefault(mask.tobytes(), {**traits, "names": [], "iou": overlap})["names"].append(name)
    return [{**row, "sitting": sitting} for row in found.values()]


def learned(pictures: Sequence[Masks], names: Sequence[str]) -> Weights:
    """Mean, deviation and weight of each trait, from the masks among which they are to choose."""
    values = np.array([[row[name] for name in names] for picture in pictures for row in picture])
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.clip((values - mean) / deviation, -REACH, REACH)
    starts = np.cumsum([0, *[len(picture) for picture in pictures[:-1]]])
    owner = np.repeat(np.arange(len(pictures)), [len(picture) for picture in pictures])
    reached = np.array([row["iou"] for picture in pictures for row in picture])
    loss = np.minimum(np.maximum.reduceat(reached, starts)[owner] - reached, WORST_LOSS)
    makers = [picture[0]["sitting"].maker for picture in pictures]
    shares = np.array([MAKERS[maker] / makers.count(maker) for maker in makers])
    shares /= shares.sum()

    def expected_loss(weights: Any) -> tuple[float, Any]:
        sums = scaled @ weights
        chances = np.exp(sums - np.maximum.reduceat(sums, starts)[owner])
        chances /= np.add.reduceat(chances, starts)[owner]
        expected = np.add.reduceat(chances * loss, starts)
        slope = scaled.T @ (chances * (loss - expected[owner]) * shares[owner])
        return float(shares @ expected + RIDGE * weights @ weights), slope + 2 * RIDGE * weights

    weights = minimize(expected_loss, np.full(len(names), 0.1), jac=True, method="L-BFGS-B").x
    table = zip(names, mean, deviation, weights, strict=True)
    return {
        name: {"mean": round(float(m), 4), "deviation": round(float(d), 4), "weight": round(float(w), 3)}
        for name, m, d, w in table
    }


def choice(picture: Masks, weights: Weights) -> dict[str, Any]:
    return max(filter(is_whole, picture), key=lambda row: preference(row, weights))


def unseen(pictures: Sequence[Masks], names: Sequence[str], kin: Callable[[Sitting], str]) -> Masks:
    """The masks that are chosen by weights learned without the picture's kin."""
    kinds = sorted({kin(picture[0]["sitting"]) for picture in pictures})
    np.random.default_rng(0).shuffle(kinds)
    parts = min(PARTS, len(kinds))
    picked = []
    for part in range(parts):
        out = set(kinds[part::parts])
        rest = [picture for picture in pictures if kin(picture[0]["sitting"]) not in out]
        weights = learned(rest, names)
        picked += [choice(picture, weights) for picture in pictures if kin(picture[0]["sitting"]) in out]
    return picked


def show(label: str, picked: Masks) -> None:
    groups: dict[str, list[float]] = {}
    for row in picked:
        groups.setdefault(f"{row['sitting'].maker} {row['sitting'].background}", []).append(row["iou"])
        groups.setdefault(f"{row['sitting'].maker}, all", []).append(row["iou"])
    print(label)
    for name, found in sorted(groups.items()):
        below = np.mean(np.array(found) < 0.8)
        print(
            f"  {name:<24}{len(found):>4}{np.mean(found):>7.3f}{np.median(found):>7.3f}{below:>5.0%} below 0.8",
            flush=True,
        )


def gathered(tasks: Sequence[Sitting], with_network: bool, cache: Path | None) -> list[Masks]:
    """`rows` of all pictures in two processes; kept in the folder, where there is one."""
    work = partial(_kept, with_network=with_network, cache=cache)
    with ProcessPoolExecutor(PROCESSES) as pool:
        return [picture for picture in pool.map(work, tasks) if picture]


def _kept(sitting: Sitting, with_network: bool, cache: Path | None) -> Masks:
    if cache is None:
        return rows(sitting, with_network)
    stored = cache / f"{'_'.join(map(str, sitting))}_{with_network}.pickle"
    if not stored.exists():
        cache.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(pickle.dumps(rows(sitting, with_network)))
    found: Masks = pickle.loads(stored.read_bytes())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--flat", default=",".join(map(str, FLAT_SEEDS)), help="seeds of the painter in tests/support/scenes.py"
    )
    parser.add_argument(
        "--solid", default=",".join(map(str, SOLID_SEEDS)), help="seeds of the painter in benchmarks/solids"
    )
    parser.add_argument("--cache", type=Path, help="keep what was measured in this folder, and use what is there")
    parser.add_argument("--write", action="store_true", help="store the weights with the package")
    options = parser.parse_args()
    flat, solid = (tuple(int(seed) for seed in given.split(",") if seed) for given in (options.flat, options.solid))
    tasks = sittings(flat, solid, real=True)
    written: dict[str, Any] = {}
    for label, with_network in (("with network", True), ("without", False)):
        pictures = gathered(tasks, with_network, options.cache)
        names = (*OWN, *NETWORKS) if with_network else OWN
        by_family = unseen(pictures, names, lambda sitting: f"{sitting.maker} {sitting.family}")
        show(f"{label}: families never seen", by_family)
        show(f"{label}: makers never seen", unseen(pictures, names, lambda sitting: sitting.maker))
        show(f"{label}: best mask there is", [max(picture, key=lambda row: row["iou"]) for picture in pictures])
        written[label] = learned(pictures, names)
        print("  ".join(f"{name} {part['weight']:.2f}" for name, part in written[label].items()))
    if options.write:
        source = f"python -m benchmarks.cutout_choice, {len(tasks)} pictures, flat {options.flat}, solid {options.solid}, photos"
        DATA.write_text(json.dumps({"source": source, "date": DATE, **written}, indent=2) + "\n")


if __name__ == "__main__":
    main()
