"""A duotone runs evenly from its dark to its light colour and keeps every step of lightness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.color.oklab import lab_of, linear_of
from pressroom.media.editing.duotone import duotoned
from tests.support.edits import shaded, with_alpha

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def lightness(pixels: np.ndarray) -> np.ndarray:
    return lab_of(linear_of(pixels[..., :3].reshape(-1, 3)))[:, 0]


@settings(max_examples=12, deadline=None)
@given(COLORS, COLORS)
def test_black_and_white_become_the_two_colours(dark: str, light: str) -> None:
    found = duotoned(GREYS, dark, light, 1.0)

    assert np.abs(found[0, 0].astype(int) - rgb(dark)).max() <= 1
    assert np.abs(found[0, 255].astype(int) - rgb(light)).max() <= 1


@pytest.mark.parametrize(("dark", "light"), [("#1f3b2d", "#f4efe8"), ("#000080", "#ffd700"), ("#200010", "#ffffff")])
def test_what_was_lighter_stays_lighter(dark: str, light: str) -> None:
    assert (np.diff(lightness(duotoned(GREYS, dark, light, 1.0))) > -2e-3).all()


@pytest.mark.parametrize("strength", [0.25, 0.5, 0.75])
def test_strength_is_the_share_of_the_way(strength: float) -> None:
    none, part, whole = (duotoned(GREYS, "#203050", "#e0d8c0", share) for share in (0.0, strength, 1.0))
    expected = (1 - strength) * lightness(none) + strength * lightness(whole)

    assert lightness(part) == pytest.approx(expected, abs=8e-3)  # a step of 8 bits near black


def test_no_strength_is_no_change() -> None:
    pixels = shaded(40, 30)

    assert np.abs(duotoned(pixels, "#ff0000", "#0000ff", 0.0).astype(int) - pixels).max() <= 1


def test_colour_no_longer_tells_pixels_of_one_lightness_apart() -> None:
    """Red and a grey as light as it come out the same: there are two colours instead of all."""
    red = np.full((2, 2, 3), (255, 0, 0), np.uint8)
    level = int(np.argmin(np.abs(lightness(GREYS) - lightness(red)[0])))

    found = duotoned(np.concatenate([red, np.full((2, 2, 3), level, np.uint8)]), "#102030", "#f0e0d0", 1.0)

    assert np.abs(found[0, 0].astype(int) - found[-1, -1]).max() <= 2


def test_transparency_stays_and_the_same_picture_gives_the_same_pixels() -> None:
    pixels = with_alpha(shaded(40, 30))

    found = duotoned(pixels, "#1f3b2d", "#cc6a3c", 0.8)

    assert (found[..., 3] == pixels[..., 3]).all()
    assert (found == duotoned(pixels, "#1f3b2d", "#cc6a3c", 0.8)).all()
