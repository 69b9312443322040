"""A camera that seems to go around the subject: the cut-out moves against its background, which is mended behind it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pressroom.errors import Permanent
from pressroom.media.camera import Intensity, Move, View, at_scale, ease, plan_move
from pressroom.media.cutting import cutout_of
from pressroom.media.focal import Focus
from pressroom.media.planes import (
    CLEAR,
    Floats,
    Frame,
    Pixels,
    Plane,
    chroma_indices,
    lay,
    look,
    luma_indices,
    oversampled,
    read,
    still_of,
    to_plane,
    to_ycc,
)

# How far each layer swings to either side, and how much nearer the subject comes, as shares of the view's width.
SWING: dict[str, float] = {"subtle": 0.007, "medium": 0.013, "dynamic": 0.022}
_NEARER: dict[str, float] = {"subtle": 0.015, "medium": 0.03, "dynamic": 0.05}
_GROWN = 0.008  # of the longer side: what of the subject lies outside its outline goes with it
_DEPTH = 0.07  # of the longer side: how far in texture is mirrored before the fill gets smooth
_SMALL, _AROUND = 256, 0.12
_FOOT, _CUT_OFF, _LEAST = 0.15, 0.985, 0.005
_GOOD = 0.6  # outlines less sure than this (`CutPicture.quality`) would tear


def plan_parallax(
    image: Image.Image, target: tuple[int, int], intensity: Intensity, focus: Focus
) -> tuple[Parallax | None, str]:
    """The shot, or None and why there is none: no subject, or one whose outline is not sure enough to be moved."""
    move = plan_move(image.size, target, "parallax", intensity, focus)
    try:
        cut = cutout_of(image)
    except Permanent as exc:
        return None, str(exc)
    if cut.quality is not None and cut.quality < _GOOD:
        return None, f"the subject's outline is not sure enough ({cut.quality:.2f} of 1, {_GOOD:g} is needed)"
    picture, placed = at_scale(image.convert("RGB"), move, target, _AROUND)
    subject, _ = at_scale(cut.picture, move, target, _AROUND)
    if float((np.asarray(subject.getchannel("A")) >= 128).mean()) < _LEAST:
        return None, "the subject lies outside the view"
    return Parallax(picture, subject, placed, target, intensity), ""


@dataclass(frozen=True, slots=True)
class _Layer:
    """The subject: planes times their own opacity, and what they let through."""

    luma: Plane
    blue: Plane
    red: Plane
    clear: Plane
    clear_chroma: Plane


class Parallax:
    """Background and subject over each other. Where the subject stands on something, the ground turns with it."""

    def __init__(
        self, picture: Image.Image, subject: Image.Image, move: Move, target: tuple[int, int], intensity: Intensity
    ) -> None:
        """`subject` is RGBA of the picture's size; one pixel of both is one of the frame where the camera is nearest."""
        self.target, self._view = target, move.start
        self._swing, self._nearer = SWING[intensity] * target[0], _NEARER[intensity]
        alpha = np.asarray(subject.getchannel("A"))
        self._subject = _layer_of(np.asarray(subject))
        rows = np.flatnonzero((alpha >= 128).any(axis=1))
        self._head, self._foot = float(rows[0]), float(rows[-1])
        self._stands = self._foot < picture.height * _CUT_OFF
        # At the foot nothing is uncovered: there the shadow touches the subject and must stay.
        end = round(self._foot - _FOOT * (self._foot - self._head)) if self._stands else picture.height
        self._ground = still_of(Image.fromarray(mended(np.asarray(picture), alpha, end)))

    def draw(self, time: float, into: Frame) -> None:
        turn = 2 * ease(time) - 1
        background, subject = (self._at(turn, side) for side in (1, -1))
        if self._stands:
            # Nothing slides: the ground at the subject's foot goes with it, what is behind its head against it.
            slope = -2 * self._swing * turn / max(1.0, self._foot - self._head)
            step = background[1, 1]
            background[0, 1] += slope * step
            background[0, 2] += slope * (background[1, 2] - self._head)
        look(self._ground, background, into)
        self._lay_subject(subject, into)

    def _at(self, turn: float, side: int) -> npt.NDArray[np.float64]:
        nearer = 1 - self._nearer * (turn + 1) / 2
        view = View(self._view.x + side * self._swing * turn, self._view.y, self._view.width * nearer)
        return view.affine(self.target)

    def _lay_subject(self, view: npt.NDArray[np.float64], into: Frame) -> None:
        layer = self._subject
        chroma = chroma_indices(view)
        for part, plane, clear, matrix in (
            (into.luma, layer.luma, layer.clear, luma_indices(view)),
            (into.blue, layer.blue, layer.clear_chroma, chroma),
            (into.red, layer.red, layer.clear_chroma, chroma),
        ):
            seen, through = np.empty_like(part), np.empty_like(part)
            read(plane, matrix, seen)
            read(clear, matrix, through)
            lay(part, seen, through)


def _layer_of(rgba: Pixels) -> _Layer:
    alpha = np.asarray(rgba[..., 3] / 255, dtype=np.float32)
    colors = to_ycc(np.ascontiguousarray(rgba[..., :3]))
    luma, blue, red = (np.asarray(colors[..., index] * alpha, dtype=np.float32) for index in range(3))
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.7), dtype=np.float32)
    # Opacity and what it was multiplied with go through the same filters: no edge rings in one of them alone.
    clear = CLEAR - oversampled(to_plane(alpha * CLEAR))
    return _Layer(oversampled(to_plane(luma)), _softened(blue), _softened(red), clear, to_plane((1 - soft) * CLEAR))


def _softened(values: Floats) -> Plane:
    return to_plane(np.asarray(cv2.GaussianBlur(values, (0, 0), 0.7), dtype=np.float32))


def mended(picture: Pixels, alpha: Pixels, end: int) -> Pixels:
    """The picture without its subject: texture mirrored at the outline, running into a smooth fill further in.

    Only a rim of it is ever seen, as wide as the layers move against each other. Above the row `end` the hole is grown a
    little, so that nothing of the subject is left around it.
    """
    longer = max(picture.shape[:2])
    reach = max(2, round(longer * _GROWN))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    hole = (alpha > 6).astype(np.uint8) * 255
    hole[:end] = cv2.dilate(hole, kernel)[:end]
    smooth = _smooth_fill(picture, hole)
    depth, labels = cv2.distanceTransformWithLabels(hole, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    rows, columns = np.nonzero(hole == 0)
    nearest = np.zeros((int(labels.max()) + 1, 2), np.float32)
    nearest[labels[rows, columns]] = np.stack([columns, rows], axis=1)
    there = nearest[labels]
    y, x = np.mgrid[: hole.shape[0], : hole.shape[1]].astype(np.float32)
    # Twice the way to the outline, evened out so that ragged outlines draw no streaks.
    away = np.stack([there[..., 0] - x, there[..., 1] - y], axis=2) * 2
    away = cv2.blur(away, (2 * reach + 1, 2 * reach + 1))
    source = x + away[..., 0], y + away[..., 1]
    mirrored = cv2.remap(picture, *source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    is_free = cv2.remap((hole == 0).astype(np.float32), *source, cv2.INTER_LINEAR, borderValue=0)
    share = np.clip(1.2 - depth / (longer * _DEPTH), 0, 1) * cv2.blur(np.asarray(is_free), (5, 5))
    filled = mirrored * share[..., None] + smooth * (1 - share[..., None])
    return np.where(hole[..., None] > 0, np.rint(filled), picture).astype(np.uint8)


def _smooth_fill(picture: Pixels, hole: Pixels) -> Pixels:
    scale = _SMALL / max(picture.shape[:2])
    size = max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    gap = (cv2.resize(hole, size, interpolation=cv2.INTER_AREA) > 0).astype(np.uint8) * 255
    filled = cv2.inpaint(small, gap, 5, cv2.INPAINT_TELEA)
    calm = cv2.GaussianBlur(filled, (0, 0), 5)
    filled = np.where(gap[..., None] > 0, calm, filled)
    return np.asarray(
        cv2.resize(filled, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_CUBIC), dtype=np.uint8
    )
