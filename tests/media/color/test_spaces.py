"""Colours convert without loss, and text colours reach WCAG AA."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.color.spaces import (
    AA_NORMAL,
    contrast,
    distance,
    from_oklch,
    kin,
    mix,
    parse,
    readable_on,
    to_oklch,
    tone,
)

COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def _distance(first: str, second: str) -> float:
    return max(abs(a - b) for a, b in zip(parse(first), parse(second), strict=True)) * 255


@given(COLORS)
def test_a_colour_survives_the_way_to_oklch_and_back(color: str) -> None:
    assert _distance(from_oklch(*to_oklch(color)), color) <= 1


@given(st.floats(0.1, 1), st.floats(0, 0.5), st.floats(0, 360))
def test_a_colour_outside_srgb_keeps_its_lightness(lightness: float, chroma: float, hue: float) -> None:
    found, _, _ = to_oklch(from_oklch(lightness, chroma, hue))

    assert found == pytest.approx(lightness, abs=0.012)


@pytest.mark.parametrize(
    ("color", "expected"),
    [("#ffffff", (1.0, 0.0)), ("#000000", (0.0, 0.0)), ("#ff0000", (0.628, 0.2577)), ("#0000ff", (0.452, 0.3132))],
)
def test_known_colours_have_their_published_lightness_and_chroma(color: str, expected: tuple[float, float]) -> None:
    lightness, chroma, _ = to_oklch(color)

    assert (lightness, chroma) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(
    ("first", "second", "ratio"), [("#fff", "#000", 21.0), ("#777777", "#ffffff", 4.48), ("#fff", "#ffffffff", 1.0)]
)
def test_contrast_is_that_of_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)


@given(COLORS)
def test_every_ground_has_a_text_colour_that_reaches_aa(ground: str) -> None:
    assert contrast(readable_on(ground), ground) >= AA_NORMAL


@given(COLORS, COLORS)
def test_a_preferred_colour_is_kept_where_it_reads_and_shaded_where_not(ground: str, preferred: str) -> None:
    chosen = readable_on(ground, preferred)

    assert contrast(chosen, ground) >= AA_NORMAL
    if contrast(preferred, ground) >= AA_NORMAL:
        assert chosen == preferred


@given(COLORS, COLORS)
def test_mixing_starts_at_one_colour_and_ends_at_the_other(first: str, second: str) -> None:
    assert _distance(mix(first, second, 0), first) <= 1
    assert _distance(mix(first, second, 1), second) <= 1


@given(COLORS)
def test_a_colour_is_no_distance_from_itself_and_white_is_one_from_black(color: str) -> None:
    assert distance(color, color) == 0
    assert distance("#ffffff", "#000000") == pytest.approx(1, abs=1e-6)


@given(COLORS, st.floats(0.15, 0.95))
def test_a_tone_has_the_lightness_that_was_asked_for(color: str, lightness: float) -> None:
    assert to_oklch(tone(color, lightness))[0] == pytest.approx(lightness, abs=0.015)


def test_yellow_darkens_towards_red_and_not_into_olive() -> None:
    _, _, before = to_oklch("#f2c200")
    _, _, after = to_oklch(tone("#f2c200", 0.4))

    assert after < before - 25


@given(COLORS.filter(lambda color: to_oklch(color)[0] > 0.1), COLORS, st.floats(10, 90))
def test_kin_keeps_lightness_and_comes_as_near_in_hue_as_asked(color: str, other: str, degrees: float) -> None:
    lightness, chroma, _ = to_oklch(color)
    related = kin(color, other, degrees)

    assert to_oklch(related)[0] == pytest.approx(lightness, abs=0.015)
    if chroma > 0.06 and to_oklch(other)[1] > 0.06 and to_oklch(related)[1] > 0.04:
        apart = abs((to_oklch(related)[2] - to_oklch(other)[2] + 180) % 360 - 180)
        assert apart <= degrees + 4
