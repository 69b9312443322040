"""A product stands whole on its stage, as large as asked, at its place, and the stage around it is untouched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.compositing.scenery import SCENES, draw_stage, plain_stage
from pressroom.media.compositing.staging import EDGE, Arrangement, cover, staged
from tests.support.edits import shaded

ANCHORS = ("auto", "center", "bottom", "top", "left", "right")
GREY = plain_stage(["#808080"], (80, 60))


def product(width: int = 20, height: int = 30, color: tuple[int, int, int] = (200, 40, 30)) -> np.ndarray:
    """A solid box with nothing around it."""
    pixels = np.zeros((height + 10, width + 8, 4), np.uint8)
    pixels[5:-5, 4:-4] = (*color, 255)
    return pixels


def plainly(scale: float | None = 0.5, anchor: str = "center", **more) -> Arrangement:
    return Arrangement(scale, anchor, **({"shadow": "none", "strength": 0.0, "match": 0.0} | more))


@settings(max_examples=40)
@given(
    st.tuples(st.integers(4, 40), st.integers(4, 40)),
    st.none() | st.floats(0.1, 1),
    st.sampled_from(ANCHORS),
    st.tuples(st.integers(24, 90), st.integers(24, 90)),
)
def test_a_product_is_inside_the_canvas(
    shape: tuple[int, int], scale: float | None, anchor: str, canvas: tuple[int, int]
) -> None:
    found = staged(product(*shape), plain_stage(["#808080"], canvas), plainly(scale, anchor))

    x0, y0, x1, y1 = found.box
    assert 0 <= x0 < x1 <= 1.0001
    assert 0 <= y0 < y1 <= 1.0001
    assert found.pixels.shape == (canvas[1], canvas[0], 3)
    assert found.pixels.dtype == np.uint8
    if scale is not None:
        assert x1 - x0 <= scale + 1 / canvas[0]
        assert y1 - y0 <= scale + 1 / canvas[1]


@pytest.mark.parametrize("scale", [0.3, 0.5, 0.9])
def test_it_is_as_large_as_asked_and_keeps_its_shape(scale: float) -> None:
    found = staged(product(20, 30), GREY, plainly(scale))

    width, height = (found.box[2] - found.box[0]) * 80, (found.box[3] - found.box[1]) * 60
    assert height == pytest.approx(60 * scale, abs=1)
    assert width / height == pytest.approx(20 / 30, abs=0.06)


def test_a_product_without_a_shadow_keeps_its_colour_and_the_stage_its_own() -> None:
    found = staged(product(), GREY, plainly())

    x0, y0, x1, y1 = (round(value * side) for value, side in zip(found.box, (80, 60, 80, 60), strict=True))
    inside = found.pixels[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].astype(int)
    assert np.abs(inside - (200, 40, 30)).max() <= 2
    around = found.pixels.copy()
    around[y0:y1, x0:x1] = 128
    assert (around == 128).all()


@pytest.mark.parametrize("anchor", ANCHORS)
def test_anchors_are_where_they_say(anchor: str) -> None:
    x0, y0, x1, y1 = staged(product(), GREY, plainly(0.4, anchor)).box

    if anchor in ("left", "right"):
        assert (x0 if anchor == "left" else 1 - x1) == pytest.approx(EDGE, abs=0.02)
    else:
        assert (x0 + x1) / 2 == pytest.approx(0.5, abs=0.02)
    if anchor in ("top", "bottom"):
        assert (y0 if anchor == "top" else 1 - y1) == pytest.approx(EDGE, abs=0.02)
    else:
        assert (y0 + y1) / 2 == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("shape", [(60, 12), (12, 60), (30, 30)])
def test_on_a_set_it_stands_on_the_ground_and_no_wider_than_that(name: str, shape: tuple[int, int]) -> None:
    stage = draw_stage(name, (100, 80), {}, 1)

    box = staged(product(*shape), stage, plainly(1.0, "auto")).box

    assert box[3] == pytest.approx(min(1, max(stage.ground, box[3] - box[1])), abs=0.02)
    assert box[2] - box[0] <= stage.widest + 0.02


@pytest.mark.parametrize("kind", ["contact", "cast"])
def test_shadows_darken_the_ground_as_much_as_asked_and_nothing_else(kind: str) -> None:
    without, half, whole = (
        staged(product(), GREY, plainly(shadow=kind, strength=strength)).pixels.astype(int)
        for strength in (0.0, 0.4, 0.8)
    )

    assert (whole <= without + 1).all()
    assert whole.sum() < half.sum() < without.sum()
    lost = without - whole
    darkest = np.unravel_index(lost.sum(axis=2).argmax(), lost.shape[:2])
    assert darkest[0] > 30  # at its feet


def test_half_transparent_parts_mix_with_the_stage() -> None:
    glass = product(color=(255, 255, 255))
    glass[..., 3] = glass[..., 3] // 5 * 3

    found = staged(glass, GREY, plainly(0.6))

    assert found.pixels[30, 40].tolist() == pytest.approx([128 + 127 * 0.6] * 3, abs=2)


def test_no_colour_of_holes_shows_at_the_outline() -> None:
    cutout = product(color=(0, 140, 0))
    cutout[cutout[..., 3] == 0] = (255, 0, 255, 0)

    found = staged(cutout, plain_stage(["#008c00"], (80, 60)), plainly(0.63))

    assert np.abs(found.pixels.astype(int) - (0, 140, 0)).max() <= 3


def test_a_lit_set_colours_the_product_as_far_as_asked() -> None:
    sunset = draw_stage("sunset", (80, 60), {}, 1)
    grey = product(color=(128, 128, 128))

    kept, matched = (staged(grey, sunset, plainly(0.5, match=share)) for share in (0.0, 1.0))

    x0, y0, x1, y1 = (round(value * side) for value, side in zip(kept.box, (80, 60, 80, 60), strict=True))
    middle = np.s_[(y0 + y1) // 2, (x0 + x1) // 2]
    assert np.ptp(kept.pixels[middle].astype(int)) <= 2
    assert int(matched.pixels[middle][0]) > int(matched.pixels[middle][2]) + 6
    assert kept.box == matched.box


def test_the_same_product_gives_the_same_picture() -> None:
    how = plainly(shadow="cast", strength=0.6, match=0.5)
    one, other = (staged(product(), draw_stage("podium", (80, 60), {}, 4), how).pixels for _ in range(2))

    assert (one == other).all()


@pytest.mark.parametrize("size", [(30, 20), (20, 30), (120, 20), (7, 90)])
def test_a_covering_picture_fills_the_size_from_its_middle(size: tuple[int, int]) -> None:
    picture = shaded(60, 40)

    found = cover(picture, size)

    assert found.shape == (size[1], size[0], 3)
    middle = picture[16:24, 26:34].mean(axis=(0, 1)) / 255
    near = found[size[1] // 2, size[0] // 2]
    assert np.abs(near - middle).max() < 0.12


def test_a_cover_of_its_own_size_is_the_picture() -> None:
    picture = shaded(30, 20)

    assert np.abs(cover(picture, (30, 20)) * 255 - picture).max() < 0.01
