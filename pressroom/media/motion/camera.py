"""Camera moves over a still picture, smooth to a fraction of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from pressroom.media.encoding.vips import from_array, to_array
from pressroom.media.encoding.yuv import (
    CHROMA_AT,
    OVERSAMPLING,
    Frame,
    Pixels,
    chroma_indices,
    luma_indices,
    oversampled,
    rounded,
    smoothed,
    split,
)
from pressroom.media.motion.moves import Intensity, Motion, Move, plan_move
from pressroom.media.motion.phases import chroma_phases, luma_phases
from pressroom.media.motion.quadrants import Edge, Quadrants
from pressroom.media.subject.focal import Focus

_THREADS = 2
_MARGIN = 4  # pixels kept around what the camera sees, for the filters' reach


class Shot(Protocol):
    """One picture's time on screen."""

    def draw(self, time: float, into: Frame) -> None:
        """The frame at `time` from 0 to 1. May be called from several threads at once."""


class Zoom:
    """A move towards one point of a picture, or away from it."""

    def __init__(self, picture: Pixels, move: Move, target: tuple[int, int]) -> None:
        """`picture` is RGB; one of its pixels makes one of the frame where the camera is nearest."""
        self.move, self.target = move, target
        across, down = (_Pivot.of(move, target, axis) for axis in (0, 1))
        luma, *chroma = split(picture)
        half = target[0] // 2, target[1] // 2
        self._luma = Quadrants(oversampled(luma), target, (across.luma, down.luma))
        soft = [rounded(smoothed(plane, (across.shift, down.shift))) for plane in chroma]
        self._chroma = [Quadrants(plane, half, (across.chroma, down.chroma)) for plane in soft]

    def draw(self, time: float, into: Frame) -> None:
        step = self.move.at(time).width / self.target[0]
        self._luma.read(step * OVERSAMPLING, into.luma)
        for plane, part in zip(self._chroma, (into.blue, into.red), strict=True):
            plane.read(step * 2, part)


@dataclass(frozen=True, slots=True)
class _Pivot:
    """The point that a zoom leaves in its place, along one axis, put between pixels: less than a pixel beside the wish.

    `shift` is how far the pixels of the chroma planes must be moved for that.
    """

    luma: Edge
    chroma: Edge
    shift: float

    @classmethod
    def of(cls, move: Move, target: tuple[int, int], axis: int) -> _Pivot:
        near, far = (view.affine(target) for view in (move.start, move.end))
        still = (far[axis, 2] - near[axis, 2]) / (near[axis, axis] - far[axis, axis])
        middle = (near[axis, axis] + far[axis, axis]) / 2
        # Even, so that it lies between pixels of all planes. Half way nothing moves by this, at the ends a tenth of a pixel.
        edge = min(max(2 * round(still / 2), 0), target[axis] // 2 * 2)
        place = near[axis, 2] + near[axis, axis] * still + (edge - still) * middle
        luma = Edge(edge, max(0, round((place - 0.5) * OVERSAMPLING + 0.5)))
        place = (luma.picture - 0.5) / OVERSAMPLING + 0.5 + (CHROMA_AT[axis] - 1) * middle
        chroma = Edge(edge // 2, max(0, round(place)))
        return cls(luma, chroma, place - chroma.picture)


class Pan:
    """A move at one distance, at which one pixel of the picture makes one of the frame."""

    def __init__(self, picture: Pixels, move: Move, target: tuple[int, int]) -> None:
        self.move, self.target = move, target
        luma, *chroma = split(picture)
        self._planes = [luma_phases(luma), *(chroma_phases(plane) for plane in chroma)]

    def draw(self, time: float, into: Frame) -> None:
        view = self.move.at(time).affine(self.target)
        places = luma_indices(view)[:, 2], *[chroma_indices(view)[:, 2]] * 2
        for plane, (left, top), part in zip(self._planes, places, (into.luma, into.blue, into.red), strict=True):
            plane.read(float(left), float(top), part)


def plan_shot(
    image: Image.Image, target: tuple[int, int], motion: Motion, intensity: Intensity, focus: Focus
) -> Zoom | Pan:
    """The move over a picture: as much of it as the target's shape allows, towards or around the focal point."""
    move = plan_move(image.size, target, motion, intensity, focus)
    picture, move = at_scale(image.convert("RGB"), move, target)
    if move.start.width == move.end.width:
        return Pan(picture, move, target)
    return Zoom(picture, move, target)


def at_scale(image: Image.Image, move: Move, target: tuple[int, int], around: float = 0.0) -> tuple[Pixels, Move]:
    """The part of the picture that is seen, one of its pixels to one of the frame where the camera is nearest.

    More would flicker, less would blur. `around` is how much more is kept on each side, as a share of the view's width.
    """
    left, top, right, bottom = _seen(image.size, move, target, around)
    step = min(move.start.width, move.end.width) / target[0]
    size = wide, tall = max(1, int((right - left) / step + 1e-6)), max(1, int((bottom - top) / step + 1e-6))
    # Whole pixels must not bend the move: where they do not fill the part, the middle is what fits.
    cut = round(wide * step), round(tall * step)
    x, y = left + (cut[0] - wide * step) / 2, top + (cut[1] - tall * step) / 2
    if step >= 1 and image.mode == "RGB":
        part = from_array(np.asarray(image)).crop(left, top, *cut)
        pixels = to_array(part.reduce(step, step, kernel="lanczos3", gap=2), _THREADS)
    else:
        x, y = (max(0.0, min(at, all_ - seen * step)) for at, all_, seen in zip((x, y), image.size, size, strict=True))
        box = x, y, x + wide * step, y + tall * step
        pixels = np.asarray(image.resize(size, Image.Resampling.LANCZOS, box))
    return pixels, move.moved(-x, -y).scaled(1 / step)


def _seen(size: tuple[int, int], move: Move, target: tuple[int, int], around: float) -> tuple[int, int, int, int]:
    shape = target[1] / target[0]
    views = (move.start, move.end)
    margin = (_MARGIN / target[0] + around) * max(view.width for view in views) + 1
    left, right = min(v.x - v.width / 2 for v in views), max(v.x + v.width / 2 for v in views)
    top, bottom = min(v.y - v.width * shape / 2 for v in views), max(v.y + v.width * shape / 2 for v in views)
    return (
        max(0, math.floor(left - margin)),
        max(0, math.floor(top - margin)),
        min(size[0], math.ceil(right + margin)),
        min(size[1], math.ceil(bottom + margin)),
    )
