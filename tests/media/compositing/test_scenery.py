"""Sets are drawn in the palette's colours at any size, the same for the same seed, with a place for the product."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.color.spaces import mix
from pressroom.media.compositing.scenery import FALLBACK_PALETTE, SCENES, draw_stage, plain_stage
from pressroom.media.compositing.shadow import FALLS

BLUES = {"primary": "#1030c0", "secondary": "#20a0e0", "accent": "#4060ff", "background": "#e0e8ff"}
LEVEL = 1 / 255


def rgb(color: str) -> np.ndarray:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("size", [(96, 64), (40, 90), (64, 64)])
def test_every_set_is_a_picture_with_a_place(name: str, size: tuple[int, int]) -> None:
    stage = draw_stage(name, size, FALLBACK_PALETTE, 3)

    assert stage.picture.shape == (size[1], size[0], 3)
    assert stage.picture.dtype == np.float32
    assert stage.picture.min() >= 0
    assert stage.picture.max() <= 1
    assert 0 < stage.x < 1
    assert 0.5 < stage.ground < 1
    assert all(0 < share <= 1 for share in (*stage.room, stage.widest))
    assert stage.room[1] <= stage.ground
    assert stage.light in FALLS
    assert stage.is_lit
    assert stage.floor is None or (
        stage.floor.shape == (size[1], size[0]) and 0 <= stage.floor.min() <= stage.floor.max() <= 1
    )


@pytest.mark.parametrize("name", SCENES)
def test_the_same_seed_gives_the_same_set_and_another_one_another(name: str) -> None:
    one, same, other = (draw_stage(name, (60, 40), BLUES, seed).picture for seed in (1, 1, 2))

    assert (one == same).all()
    assert (one != other).any()


@settings(max_examples=20)
@given(st.sampled_from(sorted(SCENES)), st.integers(1, 30), st.integers(1, 30), st.integers(0, 99))
def test_no_set_is_too_small(name: str, width: int, height: int, seed: int) -> None:
    picture = draw_stage(name, (width, height), BLUES, seed).picture

    assert picture.shape == (height, width, 3)
    assert np.isfinite(picture).all()


@pytest.mark.parametrize("name", ["studio", "podium", "gradient", "window"])
def test_the_palette_is_what_it_is_painted_with(name: str) -> None:
    """In blues a set is bluer than in the warm colours that stand in for none."""
    blue, warm = (draw_stage(name, (60, 40), palette, 1).picture.mean(axis=(0, 1)) for palette in (BLUES, {}))

    assert blue[2] - blue[0] > warm[2] - warm[0] + 0.05


def test_colours_that_a_brand_does_not_have_are_the_fallbacks() -> None:
    partly, wholly = (
        draw_stage("studio", (40, 30), palette, 1).picture
        for palette in ({"primary": "#1030c0", "accent": ""}, FALLBACK_PALETTE | {"primary": "#1030c0"})
    )

    assert (partly == wholly).all()


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#c96f4a", "#abc"])
def test_one_colour_is_that_colour_everywhere(color: str) -> None:
    stage = plain_stage([color], (12, 9))

    full = color if len(color) == 7 else "#" + "".join(each * 2 for each in color[1:])
    assert stage.picture.shape == (9, 12, 3)
    assert np.abs(stage.picture - rgb(full)).max() < 1e-6
    assert not stage.is_lit


@pytest.mark.parametrize(
    ("angle", "first", "last"),
    [(0, (20, 0), (20, -1)), (90, (0, 20), (-1, 20)), (180, (20, -1), (20, 0)), (45, (0, 0), (-1, -1))],
)
def test_a_gradient_runs_where_its_angle_points(angle: float, first: tuple[int, int], last: tuple[int, int]) -> None:
    picture = plain_stage(["#102060", "#f0d080"], (41, 41), angle).picture

    assert np.abs(picture[first] - rgb("#102060")).max() < 0.03
    assert np.abs(picture[last] - rgb("#f0d080")).max() < 0.03


def test_a_gradient_is_mixed_for_the_eye() -> None:
    """Half way from blue to yellow is OKLab's mixture, not the grey between the codes."""
    picture = plain_stage(["#0000ff", "#ffff00"], (41, 3), 0.0).picture

    assert np.abs(picture[1, 20] - rgb(mix("#0000ff", "#ffff00", 0.5))).max() < 0.02


def test_a_gradient_passes_through_all_its_colours_in_order() -> None:
    colors = ["#c00000", "#00c000", "#0000c0"]
    picture = plain_stage(colors, (481, 5), 0.0).picture

    for number, color in enumerate(colors):
        assert np.abs(picture[2, number * 240] - rgb(color)).max() < 0.06


def test_slow_gradients_have_grain_instead_of_bands() -> None:
    """Four levels over 200 pixels: means of columns rise evenly, and single pixels fall into one level or the next."""
    picture = plain_stage(["#808080", "#848484"], (200, 60), 0.0).picture

    assert np.abs(picture - np.median(picture, axis=0, keepdims=True)).max() < LEVEL
    codes = np.rint(picture[..., 0] * 255)
    assert (np.ptp(codes, axis=0) > 0).mean() > 0.9
    means = codes.reshape(60, 20, 10).mean(axis=(0, 2))
    assert np.abs(means - np.linspace(128, 132, 201)[5::10][:20]).max() < 0.25
