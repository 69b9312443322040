"""Two colours instead of all: a ramp that is even to the eye."""

from __future__ import annotations

import numpy as np

from pressroom.media.color.oklab import codes_of, into_gamut, lab_of, lab_of_hex, linear_of
from pressroom.media.editing.remap import Bytes, remap


def duotoned(pixels: Bytes, dark: str, light: str, strength: float) -> Bytes:
    """Black becomes `dark`, white `light`; between them OKLab is mixed by the pixel's OKLab lightness."""
    first, last = lab_of_hex(dark), lab_of_hex(light)

    def change(colors: Bytes) -> Bytes:
        lab = lab_of(linear_of(colors))
        share = np.clip(lab[:, :1], 0, 1)
        toned = first + (last - first) * share
        return codes_of(into_gamut(lab + (toned - lab) * np.float32(strength)))

    return remap(pixels, change)
