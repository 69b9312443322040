"""Tone: curves rise, grey stays grey, stops and kelvins are what photographers mean by them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.color.oklab import lab_of, linear_of
from pressroom.media.editing.tone import Tone, adjusted, daylight
from tests.support.edits import linear, shaded, with_alpha

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
SHARES = st.floats(-1, 1).map(lambda value: round(value, 3))
CURVES = st.builds(Tone, exposure=st.floats(-3, 3), contrast=SHARES, highlights=SHARES, shadows=SHARES)
# sRGB's matrix of IEC 61966-2-1.
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def changed(pixels: np.ndarray, **tone: float) -> np.ndarray:
    return adjusted(pixels, Tone(**tone))[0]


def chromaticity(code: np.ndarray) -> tuple[float, float]:
    x, y, z = XYZ @ linear(code)
    return x / (x + y + z), y / (x + y + z)


@pytest.mark.parametrize(
    ("kelvin", "x", "y"),
    [(5003, 0.3457, 0.3585), (5503, 0.3324, 0.3474), (6504, 0.3127, 0.3290), (7504, 0.2990, 0.3149)],
    ids=["D50", "D55", "D65", "D75"],
)
def test_daylight_is_the_cies(kelvin: float, x: float, y: float) -> None:
    """Table T.3 of CIE 15:2004, to its four digits."""
    assert daylight(kelvin) == pytest.approx((x, y), abs=2e-4)


def test_daylight_has_no_jump_where_its_formulas_meet() -> None:
    assert daylight(6999.9) == pytest.approx(daylight(7000.1), abs=2e-4)


@settings(max_examples=25, deadline=None)
@given(CURVES)
def test_curves_rise_and_keep_grey_grey(tone: Tone) -> None:
    found = adjusted(GREYS, tone)[0].astype(int)[0]

    assert (np.diff(found[:, 1]) >= 0).all()
    assert np.ptp(found, axis=1).max() <= 1


@settings(max_examples=15, deadline=None)
@given(SHARES.filter(lambda value: value >= 0), SHARES, SHARES)
def test_black_and_white_stay_where_contrast_shadows_and_highlights_move_what_lies_between(
    contrast: float, highlights: float, shadows: float
) -> None:
    found = changed(GREYS, contrast=contrast, highlights=highlights, shadows=shadows)

    assert found[0, 0].max() <= 1
    assert found[0, 255].min() >= 254


@pytest.mark.parametrize("contrast", [-1.0, -0.5, 0.5, 1.0])
def test_contrast_turns_around_the_grey_card(contrast: float) -> None:
    """18 % of the light is code 118."""
    found = changed(GREYS, contrast=contrast)[0, :, 0].astype(int)

    assert found[118] == pytest.approx(118, abs=1)
    apart = found[150] - found[90]
    assert apart > 62 if contrast > 0 else apart < 58


@pytest.mark.parametrize("stops", [-2.0, -1.0, 0.5, 1.0, 2.0])
def test_a_stop_is_twice_the_light(stops: float) -> None:
    light = linear(changed(GREYS, exposure=stops)[0, :, 0]) / 2**stops
    kept = (linear(GREYS[0, :, 0]) * 2**stops < 0.95) & (linear(GREYS[0, :, 0]) > 0.02)

    assert light[kept] == pytest.approx(linear(GREYS[0, kept, 0]), rel=0.05)


@pytest.mark.parametrize("temperature", [-1.0, -0.5, 0.5, 1.0])
def test_grey_takes_the_colour_of_the_daylight_that_is_asked_for(temperature: float) -> None:
    """96 mired a step: 1 is 4,000 K."""
    grey = changed(np.full((1, 1, 3), 128, np.uint8), temperature=temperature)[0, 0]

    kelvin = 1e6 / (1e6 / 6504 + 96 * temperature)
    assert chromaticity(grey) == pytest.approx(daylight(kelvin), abs=0.004)


@pytest.mark.parametrize("tone", [{"temperature": 0.7}, {"temperature": -0.7}, {"tint": 0.7}, {"tint": -0.7}], ids=str)
def test_white_balance_changes_the_colour_of_grey_and_not_its_luminance(tone: dict[str, float]) -> None:
    grey = np.full((1, 1, 3), 120, np.uint8)

    found = changed(grey, **tone)[0, 0]

    weights = XYZ[1]
    assert float(weights @ linear(found)) == pytest.approx(float(weights @ linear(grey[0, 0])), rel=0.02)
    assert np.ptp(found.astype(int)) > 8


def test_warm_is_redder_and_magenta_less_green() -> None:
    grey = np.full((1, 1, 3), 120, np.uint8)

    warm, cold = (changed(grey, temperature=value)[0, 0].astype(int) for value in (0.5, -0.5))
    magenta, green = (changed(grey, tint=value)[0, 0].astype(int) for value in (0.5, -0.5))

    assert warm[0] > 120 > warm[2]
    assert cold[0] < 120 < cold[2]
    assert magenta[1] < 120 < green[1]


@pytest.mark.parametrize("saturation", [-1.0, -0.4, 0.3])
def test_saturation_scales_chroma_and_keeps_lightness(saturation: float) -> None:
    pixels = np.array([[[150, 110, 100], [90, 120, 100], [110, 100, 150]]], np.uint8)

    before, after = (
        lab_of(linear_of(each.reshape(-1, 3))) for each in (pixels, changed(pixels, saturation=saturation))
    )

    assert after[:, 0] == pytest.approx(before[:, 0], abs=4e-3)
    assert after[:, 1:] == pytest.approx(before[:, 1:] * (1 + saturation), abs=5e-3)


def test_no_tone_is_no_change() -> None:
    pixels = shaded(40, 30)

    found, details = adjusted(pixels, Tone())

    assert np.abs(found.astype(int) - pixels).max() <= 1
    assert details == {}


def test_auto_levels_use_the_whole_range_and_say_what_they_found() -> None:
    pale = (GREYS // 2 + 70).astype(np.uint8)

    found, details = adjusted(pale, Tone(auto_levels=True))

    low, high = details["levels"]
    assert (found.min(), found.max()) == (0, 255)
    assert lab_of(linear_of(pale[0, [0, -1]]))[:, 0] == pytest.approx([low, high], abs=0.01)


@pytest.mark.parametrize("level", [0, 3, 128, 250, 255])
def test_auto_levels_leave_an_even_picture_nearly_even(level: int) -> None:
    """Noise of one level must not become a picture: 2.5 times is the most that is stretched."""
    pixels = np.full((20, 20, 3), level, np.uint8)
    pixels[::2] = min(255, level + 1)

    found, details = adjusted(pixels, Tone(auto_levels=True))

    low, high = details["levels"]
    assert high - low == pytest.approx(0.4, abs=1e-3)
    assert 0 <= low < high <= 1
    spread = [np.ptp(lab_of(linear_of(each.reshape(-1, 3)))[:, 0]) for each in (pixels, found)]
    assert spread[1] <= 2.5 * spread[0] + 0.01


def test_transparency_stays_and_decides_what_counts() -> None:
    """What nobody sees has no say in where black and white lie."""
    pixels = with_alpha((shaded(60, 40) // 3 + 80).astype(np.uint8))
    hidden = pixels.copy()
    hidden[hidden[..., 3] == 0, :3] = (0, 255, 0)

    (found, details), (_, same) = (adjusted(each, Tone(auto_levels=True)) for each in (pixels, hidden))

    assert (found[..., 3] == pixels[..., 3]).all()
    assert details == same
