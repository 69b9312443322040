"""Ten thousand pictures encoded under byte limits: is every one under its limit, and how much of the limit is filled?

python -m benchmarks.encode_limits [--count 10000] [--seed 1] [--seconds 540]

Small photographs, drawings and noise, opaque and not, in every format. Limits are drawn evenly, by their logarithm, between the
fewest bytes that the format can do and 1.1 times what it takes without a limit; one in twenty lies below and must be refused. The
peer for JPEG and WebP: Pillow and a plain bisection over whole qualities, same limits.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from pressroom.domain.errors import Refused
from pressroom.media.encoding.pictures import encode
from pressroom.media.encoding.ssim import luma, ssim

SHARES = {"jpeg": 0.40, "webp": 0.25, "png": 0.18, "gif": 0.12, "avif": 0.05}
LIMITS_PER_PICTURE = 10
HAVE_ALPHA = ("png", "webp", "gif", "avif")


@dataclass(frozen=True)
class Row:
    """One output: `gap` is the share of the limit that is left empty, None where the limit did not bind."""

    format: str
    over: bool
    wrongly_refused: bool
    gap: float | None = None
    likeness: float | None = None
    peer_gap: float | None = None
    peer_likeness: float | None = None


def picture(seed: int, alpha: bool) -> Image.Image:
    rng = np.random.default_rng(seed)
    width, height = (int(side) for side in rng.integers(96, 220, 2))
    pixels = np.full((height, width, 3), 120, np.float32)
    kind = rng.integers(0, 10)
    if kind < 7:  # like a photograph: what falls off with frequency, edges, sensor noise
        for octave in range(1, 8):
            cells = rng.normal(0, 1, (2**octave, 2**octave, 3)).astype(np.float32)
            pixels += cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC) * (90 / 2 ** (octave * 0.8))
    for _ in range(int(rng.integers(3, 15))):
        middle, radius = rng.integers(0, 250, 2).tolist(), int(rng.integers(5, 70))
        cv2.circle(pixels, middle, radius, rng.integers(0, 255, 3).tolist(), -1, cv2.LINE_AA)
    pixels += rng.normal(0, 60 if kind == 9 else 0 if kind >= 7 else 3, pixels.shape)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if alpha:
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, (width // 2, height // 2), (width // 3, height // 3), 0, 0, 360, 255, -1)
        image.putalpha(Image.fromarray(cv2.GaussianBlur(mask, (0, 0), 2)))
    return image


def measured(task: tuple[str, int]) -> list[Row]:
    """All limits of one picture in one format."""
    name, seed = task
    rng = np.random.default_rng([seed, 7])
    image = picture(seed, name in HAVE_ALPHA and seed % 4 == 0)
    best = len(encode(image, name).data)
    try:
        smallest = len(encode(image, name, 1).data)
    except Refused as refused:
        smallest = int(refused.fields["smallest_bytes"])
    rows = []
    for _ in range(LIMITS_PER_PICTURE):
        if rng.random() < 0.05:
            limit = int(smallest * rng.uniform(0.5, 0.98))
        else:
            limit = int(np.exp(rng.uniform(np.log(smallest), np.log(max(smallest + 1, best * 1.1)))))
        rows.append(_row(image, name, limit, best, smallest))
    return rows


def _row(image: Image.Image, name: str, limit: int, best: int, smallest: int) -> Row:
    try:
        made = encode(image, name, limit)
    except Refused:
        return Row(name, False, limit >= smallest)
    over = len(made.data) > limit
    if best <= limit:
        return Row(name, over, False)
    gap = 1 - len(made.data) / limit
    if name not in ("jpeg", "webp"):
        return Row(name, over, False, gap, _likeness(image, made.data))
    peer = _bisected(image, name, limit)
    if peer is None:
        return Row(name, over, False, gap, _likeness(image, made.data))
    return Row(name, over, False, gap, _likeness(image, made.data), 1 - len(peer) / limit, _likeness(image, peer))


def _bisected(image: Image.Image, name: str, limit: int) -> bytes | None:
    found, low, high = None, 1, 95
    while low <= high:
        middle = (low + high) // 2
        out = io.BytesIO()
        options = {"progressive": True, "optimize": True} if name == "jpeg" else {"method": 4}
        image.save(out, name.upper(), quality=middle, **options)
        if out.tell() <= limit:
            found, low = out.getvalue(), middle + 1
        else:
            high = middle - 1
    return found


def _likeness(image: Image.Image, data: bytes) -> float:
    with Image.open(io.BytesIO(data)) as found:
        return ssim(luma(image), luma(found.convert(image.mode)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=540.0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    tasks = [
        (name, options.seed * 100_000 + number)
        for name, share in SHARES.items()
        for number in range(round(options.count * share / LIMITS_PER_PICTURE))
    ]
    np.random.default_rng(options.seed).shuffle(tasks)
    rows: dict[str, list[Row]] = defaultdict(list)
    started = time.perf_counter()
    with ProcessPoolExecutor(options.workers) as pool:
        for found in pool.map(measured, [(str(name), int(number)) for name, number in tasks], chunksize=4):
            rows[found[0].format] += found
            if time.perf_counter() - started > options.seconds:
                pool.shutdown(cancel_futures=True)
                break
    print(f"{sum(map(len, rows.values())):,} outputs in {time.perf_counter() - started:.0f} s, seed {options.seed}")
    for name in SHARES:
        if rows[name]:
            print(_summary(name, rows[name]))
    print(_summary("all", [row for group in rows.values() for row in group]))


def _summary(name: str, rows: list[Row]) -> str:
    bound = [row for row in rows if row.gap is not None]
    gaps = np.array([row.gap for row in bound] or [0.0])
    likeness = np.mean([row.likeness for row in bound] or [1.0])
    line = (
        f"{name:5s} {len(rows):6,} outputs, {sum(row.over for row in rows)} over their limit, "
        f"{sum(row.wrongly_refused for row in rows)} wrongly refused; limit binds {len(bound):5,}: "
        f"empty {gaps.mean():.2%} mean, {np.quantile(gaps, 0.95):.2%} 95th, SSIM {likeness:.4f}"
    )
    pairs = [row for row in bound if row.peer_gap is not None]
    if name == "all" or not pairs:
        return line
    peer_gap, peer_likeness = (np.mean([getattr(row, key) for row in pairs]) for key in ("peer_gap", "peer_likeness"))
    own = np.mean([row.likeness for row in pairs])
    return f"{line}; where both fit ({len(pairs):,}) SSIM {own:.4f}, Pillow's bisection {peer_likeness:.4f}, empty {peer_gap:.2%}"


if __name__ == "__main__":
    main()
