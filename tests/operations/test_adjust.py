"""adjust: light is added as light, colour as the eye counts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pressroom.media.color.spaces import to_hex, to_oklch
from pressroom.media.editing.tone import Tone, adjusted, daylight
from pressroom.operations.adjust import AdjustParams
from tests.support.edits import edit, linear, shaded, with_alpha

GREYS = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)


def _lch(codes: Any) -> tuple[float, float, float]:
    return to_oklch(to_hex(tuple(float(code) / 255 for code in codes)))


def _hue_away(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def test_one_stop_doubles_linear_light(tmp_path: Path) -> None:
    source = shaded() // 2

    found, _ = edit("adjust", tmp_path, source, exposure=1)

    step = np.abs(linear(np.minimum(found + 1.0, 255)) - linear(found))
    assert (np.abs(linear(found) - 2 * linear(source)) <= step).all()


def test_a_stop_down_and_up_gives_the_bright_parts_back(tmp_path: Path) -> None:
    source = shaded()

    down, _ = edit("adjust", tmp_path, source, exposure=-1)
    back, _ = edit("adjust", tmp_path, down, exposure=1)

    assert np.abs(back.astype(int) - source).max() <= 2


@pytest.mark.parametrize("name", ["contrast", "highlights", "shadows"])
@pytest.mark.parametrize("value", [-1, -0.5, 0.5, 1])
def test_tone_curves_rise_and_keep_grey_grey(name: str, value: float) -> None:
    found = adjusted(GREYS, Tone(**{name: value}))[0][0].astype(int)

    assert (np.diff(found[:, 0]) >= 0).all()
    assert np.ptp(found, axis=1).max() <= 1
    if name != "contrast" or value > 0:
        assert (found[0, 0], found[255, 0]) == (0, 255)


def test_contrast_leaves_middle_grey_and_parts_what_lies_around_it() -> None:
    found = adjusted(GREYS, Tone(contrast=0.7))[0][0, :, 0].astype(int)

    assert abs(found[118] - 118) <= 1  # 18 % grey
    assert found[60] < 50
    assert found[190] > 200


def test_shadows_move_dark_parts_and_highlights_bright_ones() -> None:
    shadows = adjusted(GREYS, Tone(shadows=1))[0][0, :, 0].astype(int) - np.arange(256)
    highlights = adjusted(GREYS, Tone(highlights=-1))[0][0, :, 0].astype(int) - np.arange(256)

    assert shadows[60] > 20 > 10 > shadows[220]
    assert highlights[200] < -15 < -6 < highlights[60]


def test_saturation_keeps_lightness_and_hue() -> None:
    colors = np.array([[[150, 110, 90], [90, 120, 150], [110, 140, 100], [140, 100, 140]]], np.uint8)

    found = adjusted(colors, Tone(saturation=0.5))[0]

    for old, new in zip(colors[0], found[0], strict=True):
        before, after = _lch(old), _lch(new)
        assert after[0] == pytest.approx(before[0], abs=0.004)
        assert after[1] == pytest.approx(1.5 * before[1], rel=0.06)
        assert _hue_away(before[2], after[2]) < 3


def test_a_colour_that_srgb_does_not_have_keeps_its_hue() -> None:
    color = np.array([[[230, 60, 40]]], np.uint8)

    found = adjusted(color, Tone(saturation=1))[0]

    assert _hue_away(_lch(color[0, 0])[2], _lch(found[0, 0])[2]) < 3


def test_no_saturation_is_grey_of_the_same_lightness() -> None:
    found = adjusted(shaded(), Tone(saturation=-1))[0]

    assert np.ptp(found, axis=2).max() <= 1
    assert _lch(found[40, 60])[0] == pytest.approx(_lch(shaded()[40, 60])[0], abs=0.004)


def test_warm_is_daylight_of_a_lower_temperature() -> None:
    """White under temperature 1 has the chromaticity of CIE daylight at 4,003 K, and its luminance stays."""
    grey = np.full((1, 1, 3), 140, np.uint8)

    found = linear(adjusted(grey, Tone(temperature=1))[0][0, 0])
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = to_xyz @ found

    assert (x / (x + y + z), y / (x + y + z)) == pytest.approx(daylight(4003), abs=0.002)
    assert y == pytest.approx(float(linear(140)), rel=0.01)


@pytest.mark.parametrize(
    ("tone", "strong", "weak"),
    [
        (Tone(temperature=0.5), 0, 2),
        (Tone(temperature=-0.5), 2, 0),
        (Tone(tint=0.5), 0, 1),
        (Tone(tint=-0.5), 1, 2),
    ],
)
def test_white_balance_goes_the_way_it_says(tone: Tone, strong: int, weak: int) -> None:
    found = adjusted(np.full((1, 1, 3), 128, np.uint8), tone)[0][0, 0].astype(int)

    assert found[strong] > found[weak] + 8


def test_auto_levels_spread_a_flat_picture(tmp_path: Path) -> None:
    found, details = edit("adjust", tmp_path, shaded() // 2 + 60, auto_levels=True)

    assert found.max() > 235
    assert found.min() < 25
    assert 0 < details["levels"][0] < details["levels"][1] < 1


def test_auto_levels_do_not_tear_an_even_picture_apart(tmp_path: Path) -> None:
    source = np.random.default_rng(4).integers(118, 123, (40, 40, 3)).astype(np.uint8)

    found, _ = edit("adjust", tmp_path, source, auto_levels=True)

    assert np.ptp(found) < 5 * 4


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=60))
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)
def test_no_change_changes_nothing(colors: list[tuple[int, int, int]]) -> None:
    pixels = np.array([colors], np.uint8)

    assert (adjusted(pixels, Tone())[0] == pixels).all()


def test_transparency_stays_and_the_same_picture_gives_the_same_pixels(tmp_path: Path) -> None:
    source = with_alpha(shaded())

    once, _ = edit("adjust", tmp_path, source, exposure=0.5, contrast=0.3, temperature=0.2)
    again, _ = edit("adjust", tmp_path, source, exposure=0.5, contrast=0.3, temperature=0.2)

    assert (once[..., 3] == source[..., 3]).all()
    assert (once == again).all()


def test_nothing_to_change_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing to change"):
        AdjustParams(image="image")
