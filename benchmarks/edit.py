"""Edits of a 12 megapixel photo, file to file, against ImageMagick's nearest equivalent in the same run.

uv run python -m benchmarks.edit
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Workspace
from pressroom.media.encoding.ssim import luma, ssim
from pressroom.operations import OPERATIONS

PHOTO = Path(__file__).parents[1] / "deployments" / "campaigns" / "product-launch" / "product.jpg"
SIDE = (3000, 4000)
# Operation, parameters, ImageMagick's arguments, whether both should look alike. PNG at ImageMagick's own setting.
CASES: tuple[tuple[str, dict[str, Any], list[str], bool], ...] = (
    ("crop", {"ratio": "1:1", "anchor": "center"}, ["-gravity", "center", "-crop", "3000x3000+0+0", "+repage"], True),
    ("rotate", {"angle": 90}, ["-rotate", "90"], True),
    ("rotate", {"angle": 7, "edges": "keep"}, ["-distort", "SRT", "7"], False),
    ("flip", {}, ["-flop"], True),
    ("adjust", {"saturation": 0.3, "contrast": 0.2}, ["-modulate", "100,130", "-sigmoidal-contrast", "3x50%"], False),
    ("filter", {"blur": 8}, ["-gaussian-blur", "0x8"], True),
    ("filter", {"sharpen": 1}, ["-unsharp", "0x1.2+1+0"], True),
    (
        "recolor",
        {"source": "green", "target": "#8c2233"},
        ["-fuzz", "20%", "-fill", "#8c2233", "-opaque", "#1f5a48"],
        False,
    ),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "photo.jpg"
        noise = np.random.default_rng(1).integers(-3, 4, (*SIDE[::-1], 1))
        with Image.open(PHOTO) as photo:
            pixels = np.asarray(photo.resize(SIDE, Image.Resampling.LANCZOS)).astype(int) + noise
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(source, quality=92)
        for number, case in enumerate(CASES):
            print(_row(folder / str(number), source, *case))


def _row(folder: Path, source: Path, name: str, params: dict[str, Any], arguments: list[str], alike: bool) -> str:
    folder.mkdir()
    operation = OPERATIONS[name]
    work = Workspace(folder, {"image": source}, {}, Brand(), {}, MediaLimits.model_validate({}), "")
    started = time.perf_counter()
    assert operation.run is not None
    (made,) = operation.run(operation.params(image="image", **params), work)
    ours, started = time.perf_counter() - started, time.perf_counter()
    target = folder / "peer.png"
    subprocess.run(["convert", source, *arguments, target], check=True)
    theirs = time.perf_counter() - started
    with Image.open(made.path) as one, Image.open(target) as other:
        likeness = f"{ssim(luma(one.convert('RGB')), luma(other.convert('RGB'))):.4f}" if alike else "–"
    return f"| {name} {params} | {ours:.2f} s | {theirs:.2f} s | {theirs / ours:.1f} | {likeness} |"


if __name__ == "__main__":
    main()
