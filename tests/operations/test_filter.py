"""filter: effects that add neither halos nor bands nor seams."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from pressroom.domain.errors import Permanent
from pressroom.media.color.spaces import to_hex, to_oklch
from pressroom.media.editing.light import blurred, grained, sharpened, vignetted
from pressroom.operations.filter import FilterParams
from tests.support.edits import BRAND, edit, linear, shaded, with_alpha


@pytest.mark.parametrize("sigma", [1.5, 5, 20, 60])
def test_blur_spreads_light_and_loses_none(sigma: float) -> None:
    """A white square on black: the same light in all, spread by the deviation asked for."""
    source = np.zeros((600, 640, 3), np.uint8)
    source[280:320, 300:340] = 255

    light = linear(blurred(source, sigma))[..., 0]
    x = np.arange(640)
    spread = np.sqrt((light.sum(axis=0) * (x - 319.5) ** 2).sum() / light.sum())

    # 8 bits round the faint rim of a wide blur to nothing: what is left is a little narrower.
    assert light.sum() == pytest.approx(1600, rel=0.02 if sigma < 30 else 0.06)
    assert spread == pytest.approx(np.hypot(sigma, 40 / np.sqrt(12)), rel=0.02 if sigma < 30 else 0.06)


def test_blur_keeps_flat_colours_and_a_cut_outs_own(tmp_path: Path) -> None:
    source = with_alpha(np.full((80, 80, 3), (220, 30, 30), np.uint8))
    source[source[..., 3] == 0] = (0, 255, 0, 0)

    found, _ = edit("filter", tmp_path, source, blur=3)

    assert (blurred(np.full((50, 70, 3), 77, np.uint8), 12) == 77).all()
    assert found[found[..., 3] > 24][:, 1].max() < 40


def test_blur_in_percent_is_of_the_shorter_side(tmp_path: Path) -> None:
    source = shaded(200, 100)

    by_share, _ = edit("filter", tmp_path, source, blur="3%")
    by_pixels, _ = edit("filter", tmp_path, source, blur=3)

    assert (by_share == by_pixels).all()


def test_sharpening_steepens_edges_without_halos() -> None:
    ramp = np.rint(130 + 60 * np.tanh((np.arange(60) - 30.5) / 1.5)).astype(np.uint8)
    source = ramp[None, :, None].repeat(30, axis=0).repeat(3, axis=2)

    found = sharpened(source, 2.0, 1.2).astype(int)

    assert np.diff(found[15, :, 0]).max() > 1.15 * np.diff(source[15, :, 0].astype(int)).max()
    assert found.min() >= 67
    assert found.max() <= 193


def test_sharpening_leaves_faint_noise_alone() -> None:
    source = np.random.default_rng(5).integers(126, 130, (60, 60, 3)).astype(np.uint8)

    assert (sharpened(source, 1.0, 1.2) == source).all()


def test_sharpening_leaves_no_seam_between_strips() -> None:
    """The same rows, once in a picture of one strip and once in the middle of a larger one."""
    tall = np.random.default_rng(6).integers(0, 256, (300, 9000, 3)).astype(np.uint8)

    assert (sharpened(tall, 1.0, 2.0)[90:150] == sharpened(np.ascontiguousarray(tall[60:180]), 1.0, 2.0)[30:90]).all()


def test_a_vignette_takes_the_share_of_light_from_the_corners_and_nothing_from_the_middle() -> None:
    source = np.full((301, 401, 3), 180, np.uint8)

    found = vignetted(source, 0.6)

    assert linear(found[:4, :4]).mean() / linear(180) == pytest.approx(0.4, abs=0.02)
    assert (found[148:153, 198:203] == 180).all()


def test_a_vignette_on_a_flat_sky_has_no_bands() -> None:
    """Levels are mixed where they meet: along a row no step is a straight border of more than a few rows."""
    found = vignetted(np.full((400, 400, 3), 120, np.uint8), 0.5)[..., 0].astype(int)

    borders = np.diff(found[:, :120], axis=1) != 0
    assert borders.any(axis=1).all()
    assert borders.mean(axis=0).max() < 0.6


def test_grain_is_seeded_and_strongest_in_the_mid_tones() -> None:
    def deviation(code: int) -> float:
        flat = np.full((120, 120, 3), code, np.uint8)
        return float((grained(flat, 0.5, 1.5, 7).astype(int) - code)[..., 1].std())

    flat = np.full((120, 120, 3), 128, np.uint8)

    assert deviation(128) > 1.5 * deviation(20) > 0
    assert deviation(0) == deviation(255) == 0
    assert (grained(flat, 0.5, 1.5, 7) == grained(flat, 0.5, 1.5, 7)).all()
    assert (grained(flat, 0.5, 1.5, 7) != grained(flat, 0.5, 1.5, 8)).any()
    assert abs(grained(flat, 0.5, 1.5, 7).mean() - 128) < 0.5


@pytest.mark.parametrize("size", [0.5, 1.5, 4, 10])
def test_coarse_grain_is_as_strong_as_fine_grain(size: float) -> None:
    flat = np.full((400, 400, 3), 128, np.uint8)

    assert (grained(flat, 0.5, size, 3).astype(int) - 128)[..., 0].std() == pytest.approx(11, rel=0.2)


def test_a_duotone_ends_in_its_two_colours(tmp_path: Path) -> None:
    source = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, axis=2)

    found, _ = edit("filter", tmp_path, source, duotone={"dark": "#1b1464", "light": "#ffd166"})

    assert np.abs(found[0, 0].astype(int) - (0x1B, 0x14, 0x64)).max() <= 1
    assert np.abs(found[0, 255].astype(int) - (0xFF, 0xD1, 0x66)).max() <= 1
    lightness = [to_oklch(to_hex(tuple(float(code) / 255 for code in color)))[0] for color in found[0]]
    assert (np.diff(lightness) > -0.003).all()


def test_a_duotone_takes_brand_colours_and_refuses_ones_that_are_not_there(tmp_path: Path) -> None:
    black = np.zeros((4, 4, 3), np.uint8)

    found, _ = edit("filter", tmp_path, black, duotone={"dark": "brand.primary"})

    assert np.abs(found[0, 0].astype(int) - (0x1F, 0x3B, 0x2D)).max() <= 1
    with pytest.raises(Permanent, match=r"brand\.text"):
        edit("filter", tmp_path, black, brand=BRAND, duotone={"dark": "brand.text"})


def test_nothing_to_do_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing to do"):
        FilterParams(image="image")
