"""Palettes keep the brand, can be read, and can be worn in several ways."""

from __future__ import annotations

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.color.palette import APART, APART_FROM_GROUND, colorways, make_palette
from pressroom.media.color.spaces import AA_NORMAL, contrast, distance, luminance, to_oklch

COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
ROLES = ("primary", "secondary", "accent", "background", "text")
BRANDS = st.dictionaries(st.sampled_from(ROLES), COLORS)


@given(BRANDS, st.integers(0, 99), st.none() | st.booleans())
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


@given(BRANDS, st.integers(0, 99))
def test_every_colourway_is_readable_and_its_figures_stand_out(brand: dict[str, str], seed: int) -> None:
    for way in colorways(make_palette(brand, random.Random(seed))):
        assert contrast(way.ink, way.ground) >= AA_NORMAL
        assert contrast(way.muted, way.ground) >= AA_NORMAL
        assert all(distance(figure, way.ground) >= APART_FROM_GROUND for figure in way.figures)
        assert all(distance(one, two) >= APART for one, two in itertools.combinations(way.figures, 2))


def test_invented_colours_are_neither_grey_nor_mud() -> None:
    for seed in range(200):
        palette = make_palette({}, random.Random(seed))

        for color in (palette.primary, palette.secondary, palette.accent):
            lightness, chroma, hue = to_oklch(color)
            assert chroma >= 0.06
            # Olive: a yellow darker than 0.62.
            assert lightness >= 0.62 or not 80 <= hue <= 115, (seed, color)
