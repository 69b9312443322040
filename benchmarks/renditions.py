"""One 4096 x 4096 JPEG to the renditions of renditions.txt, quality 85, progressive, against sharp and naive Pillow.

python -m benchmarks.renditions [--rounds 3]

Twice: all 29, of which ours writes equal ones once (what a user waits for), and the 19 that differ (like for like).

Ours is what `resize` does, from file to files: decode, find the subject, crop, shrink, encode, write, open again, measure
the likeness. sharp decodes once, then makes every rendition from these pixels (best of one and two threads a picture).
Pillow opens, fits and saves anew for every rendition. sharp is looked for in PRESSROOM_BENCH_SHARP (the folder of the
package) and else installed by npm into a temporary folder; without node it is left out, and that is said.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from pressroom.domain.media import Made
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.ssim import luma, ssim
from pressroom.media.renditions.images import Look, render_stills
from pressroom.media.renditions.rendition import Target

HERE = Path(__file__).parent
SIDE, QUALITY = 4096, 85
MIDDLE = (0.5, 0.5)


Rows = list[tuple[str, int, int]]


def renditions() -> Rows:
    lines = (HERE / "renditions.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [(name, int(width), int(height)) for name, width, height in rows]


def distinct(rows: Rows) -> Rows:
    """The first of each size."""
    return list({row[1:]: row for row in reversed(rows)}.values())[::-1]


def photograph(path: Path, seed: int = 1) -> None:
    """A picture with the spectrum of a photograph (amplitude falls with frequency), edges, flat parts and sensor noise."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((SIDE, SIDE, 3), np.float32)
    for octave in range(2, 12):
        cells = rng.normal(0, 1, (2**octave, 2**octave, 3)).astype(np.float32)
        picture += cv2.resize(cells, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) * (96 / 2 ** (octave * 0.9))
    picture = picture @ np.array([[0.8, 0.5, 0.4], [0.2, 0.6, 0.3], [0.1, 0.1, 0.5]], np.float32) + 118
    for _ in range(60):
        x, y, radius = (*rng.integers(0, SIDE, 2).tolist(), int(rng.integers(40, 500)))
        cv2.circle(picture, (x, y), radius, rng.integers(20, 240, 3).tolist(), -1, cv2.LINE_AA)
    picture += rng.normal(0, 2.5, picture.shape).astype(np.float32)
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=92)


def ours(master: Path, folder: Path, rows: Rows, at: tuple[float, float] | None = None) -> list[Made]:
    folder.mkdir(exist_ok=True)
    targets = [Target(name, width, height, ("jpeg",)) for name, width, height in rows]
    look = Look("crop", at, "blur", "#ffffff", quality=QUALITY)
    return render_stills(master, targets, look, folder, MediaLimits())


def pillow(master: Path, folder: Path, rows: Rows) -> None:
    folder.mkdir(exist_ok=True)
    for number, (_, width, height) in enumerate(rows):
        with Image.open(master) as image:
            shown = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
            shown.save(folder / f"{number}.jpg", quality=QUALITY, progressive=True)


def sharp(master: Path, folder: Path, rows: Rows, rounds: int, package: str) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    sizes = json.dumps([row[1:] for row in rows])
    command = ["node", str(HERE / "renditions_sharp.js"), str(master), sizes, str(folder), str(rounds)]
    environment = os.environ | {"PRESSROOM_BENCH_SHARP": package}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)
    return dict(json.loads(done.stdout))


def sharp_package(folder: Path) -> str | None:
    named = os.environ.get("PRESSROOM_BENCH_SHARP")
    if named:
        return named
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    install = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "sharp"]
    done = subprocess.run(install, capture_output=True, timeout=300, check=False)
    return str(folder / "node_modules" / "sharp") if done.returncode == 0 else None


def best_of(rounds: int, action: Callable[[], object]) -> float:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def likeness(master: Path, files: list[Path]) -> tuple[float, int]:
    """Mean SSIM to Pillow's direct Lanczos before encoding, and bytes of all renditions."""
    with Image.open(master) as image:
        image.load()
        values = []
        for path, (_, width, height) in zip(files, distinct(renditions()), strict=True):
            wanted = luma(ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS))
            with Image.open(path) as found:
                values.append(ssim(wanted, luma(found.convert("RGB"))))
    return float(np.mean(values)), sum(path.stat().st_size for path in files)


def peak_mb(*arguments: str) -> float:
    """Peak resident memory of a fresh interpreter that runs this module with `arguments`, or does nothing at all."""
    command = [sys.executable, "-m", "benchmarks.renditions", *arguments] if arguments else [sys.executable, "-c", ""]
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=Path, help="make the renditions of this master once, for the memory measurement")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pressroom-renditions-") as name:
        folder = Path(name)
        if options.only:
            ours(options.only, folder, renditions())
            return
        compare(folder, options.rounds)


def compare(folder: Path, rounds: int) -> None:
    master = folder / "master.jpg"
    photograph(master)
    print(f"master of {master.stat().st_size / 1e6:.1f} MB")
    ours(master, folder / "warm", renditions())
    package = sharp_package(folder)
    if package is None:
        print("sharp   LEFT OUT: it needs node and npm, or PRESSROOM_BENCH_SHARP with the folder of the package")
    for rows in (renditions(), distinct(renditions())):
        race(master, folder, rows, rounds, package)
    print(f"memory  {peak_mb('--only', str(master)) - peak_mb():6.0f} MB above a bare interpreter")
    middle = [made.path for made in ours(master, folder / "middle", distinct(renditions()), MIDDLE)]
    for label, files in (("ours", middle), *((n, _numbered(folder / n)) for n in ("sharp", "pillow"))):
        if files:
            value, size = likeness(master, files)
            print(f"{label:8s}SSIM to a direct Lanczos {value:.4f}, {size / 1e6:.2f} MB in all")


def race(master: Path, folder: Path, rows: Rows, rounds: int, package: str | None) -> None:
    """Seconds of wall clock, and of the processors while ours works and sharp does."""
    print(f"-- {len(rows)} renditions of {len(distinct(rows))} sizes")
    before = time.process_time()
    seconds = best_of(rounds, lambda: ours(master, folder / "ours", rows))
    busy = (time.process_time() - before) / rounds
    print(f"ours    {seconds:6.2f} s  {len(rows) / seconds:6.1f} renditions/s  {busy:.2f} s of CPU")
    if package:
        found = sharp(master, folder / "sharp", rows, rounds, package)
        peer, peer_busy = (float(str(found[name])) for name in ("seconds", "cpu_seconds"))
        print(
            f"sharp   {peer:6.2f} s  {len(rows) / peer:6.1f} renditions/s  {peer_busy:.2f} s of CPU  "
            f"ratio {peer / seconds:.2f}, of CPU {peer_busy / busy:.2f}  {found}"
        )
    naive = best_of(1, lambda: pillow(master, folder / "pillow", rows))
    print(f"Pillow  {naive:6.2f} s  {len(rows) / naive:6.1f} renditions/s  ratio {naive / seconds:.2f}")


def _numbered(folder: Path) -> list[Path]:
    return [folder / f"{number}.jpg" for number in range(len(distinct(renditions())))] if folder.is_dir() else []


if __name__ == "__main__":
    main()
