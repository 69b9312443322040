"""recolor: one range changes, the rest is not touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pressroom.domain.errors import Permanent
from pressroom.media.color.ranges import NAMED
from pressroom.media.color.spaces import to_hex, to_oklch
from tests.support.edits import edit, linear, with_alpha

# CSS colours of these names, and shades of them.
CSS = {
    "red": ["#ff0000", "#b22222", "#dc143c"], "orange": ["#ffa500", "#ff8c00", "#ff7f24"],
    "yellow": ["#ffff00", "#ffd700", "#f5d742"], "green": ["#008000", "#32cd32", "#2e8b57"],
    "teal": ["#008080", "#00ced1", "#20b2aa"], "blue": ["#0000ff", "#4169e1", "#1e90ff"],
    "purple": ["#800080", "#8a2be2", "#9932cc"], "pink": ["#ff69b4", "#ff1493", "#ffc0cb"],
    "brown": ["#8b4513", "#a0522d", "#654321"], "white": ["#ffffff", "#f5f5f5"], "grey": ["#808080", "#a9a9a9"],
    "black": ["#000000", "#1a1a1a"],
}  # fmt: skip


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _ball(color: str, side: int = 160) -> np.ndarray:
    """A shaded ball in one colour on grey, drawn in linear light four times as large and shrunk: clean edges."""
    big = side * 4
    y, x = (np.mgrid[0:big, 0:big] - big / 2) / (big * 0.36)
    inside = x * x + y * y < 1
    height = np.sqrt(np.maximum(0, 1 - x * x - y * y))
    light = 0.15 + 0.85 * np.maximum(0, height * 0.75 - 0.4 * x - 0.5 * y).clip(0, 1)
    ground = np.full((big, big, 3), linear(150))
    pixels = np.where(inside[..., None], light[..., None] * linear(_rgb(color)), ground)
    small = pixels.reshape(side, 4, side, 4, 3).mean(axis=(1, 3))
    codes = np.where(small <= 0.0031308, small * 12.92, 1.055 * small ** (1 / 2.4) - 0.055)
    return np.rint(codes * 255).astype(np.uint8)


@pytest.mark.parametrize("name", NAMED)
def test_names_mean_what_css_means_by_them(tmp_path: Path, name: str) -> None:
    """Every swatch of the name changes; no swatch of another name does, but brown, which is dark orange."""
    swatches = [(other, color) for other, colors in CSS.items() for color in colors]
    source = np.concatenate([np.full((20, 20, 3), _rgb(color), np.uint8) for _, color in swatches], axis=1)
    target = "#20c040" if name in ("red", "orange", "brown", "pink", "black", "white", "grey") else "#d02020"

    found, _ = edit("recolor", tmp_path, source, source=name, target=target)

    for number, (other, color) in enumerate(swatches):
        change = np.abs(found[6:14, number * 20 + 6 : number * 20 + 14].astype(int) - _rgb(color)).max()
        if {name, other} != {"orange", "brown"}:
            assert (change > 20) if other == name else (change <= 1), (other, color, change)


def test_a_shaded_ball_becomes_one_that_was_always_of_the_other_colour(tmp_path: Path) -> None:
    """Close to the ball drawn in the target's colour: shade, highlights and the edge against grey."""
    found, _ = edit("recolor", tmp_path, _ball("#c02030"), source="red", target="#2050b0")

    wanted = _ball("#2050b0").astype(int)
    bright = _ball("#2050b0").max(axis=2) > 40
    hues = [
        to_oklch(to_hex(tuple(float(v) / 255 for v in found[i, j])))[2] for i, j in ((80, 80), (60, 50), (100, 100))
    ]
    assert all(abs(hue - to_oklch("#2050b0")[2]) < 12 for hue in hues)
    # The middle of the range gets the target, so that all of it is lighter or darker by one factor.
    ratio = linear(found)[bright].sum() / linear(wanted)[bright].sum()
    assert 0.7 < ratio < 1.9


def test_a_red_thing_in_warm_light_changes_as_a_whole(tmp_path: Path) -> None:
    """Its lit side is orange by name, which alone would stay; an orange thing beside it does stay."""
    red, light = _ball("#c02030"), np.mgrid[0:160, 0:160][0][..., None] / 160
    lit = _ball("#e07828")
    warm = np.rint(lit * (1 - light) + red * light).astype(np.uint8)
    assert 42 < to_oklch(to_hex(tuple(float(v) / 255 for v in warm[32, 70])))[2] < 70  # orange

    found, _ = edit("recolor", tmp_path, np.concatenate([warm, lit], axis=1), source="red", target="#2050b0")

    body = (warm.max(axis=2).astype(int) - warm.min(axis=2)) > 60
    blue = (found[:, :160, 2].astype(int) - found[:, :160, 0]) > 0
    assert blue[body].all()
    assert np.abs(found[:, 170:].astype(int) - lit[:, 10:]).max() <= 1


def test_a_few_red_pixels_do_not_make_an_orange_red(tmp_path: Path) -> None:
    """A sunlit orange has reddish pores; with something truly red in the picture they are the orange's, not the range's."""
    orange = _ball("#e8802a")
    rng = np.random.default_rng(3)
    for y, x in rng.integers(50, 110, (40, 2)):
        orange[y : y + 2, x : x + 2] = (196, 48, 30)

    found, _ = edit(
        "recolor", tmp_path, np.concatenate([_ball("#c02030"), orange], axis=1), source="red", target="#2050b0"
    )

    blue = found[..., 2].astype(int) - found[..., 0] > 20
    assert blue[:, :160].sum() > 5000
    assert blue[:, 160:].sum() == 0


def test_edges_keep_no_fringe_of_the_old_colour(tmp_path: Path) -> None:
    found, _ = edit("recolor", tmp_path, _ball("#d01818"), source="red", target="#1830d0")

    reds = (found[..., 0].astype(int) - np.maximum(found[..., 1], found[..., 2])) > 10
    assert reds.sum() == 0


def test_other_colours_stay_within_one_step(tmp_path: Path) -> None:
    green = _ball("#208030")

    found, _ = edit(
        "recolor", tmp_path, np.concatenate([_ball("#c02030"), green], axis=1), source="red", target="#ffd400"
    )

    assert np.abs(found[:, 170:].astype(int) - green[:, 10:]).max() <= 1


def test_around_a_colour_of_ones_own(tmp_path: Path) -> None:
    source = np.concatenate([_ball("#c02030"), _ball("#3050c0")], axis=1)

    found, details = edit("recolor", tmp_path, source, source="#3355bb", target="brand.accent", tolerance=0.4)

    assert (found[:, :150] == source[:, :150]).all()
    assert found[70, 230, 0] > found[70, 230, 2]
    assert details["color"] == "#cc6a3c"


def test_a_range_that_holds_nothing_is_refused_and_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"no part of the picture is teal.*grey \(\d+%\), red"):
        edit("recolor", tmp_path, _ball("#c02030"), source="teal", target="#ffffff")


def test_words_on_a_recoloured_ground_stay_legible(tmp_path: Path) -> None:
    image = Image.new("RGB", (200, 80), "#c02030")
    ImageDraw.Draw(image).text((20, 20), "SALE 50 %", fill="#ffffff", font_size=36)

    found, _ = edit("recolor", tmp_path, np.asarray(image), source="red", target="#1040a0")

    was_white = np.asarray(image).min(axis=2) == 255
    assert (found[was_white] == 255).all()


def test_transparency_stays(tmp_path: Path) -> None:
    source = with_alpha(_ball("#c02030"))

    found, _ = edit("recolor", tmp_path, source, source="red", target="#2050b0")

    assert (found[..., 3] == source[..., 3]).all()


@pytest.mark.parametrize(("wall", "warns"), [("#c02838", True), ("#30587a", False)])
def test_what_changes_beside_the_subject_is_told(tmp_path: Path, wall: str, warns: bool) -> None:
    """A red ball in front, and a strip of wall at the edge that may have its colour."""
    scene = np.full((200, 320, 3), 178, np.uint8)
    scene[:, :60] = _rgb(wall)
    scene[20:180, 120:280] = _ball("#c02030")

    _, details = edit("recolor", tmp_path, scene, source="red", target="#2050b0")

    assert ("lies beside the subject" in details.get("warning", "")) is warns
