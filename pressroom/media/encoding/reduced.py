"""A png of full colour made smaller by rounding colour values, first where a picture is lively and nobody sees it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from pressroom.media.encoding.codecs import png
from pressroom.media.encoding.indexed import activity
from pressroom.media.encoding.vips import Pixels

# Rounding to multiples of these; each is applied to more and more of the picture before the next begins.
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32)
FINEST, COARSEST = 0.0, float(len(_STEPS) - 1)


class Reduced:
    """An RGB or RGBA picture that can be rounded by degrees; transparency stays exact."""

    def __init__(self, image: Image.Image) -> None:
        self._pixels = np.asarray(image)
        self._activity = activity(image)

    def png(self, fineness: float) -> bytes:
        """`fineness` 0 is all exact, -1 all rounded to multiples of 2, -1.5 half of that to 3, and so on."""
        coarseness = -fineness
        number = min(int(coarseness), len(_STEPS) - 2)
        share = coarseness - number
        pixels = _rounded(self._pixels, _STEPS[number])
        if share > 0:
            lively = self._activity >= np.quantile(self._activity, 1 - min(1.0, share))
            pixels = np.where(lively[..., None], _rounded(self._pixels, _STEPS[number + 1]), pixels)
        return png(Image.fromarray(pixels))


def step_of(fineness: float) -> int:
    """The coarsest rounding used anywhere."""
    return _STEPS[min(len(_STEPS) - 1, int(np.ceil(-fineness)))]


def _rounded(pixels: Pixels, step: int) -> Pixels:
    table = np.clip((np.arange(256) + step // 2) // step * step, 0, 255).astype(np.uint8)
    table[0], table[255] = 0, 255  # black and white grounds stay what they are
    rounded = table[pixels]
    if pixels.shape[2] == 4:
        rounded[..., 3] = pixels[..., 3]
    return rounded
