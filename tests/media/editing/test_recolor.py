"""One range of colours becomes another colour: shading and edges stay, everything else is not touched."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.media.color.oklab import lab_of, linear_of
from pressroom.media.editing.recolor import recolored
from tests.support.edits import linear

RED, GREY = (196, 32, 40), (150, 150, 150)


def card(color: tuple[int, int, int], ground: tuple[int, int, int] = GREY, side: int = 60) -> np.ndarray:
    """A square in the middle of a ground."""
    pixels = np.full((side, side, 3), ground, np.uint8)
    pixels[side // 4 : -side // 4, side // 4 : -side // 4] = color
    return pixels


def middle(pixels: np.ndarray) -> np.ndarray:
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].astype(int)


def hues(pixels: np.ndarray) -> np.ndarray:
    lab = lab_of(linear_of(pixels.reshape(-1, 3)))
    return np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360


@pytest.mark.parametrize("target", ["#1060c0", "#20a040", "#f0d020", "#202020", "#f0f0f0", "#c01028"])
def test_a_flat_surface_becomes_the_very_colour(target: str) -> None:
    found, details = recolored(card(RED), "red", target, 0.5)

    wanted = [int(target[at : at + 2], 16) for at in (1, 3, 5)]
    assert np.abs(middle(found) - wanted).max() <= 3
    assert (found[:10] == GREY).all()
    assert details["share"] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("source", "color"), [("white", (250, 250, 250)), ("black", (14, 14, 14)), ("grey", (128, 128, 128))]
)
def test_greys_take_a_colour_too(source: str, color: tuple[int, int, int]) -> None:
    found, _ = recolored(card(color, (30, 90, 200)), source, "#c06020", 0.5)

    assert np.abs(middle(found) - (0xC0, 0x60, 0x20)).max() <= 4
    assert (found[:10] == (30, 90, 200)).all()


def test_what_was_darker_stays_darker() -> None:
    """A ball's shading is in the order it was, in the light it was in."""
    light = np.linspace(0.25, 1, 64)[None, :, None] ** 2.2
    shades = light * linear(RED)
    codes = np.where(shades <= 0.0031308, shades * 12.92, 1.055 * shades ** (1 / 2.4) - 0.055) * 255
    pixels = np.rint(codes).astype(np.uint8).repeat(40, axis=0)

    found, _ = recolored(pixels, "red", "#2060d0", 0.5)

    lightness = lab_of(linear_of(found[20]))[:, 0]
    assert (np.diff(lightness) > -2e-3).all()
    assert lightness[-1] - lightness[0] > 0.25
    blue = hues(np.full((1, 1, 3), (0x20, 0x60, 0xD0), np.uint8))[0]
    assert np.abs((hues(found[20, 8:]) - blue + 180) % 360 - 180).max() < 8


def test_a_range_around_a_colour_leaves_far_ones_alone() -> None:
    pixels = np.concatenate([card((30, 120, 60)), card((200, 60, 160))], axis=1)

    found, _ = recolored(pixels, "#1e783c", "#d09010", 0.3)

    assert np.abs(found[30, 30].astype(int) - (0xD0, 0x90, 0x10)).max() <= 4
    assert (found[:, 62:] == pixels[:, 62:]).all()


def test_soft_edges_show_no_old_colour() -> None:
    """A red disc with a smooth outline on white becomes a blue one: no pixel in between is still reddish."""
    disc = Image.new("RGB", (240, 240), "#ffffff")
    y, x = np.mgrid[0:240, 0:240]
    mask = Image.fromarray(((np.hypot(x - 120, y - 120) < 80) * 255).astype(np.uint8))
    disc.paste(RED, mask=mask)
    pixels = np.asarray(disc.resize((60, 60), Image.Resampling.BOX))

    found, _ = recolored(pixels, "red", "#1040c0", 0.5)

    assert (found[..., 0].astype(int) - found[..., 2]).max() <= 16  # of 160 that it was


def test_specks_are_no_surface() -> None:
    pixels = card(RED)
    pixels[5, 5] = RED

    found, _ = recolored(pixels, "red", "#1060c0", 0.5)

    assert found[5, 5].tolist() == list(RED)


def test_transparent_pixels_neither_count_nor_change_the_rest() -> None:
    opaque = np.dstack([card(RED), np.full((60, 60), 255, np.uint8)])
    cut = opaque.copy()
    cut[:10] = (0, 0, 0, 0)

    found, details = recolored(cut, "red", "#1060c0", 0.5)

    assert (found[..., 3] == cut[..., 3]).all()
    assert details["share"] == pytest.approx(900 / 3000, abs=0.03)
    assert np.abs(middle(found)[:3] - (0x10, 0x60, 0xC0)).max() <= 3


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(Permanent, match=r"no part of the picture is teal") as refusal:
        recolored(card(RED), "teal", "#1060c0", 0.5)

    assert "grey (75%), red (25%)" in refusal.value.hint
    assert "raise tolerance, now 0.5" in refusal.value.hint


def test_a_picture_that_shows_nothing_is_refused() -> None:
    with pytest.raises(Permanent, match="no part of the picture is red") as refusal:
        recolored(np.zeros((8, 8, 4), np.uint8), "red", "#1060c0", 0.5)

    assert "no visible pixel" in refusal.value.hint


@pytest.mark.parametrize("side", [1, 2, 3, 5])
def test_no_picture_is_too_small(side: int) -> None:
    found, details = recolored(np.full((side, side, 3), RED, np.uint8), "red", "#1060c0", 0.5)

    assert np.abs(found.astype(int) - (0x10, 0x60, 0xC0)).max() <= 3
    assert details["share"] == 1.0


def test_the_source_stays_and_the_same_picture_gives_the_same_pixels() -> None:
    pixels = card(RED)
    before = pixels.copy()

    one, other = (recolored(pixels, "red", "#1060c0", 0.5)[0] for _ in range(2))

    assert (one == other).all()
    assert (pixels == before).all()
