"""A plane read at one and the same place between its pixels everywhere, which is what a camera does that keeps its distance."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from pressroom.media.encoding.yuv import OVERSAMPLING, Floats, Pixels, between, smoothed

Fine: TypeAlias = npt.NDArray[np.uint16]

_DEEP = 256  # times finer than video's 8 bits
_AROUND, _FINEST = 4, 4096  # pixels repeated around sorted planes (even); parts of a pixel that are told apart
_BAND = 96  # rows worked on at once: what lies between two steps then stays in the processor's cache


def luma_phases(plane: Floats) -> Phases:
    """Of the oversampled luma, without making it."""
    parts = between(_surrounded(plane, _AROUND // OVERSAMPLING))
    return Phases([[_fine(part) for part in row] for row in parts])


def chroma_phases(plane: Floats) -> Phases:
    around = _fine(_surrounded(smoothed(plane), _AROUND))
    return Phases([[np.ascontiguousarray(around[y::2, x::2]) for x in (0, 1)] for y in (0, 1)])


def _surrounded(plane: Floats, by: int) -> Floats:
    return np.asarray(cv2.copyMakeBorder(plane, by, by, by, by, cv2.BORDER_REPLICATE), dtype=np.float32)


def _fine(plane: Floats) -> Fine:
    return np.asarray(cv2.addWeighted(plane, _DEEP, plane, 0, 0, dtype=cv2.CV_16U), dtype=np.uint16)


class Phases:
    """A plane from which every second pixel is read, sorted for that: what `read` does without scaling, in a tenth of its time.

    Between two pixels of a line lies a mixture of two sorted planes, each taken whole and at an offset of whole pixels.
    """

    def __init__(self, parts: list[list[Fine]]) -> None:
        """`parts[y][x]` holds every second pixel of the lines y, y + 2 … of a plane with _AROUND pixels around it."""
        self._sorted = parts

    def read(self, left: float, top: float, into: Pixels) -> None:
        """The pixels at `left`, `left` + 2 … of the lines `top`, `top` + 2 …, rounded once: mixtures that are the same
        everywhere, rounded before, would turn whole areas brighter at once."""
        x, share_x = _whole_and_rest(left)
        y, share_y = _whole_and_rest(top)
        for first in range(0, len(into), _BAND):
            band = into[first : first + _BAND]
            mixed = self._line(x, share_x, y + 2 * first, band)
            if share_y:
                mixed = _mixed(mixed, self._line(x, share_x, y + 2 * first + 1, band), share_y)
            cv2.convertScaleAbs(mixed, dst=band, alpha=1 / _DEEP)

    def _line(self, x: int, share: float, y: int, like: Pixels) -> Fine:
        one = self._part(x, y, like)
        return _mixed(one, self._part(x + 1, y, like), share) if share else one

    def _part(self, x: int, y: int, like: Pixels) -> Fine:
        chosen = self._sorted[y % 2][x % 2]
        return chosen[y // 2 : y // 2 + like.shape[0], x // 2 : x // 2 + like.shape[1]]


def _whole_and_rest(place: float) -> tuple[int, float]:
    """Rests that change no pixel count as none."""
    fine = round((place + _AROUND) * _FINEST)
    return fine // _FINEST, fine % _FINEST / _FINEST


def _mixed(one: Fine, other: Fine, share: float) -> Fine:
    return np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), dtype=np.uint16)
