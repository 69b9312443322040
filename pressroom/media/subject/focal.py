"""Where the subject is, and what a crop must keep: what the user says, else faces, else what the eye goes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import cv2
import numpy as np
from PIL import Image

from pressroom.media.geometry import Region, fits, grown, start_of_window, union
from pressroom.media.subject.attention import SIDE as ATTENTION_SIDE
from pressroom.media.subject.attention import Floats, Pixels, Sight, look
from pressroom.media.subject.face_detection import SIDE as FACE_SIDE
from pressroom.media.subject.face_detection import find_faces
from pressroom.media.subject.second_look import look_again

Source: TypeAlias = Literal["given", "subject", "faces", "alpha", "detail", "centre"]
Point: TypeAlias = tuple[float, float]

SIDE = FACE_SIDE  # `focus_on` looks at a picture of this longer side; a larger one only costs time
_STEPS, _NEAR_TIE = 81, 0.99
# A face is found from chin to forehead; a head needs hair, ears and a little air. In widths and heights of the face.
_HEAD_SIDES, _HEAD_UP, _HEAD_DOWN = 0.30, 0.45, 0.20
_EYES = 0.42  # of the height of a crop: heads sit a little above the middle, with the body below
_AIR = 0.02  # around a supplied box, of its size
_WORD_AIR = 0.02  # of the picture's width and height
_RIM = 3  # pixels around words that their soft edges and shadows reach, at `SIDE`


@dataclass(frozen=True, slots=True)
class Focus:
    """The focal point (shares of width and height), where it came from, and the map of attention it was taken from.

    `boxes` must stay whole where they can: supplied subjects, faces, or what stands out. `roomy` are the same with the
    room around them that looks right. A scene is interesting all over. `words` stand on the picture; the rest is as if
    they did not.
    """

    x: float
    y: float
    source: Source
    attention: Floats
    is_cutout: bool = False
    boxes: tuple[Region, ...] = ()
    roomy: tuple[Region, ...] = ()
    is_scene: bool = False
    words: tuple[Region, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """What is kept with the asset: the point, where it came from, and the boxes that it was taken from."""
        found: dict[str, Any] = {"x": self.x, "y": self.y, "source": self.source}
        if self.boxes:
            names = ("left", "top", "right", "bottom")
            found["boxes"] = [
                {name: round(edge, 4) for name, edge in zip(names, box, strict=True)} for box in self.boxes
            ]
        if self.words:
            found["words"] = [list(box) for box in self.words]
        return found

    @property
    def is_told(self) -> bool:
        """The user or a face says what matters; else it is an estimate, which counts less than words."""
        return self.source in ("given", "subject", "faces")

    def best_middle(self, width: float, height: float) -> tuple[float, float]:
        """Where a window of this size (shares) keeps most of the attention, as near to the focal point as that allows."""
        if self.source in ("given", "subject"):
            return self.x, self.y
        if self.source == "faces":
            return self.x, self.y + (0.5 - _EYES) * height
        x = _best(self.attention.sum(axis=0), width, self.x)
        return x, _best(self.attention.sum(axis=1), height, self.y)

    @property
    def airy_words(self) -> tuple[Region, ...]:
        """Words with what must stay free between them and an edge that cuts."""
        return tuple(
            (
                max(0.0, left - _WORD_AIR),
                max(0.0, top - _WORD_AIR),
                min(1.0, right + _WORD_AIR),
                min(1.0, bottom + _WORD_AIR),
            )
            for left, top, right, bottom in self.words
        )

    def start(self, wish: float, length: float, axis: Literal[0, 1]) -> float:
        """Where a window of this length begins from left to right (0) or top to bottom (1): with boxes and words whole.

        Where not all of them fit, what the user or a face says counts more than words, and words more than an estimate.
        """
        bare, roomy, words, airy = (
            [(box[axis], box[axis + 2]) for box in boxes]
            for boxes in (self.boxes, self.roomy, self.words, self.airy_words)
        )
        if words and not fits(length, [*bare, *words]):
            if self.is_told:
                words = airy = []
            else:
                bare = roomy = []
        return start_of_window(wish, length, [*bare, *words], [*roomy, *airy])

    def within(self, box: Region) -> Focus:
        """The same focus in a larger picture of which this one fills the box (shares of the larger one)."""
        width, height = box[2] - box[0], box[3] - box[1]

        def moved(inner: Region) -> Region:
            left, top, right, bottom = inner
            return box[0] + left * width, box[1] + top * height, box[0] + right * width, box[1] + bottom * height

        rows, columns = self.attention.shape
        attention = np.zeros((max(rows, round(rows / height)), max(columns, round(columns / width))), np.float32)
        top = min(round(box[1] * attention.shape[0]), attention.shape[0] - rows)
        left = min(round(box[0] * attention.shape[1]), attention.shape[1] - columns)
        attention[top : top + rows, left : left + columns] = self.attention
        x, y = round(box[0] + self.x * width, 4), round(box[1] + self.y * height, 4)
        boxes, roomy, words = (tuple(moved(item) for item in items) for items in (self.boxes, self.roomy, self.words))
        return replace(self, x=x, y=y, attention=attention, boxes=boxes, roomy=roomy, words=words)

    def kept(self, box: Region) -> float:
        """Share of the attention inside a box."""
        height, width = self.attention.shape
        total = float(self.attention.sum())
        if total <= 0:
            return (box[2] - box[0]) * (box[3] - box[1])
        columns = _covered(width, box[0], box[2])
        rows = _covered(height, box[1], box[3])
        return float(rows @ self.attention @ columns) / total


def find_focus(
    image: Image.Image,
    given: Point | None = None,
    subjects: Sequence[Region] = (),
    words: Sequence[Region] = (),
    *,
    glance: bool = False,
) -> Focus:
    """`focus_on` for a picture of any size. 16 megapixels take about 40 ms at a glance, most of it to shrink them."""
    pixels = _thumbnail(image)
    if not words:
        return focus_on(pixels, given, subjects, glance=glance)
    return replace(focus_on(_without(words, pixels), given, subjects, glance=glance), words=tuple(words))


def focus_on(
    pixels: Pixels, given: Point | None = None, subjects: Sequence[Region] = (), *, glance: bool = False
) -> Focus:
    """The focus of an H x W x 3 or 4 picture (RGB or RGBA) of about `SIDE` pixels.

    The focal point is the given one, else the middle of the supplied subjects, else of the faces, else the centroid of a
    cut-out's alpha, else of what stands out, else the middle. With a given point nothing is looked for: the user has chosen.
    What stands out is looked at twice, but for a `glance`: a crop that is made anyway needs its middle and not its outline.
    """
    is_cutout = pixels.shape[2] == 4
    seen = _on_grey(pixels) if is_cutout else pixels
    sight = Sight(_shrunk(pixels[..., 3]), ()) if is_cutout else look(seen)
    if given:
        is_scene = not (is_cutout or sight.parts)
        return Focus(*given, "given", sight.attention, is_cutout, tuple(subjects), _aired(subjects), is_scene)
    if subjects:
        return _around(tuple(subjects), _aired(subjects), "subject", sight, is_cutout)
    faces = find_faces(seen)
    if faces:
        heads = tuple(grown(face, _HEAD_SIDES, _HEAD_UP, _HEAD_DOWN) for face in faces)
        return _around(faces, heads, "faces", sight, is_cutout)
    if float(sight.attention.sum()) <= 0:
        return Focus(0.5, 0.5, "centre", sight.attention, is_cutout, is_scene=True)
    if is_cutout:
        return Focus(*_centroid(sight.attention), "alpha", sight.attention, is_cutout)
    around: tuple[Region, ...] = ()
    if sight.parts and not glance:
        sight, around = look_again(seen, sight)
    point, parts = _centroid(sight.attention), sight.parts
    return Focus(*point, "detail", sight.attention, False, parts, around or _aired(parts), not parts)


def _around(
    boxes: tuple[Region, ...], roomy: tuple[Region, ...], source: Source, sight: Sight, is_cutout: bool
) -> Focus:
    left, top, right, bottom = union(roomy)
    return Focus(
        round((left + right) / 2, 4), round((top + bottom) / 2, 4), source, sight.attention, is_cutout, boxes, roomy
    )


def _aired(boxes: Sequence[Region]) -> tuple[Region, ...]:
    return tuple(grown(box, _AIR, _AIR, _AIR) for box in boxes)


def _without(words: Sequence[Region], pixels: Pixels) -> Pixels:
    """The picture with what is around the words drawn through them: other words on it give the same focus."""
    height, width = pixels.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in words:
        rows, columns = (slice(max(0, int(low * side) - _RIM), math.ceil(high * side) + _RIM)
                         for low, high, side in ((top, bottom, height), (left, right, width)))  # fmt: skip
        mask[rows, columns] = 255
    plain = pixels.copy()
    plain[..., :3] = _drawn_through(plain[..., :3], mask)
    return plain


def _drawn_through(rgb: Pixels, mask: Pixels) -> Pixels:
    """Averages of ever larger neighbourhoods of what is not masked, the smallest that there is."""
    weight = (mask == 0).astype(np.float32)[..., None]
    filled, known = rgb.astype(np.float32) * weight, weight
    side = 3
    while not known.all() and side < 4 * max(mask.shape):
        mean = cv2.blur(filled * known, (side, side), borderType=cv2.BORDER_REFLECT)
        share = cv2.blur(known, (side, side), borderType=cv2.BORDER_REFLECT)[..., None]
        fresh = (known == 0) & (share > 0)
        filled = np.where(fresh, mean / np.maximum(share, 1e-9), filled)
        known = np.maximum(known, fresh.astype(np.float32))
        side = 2 * side + 1
    return np.asarray(np.clip(np.rint(filled), 0, 255), dtype=np.uint8)


def _thumbnail(image: Image.Image) -> Pixels:
    factor = max(1, max(image.size) // SIDE)
    small = image.reduce(factor) if factor > 1 else image
    small = small if small.mode in ("RGB", "RGBA") else small.convert("RGB")
    scale = min(1.0, SIDE / max(small.size))
    size = (max(2, round(small.width * scale)), max(2, round(small.height * scale)))
    return np.asarray(small if size == small.size else small.resize(size, Image.Resampling.BOX))


def _shrunk(alpha: Pixels) -> Floats:
    height, width = alpha.shape
    scale = min(1.0, ATTENTION_SIDE / max(height, width))
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _on_grey(pixels: Pixels) -> Pixels:
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.asarray(pixels[..., :3] * alpha + 128 * (1 - alpha), dtype=np.uint8)


def _centroid(weights: Floats) -> tuple[float, float]:
    total = float(weights.sum())
    height, width = weights.shape
    x = float((weights.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total / width
    y = float((weights.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total / height
    return round(x, 4), round(y, 4)


def _best(profile: Floats, share: float, wish: float) -> float:
    """Middle of the window over a one-dimensional profile that holds most; near ties go to the one nearest to `wish`."""
    middles = np.linspace(share / 2, 1 - share / 2, _STEPS)
    edges, sums = np.linspace(0, 1, profile.size + 1), np.concatenate([[0.0], np.cumsum(profile, dtype=np.float64)])
    held = np.interp(middles + share / 2, edges, sums) - np.interp(middles - share / 2, edges, sums)
    good = middles[held >= held.max() * _NEAR_TIE]
    return float(good[np.argmin(np.abs(good - wish))])


def _covered(count: int, start: float, end: float) -> Floats:
    """How much of each of `count` cells the range from `start` to `end` (shares) covers."""
    edges = np.arange(count + 1, dtype=np.float32) / count
    overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
    return np.asarray(np.clip(overlap * count, 0, 1), dtype=np.float32)
