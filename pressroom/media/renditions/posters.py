"""The still that stands for a video until it plays: the clearest of several frames."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.operation import Workspace
from pressroom.media.encoding.pictures import encode
from pressroom.media.files.ffmpeg import input_arguments, read_ffmpeg

PLACES = (0.08, 0.2, 0.35, 0.5, 0.65, 0.8)  # shares of the length; titles and fades lie before and behind
_LOOK_WIDTH = 320
_DIM = 24.0  # mean grey below which a frame is a fade


def write_poster(video: Path, seconds: float, path: Path, work: Workspace, max_bytes: int | None = None) -> float:
    """Write the clearest frame of an MP4 as a JPEG of its size and return its second. Raises Corrupt where there is none."""
    best, second = -1.0, seconds * PLACES[0]
    for place in PLACES:
        small = _frame(video, seconds * place, work, ["-vf", f"scale={_LOOK_WIDTH}:-2"])
        if small is not None and (clearness := _clearness(small)) > best:
            best, second = clearness, seconds * place
    whole = _frame(video, second, work)
    if whole is None:
        raise Corrupt(f"{video.name} has no frame at {second:.2f} s", path=str(video))
    path.write_bytes(encode(whole, "jpeg", max_bytes).data)
    return round(second, 3)


def _frame(video: Path, second: float, work: Workspace, more: list[str] | None = None) -> Image.Image | None:
    source = ["-ss", f"{second:.3f}", *input_arguments(video, work.limits, "mov"), *(more or [])]
    arguments = [*source, "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
    png = read_ffmpeg(work.ffmpeg, arguments, work.limits.timeout_seconds)
    if not png:
        return None
    with Image.open(io.BytesIO(png), formats=["PNG"]) as still:
        return still.convert("RGB")


def _clearness(image: Image.Image) -> float:
    """Sharpness times colour; next to nothing for frames that are nearly black."""
    pixels = np.asarray(image, np.float32)
    grey = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_64F).std())
    colour = float((pixels.max(axis=2) - pixels.min(axis=2)).mean())
    return (1 + sharpness) * (20 + colour) * (0.01 if grey.mean() < _DIM else 1.0)
