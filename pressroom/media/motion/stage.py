"""A picture of another shape on a stage: as large as its subject allows, on a soft ground, with a shadow under it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from pressroom.media.geometry import Region, grown, is_inside, start_of_window
from pressroom.media.renditions.framing import BLUR, compose, frame
from pressroom.media.subject.focal import Focus

_STEPS = 20  # between the part that fills the frame and the whole picture
_KEPT = 0.95  # the least of what the eye goes to that stays, where nothing must be whole
_ROOM = 0.08  # around what must be whole, of its size: where the camera moves
_SHADOW, _SOFTNESS, _FALL = 0.5, 0.02, 0.006  # its depth; its blur and how far it falls, in shares of the longer side


def staged(
    image: Image.Image, focus: Focus, size: tuple[int, int], background: str, ground: str, is_whole: bool
) -> tuple[Image.Image, Focus, float]:
    """The picture on a stage of this size, where its focus lies there, and how many times it was enlarged.

    With `is_whole` nothing is cut off; else what lies beside the subject may go, so that it does not become a strip.
    """
    part = (0.0, 0.0, 1.0, 1.0) if is_whole else largest_part(image.size, focus, size)
    edges = [round(share * image.size[number % 2]) for number, share in enumerate(part)]
    shown, focus = image.crop((edges[0], edges[1], edges[2], edges[3])), seen_in(focus, part)
    placed = frame(shown.size, size, "fit", focus)
    picture = compose(shown, placed, background, ground)
    if background == BLUR and picture.mode == "RGB":
        picture = _shadowed(picture, placed.inner)
    return picture, focus.within(placed.inner_shares), placed.scale


def largest_part(size: tuple[int, int], focus: Focus, target: tuple[int, int]) -> Region:
    """The part of a picture that comes out largest in the target with all that must stay: only its longer sides give way."""
    fill = (target[0] / target[1]) / (size[0] / size[1])
    axis = 0 if fill < 1 else 1
    least = min(fill, 1 / fill)
    must = [*(grown(box, _ROOM, _ROOM, _ROOM) for box in focus.roomy or focus.boxes), *focus.airy_words]
    wish = focus.best_middle(*((least, 1.0) if axis == 0 else (1.0, least)))[axis]
    for step in range(_STEPS):
        length = least + (1 - least) * step / _STEPS
        spans = [(box[axis], box[axis + 2]) for box in must]
        start = start_of_window(wish - length / 2, length, spans, spans)
        part = (start, 0.0, start + length, 1.0) if axis == 0 else (0.0, start, 1.0, start + length)
        if all(is_inside(box, part) for box in must) and (must or focus.kept(part) >= _KEPT):
            return part
    return 0.0, 0.0, 1.0, 1.0


def seen_in(focus: Focus, part: Region) -> Focus:
    """The same focus as shares of a part of the picture."""
    left, top, right, bottom = part
    wide, tall = right - left, bottom - top

    def moved(box: Region) -> Region:
        edges = (box[0] - left) / wide, (box[1] - top) / tall, (box[2] - left) / wide, (box[3] - top) / tall
        return max(0.0, edges[0]), max(0.0, edges[1]), min(1.0, edges[2]), min(1.0, edges[3])

    rows, columns = focus.attention.shape
    first, last = (int(top * rows), int(left * columns)), (int(np.ceil(bottom * rows)), int(np.ceil(right * columns)))
    return replace(
        focus,
        x=min(max((focus.x - left) / wide, 0.0), 1.0),
        y=min(max((focus.y - top) / tall, 0.0), 1.0),
        attention=focus.attention[first[0] : last[0], first[1] : last[1]],
        boxes=tuple(moved(box) for box in focus.boxes if is_inside(box, part)),
        roomy=tuple(moved(box) for box in focus.roomy if is_inside(box, part)),
        words=tuple(moved(box) for box in focus.words if is_inside(box, part)),
    )


def _shadowed(picture: Image.Image, inner: tuple[int, int, int, int]) -> Image.Image:
    """The ground darker where it is near the picture that lies on it."""
    left, top, width, height = inner
    longer = max(picture.size)
    cover = np.zeros((picture.height, picture.width), np.float32)
    cover[top : top + height, left : left + width] = 1
    fallen = np.roll(cover, round(longer * _FALL), axis=0)
    shadow = cv2.GaussianBlur(fallen, (0, 0), longer * _SOFTNESS) * (1 - cover) * _SHADOW
    pixels = np.asarray(picture, np.float32) * (1 - shadow)[..., None]
    return Image.fromarray(np.rint(pixels).astype(np.uint8))
