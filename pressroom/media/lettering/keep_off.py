"""What words keep off: faces, else what stands out in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pressroom.media.geometry import Box

if TYPE_CHECKING:
    from PIL.Image import Image

# What fills more of the picture than this is its scene: words have to stand on it.
LARGEST_SUBJECT = 0.55
AIR = 0.018  # between words and a subject, as a share of the shorter side


def subjects_of(picture: Image) -> tuple[Box, ...]:
    """Faces with their heads, or the subject where there are none, in pixels; empty for patterns and scenes."""
    from pressroom.media.subject.focal import find_focus

    focus = find_focus(picture.convert("RGB"))
    regions = focus.roomy if focus.source == "faces" else focus.boxes if focus.source == "detail" else ()
    width, height = picture.size
    found = (
        Box(left * width, top * height, (right - left) * width, (bottom - top) * height)
        for left, top, right, bottom in regions
    )
    boxes = (box.inset(-AIR * min(width, height)) for box in found)
    return tuple(box for box in boxes if box.width * box.height <= LARGEST_SUBJECT * width * height)


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
