"""Camera moves: the time beside that of encoding alone, how smoothly pictures move beside ffmpeg's zoompan, and memory.

`uv run python -m benchmarks.film [--photo FILE] [--quick]`. The clip is 1080 x 1920, 5 s, 30 fps, from a photo of 12 megapixels.

Time: `ours` is everything from the opened photo to the finished MP4; `alone` feeds the same frames, finished and in memory,
through the same pipe to the same encoder. They take turns; the smallest of several tries counts.

Smoothness is measured on the decoded clips: corners are followed from each frame to the next (Lucas-Kanade), a move and a scale
are fitted to them, and with these the steps of five points of the frame. `residual` is the rms distance of the steps from a
polynomial of degree 5 through them, `change` the rms difference between one step and the next, both at the worst of the points,
in pixels; `twins` are frames that equal the one before.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from pressroom.media.camera import plan_shot
from pressroom.media.film import Film, write_film
from pressroom.media.focal import Focus
from pressroom.media.moves import Intensity, Motion
from pressroom.media.reel import Reel, Take
from pressroom.media.video import ffmpeg_program

SIZE, FPS, COUNT = (1080, 1920), 30, 150
MIDDLE = Focus(0.5, 0.5, "given", np.ones((2, 2), np.float32))
MOTIONS: tuple[Motion, ...] = ("zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "diagonal")
INTENSITIES: tuple[Intensity, ...] = ("subtle", "medium", "dynamic")
POINTS = np.array([(0.5, 0.5), (0.15, 0.15), (0.85, 0.15), (0.15, 0.85), (0.85, 0.85)])
TRIES, DEGREE, CORNERS = 3, 5, 300


def photo(path: Path | None) -> Image.Image:
    """The given photo, or scikit-image's sample photos side by side, enlarged to 12 megapixels with a photo's fine grain."""
    if path is not None:
        return Image.open(path).convert("RGB")
    from skimage import data

    row = np.hstack([cv2.resize(picture, (1500, 2000)) for picture in (data.coffee(), data.chelsea())])
    grown = cv2.resize(row, (3000, 4000), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(11).normal(0, 9, (4000, 3000, 1))
    return Image.fromarray(np.clip(grown + cv2.GaussianBlur(grain, (0, 0), 1.2)[..., None], 0, 255).astype(np.uint8))


def reel(picture: Image.Image, motion: Motion, intensity: Intensity) -> Reel:
    return Reel([Take(lambda: plan_shot(picture, SIZE, motion, intensity, MIDDLE), motion == "hold")], SIZE, COUNT)


def write(source: Any, path: Path) -> float:
    started = time.perf_counter()
    write_film(Film(SIZE, FPS, COUNT), source, path, ffmpeg_program(), 300)
    return time.perf_counter() - started


def times(picture: Image.Image, folder: Path) -> None:
    for motion in ("zoom_in", "pan_right", "diagonal", "hold"):
        shots = reel(picture, motion, "medium")
        finished = [frame.copy() for frame in shots.frames()]
        ours, alone = [], []
        for _ in range(TRIES):
            ours.append(write(shots.frames, folder / "ours.mp4"))
            alone.append(write(lambda frames=finished: iter(frames), folder / "alone.mp4"))
        same = (folder / "ours.mp4").read_bytes() == (folder / "alone.mp4").read_bytes()
        print(f"{motion:10s} ours {min(ours):5.2f} s  alone {min(alone):5.2f} s  ratio {min(ours) / min(alone):.2f}"
              f"  {COUNT / min(ours):5.1f} frames/s  {'same bytes' if same else 'BYTES DIFFER'}", flush=True)  # fmt: skip


def zoompan(picture: Image.Image, motion: Motion, reach: float, path: Path) -> None:
    """The same move by ffmpeg's own filter, from the same pixels, cut to the same shape."""
    width = min(picture.width, round(picture.height * SIZE[0] / SIZE[1]))
    left = (picture.width - width) // 2
    source = path.with_suffix(".png")
    picture.crop((left, 0, left + width, picture.height)).save(source, compress_level=1)
    share, rest = f"on/{COUNT - 1}", f"(1-on/{COUNT - 1})"
    zoom = {"zoom_in": f"1+{reach - 1}*{share}", "zoom_out": f"1+{reach - 1}*{rest}"}.get(motion, str(reach))
    x = {"pan_left": rest, "pan_right": share, "diagonal": share}.get(motion, "0.5")
    y = {"pan_up": rest, "pan_down": share, "diagonal": share}.get(motion, "0.5")
    move = f"zoompan=z='{zoom}':x='(iw-iw/zoom)*{x}':y='(ih-ih/zoom)*{y}':d={COUNT}:s={SIZE[0]}x{SIZE[1]}:fps={FPS}"
    command = [ffmpeg_program(), "-y", "-v", "error", "-i", str(source), "-vf", move, "-pix_fmt", "yuv420p",
               "-c:v", "libx264", "-preset", "veryfast", "-crf", "19", str(path)]  # fmt: skip
    subprocess.run(command, check=True, timeout=300)


def decoded(path: Path) -> Iterator[np.ndarray]:
    command = [ffmpeg_program(), "-v", "error", "-i", str(path), "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while raw := child.stdout.read(SIZE[0] * SIZE[1]):
            yield np.frombuffer(raw, np.uint8).reshape(SIZE[1], SIZE[0])


def smoothness(path: Path) -> tuple[float, float, int]:
    """(residual, change, twins), see above."""
    steps, twins, before = [], 0, None
    for frame in decoded(path):
        if before is not None:
            twins += bool((frame == before).all())
            steps.append(step(before, frame))
        before = frame
    moves = np.array(steps)
    at = np.linspace(-1, 1, len(moves))
    fitted = np.stack([np.polynomial.Polynomial.fit(at, column, DEGREE)(at) for column in moves.T], axis=1)
    residual = np.sqrt(((moves - fitted) ** 2).mean(axis=0))
    change = np.sqrt((np.diff(moves, axis=0) ** 2).mean(axis=0))
    return float(residual.max()), float(change.max()), twins


def step(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far each of POINTS moves from one frame to the next: x and y in turn."""
    corners = cv2.goodFeaturesToTrack(before, CORNERS, 0.01, 20)
    options = {"winSize": (25, 25), "maxLevel": 2, "criteria": (3, 40, 0.001)}
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, None, **options)
    start, moved = corners[:, 0], (there - corners)[:, 0]
    good = found[:, 0] == 1
    for _ in range(4):
        # u = a + s x, v = b + s y
        x, y = start[good].T - np.array(SIZE)[:, None] / 2
        zeros, ones = np.zeros_like(x), np.ones_like(x)
        table = np.concatenate([np.stack([ones, zeros, x], 1), np.stack([zeros, ones, y], 1)])
        a, b, s = np.linalg.lstsq(table, moved[good].T.ravel(), rcond=None)[0]
        off = np.hypot(*(moved - (start - np.array(SIZE) / 2) * s - (a, b)).T)
        good = (found[:, 0] == 1) & (off <= max(0.05, 2.5 * np.median(off[good])))
    return ((POINTS - 0.5) * SIZE * s + (a, b)).ravel()


def smooth_table(picture: Image.Image, folder: Path, intensities: tuple[Intensity, ...]) -> None:
    from pressroom.media.moves import REACH

    print(f"{'motion':10s} {'intensity':9s}  residual change twins | zoompan: residual change twins")
    for motion in MOTIONS:
        for intensity in intensities:
            write(reel(picture, motion, intensity).frames, folder / "ours.mp4")
            residual, change, twins = smoothness(folder / "ours.mp4")
            line = f"{motion:10s} {intensity:9s}  {residual:8.3f} {change:6.3f} {twins:5d}"
            if intensity == "medium":
                zoompan(picture, motion, REACH[intensity], folder / "peer.mp4")
                line += " |          {:8.3f} {:6.3f} {:5d}".format(*smoothness(folder / "peer.mp4"))
            print(line, flush=True)


def memory(picture: Image.Image, folder: Path) -> None:
    """In a child of its own, so that nothing measured before counts."""
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    write(reel(picture, "zoom_in", "dynamic").frames, folder / "ours.mp4")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory     {(peak - start) / 1024:.0f} MB above the opened photo ({start / 1024:.0f} MB)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--quick", action="store_true", help="smoothness at medium intensity only")
    parser.add_argument("--only", choices=("times", "smooth", "memory"))
    given = parser.parse_args()
    picture = photo(given.photo)
    with tempfile.TemporaryDirectory() as folder:
        if given.only == "memory":
            memory(picture, Path(folder))
            return
        if given.only != "smooth":
            times(picture, Path(folder))
            subprocess.run([sys.executable, "-m", "benchmarks.film", "--only", "memory"], check=True, env=os.environ)
        if given.only != "times":
            smooth_table(picture, Path(folder), ("medium",) if given.quick else INTENSITIES)


if __name__ == "__main__":
    main()
