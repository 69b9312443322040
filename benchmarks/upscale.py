"""How true enlarged photos are, against Lanczos and one round of back-projection, over three ways to shrink a photo.

python -m benchmarks.upscale

The photos are those that scikit-image ships; no filter was learned from any of them. Each is shrunk, enlarged again and compared
with itself: PSNR over all channels, SSIM over lightness. Overshoot is how far pixels go beyond the brightest and
darkest of the nine small pixels around them, on average.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage
from PIL import Image
from skimage.metrics import structural_similarity

from pressroom.media.upscaling.enlarge import enlarged

PHOTOS = (
    "astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png", "camera.png", "brick.png", "grass.png",
    "gravel.png", "coins.png", "moon.png", "retina.jpg", "ihc.png", "hubble_deep_field.jpg",
)  # fmt: skip
KERNELS = {"box": Image.Resampling.BOX, "bicubic": Image.Resampling.BICUBIC, "Lanczos": Image.Resampling.LANCZOS}
Enlarge = Callable[[Any, int], Any]


def lanczos(small: Any, scale: int) -> Any:
    size = (small.shape[1] * scale, small.shape[0] * scale)
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.LANCZOS))


def back_projected(small: Any, scale: int) -> Any:
    """Lanczos, and once what is missing when the result is shrunk again (Irani, Peleg 1991)."""
    large = lanczos(small, scale).astype(np.float32)
    missing = small - cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    large += cv2.resize(missing, large.shape[1::-1], interpolation=cv2.INTER_LANCZOS4)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


WAYS: dict[str, Enlarge] = {
    "conservative": lambda small, scale: enlarged(small, scale, "conservative"),
    "fast": lambda small, scale: enlarged(small, scale, "fast"),
    "back-projection": back_projected,
}


def psnr(found: Any, truth: Any) -> float:
    return float(10 * np.log10(255**2 / np.mean((found.astype(float) - truth) ** 2)))


def ssim(found: Any, truth: Any) -> float:
    one, other = (cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) for pixels in (found, truth))
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(one, other, **options))


def overshoot(found: Any, small: Any) -> float:
    size, around = found.shape[1::-1], np.ones((3, 3), np.uint8)
    lowest = cv2.resize(cv2.erode(small, around), size, interpolation=cv2.INTER_NEAREST).astype(int)
    highest = cv2.resize(cv2.dilate(small, around), size, interpolation=cv2.INTER_NEAREST).astype(int)
    return float(np.mean(np.maximum(found - highest, 0) + np.maximum(lowest - found, 0)))


def photo(name: str) -> Image.Image:
    with Image.open(Path(skimage.__file__).parent / "data" / name) as opened:
        whole = opened.convert("RGB")
    return whole.crop((0, 0, whole.width // 4 * 4, whole.height // 4 * 4))


def rows(scale: int, kernel: str) -> None:
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
    peers = []
    for name in PHOTOS:
        whole = photo(name)
        small = np.asarray(whole.resize((whole.width // scale, whole.height // scale), KERNELS[kernel]))
        truth, peer = np.asarray(whole), lanczos(small, scale)
        base = psnr(peer, truth), ssim(peer, truth), overshoot(peer, small)
        peers.append(base)
        for way, enlarge in WAYS.items():
            large = enlarge(small, scale)
            better = psnr(large, truth) - base[0], ssim(large, truth) - base[1]
            found[way].append((*better, overshoot(large, small)))
    mean = np.mean(peers, axis=0)
    for way, each in found.items():
        gain, likeness, over = np.mean(each, axis=0)
        worst = min(row[0] for row in each)
        print(
            f"{scale}x  {kernel:<8} {way:<16} {gain:+8.3f} dB (worst photo {worst:+.3f})  {likeness:+.4f}"
            f"  {over / mean[2]:7.2f} x   Lanczos: {mean[0]:.2f} dB, {mean[1]:.4f}",
            flush=True,
        )


def main() -> None:
    print("shrunk by    way                  PSNR over Lanczos            SSIM   overshoot")
    for scale in (2, 4):
        for kernel in KERNELS:
            rows(scale, kernel)
    pixels = np.asarray(photo("retina.jpg"))[:1024, :1024]
    for way, enlarge in {"Lanczos": lanczos, **WAYS}.items():
        enlarge(pixels[:64, :64], 2)
        started = time.perf_counter()
        enlarge(pixels, 2)
        seconds = time.perf_counter() - started
        print(f"{way}: {seconds / (pixels.shape[0] * pixels.shape[1] / 1e6):.2f} s for each megapixel that is doubled")


if __name__ == "__main__":
    main()
