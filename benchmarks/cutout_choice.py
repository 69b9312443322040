"""Learns which of the masks that `pressroom.media.cutout.segmentation` finds to choose: the weights in choice_data/choice.json.

python -m benchmarks.cutout_choice [--seeds 9001,9002] [--cache FOLDER] [--write]

Every family of products is learned without, in turn, to see what the choice is worth for products that it never saw; then
the weights of all are written. The weights maximise the overlap that is to be expected when masks are drawn with
probabilities that grow with their weighted sum (softmax).
"""

from __future__ import annotations

import argparse
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.optimize import minimize

from benchmarks.cutout import PROCESSES, Task
from pressroom.media.cutout.mask_choice import DATA, FAIR, REACH, SURE, Weights, preferred
from pressroom.media.cutout.masks import overlap
from pressroom.media.cutout.matting import settled
from pressroom.media.cutout.segmentation import reduced, searched
from tests.support.scenes import BACKGROUNDS, FAMILIES, SEE_THROUGH, scene

SEEDS = (9001, 9002, 9003, 9004)
RIDGE = 5e-4
WORST_LOSS = 0.6  # of overlap; worse mistakes count no more
PARTS = 5  # the families are left out in so many groups
TRAITS = (
    "quality", "on_edges", "weakest", "separation", "missed_hull", "missed_near", "faint_near", "scattered", "touching", "only",
    "missing", "backdrop_inside", "stranger_outside", "unlike_missing",
)  # fmt: skip


def rows(task: Task) -> list[dict[str, Any]]:
    """The traits of each mask that is found in one photo, and its overlap with the truth (`iou`)."""
    cv2.setNumThreads(1)
    truth = scene(task.family, task.background, task.seed)
    small = reduced(truth.photo)
    search = searched(small)
    found: dict[bytes, dict[str, Any]] = {}
    for name, traits in search.traits.items():
        mask = search.found[name]
        if mask.tobytes() not in found:
            outline = settled(small.astype(np.float32), mask) > 0
            found[mask.tobytes()] = {**traits, "name": name, "mask": mask, "iou": overlap(outline, truth.alpha >= 0.5)}
    return [{**row, **task._asdict()} for row in found.values()]


def learned(photos: list[list[dict[str, Any]]]) -> Weights:
    """Mean, deviation and weight of each trait, from the masks among which they are to choose."""
    bests = [max(row["quality"] for row in photo) for photo in photos]
    photos = [
        [row for row in photo if row["quality"] >= FAIR * best]
        for photo, best in zip(photos, bests, strict=True)
        if best >= SURE
    ]
    values = np.array([[row[name] for name in TRAITS] for photo in photos for row in photo])
    mean, deviation = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.clip((values - mean) / deviation, -REACH, REACH)
    starts = np.cumsum([0, *[len(photo) for photo in photos[:-1]]])
    owner = np.repeat(np.arange(len(photos)), [len(photo) for photo in photos])
    reached = np.array([row["iou"] for photo in photos for row in photo])
    loss = np.minimum(np.maximum.reduceat(reached, starts)[owner] - reached, WORST_LOSS)

    def expected_loss(weights: Any) -> tuple[float, Any]:
        sums = scaled @ weights
        chances = np.exp(sums - np.maximum.reduceat(sums, starts)[owner])
        chances /= np.add.reduceat(chances, starts)[owner]
        expected = np.add.reduceat(chances * loss, starts)
        slope = scaled.T @ (chances * (loss - expected[owner]))
        return float(expected.mean() + RIDGE * weights @ weights), slope / len(photos) + 2 * RIDGE * weights

    weights = minimize(expected_loss, np.full(len(TRAITS), 0.1), jac=True, method="L-BFGS-B").x
    table = zip(TRAITS, mean, deviation, weights, strict=True)
    return {
        name: {"mean": round(float(m), 4), "deviation": round(float(d), 4), "weight": round(float(w), 3)}
        for name, m, d, w in table
    }


def choice(photo: list[dict[str, Any]], weights: Weights) -> dict[str, Any]:
    rows = {row["name"]: row for row in photo}
    masks = {name: row["mask"] for name, row in rows.items()}
    return rows[
        preferred({name: {trait: row[trait] for trait in TRAITS} for name, row in rows.items()}, masks, weights)
    ]


def unseen(photos: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The masks that are chosen by weights learned without the photo's family."""
    picked = []
    for part in range(PARTS):
        out = set(list(FAMILIES)[part::PARTS])
        weights = learned([photo for photo in photos if photo[0]["family"] not in out])
        picked += [choice(photo, weights) for photo in photos if photo[0]["family"] in out]
    return picked


def show(label: str, picked: list[dict[str, Any]]) -> None:
    cells = []
    for background in BACKGROUNDS:
        found = np.array([row["iou"] for row in picked if row["background"] == background] or [np.nan])
        cells.append(f"{background} {found.mean():.3f}, {np.median(found):.3f}, {(found < 0.8).mean():4.0%} below 0.8")
    print(f"{label:<24}{' | '.join(cells)}", flush=True)


def gathered(tasks: list[Task], cache: Path | None) -> list[list[dict[str, Any]]]:
    """`rows` of all photos in two processes; kept in the folder, where there is one."""
    stored = cache / "rows.pickle" if cache else None
    known: dict[Task, list[dict[str, Any]]] = pickle.loads(stored.read_bytes()) if stored and stored.exists() else {}
    missing = [task for task in tasks if task not in known]
    with ProcessPoolExecutor(PROCESSES) as pool:
        for start in range(0, len(missing), 24):
            part = missing[start : start + 24]
            known |= zip(part, pool.map(rows, part), strict=True)
            if stored:
                stored.write_bytes(pickle.dumps(known))
    return [known[task] for task in tasks if known[task]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--cache", type=Path, help="keep what was measured in this folder, and use what is there")
    parser.add_argument("--write", action="store_true", help="store the weights with the package")
    options = parser.parse_args()
    families = [family for family in FAMILIES if family not in SEE_THROUGH]
    seeds = [int(seed) for seed in options.seeds.split(",")]
    tasks = [Task(family, background, seed) for seed in seeds for background in BACKGROUNDS for family in families]
    photos = gathered(tasks, options.cache)
    show("best quality", [max(photo, key=lambda row: row["quality"]) for photo in photos])
    show("families never seen", unseen(photos))
    weights = learned(photos)
    show("all that were learned from", [choice(photo, weights) for photo in photos])
    show("best mask there is", [max(photo, key=lambda row: row["iou"]) for photo in photos])
    for name, part in weights.items():
        print(f"{name:<20}{part['weight']:>8.2f}")
    if options.write:
        source = f"python -m benchmarks.cutout_choice, {len(photos)} composed photos, seeds {options.seeds}"
        DATA.parent.mkdir(exist_ok=True)
        DATA.write_text(json.dumps({"source": source, "date": "2026-11-26", "traits": weights}, indent=2) + "\n")


if __name__ == "__main__":
    main()
