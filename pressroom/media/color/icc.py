"""ICC profiles for colours that a file tells in another way: primaries, a white point and a curve."""

from __future__ import annotations

import struct
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from pressroom.media.color.primaries import SRGB, Point, Primaries
from pressroom.media.color.srgb import GAMMA, KNEE, OFFSET, SLOPE

Matrix: TypeAlias = npt.NDArray[np.float64]

_D50: Final = np.array([0.9642, 1.0, 0.8249])
# Bradford cone responses, as ICC.1:2022 annex E adapts white points.
_BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_SRGB_CURVE: Final = (GAMMA, 1 / (1 + OFFSET), OFFSET / (1 + OFFSET), 1 / SLOPE, KNEE)


def rgb_to_xyz(primaries: Primaries) -> Matrix:
    """Linear RGB to CIE XYZ with white at Y = 1."""
    columns = np.array([_xyz(point) for point in (primaries.red, primaries.green, primaries.blue)]).T
    return columns * np.linalg.solve(columns, _xyz(primaries.white))


def to_srgb_primaries(primaries: Primaries) -> Matrix:
    """Linear RGB of these primaries to linear sRGB, white to white."""
    shown = adapted(_xyz(primaries.white), _xyz(SRGB.white)) @ rgb_to_xyz(primaries)
    return np.linalg.inv(rgb_to_xyz(SRGB)) @ shown


def matrix_profile(primaries: Primaries, gamma: float | None = None) -> bytes:
    """An ICC profile (4.3, display, RGB) of these primaries; `gamma` None is the curve of sRGB."""
    columns = adapted(_xyz(primaries.white), _D50) @ rgb_to_xyz(primaries)
    curve = _curve(0, (gamma,)) if gamma is not None else _curve(3, _SRGB_CURVE)
    tags = {
        b"desc": _text("from the file"),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz_tag(_D50),
        **{name: _xyz_tag(columns[:, number]) for number, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    directory, data, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, value in tags.items():
        directory += struct.pack(">4sII", name, at + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    return _header(128 + len(directory) + len(data)) + directory + data


def _header(size: int) -> bytes:
    """ICC.1:2022, 7.2."""
    made = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    head = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x04300000, b"mntr", b"RGB ", b"XYZ ", made, b"acsp")
    white = struct.pack(">3i", *(round(value * 65_536) for value in _D50))
    return (head + bytes(28) + white).ljust(128, b"\0")


def _xyz(point: Point) -> npt.NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def adapted(white: npt.NDArray[np.float64], to: npt.NDArray[np.float64]) -> Matrix:
    """XYZ seen under one white as it is seen under another, both as XYZ with Y = 1."""
    scale = (_BRADFORD @ to) / (_BRADFORD @ white)
    return np.asarray(np.linalg.inv(_BRADFORD) @ (scale[:, None] * _BRADFORD))


def _xyz_tag(value: npt.NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(part) * 65_536) for part in value))


def _curve(kind: int, values: tuple[float, ...]) -> bytes:
    numbers = struct.pack(f">{len(values)}i", *(round(value * 65_536) for value in values))
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + numbers


def _text(text: str) -> bytes:
    words = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(words), 28) + words
