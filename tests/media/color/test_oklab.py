"""OKLab agrees with its published values, loses no 8-bit colour, and comes back into sRGB with lightness and hue kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.color import oklab, spaces, srgb
from tests.support.edits import linear

CUBE = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.uint8)
GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
# sRGB's matrix of IEC 61966-2-1, to hand XYZ over to a function that takes linear sRGB.
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)

LABS = st.lists(st.tuples(st.floats(0, 1), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)), min_size=1, max_size=40).map(
    lambda rows: np.array(rows, np.float32)
)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_light_and_values_are_each_others_inverse_in_their_precision(precision: type) -> None:
    values = np.linspace(0, 1, 257, dtype=precision)

    light = oklab.linearized(values)

    assert light.dtype == oklab.encoded(light).dtype == precision
    assert np.abs(oklab.encoded(light) - values).max() < 1e-4
    assert oklab.linearized(np.array(0.5)) == pytest.approx(0.2140, abs=1e-4)
    assert [float(each) for each in light] == pytest.approx([srgb.linear(float(each)) for each in values], abs=1e-6)


def hue(lab: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))


def chroma(lab: np.ndarray) -> np.ndarray:
    return np.hypot(lab[:, 1], lab[:, 2])


@pytest.mark.parametrize(
    ("xyz", "lab"),
    [
        ((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)),
        ((1, 0, 0), (0.450, 1.236, -0.019)),
        ((0, 1, 0), (0.922, -0.671, 0.263)),
    ],
)
def test_it_has_the_values_of_its_author(xyz: tuple[float, ...], lab: tuple[float, ...]) -> None:
    """The table of https://bottosson.github.io/posts/oklab/, to its three digits."""
    found = oklab.lab_of((np.linalg.inv(XYZ) @ np.array(xyz))[None].astype(np.float32))[0]

    assert found == pytest.approx(lab, abs=1.5e-3)


@pytest.mark.parametrize(
    ("color", "oklch"),
    [
        ("#ff0000", (0.62796, 0.25768, 29.23)),
        ("#00ff00", (0.86644, 0.29483, 142.50)),
        ("#0000ff", (0.45201, 0.31321, 264.05)),
        ("#f0f", (0.70167, 0.32249, 328.36)),
    ],
)
def test_it_has_the_values_that_css_gives_srgbs_corners(color: str, oklch: tuple[float, ...]) -> None:
    """CSS Color Module Level 4, `oklch()` of the named colours."""
    lab = oklab.lab_of_hex(color)[None]

    found = (float(lab[0, 0]), float(chroma(lab)[0]), float(hue(lab)[0]) % 360)

    assert found[:2] == pytest.approx(oklch[:2], abs=2e-4)
    assert found[2] == pytest.approx(oklch[2], abs=0.1)


def test_linear_light_is_that_of_the_standard() -> None:
    assert oklab.linear_of(GREYS) == pytest.approx(linear(GREYS), abs=1e-6)
    assert (np.diff(oklab.LINEAR) > 0).all()


@pytest.mark.parametrize("codes", [CUBE, GREYS])
def test_every_8_bit_colour_comes_back_exactly(codes: np.ndarray) -> None:
    through_light = oklab.codes_of(oklab.linear_of(codes))
    through_lab = oklab.codes_of(oklab.light_of(oklab.lab_of(oklab.linear_of(codes))))
    through_gamut = oklab.codes_of(oklab.into_gamut(oklab.lab_of(oklab.linear_of(codes))))

    assert (through_light == codes).all()
    assert (through_lab == codes).all()
    assert np.abs(through_gamut.astype(int) - codes).max() <= 1


def test_greys_have_no_chroma_and_a_lightness_that_rises() -> None:
    lab = oklab.lab_of(oklab.linear_of(GREYS))

    assert chroma(lab).max() < 1e-3
    assert (np.diff(lab[:, 0]) > 0).all()
    assert lab[0, 0] == pytest.approx(0, abs=1e-6)
    assert lab[-1, 0] == pytest.approx(1, abs=1e-5)


def test_light_outside_the_screen_is_clipped() -> None:
    codes = oklab.codes_of(np.array([[-0.5, 0.5, 7.0]], np.float32))

    assert codes.tolist() == [[0, 188, 255]]  # half the light is code 188 in IEC 61966-2-1


@settings(max_examples=60, deadline=None)
@given(LABS)
def test_into_gamut_ends_in_srgb_and_keeps_lightness_and_hue(lab: np.ndarray) -> None:
    light = oklab.into_gamut(lab)

    found = oklab.lab_of(light)
    assert light.min() >= 0
    assert light.max() <= 1
    assert np.abs(found[:, 0] ** 3 - lab[:, 0] ** 3).max() < 5e-4  # cubes: in light, where a step of 8 bits is 3e-4
    assert (chroma(found) <= chroma(lab) + 1e-3).all()
    coloured = (chroma(found) > 0.03) & (lab[:, 0] > 0.15)  # below, hue turns within the rounding of 8 bits
    turned = (hue(found) - hue(lab) + 180) % 360 - 180
    assert np.abs(turned[coloured]).max(initial=0) < 3


@settings(max_examples=40, deadline=None)
@given(LABS)
def test_into_gamut_takes_no_more_chroma_than_srgb_asks(lab: np.ndarray) -> None:
    """A hundredth more of the wished chroma would not be there: halving stops at 1/256 of it."""
    kept = chroma(oklab.lab_of(oklab.into_gamut(lab))) / np.maximum(chroma(lab), 1e-6)
    lowered = (kept < 0.98) & (chroma(lab) > 0.05) & (lab[:, 0] > 0.02) & (lab[:, 0] < 0.98)

    more = lab[lowered] * np.column_stack([np.ones(lowered.sum()), *[kept[lowered] + 0.02] * 2]).astype(np.float32)

    light = oklab.light_of(more)
    assert ((light < 0) | (light > 1)).any(axis=1).all()


def test_into_gamut_leaves_what_is_there_alone() -> None:
    lab = oklab.lab_of(oklab.linear_of(CUBE))

    assert oklab.into_gamut(lab) == pytest.approx(oklab.linear_of(CUBE), abs=2e-4)


def test_colours_are_worked_on_one_by_one() -> None:
    """No colour depends on the others in its array: work may be cut into chunks anywhere."""
    lab = np.random.default_rng(5).uniform((0, -0.4, -0.4), (1, 0.4, 0.4), (64, 3)).astype(np.float32)

    alone = np.concatenate([oklab.into_gamut(row[None]) for row in lab])

    assert alone == pytest.approx(oklab.into_gamut(lab), abs=1e-5)


@pytest.mark.parametrize("color", ["#1f3b2d", "#cc6a3c", "#000", "#ffffff80"])
def test_a_hex_colour_is_the_one_that_single_colours_are_reckoned_with(color: str) -> None:
    """`spaces` reckons in plain Python for single colours; both must mean the same one."""
    lab = oklab.lab_of_hex(color)[None]

    lightness, strength, angle = spaces.to_oklch(color)

    assert lab[0, 0] == pytest.approx(lightness, abs=1e-5)
    assert chroma(lab)[0] == pytest.approx(strength, abs=1e-5)
    assert strength < 1e-3 or hue(lab)[0] % 360 == pytest.approx(angle, abs=0.01)
