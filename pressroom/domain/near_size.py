"""When a picture of another size may stand for the one that was ordered: cropped a little, resized a little."""

from __future__ import annotations

from typing import Final

Pixels = tuple[int, int]  # width, height

MOST_CROPPED: Final = 0.2  # share of one side that may be cut off
MOST_RESIZED: Final = 1.1  # times; as far nobody sees that a picture was enlarged, beyond it an upscale does better
MOST_ENLARGED: Final = 1.5  # times; beyond that it is an enlargement of its own
LEAST_KEPT: Final = 0.25  # share of its area that a picture keeps where nobody has asked for a crop
SAME_SHAPE: Final = 0.005  # share of one side that rounding to whole pixels may cut off


def is_near(made: Pixels, wanted: Pixels) -> bool:
    """Whether what was made can be cropped and resized to what was wanted, and still be it."""
    return cropped(made, wanted) <= MOST_CROPPED and enlarged(made, wanted) <= MOST_ENLARGED


def cropped(made: Pixels, wanted: Pixels) -> float:
    """The share of one side that is cut off."""
    ratio = (made[0] / made[1]) / (wanted[0] / wanted[1])
    return 1 - min(ratio, 1 / ratio)


def enlarged(made: Pixels, wanted: Pixels) -> float:
    """How many times larger it is to be, below 1 where it is made smaller."""
    return max(wanted[0] / made[0], wanted[1] / made[1])


def even(value: float) -> int:
    """Planes of half resolution need even sides."""
    return round(value / 2) * 2
