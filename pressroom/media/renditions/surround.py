"""What surrounds a picture that is shown whole in a frame of another shape."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.media.renditions.levels import Levels

_SIDE = 96  # grounds are made this small and enlarged: smooth, and cheap at any size
_SIGMA = 5
_BRIGHTNESS = 0.72
# Around a slim picture: its mirrored surroundings, blurred along the frame until nothing repeats and a little across it; its
# own edges fade over this share of its sides.
_SOFT_SIDE, _ALONG, _ACROSS, _FADE = 192, 26, 6, 0.08


def blurred(master: Levels, target: tuple[int, int]) -> Image.Image:
    """A soft, darker copy that fills the target: the picture's own colours without anything that can be read."""
    image = master.small(_SIDE)
    shrink = _SIDE / max(target)
    small = tuple(max(8, round(side * shrink)) for side in target)
    scale = max(small[0] / image.width, small[1] / image.height)
    width, height = small[0] / scale, small[1] / scale
    left, top = (image.width - width) / 2, (image.height - height) / 2
    box = (max(0.0, left), max(0.0, top), min(image.width, left + width), min(image.height, top + height))
    copy = np.asarray(image.resize((small[0], small[1]), Image.Resampling.BOX, box=box), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(copy, (0, 0), _SIGMA), dtype=np.float32)
    return _enlarged(soft * np.float32(_BRIGHTNESS), target)


def dissolved(shown: Image.Image, target: tuple[int, int], inner: tuple[int, int, int, int]) -> Image.Image:
    """A slim RGB picture that fades into its own edges carried on, instead of a strip between bars.

    `inner` is where it lies in the target: left, top, width, height in pixels.
    """
    left, top, width, height = inner
    scale = _SOFT_SIDE / max(target)
    small = tuple(max(2, round(side * scale)) for side in (width, height))
    before, above = round(left * scale), round(top * scale)
    whole = tuple(max(4, round(side * scale)) for side in target)
    beyond = max(0, whole[0] - small[0] - before), max(0, whole[1] - small[1] - above)
    copy = np.asarray(shown.resize((small[0], small[1]), Image.Resampling.BOX), dtype=np.float32)
    around = cv2.copyMakeBorder(copy, above, beyond[1], before, beyond[0], cv2.BORDER_REFLECT)
    sigmas = (_ALONG if before else _ACROSS), (_ALONG if above else _ACROSS)
    soft = np.asarray(cv2.GaussianBlur(around, (0, 0), sigmas[0], sigmaY=sigmas[1]), dtype=np.float32)
    ground = _enlarged(soft, target)
    ground.paste(shown, (left, top), _faded((width, height), left > 0, top > 0))
    return ground


def _faded(size: tuple[int, int], sides: bool, ends: bool) -> Image.Image:
    """A mask that is full inside and runs out towards the sides, or towards top and bottom, or both."""
    ramps = [
        np.clip((np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5) / (length * _FADE), 0, 1)
        if fades
        else np.ones(length)
        for length, fades in zip(size, (sides, ends), strict=True)
    ]
    across, down = (ramp * ramp * (3 - 2 * ramp) for ramp in ramps)
    return Image.fromarray(np.rint(np.outer(down, across) * 255).astype(np.uint8))


def _enlarged(soft: NDArray[np.float32], target: tuple[int, int]) -> Image.Image:
    # In whole levels, so slow a gradient would come out as tiles; floats with half a level of grain stay smooth.
    large = cv2.resize(soft, target, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).random((target[1], target[0], 1), dtype=np.float32)
    return Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8))
