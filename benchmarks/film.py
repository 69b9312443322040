"""Camera moves: their time beside that of encoding alone, how smoothly pictures move beside ffmpeg's zoompan, and memory.

`uv run python -m benchmarks.film [--photo FILE] [--quick] [--only times|smooth|memory]`, about 4
minutes. The clip is 1080 x 1920, 5 s,
30 fps, from a photo of 12 megapixels; parallax has a drawn product before this photo, out of focus.

Time: `ours` is everything from the opened photo to the finished MP4; `alone` feeds the same frames, finished and in memory,
through the same pipe to the same encoder, and must write the same bytes. They take turns; the smallest of several tries counts.
Processor time (of all processes) says the same on a machine that others use.

Smoothness is measured on the first 3 s of decoded clips, of which the encoder has its share. Corners are followed
from each frame to the next (Lucas-Kanade), a move and a scale are fitted to them, and with these the steps of five points of the
frame (with parallax, of five points of the background and of the product, which may lean; the worse of both is told). `residual`
is the rms distance of the steps from a polynomial of degree 5 through them, `change` the rms difference between one step and the
next, both at the worst of the points, in pixels; `most` is the largest single distance, at which a stepped frame would show;
`twins` are frames that equal the one before.

Memory: the resident pages of the operation's process and its ffmpeg, together, above those of the interpreter with everything
imported; looked at every 10 ms.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from pressroom.media.encoding.frame_encoder import Film, FrameSource, write_film
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.media.motion.camera import Shot, plan_shot
from pressroom.media.motion.frame_source import Reel, Take
from pressroom.media.motion.moves import REACH, Intensity, Motion
from pressroom.media.motion.parallax import plan_parallax
from pressroom.media.subject.focal import Focus

SIZE, FPS, COUNT, WATCHED = (1080, 1920), 30, 150, 90
MIDDLE = Focus(0.5, 0.5, "given", np.ones((2, 2), np.float32))
TIMED: tuple[Motion, ...] = ("zoom_in", "zoom_out", "pan_right", "diagonal", "parallax", "hold")
WATCHED_MOTIONS: tuple[Motion, ...] = (
    "zoom_in", "zoom_out", "pan_left", "pan_right", "pan_up", "pan_down", "diagonal", "parallax", "hold",
)  # fmt: skip
INTENSITIES: tuple[Intensity, ...] = ("subtle", "medium", "dynamic")
POINTS = np.array([(0.5, 0.5), (0.15, 0.15), (0.85, 0.15), (0.15, 0.85), (0.85, 0.85)])
PRODUCT = (0.34, 0.4, 0.66, 0.8)  # of the photo
INSIDE, OUTSIDE = (0.4, 0.45, 0.6, 0.75), (0.25, 0.3, 0.75, 0.9)  # of the frame: surely the product, surely around it
TRIES, DEGREE, CORNERS, ANEW = 3, 5, 300, 6


def photo(path: Path | None) -> Image.Image:
    """The given photo, or 12 megapixels of scikit-image's sample photos side by side, with a photo's fine grain.

    They are enlarged as much as the clip shrinks them: as sharp as they are, which is as sharp as a camera's photo then is.
    """
    if path is not None:
        return Image.open(path).convert("RGB")
    from skimage import data

    tiles = [data.coffee(), data.chelsea(), data.astronaut()[:341], data.rocket()[:400], data.stereo_motorcycle()[0],
             data.stereo_motorcycle()[1], data.hubble_deep_field()[:600], data.coffee()[:, ::-1]]  # fmt: skip
    large = [cv2.resize(tile, (1500, 1000), interpolation=cv2.INTER_CUBIC) for tile in tiles]
    return grained(np.vstack([np.hstack(large[at : at + 2]) for at in range(0, 8, 2)]))


def grained(pixels: np.ndarray) -> Image.Image:
    grain = np.random.default_rng(11).normal(0, 9, (*pixels.shape[:2], 1))
    return Image.fromarray(np.clip(pixels + cv2.GaussianBlur(grain, (0, 0), 1.2)[..., None], 0, 255).astype(np.uint8))


def product_before(picture: Image.Image) -> Image.Image:
    blurred = cv2.GaussianBlur(cv2.resize(np.asarray(picture), None, fx=0.1, fy=0.1), (0, 0), 14) // 3 + 150
    scene = Image.fromarray(cv2.resize(blurred, picture.size, interpolation=cv2.INTER_CUBIC))
    left, top, right, bottom = (round(share * side) for share, side in zip(PRODUCT, picture.size * 2, strict=True))
    pen, step = ImageDraw.Draw(scene), round(picture.width * 0.012)
    pen.rounded_rectangle((left, top, right, bottom), step * 8, fill=(150, 26, 40))
    for row in range(top + 10 * step, bottom - 10 * step, 3 * step):
        for column in range(left + 6 * step, right - 6 * step, 3 * step):
            pen.ellipse((column, row, column + step, row + step), fill=(240, 214, 160))
    return grained(np.asarray(scene))


def reel(picture: Image.Image, motion: Motion, intensity: Intensity) -> Reel:
    def build() -> Shot:
        if motion != "parallax":
            return plan_shot(picture, SIZE, motion, intensity, MIDDLE)
        shot, obstacle = plan_parallax(picture, SIZE, intensity, MIDDLE)
        assert shot is not None, obstacle
        return shot

    return Reel([Take(build, motion == "hold")], SIZE, COUNT)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """(seconds on the clock, seconds of processors)."""

    def processors() -> float:
        return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
                   for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))  # fmt: skip

    started, before = time.perf_counter(), processors()
    work()
    return time.perf_counter() - started, processors() - before


def write(source: FrameSource, path: Path) -> None:
    write_film(Film(SIZE, FPS, COUNT), source, path, ffmpeg_program(), 300)


def times(pictures: Callable[[Motion], Image.Image], folder: Path, tries: int) -> None:
    paths = folder / "ours.mp4", folder / "alone.mp4"
    for motion in TIMED:
        shots = reel(pictures(motion), motion, "medium")
        finished = [frame.copy() for frame in shots.frames()]
        sources: tuple[FrameSource, FrameSource] = shots.frames, partial(iter, finished)
        turns = [partial(write, source, path) for source, path in zip(sources, paths, strict=True)]
        runs = [[spent(turn) for turn in turns] for _ in range(tries)]
        (ours, ours_cpu), (alone, alone_cpu) = np.min(runs, axis=0)
        same = paths[0].read_bytes() == paths[1].read_bytes()
        print(
            f"{motion:10s} ours {ours:5.2f} s  alone {alone:5.2f} s  ratio {ours / alone:.2f}"
            f" | processors {ours_cpu:5.2f} s  {alone_cpu:5.2f} s  ratio {ours_cpu / alone_cpu:.2f}"
            f" | {'same bytes' if same else 'BYTES DIFFER'}",
            flush=True,
        )


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
               "-frames:v", str(WATCHED), "-c:v", "libx264", "-preset", "veryfast", "-crf", "19", str(path)]  # fmt: skip
    subprocess.run(command, check=True, timeout=300)


def decoded(path: Path) -> Iterator[np.ndarray]:
    command = [ffmpeg_program(), "-v", "error", "-i", str(path), "-frames:v", str(WATCHED), "-pix_fmt", "gray",
               "-f", "rawvideo", "-"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while raw := child.stdout.read(SIZE[0] * SIZE[1]):
            yield np.frombuffer(raw, np.uint8).reshape(SIZE[1], SIZE[0])


def smoothness(path: Path, mask: np.ndarray | None = None) -> tuple[float, float, float, int]:
    """(residual, change, most, twins), see above; corners are looked for where the mask is set."""
    frames = list(decoded(path))
    twins = sum(bool((one == other).all()) for one, other in pairwise(frames))
    starts = range(0, len(frames) - 1, ANEW)
    with ThreadPoolExecutor(2) as pool:
        moves = np.concatenate(list(pool.map(lambda at: steps(frames[at : at + ANEW + 1], mask), starts)))
    at = np.linspace(-1, 1, len(moves))
    fitted = np.stack([np.polynomial.Polynomial.fit(at, column, DEGREE)(at) for column in moves.T], axis=1)
    residual = np.sqrt(((moves - fitted) ** 2).mean(axis=0)).max()
    change = np.sqrt((np.diff(moves, axis=0) ** 2).mean(axis=0)).max()
    return float(residual), float(change), float(np.abs(moves - fitted).max()), twins


def steps(frames: list[np.ndarray], mask: np.ndarray | None) -> np.ndarray:
    """How far each of POINTS moves from one frame to the next: x and y in turn."""
    corners = cv2.goodFeaturesToTrack(frames[0], CORNERS, 0.01, 20, mask=mask)
    options = {"winSize": (25, 25), "maxLevel": 2, "criteria": (3, 40, 0.001)}
    found = []
    for before, after in pairwise(frames):
        there, ok, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, None, **options)
        points = POINTS if mask is None else points_of(mask)
        found.append(step(corners[ok == 1], there[ok == 1], points, mask is not None))
        corners = there[ok == 1].reshape(-1, 1, 2)
    return np.array(found)


def points_of(mask: np.ndarray) -> np.ndarray:
    """POINTS of the box of what is looked at."""
    x, y, width, height = cv2.boundingRect(mask)
    return (POINTS * (width, height) + (x, y)) / SIZE


def step(start: np.ndarray, end: np.ndarray, points: np.ndarray, leans: bool) -> np.ndarray:
    """A move, a scale and, where it may lean, a sideways move that grows downwards, fitted to tracked corners."""

    def table(at: np.ndarray) -> np.ndarray:
        x, y = (at / SIZE - 0.5).T * np.array(SIZE)[:, None]
        zeros, ones = np.zeros_like(x), np.ones_like(x)
        across, down = [ones, zeros, x, y], [zeros, ones, y, zeros]
        return np.stack([np.stack(side[: 3 + leans], 1) for side in (across, down)], 1)

    moved, good = end - start, np.ones(len(start), bool)
    for _ in range(4):
        fitted = np.linalg.lstsq(table(start[good]).reshape(-1, 3 + leans), moved[good].ravel(), rcond=None)[0]
        off = np.hypot(*(moved - table(start) @ fitted).T)
        good = off <= max(0.05, 2.5 * np.median(off[good]))
    return (table(points * SIZE) @ fitted).ravel()


def looked_at(motion: Motion) -> list[np.ndarray | None]:
    if motion != "parallax":
        return [None]
    masks = []
    for box, value in ((INSIDE, 255), (OUTSIDE, 0)):
        left, top, right, bottom = (round(share * side) for share, side in zip(box, SIZE * 2, strict=True))
        mask = np.full(SIZE[::-1], 255 - value, np.uint8)
        mask[top:bottom, left:right] = value
        masks.append(mask)
    return masks


def smooth_table(pictures: Callable[[Motion], Image.Image], folder: Path, intensities: tuple[Intensity, ...]) -> None:
    names = "residual change   most twins"
    print(f"{'motion':10s} {'intensity':9s} {names} | zoompan: {names}")
    for motion in WATCHED_MOTIONS:
        for intensity in intensities if motion != "hold" else ("medium",):
            write(reel(pictures(motion), motion, intensity).frames, folder / "ours.mp4")
            found = np.max([smoothness(folder / "ours.mp4", mask) for mask in looked_at(motion)], axis=0)
            line = f"{motion:10s} {intensity:9s} " + "{:8.3f} {:6.3f} {:6.2f} {:5.0f}".format(*found)
            if intensity == "medium" and motion not in ("parallax", "hold"):
                zoompan(pictures(motion), motion, REACH[intensity], folder / "peer.mp4")
                line += " |          {:8.3f} {:6.3f} {:6.2f} {:5d}".format(*smoothness(folder / "peer.mp4"))
            print(line, flush=True)


ONE_CLIP = """
import sys
from pathlib import Path
from pressroom.media.motion import camera
from pressroom.media.encoding import frame_encoder as film
from pressroom.media.subject import focal
from pressroom.media.motion import parallax
from pressroom.media.files import probe
from pressroom.media.motion import frame_source as reel
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.domain.operation import Brand, Workspace
from pressroom.operations.image_to_video import OPERATION, ImageToVideoParams
from pressroom.domain.media_limits import MediaLimits
photo, folder, motion = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
work = Workspace(Path(folder), {"photo": Path(photo)}, {}, Brand(), {}, MediaLimits(), ffmpeg_program())
OPERATION.run(ImageToVideoParams(image="photo", motion=motion, ratio="9:16", intensity="dynamic"), work)
"""


def memory(pictures: Callable[[Motion], Image.Image], folder: Path) -> None:
    """Of the whole operation, from a JPEG to the checked clip."""
    for motion in ("zoom_in", "pan_right", "parallax"):
        pictures(motion).save(folder / "photo.jpg", quality=92)
        command = [sys.executable, "-c", ONE_CLIP, str(folder / "photo.jpg"), str(folder), motion]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdout.readline()
            start = most = resident(child.pid)
            began = time.perf_counter()
            print("go", file=child.stdin, flush=True)
            while child.poll() is None:
                most = max(most, resident(child.pid))
                time.sleep(0.01)
        assert child.returncode == 0
        print(f"{motion:10s} {(most - start) / 1e6:4.0f} MB above the interpreter's {start / 1e6:.0f} MB;"
              f" from file to checked file {time.perf_counter() - began:.2f} s", flush=True)  # fmt: skip


def resident(process: int) -> int:
    """Bytes of a process and its children in memory."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = {child for task in tasks for child in (task / "children").read_text().split()}
    except OSError:
        return 0  # ended between two looks
    return pages * resource.getpagesize() + sum(resident(int(child)) for child in children)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photo", type=Path)
    parser.add_argument("--quick", action="store_true", help="one try, and smoothness at medium intensity only")
    parser.add_argument("--only", choices=("times", "smooth", "memory"))
    given = parser.parse_args()
    plain = photo(given.photo)
    staged = product_before(plain)

    def pictures(motion: Motion) -> Image.Image:
        return staged if motion == "parallax" else plain

    with tempfile.TemporaryDirectory() as folder:
        if given.only in (None, "times"):
            times(pictures, Path(folder), 1 if given.quick else TRIES)
        if given.only in (None, "memory"):
            memory(pictures, Path(folder))
        if given.only in (None, "smooth"):
            smooth_table(pictures, Path(folder), ("medium",) if given.quick else INTENSITIES)


if __name__ == "__main__":
    main()
