"""Sizes of crops and turned pictures are those of plane geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.editing.sizes import ratio_size, rotated_size

SIZES = st.tuples(st.integers(1, 3000), st.integers(1, 3000))
LARGE = st.tuples(st.integers(50, 3000), st.integers(50, 3000))
ANGLES = st.floats(-720, 720)


def turned_corners(size: tuple[float, float], degrees: float) -> list[tuple[float, float]]:
    """Corners of a rectangle around the origin after a turn."""
    turn = complex(math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))
    corners = [complex(x * size[0] / 2, y * size[1] / 2) * turn for x in (-1, 1) for y in (-1, 1)]
    return [(corner.real, corner.imag) for corner in corners]


def largest_area(size: tuple[int, int], degrees: float) -> float:
    """By search: of every width the largest height whose corners are inside the turned picture."""
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    widths = np.linspace(0, min(size[0] / cosine, size[1] / sine), 4000)
    heights = np.minimum((size[0] - widths * cosine) / sine, (size[1] - widths * sine) / cosine)
    return float((widths * np.maximum(heights, 0)).max())


@given(SIZES, st.floats(0.05, 20))
def test_a_ratio_is_inside_and_as_large_as_it_can_be(size: tuple[int, int], ratio: float) -> None:
    width, height = ratio_size(size, ratio)

    assert 1 <= width <= size[0]
    assert 1 <= height <= size[1]
    assert width == size[0] or height == size[1]
    # Whole pixels: the side that gives is at most half a pixel (or its one pixel) off.
    assert abs(width - height * ratio) <= max(0.5, ratio * 0.5) + 1e-6 or min(width, height) == 1


@given(SIZES, st.sampled_from([0, 90, 180, 270]), st.integers(-3, 3), st.sampled_from(["expand", "crop", "keep"]))
def test_quarter_turns_move_whole_pixels(size: tuple[int, int], quarter: int, rounds: int, edges: str) -> None:
    found = rotated_size(size, quarter + 360 * rounds, edges)

    assert found == (size[::-1] if quarter % 180 else size)


@given(SIZES, ANGLES.filter(lambda degrees: degrees % 90))
def test_keep_keeps(size: tuple[int, int], degrees: float) -> None:
    assert rotated_size(size, degrees, "keep") == size


@given(SIZES, ANGLES.filter(lambda degrees: 0.001 < degrees % 90 < 89.999))
def test_expand_holds_every_corner_and_no_pixel_more(size: tuple[int, int], degrees: float) -> None:
    width, height = rotated_size(size, degrees, "expand")

    corners = turned_corners(size, degrees)
    across, down = 2 * max(x for x, _ in corners), 2 * max(y for _, y in corners)
    assert across - 1e-5 <= width < across + 1
    assert down - 1e-5 <= height < down + 1


@settings(max_examples=150)
@given(LARGE, ANGLES.filter(lambda degrees: 0.5 < degrees % 90 < 89.5))
def test_crop_lies_inside_the_turned_picture(size: tuple[int, int], degrees: float) -> None:
    found = rotated_size(size, degrees, "crop")

    inside = turned_corners(found, -degrees)
    assert max(abs(x) for x, _ in inside) <= max(size[0] / 2, 1)
    assert max(abs(y) for _, y in inside) <= max(size[1] / 2, 1)


@settings(max_examples=60)
@given(LARGE, ANGLES.filter(lambda degrees: 0.5 < degrees % 90 < 89.5))
def test_crop_is_the_largest_such_rectangle(size: tuple[int, int], degrees: float) -> None:
    """But for the two to three pixels a side that the filter would mix in."""
    width, height = rotated_size(size, degrees, "crop")

    assert (width + 3) * (height + 3) >= largest_area(size, degrees) * 0.9999


@pytest.mark.parametrize("edges", ["expand", "crop"])
@given(size=LARGE, degrees=st.floats(0.5, 89.5))
def test_left_and_right_turns_are_alike(edges: str, size: tuple[int, int], degrees: float) -> None:
    assert rotated_size(size, degrees, edges) == rotated_size(size, -degrees, edges)
    assert rotated_size(size, degrees, edges) == rotated_size(size, degrees + 180, edges)


def test_a_square_at_45_degrees_is_by_the_root_of_two() -> None:
    assert rotated_size((1000, 1000), 45, "expand") == (1415, 1415)
    assert rotated_size((1000, 1000), 45, "crop") == (705, 705)
