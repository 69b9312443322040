"""OKLab for arrays of colours: exact tables for 8-bit sRGB, and colours brought back into sRGB without a change of hue."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from pressroom.media.color.srgb import GAMMA, KNEE, KNEE_OF_LIGHT, OFFSET, SLOPE

Floats = NDArray[np.float32]
FloatsOf = TypeVar("FloatsOf", NDArray[np.float32], NDArray[np.float64])
Bytes = NDArray[np.uint8]

# https://bottosson.github.io/posts/oklab/ (2020, matrices of 2021-01-25)
_TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]], np.float32)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]], np.float32)  # fmt: skip
_FROM_LAB = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_FROM_CONES = np.linalg.inv(_TO_CONES.astype(np.float64)).astype(np.float32)

_GAMUT_SLACK = 1e-4  # far below half a step of 8 bits
_GAMUT_ROUNDS = 8  # halvings of the chroma's interval: 1/256 of it, below a step of 8 bits


def linearized(values: FloatsOf) -> FloatsOf:
    """Linear light of sRGB values from 0 to 1, in their precision."""
    power = ((np.maximum(values, KNEE) + OFFSET) / (1 + OFFSET)) ** GAMMA
    return np.where(values <= KNEE, values / SLOPE, power)


def encoded(light: FloatsOf) -> FloatsOf:
    """sRGB values of linear light, in its precision; what is outside 0..1 stays outside."""
    power = (1 + OFFSET) * np.maximum(light, KNEE_OF_LIGHT) ** (1 / GAMMA) - OFFSET
    return np.where(light <= KNEE_OF_LIGHT, light * SLOPE, power)


LINEAR: Floats = linearized(np.arange(256) / 255).astype(np.float32)


def linear_of(codes: Bytes) -> Floats:
    """Linear light, 0..1, of sRGB codes."""
    return LINEAR[codes]


def codes_of(linear: Floats) -> Bytes:
    """sRGB codes of linear light; what is outside 0..1 is clipped."""
    return np.asarray(np.rint(encoded_of(linear) * 255)).astype(np.uint8)


def encoded_of(linear: Floats) -> Floats:
    """sRGB values from 0 to 1, not rounded."""
    return _floats(encoded(np.clip(linear, 0, 1)))


def lab_of(linear: Floats) -> Floats:
    """N x 3 linear sRGB as OKLab: lightness 0..1, a, b."""
    return _floats(np.cbrt(np.maximum(linear @ _TO_CONES.T, 0)) @ _TO_LAB.T)


def light_of(lab: Floats) -> Floats:
    """N x 3 OKLab as linear sRGB, outside 0..1 where the colour does not exist there."""
    cones = lab @ _FROM_LAB.T
    return _floats((cones * cones * cones) @ _FROM_CONES.T)


def into_gamut(lab: Floats) -> Floats:
    """Linear sRGB of OKLab colours: lightness and hue stay, chroma is lowered as far as sRGB asks."""
    lab = _floats(np.column_stack([np.clip(lab[:, 0], 0, 1), lab[:, 1:]]))
    linear = light_of(lab)
    outside = np.flatnonzero(((linear < -_GAMUT_SLACK) | (linear > 1 + _GAMUT_SLACK)).any(axis=1))
    if len(outside):
        linear[outside] = _less_chroma(lab[outside])
    return _floats(np.clip(linear, 0, 1))


def _less_chroma(lab: Floats) -> Floats:
    """The most chroma that fits, by halving; cones are linear in chroma, which makes a round cheap."""
    grey = lab[:, :1]
    colored = _floats(lab[:, 1:] @ _FROM_LAB[:, 1:].T)
    share, step = np.zeros((len(lab), 1), np.float32), np.float32(0.5)
    for _ in range(_GAMUT_ROUNDS):
        cones = grey + (share + step) * colored
        linear = (cones * cones * cones) @ _FROM_CONES.T
        inside = (linear.min(axis=1) >= -_GAMUT_SLACK) & (linear.max(axis=1) <= 1 + _GAMUT_SLACK)
        share[inside] += step
        step /= 2
    cones = grey + share * colored
    return _floats((cones * cones * cones) @ _FROM_CONES.T)


def lab_of_hex(color: str) -> Floats:
    """OKLab of #rgb, #rrggbb or #rrggbbaa (alpha ignored)."""
    from pressroom.media.color.spaces import parse

    codes = np.array([[round(channel * 255) for channel in parse(color)]], np.uint8)
    return _floats(lab_of(linear_of(codes))[0])


def _floats(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float32)
