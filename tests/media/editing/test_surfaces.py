"""Surfaces decide as a whole: what lies near a range follows the surface it is on, and edges of colour stop the vote."""

from __future__ import annotations

import numpy as np
import pytest

from pressroom.media.editing.surfaces import voted
from tests.support.edits import linear

RED, BLUE = (190, 40, 30), (30, 60, 180)


def halves(left: tuple[int, int, int], right: tuple[int, int, int], side: int = 60) -> np.ndarray:
    pixels = np.full((side, side, 3), left, np.uint8)
    pixels[:, side // 2 :] = right
    return pixels


def plane(share: float, side: int = 60, seed: int = 1) -> np.ndarray:
    """255 at that share of the pixels, scattered."""
    return np.where(np.random.default_rng(seed).random((side, side)) < share, 255, 0).astype(np.uint8)


def test_where_nothing_is_in_the_range_nothing_belongs() -> None:
    nothing = np.zeros((60, 60), np.uint8)

    assert voted(halves(RED, BLUE), nothing, np.full((60, 60), 255, np.uint8)).max() == 0


def test_where_all_is_in_the_range_all_belongs() -> None:
    everything = np.full((60, 60), 255, np.uint8)

    assert voted(halves(RED, RED), everything, everything).min() == 255


def test_shades_follow_the_surface_they_are_on() -> None:
    """The red half is in the range at 7 of 10 pixels: the rest of it comes along, nothing of the blue half does."""
    core = plane(0.7)
    core[:, 30:] = 0

    found = voted(halves(RED, BLUE), core, np.full((60, 60), 255, np.uint8))

    assert found[:, :28].min() > 230
    assert found[:, 32:].max() < 25


def test_a_few_pixels_do_not_carry_a_surface() -> None:
    """Two of a hundred are in the range on the left, all are on the right: the left stays another colour's."""
    core = plane(0.02)
    core[:, 30:] = 255

    found = voted(halves(BLUE, RED), core, np.full((60, 60), 255, np.uint8))

    assert found[:, :26].mean() < 12
    assert found[:, 34:].min() > 230


def test_light_and_shade_are_no_edge() -> None:
    """One red thing from full light to a fifth of it: votes of its lit part reach its shaded end, as if it were evenly lit."""
    light = linear(RED) * np.linspace(1, 0.2, 60)[None, :, None] * np.ones((60, 1, 1))
    codes = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    core = np.zeros((60, 60), np.uint8)
    core[:, :45] = 255
    near = np.full((60, 60), 255, np.uint8)

    shaded, even = (voted(pixels, core, near) for pixels in (np.rint(codes).astype(np.uint8), halves(RED, RED)))

    assert shaded[:, 59].min() > 200
    assert np.abs(shaded.astype(int) - even).max() < 40


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 2), (40, 7)])
def test_no_picture_is_too_small(shape: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), RED, np.uint8)
    core = np.full(shape, 255, np.uint8)

    found = voted(pixels, core, core)

    assert found.shape == shape
    assert found.dtype == np.uint8
    assert found.min() == 255


def test_nobody_belongs_more_than_near_or_core_says() -> None:
    core, near = plane(0.5, seed=3), (plane(0.8, seed=4) // 2).astype(np.uint8)

    found = voted(halves(RED, BLUE), core, near)

    assert (found <= np.maximum(core, near)).all()


def test_a_large_picture_is_judged_small_and_answered_large() -> None:
    pixels = np.full((40, 2400, 3), RED, np.uint8)
    pixels[:, 1200:] = BLUE
    core = np.zeros((40, 2400), np.uint8)
    core[:, :1200] = 255

    found = voted(pixels, core, np.full((40, 2400), 255, np.uint8))

    assert found.shape == (40, 2400)
    assert found[:, :1180].min() > 230
    assert found[:, 1220:].max() < 25
    assert (found == voted(pixels, core, np.full((40, 2400), 255, np.uint8))).all()
