"""The curve of sRGB, IEC 61966-2-1, and what each channel weighs in the lightness that people see. Needs no pixel library."""

from __future__ import annotations

from typing import Final

# A line below the knee, a power above it.
SLOPE: Final = 12.92
OFFSET: Final = 0.055
GAMMA: Final = 2.4
KNEE: Final = 0.04045  # of values
KNEE_OF_LIGHT: Final = 0.0031308

Weights = tuple[float, float, float]
LUMINANCE: Final[Weights] = (0.2126, 0.7152, 0.0722)  # of linear light, Rec. ITU-R BT.709-6
LUMA_601: Final[Weights] = (0.299, 0.587, 0.114)  # of values, Rec. ITU-R BT.601-7, as JPEG has it


def linear(value: float) -> float:
    """Linear light, 0..1, of a value from 0 to 1."""
    return value / SLOPE if value <= KNEE else ((value + OFFSET) / (1 + OFFSET)) ** GAMMA


def encoded(light: float) -> float:
    """The value of linear light."""
    return light * SLOPE if light <= KNEE_OF_LIGHT else (1 + OFFSET) * light ** (1 / GAMMA) - OFFSET
