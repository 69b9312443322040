"""How well products are cut out, against GrabCut started from border statistics, on composed photos with known alpha.

python -m benchmarks.cutout [--count 48] [--seed 100] [--seconds 170]

One class (a kind of background) after the other; each is printed as soon as it is measured.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from pressroom.errors import Permanent
from pressroom.media.matting import cut_out
from pressroom.media.segmentation import RING_SHARE
from tests.support.scenes import BACKGROUNDS, FAMILIES, Scene, iou, scene

MAX_SECONDS = 170.0


def baseline(photo: Any) -> Any:
    """Plain GrabCut: what differs from the border's mean by more than three deviations is probably product."""
    height, width = photo.shape[:2]
    rim = max(2, round(min(height, width) * RING_SHARE))
    border = np.ones((height, width), bool)
    border[rim:-rim, rim:-rim] = False
    lab = cv2.cvtColor(photo, cv2.COLOR_RGB2LAB).astype(np.float32)
    away = np.abs(lab - lab[border].mean(axis=0)) / (lab[border].std(axis=0) + 1)
    marks = np.where(away.max(axis=2) > 3, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[border] = cv2.GC_BGD
    if not (marks == cv2.GC_PR_FGD).any():
        return np.zeros((height, width), np.float32)
    cv2.setRNGSeed(1)
    cv2.grabCut(photo, marks, (0, 0, width, height), np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_MASK)
    return (marks & 1).astype(np.float32)


def measured(truth: Scene) -> dict[str, float]:
    started = time.perf_counter()
    try:
        alpha = cut_out(truth.photo).rgba[..., 3] / 255
    except Permanent:
        alpha = np.zeros(truth.alpha.shape)
    seconds = time.perf_counter() - started
    rim = cv2.dilate(((truth.alpha > 0.02) & (truth.alpha < 0.98)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return {
        "iou": iou(alpha, truth.alpha),
        "plain": iou(baseline(truth.photo), truth.alpha),
        "error": float(np.abs(alpha - truth.alpha).mean()),
        "rim": float(np.abs(alpha - truth.alpha)[rim].mean()),
        "seconds": seconds,
    }


def _line(background: str, found: list[dict[str, float]]) -> str:
    column = {name: np.array([row[name] for row in found]) for name in found[0]}
    return (
        f"{background:<11}{len(found):>4}{column['iou'].mean():>10.3f}{np.median(column['iou']):>8.3f}"
        f"{column['plain'].mean():>9.3f}{np.median(column['plain']):>8.3f}"
        f"{column['error'].mean():>11.4f}{column['rim'].mean():>8.3f}{column['seconds'].mean():>6.2f}"
    )


def _scenes(background: str, count: int, seed: int) -> Iterator[Scene]:
    """`count` photos: every family in turn, each round with the next seed."""
    families = sorted(FAMILIES)
    for number in range(count):
        yield scene(families[number % len(families)], background, seed + number // len(families))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=48, help="photos in all; 48 is every family on every background")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=MAX_SECONDS, help="stop after this long")
    options = parser.parse_args()
    print(
        f"{'background':<11}{'n':>4}{'IoU mean':>10}{'median':>8}{'GrabCut':>9}{'median':>8}"
        f"{'alpha err':>11}{'on rim':>8}{'s':>6}",
        flush=True,
    )
    started = time.perf_counter()
    for number, background in enumerate(BACKGROUNDS):
        # The time is shared out, so that a slow class leaves the later ones their part.
        until = started + options.seconds * (number + 1) / len(BACKGROUNDS)
        each = options.count // len(BACKGROUNDS) + (number < options.count % len(BACKGROUNDS))
        found: list[dict[str, float]] = []
        for photo in _scenes(background, each, options.seed):
            if time.perf_counter() > (until if found else started + options.seconds):
                break
            found.append(measured(photo))
        if found:
            print(_line(background, found), flush=True)
        if len(found) < each:
            print(f"{background}: {len(found)} of {each} photos in the time given; --seconds gives more", flush=True)


if __name__ == "__main__":
    main()
