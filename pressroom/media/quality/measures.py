"""Measures of one picture, each a plain number that a person can check with the eye; none says what anybody will like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image

from pressroom.media.color.oklab import Floats, lab_of, lab_of_hex, linear_of
from pressroom.media.geometry import Region, union
from pressroom.media.subject.focal import Focus, find_focus

SIDE: Final = 1024  # the longer side that is looked at: about what a feed shows
_PALETTE_SIDE: Final = 64
_WINDOW: Final = 9  # pixels of the low-pass filter that a sharp picture changes under
_GRAIN: Final = 3  # pixels of the median that takes noise away: noise is no sharpness
_BLOCKED, _BLOWN = 3, 252  # codes of 255 at which nothing can be told apart any more


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of a picture.

    `blur` is 0 (sharp) to 1 (without an edge), `spread` the lightness between its darkest and lightest twentieth. Where the eye
    goes, `middle` is the middle lightness and `lost` the share blocked or blown. `palette_distance` is how far the colours
    are from the brand's (OKLab, None without any), `subject` the share of the picture that the subject's box takes (0: none).
    """

    blur: float
    spread: float
    middle: float
    lost: float
    palette_distance: float | None
    subject: float


def measure(image: Image.Image, colors: Sequence[str] = ()) -> Measures:
    """The measures of a picture; `colors` are the brand's, as #rrggbb. About 0.1 s, most of it to find the subject."""
    seen = _seen(image)
    codes = np.asarray(_on_grey(seen), dtype=np.uint8)
    lightness = _lightness(codes)
    focus = find_focus(seen)
    weights = _weights(focus, lightness.shape)
    return Measures(
        blur=_blur(codes),
        spread=float(np.subtract(*np.percentile(lightness, (95, 5)))),
        middle=_weighted_middle(lightness, weights),
        lost=float((weights * _is_lost(codes)).sum() / weights.sum()),
        palette_distance=_palette_distance(seen, colors) if colors else None,
        subject=_subject(seen, focus),
    )


def _seen(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA, no larger than it is looked at."""
    plain = image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if image.has_transparency_data else "RGB")
    scale = min(1.0, SIDE / max(plain.size))
    size = max(2, round(plain.width * scale)), max(2, round(plain.height * scale))
    return plain if size == plain.size else plain.resize(size, Image.Resampling.BOX)


def _on_grey(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, (128, 128, 128))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _lightness(codes: np.ndarray) -> Floats:
    """OKLab lightness of each pixel, 0 to 1."""
    return lab_of(linear_of(codes.reshape(-1, 3)))[:, 0].reshape(codes.shape[:2])


def _blur(codes: np.ndarray) -> float:
    """How little a low-pass filter changes: F. Crete et al., "The blur effect" (2007), https://doi.org/10.1117/12.702790.

    The less sharp of the two directions counts.
    """
    grey = cv2.medianBlur(cv2.cvtColor(codes, cv2.COLOR_RGB2GRAY), _GRAIN).astype(np.float32)
    return max(_blur_along(grey, axis) for axis in (0, 1))


def _blur_along(grey: Floats, axis: int) -> float:
    filtered = cv2.blur(grey, (_WINDOW, 1) if axis else (1, _WINDOW), borderType=cv2.BORDER_REFLECT)
    before, after = (np.abs(np.diff(each, axis=axis)) for each in (grey, filtered))
    total = float(before.sum())
    return 1.0 if total <= 0 else 1 - float(np.maximum(0, before - after).sum()) / total


def _weights(focus: Focus, shape: tuple[int, ...]) -> Floats:
    """Where the eye goes, as weights of the pixels; all alike where it goes nowhere."""
    attention = cv2.resize(focus.attention, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    found: Floats = np.asarray(attention, np.float32)
    return found if float(found.sum()) > 0 else np.ones(shape, np.float32)


def _weighted_middle(values: Floats, weights: Floats) -> float:
    """The value that half of the weight is below."""
    order = np.argsort(values, axis=None)
    sums = np.cumsum(weights.ravel()[order], dtype=np.float64)
    return float(values.ravel()[order[np.searchsorted(sums, sums[-1] / 2)]])


def _is_lost(codes: np.ndarray) -> np.ndarray:
    return np.asarray((codes.max(axis=2) <= _BLOCKED) | (codes.min(axis=2) >= _BLOWN))


def _palette_distance(image: Image.Image, colors: Sequence[str]) -> float:
    """The mean distance of the pixels that are seen to the nearest of the colours."""
    small = image.resize((_PALETTE_SIDE, _PALETTE_SIDE), Image.Resampling.BOX).convert("RGBA")
    pixels = np.asarray(small, dtype=np.uint8).reshape(-1, 4)
    lab = lab_of(linear_of(pixels[:, :3]))
    brand = np.stack([lab_of_hex(color) for color in colors])
    nearest = np.sqrt(((lab[:, None, :] - brand[None, :, :]) ** 2).sum(axis=2)).min(axis=1)
    alpha = pixels[:, 3].astype(np.float32)
    return float((nearest * alpha).sum() / max(float(alpha.sum()), 1.0))


def _subject(image: Image.Image, focus: Focus) -> float:
    boxes: Sequence[Region] = focus.roomy
    if focus.is_cutout and (box := image.getchannel("A").getbbox()):
        boxes = [(box[0] / image.width, box[1] / image.height, box[2] / image.width, box[3] / image.height)]
    if not boxes:
        return 0.0
    left, top, right, bottom = union(boxes)
    return max(0.0, (right - left) * (bottom - top))
