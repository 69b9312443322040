"""A camera that seems to go around the subject: the cut-out moves against its background, which is mended behind it."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.media.cutout.cutting import UNSURE, CutPicture, cutout_of
from pressroom.media.encoding.yuv import (
    OVERSAMPLING,
    Affine,
    Floats,
    Frame,
    Pixels,
    chroma_indices,
    in_fours,
    look,
    luma_indices,
    oversampled,
    read,
    rounded,
    still_of,
    to_ycc,
)
from pressroom.media.motion.camera import at_scale
from pressroom.media.motion.kept import Kept, digest_of
from pressroom.media.motion.moves import NEARER, SWING, Intensity, Move, View, ease, plan_move
from pressroom.media.motion.overlays import CLEAR, lay
from pressroom.media.subject.focal import Focus

_GROWN = 0.008  # of the longer side: what of the subject lies outside its outline goes with it
_DEPTH = 0.07  # of the longer side: how far in texture is mirrored before the fill gets smooth
_SMALL, _AROUND = 256, 0.12
_FOOT, _CUT_OFF, _LEAST = 0.15, 0.985, 0.005
# Of 12 megapixels a cut-out takes 48 MB, the layers of a frame of 1080 x 1920 as much.
_CUTS, _SHOTS = Kept[CutPicture](2), Kept["tuple[Parallax | None, str]"](1)
_RIM = 8  # pixels around the subject that its filters reach


def plan_parallax(
    image: Image.Image, target: tuple[int, int], intensity: Intensity, focus: Focus
) -> tuple[Parallax | None, str]:
    """The shot, or None and why there is none: no subject, or one whose outline is not sure enough to be moved."""
    move = plan_move(image.size, target, "parallax", intensity, focus)
    digest = digest_of(image)
    return _SHOTS.get((digest, target, intensity, move), lambda: _planned(image, digest, target, intensity, move))


def _planned(
    image: Image.Image, digest: bytes, target: tuple[int, int], intensity: Intensity, move: Move
) -> tuple[Parallax | None, str]:
    try:
        cut = _CUTS.get(digest, lambda: cutout_of(image))
    except Permanent as exc:
        return None, str(exc)
    if cut.is_unsure:  # it would tear
        return None, f"the subject's outline is not sure enough ({cut.quality:.2f} of 1, {UNSURE:g} is needed)"
    picture, placed = at_scale(image.convert("RGB"), move, target, _AROUND)
    subject, _ = at_scale(cut.picture, move, target, _AROUND)
    if float((subject[..., 3] >= 128).mean()) < _LEAST:
        return None, "the subject lies outside the view"
    return Parallax(picture, subject, placed, target, intensity), ""


class Parallax:
    """Background and subject over each other. Where the subject stands on something, the ground turns with it."""

    def __init__(
        self, picture: Pixels, subject: Pixels, move: Move, target: tuple[int, int], intensity: Intensity
    ) -> None:
        """`picture` is RGB, `subject` RGBA of its size; one pixel of both is one of the frame where the camera is nearest."""
        self.target, self._view = target, move.start
        self._swing, self._nearer = SWING[intensity] * target[0], NEARER[intensity]
        alpha, height = subject[..., 3], len(picture)
        self._subject = _Layer(subject)
        rows = np.flatnonzero((alpha >= 128).any(axis=1))
        self._head, self._foot = float(rows[0]), float(rows[-1])
        self._stands = self._foot < height * _CUT_OFF
        # At the foot nothing is uncovered: there the shadow touches the subject and must stay.
        end = round(self._foot - _FOOT * (self._foot - self._head)) if self._stands else height
        self._ground = still_of(mended(picture, alpha, end))

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
        self._subject.lay(subject, into)

    def _at(self, turn: float, side: int) -> Affine:
        nearer = 1 - self._nearer * (turn + 1) / 2
        view = View(self._view.x + side * self._swing * turn, self._view.y, self._view.width * nearer)
        return view.affine(self.target)


class _Layer:
    """The subject in the box that holds it: planes times their own opacity, and what they let through."""

    def __init__(self, rgba: Pixels) -> None:
        self._box = _around(rgba[..., 3])
        left, top, right, bottom = self._box
        rgba = np.ascontiguousarray(rgba[top:bottom, left:right])
        alpha = np.asarray(rgba[..., 3] / 255, dtype=np.float32)
        luma, blue, red = (
            np.asarray(plane * alpha, dtype=np.float32)
            for plane in cv2.split(to_ycc(np.ascontiguousarray(rgba[..., :3])))
        )
        # Opacity and what it was multiplied with go through the same filters: no edge rings in one of them alone.
        self._luma = in_fours([oversampled(luma), CLEAR - oversampled(alpha * CLEAR)])
        soft, opaque = [rounded(_soft(plane)) for plane in (blue, red)], rounded(_soft(alpha * CLEAR))
        self._chroma = in_fours([*soft, CLEAR - opaque])

    def lay(self, view: Affine, into: Frame) -> None:
        left, top, right, bottom = self._seen(view, into.luma.shape[1], into.luma.shape[0])
        if right <= left or bottom <= top:
            return
        box = left, top, right, bottom
        luma, clear, _, _ = _read_part(self._luma, self._inside(luma_indices(view), OVERSAMPLING), box)
        lay(into.luma[top:bottom, left:right], luma, clear)
        half = left // 2, top // 2, right // 2, bottom // 2
        blue, red, clear, _ = _read_part(self._chroma, self._inside(chroma_indices(view), 1), half)
        for plane, seen in ((into.blue, blue), (into.red, red)):
            lay(plane[half[1] : half[3], half[0] : half[2]], seen, clear)

    def _seen(self, view: Affine, width: int, height: int) -> tuple[int, int, int, int]:
        """The box that holds the subject in the frame, its sides even."""
        sides = []
        for axis, length in ((0, width), (1, height)):
            start, end = ((self._box[axis + far] - view[axis, 2]) / view[axis, axis] for far in (0, 2))
            sides.append((max(0, int(start) // 2 * 2), min(length, -(-int(end + 1) // 2) * 2)))
        return sides[0][0], sides[1][0], sides[0][1], sides[1][1]

    def _inside(self, matrix: Affine, density: int) -> Affine:
        """From a frame's indices to those inside the box."""
        matrix[:, 2] -= np.array(self._box[:2]) * density
        return matrix


def _around(alpha: Pixels) -> tuple[int, int, int, int]:
    """The box of everything that is not see-through, and the clear pixels next to it that filters look at."""
    rows, columns = (np.flatnonzero(alpha.any(axis=axis)) for axis in (1, 0))
    tall, wide = alpha.shape
    return (
        max(0, int(columns[0]) - _RIM), max(0, int(rows[0]) - _RIM),
        min(wide, int(columns[-1]) + 1 + _RIM), min(tall, int(rows[-1]) + 1 + _RIM),
    )  # fmt: skip


def _read_part(plane: Pixels, matrix: Affine, box: tuple[int, int, int, int]) -> list[Pixels]:
    """The channels of a box of the frame."""
    left, top, right, bottom = box
    part = np.empty((bottom - top, right - left, 4), np.uint8)
    matrix[:, 2] += matrix[:, 0] * left + matrix[:, 1] * top
    read(plane, matrix, part)
    return [np.asarray(channel, dtype=np.uint8) for channel in cv2.split(part)]


def _soft(values: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), 0.7), dtype=np.float32)


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
    # Twice the way to the outline, its direction evened out so that ragged outlines draw no streaks. Its length stays:
    # right inside the outline lies what is right outside, or a line would show wherever the subject is half see-through.
    way = np.stack([there[..., 0] - x, there[..., 1] - y], axis=2)
    way = cv2.blur(way / np.maximum(depth, 1)[..., None], (2 * reach + 1, 2 * reach + 1))
    away = way * (2 * depth / np.maximum(np.hypot(way[..., 0], way[..., 1]), 1e-3))[..., None]
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
