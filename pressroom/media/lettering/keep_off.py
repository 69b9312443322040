"""What words keep off: faces, else what stands out in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pressroom.media.geometry import Box, Region

if TYPE_CHECKING:
    from PIL.Image import Image

# What fills more of the picture than this leaves words no room beside it: they keep off its middle, of this size.
LARGEST_SUBJECT = 0.45
SCENE = 0.9  # what fills more than this is the picture itself
BODY_SIDE = 224  # pixels at which the bodies of heads are looked for
AIR = 0.018  # between words and a subject, as a share of the shorter side


def subjects_of(picture: Image) -> tuple[Box, ...]:
    """Heads and those whose they are, or the subject where there are none, in pixels; empty for patterns and scenes."""
    from pressroom.media.subject.focal import find_focus

    plain = picture.convert("RGB")
    focus = find_focus(plain)
    if focus.source == "faces":
        regions = (*focus.roomy, *_bodies(plain, focus.boxes))
    else:
        regions = focus.boxes if focus.source == "detail" else ()
    return kept_free(regions, picture.size)


def kept_free(regions: Sequence[Region], size: tuple[int, int]) -> tuple[Box, ...]:
    """What words keep off where these are the subjects of a picture of this size, in pixels."""
    return tuple(_kept_free(region, size) for region in regions if _area(region) <= SCENE)


def _bodies(picture: Image, faces: Sequence[Region]) -> list[Region]:
    """The objects that hold a face: people, as far as they are seen."""
    import numpy as np  # here: whether words fit is asked in every plan, and that looks at no picture

    from pressroom.media.subject.attention import look
    from pressroom.media.subject.second_look import look_again

    small = picture.copy()
    small.thumbnail((BODY_SIDE, BODY_SIDE))
    pixels = np.asarray(small)
    objects = look_again(pixels, look(pixels))[0].parts
    middles = [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in faces]
    return [box for box in objects if any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in middles)]


def _kept_free(region: Region, size: tuple[int, int]) -> Box:
    """The region with some air, or its middle where it is too large to be kept free."""
    left, top, right, bottom = region
    share = min(1.0, math.sqrt(LARGEST_SUBJECT / _area(region)))
    x, y = (left + right) / 2, (top + bottom) / 2
    wide, tall = (right - left) * share, (bottom - top) * share
    box = Box((x - wide / 2) * size[0], (y - tall / 2) * size[1], wide * size[0], tall * size[1])
    return box.inset(-AIR * min(size)) if share == 1.0 else box


def _area(region: Region) -> float:
    return (region[2] - region[0]) * (region[3] - region[1])


def covered(words: Sequence[Box], subjects: Sequence[Box]) -> float:
    """The largest share of a subject that words stand on, from 0 to 1."""
    return max(
        (
            sum(_shared(box, subject) for box in words) / max(1.0, subject.width * subject.height)
            for subject in subjects
        ),
        default=0.0,
    )


def _shared(one: Box, other: Box) -> float:
    across = min(one.right, other.right) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(0.0, across) * max(0.0, down)
