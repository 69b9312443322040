"""How well products are cut out of composed photos whose true alpha is known, against GrabCut started from border statistics.

python -m benchmarks.cutout [--count 252] [--seed 12900] [--minutes 8] [--families mug,ring] [--worst FOLDER]

The photos are shared out between two processes. Glass has no outline to overlap: it counts in the alpha's error alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from pressroom.domain.errors import Permanent
from pressroom.media.cutout.matting import cut_out
from tests.support.scenes import BACKGROUNDS, FAMILIES, SEE_THROUGH, Scene, boundary_f, edge_color_error, iou, scene

REPORTED_SEED = 12900  # never tuned on
BORDER_SHARE = 0.03
PROCESSES = 2
TWELVE_MEGAPIXELS = (4000, 3000)


class Task(NamedTuple):
    family: str
    background: str
    seed: int


def baseline(photo: Any) -> Any:
    """Plain GrabCut: what differs from the border's mean by more than three deviations is probably product."""
    height, width = photo.shape[:2]
    rim = max(2, round(min(height, width) * BORDER_SHARE))
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


def measured(task: Task) -> dict[str, Any]:
    cv2.setNumThreads(1)
    truth = scene(task.family, task.background, task.seed)
    started = time.perf_counter()
    try:
        rgba = cut_out(truth.photo).rgba
    except Permanent:
        rgba = np.zeros((*truth.alpha.shape, 4), np.uint8)
    seconds = time.perf_counter() - started
    alpha = rgba[..., 3] / np.float32(255)
    as_photo = np.dstack([truth.photo, rgba[..., 3]])
    return {
        **task._asdict(),
        "iou": iou(alpha, truth.alpha),
        "grabcut": iou(baseline(truth.photo), truth.alpha),
        "error": float(np.abs(alpha - truth.alpha).mean()),
        "outline": boundary_f(alpha, truth.alpha),
        "color": edge_color_error(rgba, truth),
        "before": edge_color_error(as_photo, truth),
        "seconds": seconds,
    }


HEADER = (
    f"{'background':<11}{'n':>4}{'IoU':>7}{'median':>8}{'<0.8':>6}{'alpha err':>11}{'outline F':>10}"
    f"{'edge color':>11}{'(photo)':>8}{'s':>6}   GrabCut IoU, median"
)


def line(name: str, found: list[dict[str, Any]]) -> str:
    column = {key: np.array([row[key] for row in found]) for key in ("error", "seconds")}
    solid = [row for row in found if row["family"] not in SEE_THROUGH] or found
    outline = {key: np.array([row[key] for row in solid]) for key in ("iou", "grabcut", "outline", "color", "before")}
    overlap = outline["iou"]
    return (
        f"{name:<11}{len(found):>4}{overlap.mean():>7.3f}{np.median(overlap):>8.3f}{(overlap < 0.8).mean():>6.0%}"
        f"{column['error'].mean():>11.4f}{outline['outline'].mean():>10.3f}{np.nanmean(outline['color']):>11.2f}"
        f"{np.nanmean(outline['before']):>8.2f}{column['seconds'].mean():>6.2f}"
        f"   {outline['grabcut'].mean():.3f}, {np.median(outline['grabcut']):.3f}"
    )


def show(found: list[dict[str, Any]], families: list[str]) -> None:
    print(HEADER)
    for background in BACKGROUNDS:
        print(line(background, [row for row in found if row["background"] == background]))
    for family in families:
        print(line(family, [row for row in found if row["family"] == family]))


def show_worst(found: list[dict[str, Any]], folder: Path, count: int = 24) -> None:
    """A sheet of photo and cut-out on magenta, the worst first."""
    folder.mkdir(parents=True, exist_ok=True)
    tiles = []
    for row in sorted((row for row in found if row["family"] not in SEE_THROUGH), key=lambda row: row["iou"])[:count]:
        truth: Scene = scene(row["family"], row["background"], row["seed"])
        try:
            rgba = cut_out(truth.photo).rgba
        except Permanent:
            rgba = np.zeros((*truth.alpha.shape, 4), np.uint8)
        opacity = rgba[..., 3:] / 255
        tiles.append(
            np.hstack([truth.photo, (rgba[..., :3] * opacity + (1 - opacity) * (255, 0, 255)).astype(np.uint8)])
        )
        print(f"{row['iou']:.3f} {row['background']} {row['family']} {row['seed']}")
    rows = [np.hstack(tiles[n : n + 3]) for n in range(0, len(tiles) - 2, 3)]
    cv2.imwrite(str(folder / "worst.jpg"), cv2.resize(np.vstack(rows), None, fx=0.5, fy=0.5)[..., ::-1])


def from_jpeg(path: str) -> None:
    """From the bytes of a 12 megapixel JPEG to its alpha, in a process of its own; the best of three."""
    data, seconds, cpu = Path(path).read_bytes(), 1e9, 1e9
    for _ in range(3):
        started, used = time.perf_counter(), time.process_time()
        cut_out(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB))
        seconds, cpu = min(seconds, time.perf_counter() - started), min(cpu, time.process_time() - used)
    print(f"{seconds:.2f} s, {cpu:.2f} CPU seconds")


def speed(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for family, background in (("mug", "plain"), ("handbag", "gradient"), ("plant", "textured"), ("teddy", "busy")):
        small = scene(family, background, REPORTED_SEED, 1000, 750).photo
        photo = cv2.resize(small, TWELVE_MEGAPIXELS, interpolation=cv2.INTER_CUBIC)
        path = folder / f"{family}.jpg"
        cv2.imwrite(str(path), photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.cutout", "--from-jpeg", str(path)],
            check=True,
            capture_output=True,
            text=True,
        )
        print(f"12 megapixels, JPEG to alpha, {family} on {background}: {answer.stdout.strip()}", flush=True)
        path.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--count",
        type=int,
        default=252,
        help="photos in all; 84 is every family on every background; 0 only times 12 megapixels",
    )
    parser.add_argument("--seed", type=int, default=REPORTED_SEED)
    parser.add_argument("--minutes", type=float, default=8.0, help="stop after this long")
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--worst", type=Path, help="write a contact sheet of the worst cut-outs into this folder")
    parser.add_argument("--from-jpeg", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.from_jpeg:
        from_jpeg(options.from_jpeg)
        return
    rounds = ((seed, family, background) for seed in range(1000) for family in options.families.split(",")
              for background in BACKGROUNDS)  # fmt: skip
    tasks = [Task(family, background, options.seed + n) for n, family, background in islice(rounds, options.count)]
    until, found = time.monotonic() + options.minutes * 60, []
    with ProcessPoolExecutor(min(PROCESSES, os.cpu_count() or 1)) as pool:
        for start in range(0, len(tasks), 24):
            if time.monotonic() > until:
                print(f"{len(found)} of {len(tasks)} photos in the time given; --minutes gives more", flush=True)
                break
            found += pool.map(measured, tasks[start : start + 24])
    if found:
        show(found, options.families.split(","))
    if options.worst:
        show_worst(found, options.worst)
    speed(Path("benchmarks/out"))


if __name__ == "__main__":
    main()
