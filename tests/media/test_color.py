"""Colours convert without loss, and text colours reach WCAG AA."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.color import (
    AA_NORMAL,
    contrast,
    from_oklch,
    luminance,
    make_palette,
    mix,
    parse,
    readable_on,
    to_oklch,
)

COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
ROLES = ("primary", "secondary", "accent", "background", "text")


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


@given(st.dictionaries(st.sampled_from(ROLES), COLORS), st.integers(0, 99), st.none() | st.booleans())
def test_every_palette_is_readable_and_keeps_the_brands_colours(
    brand: dict[str, str], seed: int, dark: bool | None
) -> None:
    palette = make_palette(brand, random.Random(seed), None, dark)

    for role in ("primary", "secondary", "accent", "background"):
        assert role not in brand or getattr(palette, role) == brand[role]
    assert contrast(palette.on_primary, palette.primary) >= AA_NORMAL
    assert contrast(palette.ink, palette.background) >= AA_NORMAL
    assert contrast(palette.muted, palette.background) >= AA_NORMAL
    assert contrast(palette.ink, palette.surface) >= AA_NORMAL


def test_a_dark_palette_is_dark() -> None:
    assert luminance(make_palette({}, random.Random(1), 250, True).background) < 0.05
    assert luminance(make_palette({}, random.Random(1), 250, False).background) > 0.8
