"""Learns the filters of `pressroom/media/upscaling/edge_filters.py` from photographs: least squares over every pixel of a class.

    python pressroom/media/upscaling/filters_data/learn.py FOLDER

The filters in `filters.npz` come from the 19 photographs of Debian's packages lomiri-wallpapers-16.04 and
lomiri-wallpapers-20.04, version 20.04.0-2 (CC-BY-4.0, CC-BY-SA-3.0, CC-BY-SA-4.0 and CC0-1.0; their authors are in the file
names), unpacked with `dpkg-deb -x`. Each is shrunk to two sizes, turned and mirrored, and halved with a box, a cubic and a
Lanczos kernel, a fifth of them with JPEG's marks, so that the filters suit pictures whose history nobody knows.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from pressroom.media.upscaling.edge_filters import CLASSES, DATA, PHASES, TAPS, classes, cubic, guide, neighbours

SIDES = (900, 1500)
KERNELS = (Image.Resampling.BOX, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
TURNS = (None, *Image.Transpose)
PER_KERNEL = 2
JPEG_SHARE, JPEG_QUALITIES = 0.2, (85, 96)
RIDGE = 2e3  # keeps the filters of rare classes small; 1e3 and 1e4 change the result by under 0.01 dB


def main() -> None:
    rng = np.random.default_rng(1)
    squares = np.zeros((CLASSES, TAPS, TAPS))
    products = np.zeros((CLASSES, TAPS, PHASES))
    for path in sorted(Path(sys.argv[1]).rglob("*.jpg")):
        for photo in _sizes(path):
            for kernel in KERNELS * PER_KERNEL:
                _add(photo, kernel, rng, squares, products)
        sys.stderr.write(f"{path.name}\n")
    ridge = np.eye(TAPS) * RIDGE
    filters = np.stack([np.linalg.solve(a + ridge, b) for a, b in zip(squares, products, strict=True)])
    np.savez_compressed(DATA, filters=filters.astype(np.float16))


def _sizes(path: Path) -> list[Image.Image]:
    with Image.open(path) as opened:
        whole = opened.convert("RGB")
    factors = [side / max(whole.size) for side in SIDES if side < max(whole.size) * 0.8]
    sizes = [(round(whole.width * factor) // 2 * 2, round(whole.height * factor) // 2 * 2) for factor in factors]
    return [whole.resize(size, Image.Resampling.LANCZOS) for size in sizes]


def _add(
    photo: Image.Image, kernel: Image.Resampling, rng: np.random.Generator, squares: np.ndarray, products: np.ndarray
) -> None:
    turn = TURNS[rng.integers(len(TURNS))]
    large = photo if turn is None else photo.transpose(turn)
    small = large.resize((large.width // 2, large.height // 2), kernel)
    if rng.random() < JPEG_SHARE:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=int(rng.integers(*JPEG_QUALITIES)), subsampling=0)
        small = Image.open(out).convert("RGB")
    source = guide(np.asarray(small, np.float32))
    missing = guide(np.asarray(large, np.float32)) - cubic(source[..., None])[..., 0]
    height, width = source.shape
    wanted = missing.reshape(height, 2, width, 2).transpose(0, 2, 1, 3).reshape(-1, PHASES)
    numbers, around = classes(source).ravel(), neighbours(source)
    for number in np.unique(numbers):
        chosen = numbers == number
        part = around[chosen]
        squares[number] += part.T @ part
        products[number] += part.T @ wanted[chosen]


if __name__ == "__main__":
    main()
