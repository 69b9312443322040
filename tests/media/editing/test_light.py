"""Blur, sharpening, vignette and grain do to light what lenses, film and eyes make of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.editing.light import blurred, grained, sharpened, vignetted
from tests.support.edits import linear, shaded, with_alpha


def encoded(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055) * 255


def blurred_by_hand(pixels: np.ndarray, sigma: float) -> np.ndarray:
    """The definition: linear light, weighed by a Gaussian along rows and columns, edges repeated."""
    reach = int(4 * sigma) + 1
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()
    light = np.pad(linear(pixels), ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    for axis in (0, 1):
        light = np.apply_along_axis(np.convolve, axis, light, kernel, mode="valid")
    return encoded(light)


def step(left: int, right: int, side: int = 48) -> np.ndarray:
    pixels = np.full((side, side, 3), left, np.uint8)
    pixels[:, side // 2 :] = right
    return pixels


@pytest.mark.parametrize("sigma", [0.8, 1.5, 3.0])
def test_blur_is_a_gaussian_of_linear_light(sigma: float) -> None:
    pixels = shaded(40, 30)

    assert np.abs(blurred(pixels, sigma) - blurred_by_hand(pixels, sigma)).max() <= 1.5


def test_a_wide_blur_on_a_smaller_picture_looks_the_same() -> None:
    """From a deviation of 12 pixels on it is made on a smaller picture."""
    pixels = shaded(120, 90)

    assert np.abs(blurred(pixels, 13.0) - blurred_by_hand(pixels, 13.0)).max() <= 3


def test_the_middle_of_a_blurred_edge_has_half_the_light() -> None:
    """Code 188, not 128: a blur of codes is too dark."""
    row = blurred(step(0, 255), 4.0)[24, :, 0].astype(int)

    assert (row[23] + row[24]) / 2 == pytest.approx(188, abs=6)
    assert (np.diff(row) >= 0).all()


def test_what_nobody_sees_bleeds_into_nothing() -> None:
    """Red on green behind a hole: the seen green stays green up to its edge."""
    pixels = np.zeros((30, 30, 4), np.uint8)
    pixels[...] = (255, 0, 0, 0)
    pixels[8:22, 8:22] = (0, 160, 0, 255)

    found = blurred(pixels, 2.0)

    seen = found[..., 3] > 8
    assert found[seen, 0].max() <= 2
    assert np.abs(found[seen, 1].astype(int) - 160).max() <= 12
    assert found[..., 3].astype(float).sum() == pytest.approx(pixels[..., 3].astype(float).sum(), rel=0.01)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.5, 80), st.sampled_from([3, 4]), st.integers(0, 255))
def test_a_flat_picture_of_any_size_stays_flat(width: int, height: int, sigma: float, channels: int, code: int) -> None:
    pixels = np.full((height, width, channels), code, np.uint8)
    pixels[..., 3:] = 255

    assert np.abs(blurred(pixels, sigma).astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("radius", [0.6, 1.5, 3.0])
@pytest.mark.parametrize("amount", [0.5, 1.5, 4.0])
def test_sharpening_passes_no_neighbour_by_more_than_three_levels(amount: float, radius: float) -> None:
    found = sharpened(step(80, 170), amount, radius).astype(int)

    assert found.min() >= 80 - 3
    assert found.max() <= 170 + 3
    assert (found[:, 5] == 80).all()
    assert (found[:, -5] == 170).all()


def test_sharpening_steepens_a_soft_edge_more_the_more_is_asked() -> None:
    soft = blurred(step(60, 190), 2.0)

    slopes = [np.diff(sharpened(soft, amount, 2.0)[24, :, 1].astype(int)).max() for amount in (0.0, 0.5, 1.0, 2.0)]

    assert slopes == sorted(slopes)
    assert slopes[-1] > slopes[0] * 1.3


def test_no_amount_and_faint_noise_are_left_alone() -> None:
    pixels = shaded(40, 30)
    faint = np.random.default_rng(5).integers(127, 130, (30, 40, 1), dtype=np.uint8).repeat(3, 2)

    assert (sharpened(pixels, 0.0, 2.0) == pixels).all()
    assert (sharpened(faint, 3.0, 1.5) == faint).all()


def test_sharpening_shifts_all_channels_alike() -> None:
    """Luminance alone is sharpened: coloured fringes would come from sharpening channels by themselves."""
    soft = blurred(np.dstack([step(90, 150)[..., 0], step(70, 160)[..., 0], step(120, 130)[..., 0]]), 2.0)

    change = sharpened(soft, 1.0, 2.0).astype(int) - soft

    assert np.ptp(change, axis=2).max() == 0
    assert np.abs(change).max() > 3


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.8])
def test_a_vignette_takes_its_share_from_the_corners_and_nothing_from_the_middle(strength: float) -> None:
    found = vignetted(np.full((61, 91, 3), 200, np.uint8), strength)

    corners = [found[y : y + 2, x : x + 2] for y in (0, 59) for x in (0, 89)]
    assert np.mean([linear(corner).mean() for corner in corners]) == pytest.approx(
        linear(200) * (1 - strength), rel=0.08
    )
    assert np.abs(found[30, 45].astype(int) - 200).max() <= 1


def test_a_vignette_darkens_evenly_to_all_sides() -> None:
    found = vignetted(np.full((60, 80, 3), 180, np.uint8), 0.6).astype(int)

    assert np.abs(found - found[::-1]).max() <= 2
    assert np.abs(found - found[:, ::-1]).max() <= 2
    assert np.ptp(found, axis=2).max() == 0
    rings = [found[30 - reach, 40 - reach, 0] for reach in range(0, 30, 6)]
    assert rings == sorted(rings, reverse=True)


@pytest.mark.parametrize("size", [0.5, 1.0, 3.0])
def test_grain_is_as_strong_as_asked_whatever_its_size(size: float) -> None:
    """At full strength 22 levels deviation in the mid-tones (code 128)."""
    found = grained(np.full((200, 200, 3), 128, np.uint8), 0.5, size, 7).astype(float)

    assert found[..., 0].std() == pytest.approx(11, rel=0.15)
    assert found.mean() == pytest.approx(128, abs=1.5)


def test_grain_is_grey_and_leaves_black_and_white() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(80, axis=0)

    change = grained(ramp, 1.0, 1.0, 1).astype(int) - ramp

    spread = change.std(axis=(0, 2))
    assert spread[0] == spread[255] == 0
    assert spread[118:138].mean() > spread[20:30].mean()
    assert spread[118:138].mean() > spread[225:235].mean()
    assert np.ptp(change[:, 60:196], axis=2).max() == 0


def test_grain_is_seeded() -> None:
    pixels = shaded(40, 30)

    assert (grained(pixels, 0.5, 1.0, 4) == grained(pixels, 0.5, 1.0, 4)).all()
    assert (grained(pixels, 0.5, 1.0, 4) != grained(pixels, 0.5, 1.0, 5)).any()
    assert (grained(pixels, 0.0, 1.0, 4) == pixels).all()


@pytest.mark.parametrize(
    "effect",
    [
        lambda pixels: sharpened(pixels, 2.0, 1.5),
        lambda pixels: vignetted(pixels, 0.7),
        lambda pixels: grained(pixels, 1.0, 1.5, 3),
    ],
    ids=["sharpened", "vignetted", "grained"],
)
def test_transparency_stays_and_the_source_is_not_written_on(effect) -> None:
    pixels = with_alpha(shaded(40, 30))
    before = pixels.copy()

    found = effect(pixels)

    assert (found[..., 3] == pixels[..., 3]).all()
    assert (pixels == before).all()
    assert (found == effect(pixels)).all()
