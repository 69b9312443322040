"""Ranges of colour mean what people call colours: names fit CSS, borders are soft, tolerance only widens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageColor

from pressroom.media.color.oklab import lab_of, lab_of_hex, linear_of
from pressroom.media.color.ranges import NAMED, Range, at_borders, at_shades, belonging, range_of

HUES = [name for name, found in NAMED.items() if found.hue is not None]
NEUTRALS = [name for name, found in NAMED.items() if found.hue is None]
COLORS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
RNG_LABS = lab_of(linear_of(np.random.default_rng(11).integers(0, 256, (4000, 3), dtype=np.uint8)))


def css(name: str) -> np.ndarray:
    """The CSS colour of that name; its brown is a red and its pink is pale, so that these two go by their neighbours."""
    name = {"brown": "saddlebrown", "pink": "hotpink"}.get(name, name)
    return lab_of_hex("#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(name)[:3]))[None]


def ring(lightness: float = 0.7, chroma: float = 0.2) -> np.ndarray:
    """OKLab colours of every hue, one a degree."""
    angle = np.radians(np.arange(360))
    return np.column_stack([np.full(360, lightness), chroma * np.cos(angle), chroma * np.sin(angle)]).astype(np.float32)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_the_css_colour_of_a_name_is_all_in_its_range(name: str) -> None:
    assert belonging(css(name), NAMED[name])[0] > 0.95


@pytest.mark.parametrize("name", sorted(NAMED))
def test_the_css_colour_of_a_name_is_in_no_other_range(name: str) -> None:
    """But brown, which is dark orange."""
    apart = [other for other in NAMED if other != name and {name, other} != {"brown", "orange"}]
    others = {other: float(belonging(css(name), NAMED[other])[0]) for other in apart}

    assert max(others.values()) < 0.1, others


@pytest.mark.parametrize(
    "name", ["crimson", "gold", "limegreen", "turquoise", "royalblue", "indigo", "hotpink", "sienna"]
)
def test_neighbours_of_a_name_are_found_under_it(name: str) -> None:
    expected = {
        "crimson": "red", "gold": "yellow", "limegreen": "green", "turquoise": "teal",
        "royalblue": "blue", "indigo": "purple", "hotpink": "pink", "sienna": "brown",
    }  # fmt: skip

    shares = {other: float(belonging(css(name), NAMED[other])[0]) for other in HUES}

    assert max(shares, key=lambda other: shares[other]) == expected[name], shares


@pytest.mark.parametrize("name", sorted(NAMED))
def test_shares_are_from_0_to_1(name: str) -> None:
    for found in (NAMED[name], at_borders(NAMED[name]), at_shades(NAMED[name], 0.5)):
        share = belonging(RNG_LABS, found)

        assert share.shape == (len(RNG_LABS),)
        assert share.min() >= 0
        assert share.max() <= 1


def test_no_strong_colour_is_without_a_name() -> None:
    for lightness in (0.5, 0.6, 0.7, 0.8):
        named = np.max([belonging(ring(lightness, 0.3 * lightness), NAMED[name]) for name in HUES], axis=0)

        assert named.min() > 0.45, (lightness, int(named.argmin()))


@pytest.mark.parametrize(
    ("one", "other"), [("yellow", "green"), ("green", "teal"), ("teal", "blue"), ("blue", "purple")]
)
def test_what_one_name_loses_at_a_border_its_neighbour_gains(one: str, other: str) -> None:
    (_, border) = NAMED[one].hue or (0, 0)
    near = ring()[round(border) - 6 : round(border) + 7]

    assert belonging(near, NAMED[one]) + belonging(near, NAMED[other]) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("name", HUES)
def test_borders_of_hue_are_soft(name: str) -> None:
    """From one degree to the next no pixel falls out of a range at once: that would show as a torn edge."""
    share = belonging(ring(0.6), NAMED[name])

    assert np.abs(np.diff(np.append(share, share[0]))).max() < 0.2


def test_a_range_goes_over_the_end_of_the_circle() -> None:
    found = belonging(ring(), Range((350, 370)))

    assert found[[0, 1, 359]] == pytest.approx(1, abs=0.01)
    assert found[[20, 180, 340]] == pytest.approx(0, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(COLORS, st.floats(0, 1), st.floats(0, 1))
def test_more_tolerance_never_finds_less(color: str, one: float, other: float) -> None:
    narrow, wide = (belonging(RNG_LABS, range_of(color, tolerance)) for tolerance in sorted((one, other)))

    assert (narrow <= wide + 1e-5).all()


@pytest.mark.parametrize("name", HUES)
def test_a_name_at_half_tolerance_is_as_it_is_written(name: str) -> None:
    assert range_of(name, 0.5) == NAMED[name]
    wide, narrow = range_of(name, 1.0).hue, range_of(name, 0.0).hue
    assert wide is not None
    assert narrow is not None
    usual = NAMED[name].hue or (0, 0)
    assert wide[1] - wide[0] == pytest.approx(1.5 * (usual[1] - usual[0]))
    assert narrow[1] - narrow[0] == pytest.approx(0.5 * (usual[1] - usual[0]))


@settings(max_examples=60, deadline=None)
@given(COLORS)
def test_a_colour_is_in_the_range_around_it(color: str) -> None:
    """Very dark colours may be left out: their hue is noise."""
    lab = lab_of_hex(color)[None]
    share = float(belonging(lab, range_of(color, 0.5))[0])

    assert share > 0.9 or lab[0, 0] < 0.16 or np.hypot(lab[0, 1], lab[0, 2]) < 0.05


@pytest.mark.parametrize("color", ["#000000", "#808080", "#7f8284", "#ffffff"])
def test_greys_are_of_no_hue(color: str) -> None:
    assert range_of(color, 0.5).hue is None
    assert max(float(belonging(lab_of_hex(color)[None], NAMED[name])[0]) for name in HUES) < 0.01


@pytest.mark.parametrize("name", HUES)
def test_borders_and_shades_hold_all_of_their_range(name: str) -> None:
    strict = belonging(RNG_LABS, NAMED[name])

    assert (belonging(RNG_LABS, at_borders(NAMED[name])) >= strict - 1e-5).all()
    assert (belonging(RNG_LABS, at_shades(NAMED[name], 0.5)) >= strict - 1e-5).all()


@pytest.mark.parametrize("name", NEUTRALS)
def test_neutral_ranges_have_no_wider_form(name: str) -> None:
    assert range_of(name, 1.0) == at_borders(NAMED[name]) == at_shades(NAMED[name], 1.0) == NAMED[name]


def test_half_the_light_changes_no_hues_share() -> None:
    """OKLab's lightness and chroma fall alike with the light, so a shaded thing keeps its name."""
    blue = ring()[240:270]

    assert belonging(blue * np.float32(0.5 ** (1 / 3)), NAMED["blue"]) == pytest.approx(
        belonging(blue, NAMED["blue"]), abs=1e-4
    )
