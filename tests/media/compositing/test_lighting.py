"""A product takes on the light of the picture it is put into, within bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.compositing.lighting import (
    BRIGHTEST,
    DIMMEST,
    WARMEST,
    Floats,
    light_of,
    luminance,
    relit,
)


def _flat(red: float, green: float, blue: float) -> Floats:
    return np.full((60, 80, 3), (red, green, blue), np.float32)


@pytest.fixture
def product() -> tuple[Floats, Floats]:
    """A grey block in the middle of the picture: premultiplied colour, and alpha."""
    alpha = np.zeros((60, 80), np.float32)
    alpha[15:50, 25:55] = 1
    return _flat(0.5, 0.5, 0.5) * alpha[..., None], alpha


def test_warm_light_warms_and_cold_light_cools(product: tuple[Floats, Floats]) -> None:
    for ground, warmer in ((_flat(0.9, 0.6, 0.3), True), (_flat(0.3, 0.5, 0.9), False)):
        shown = relit(*product, ground, light_of(ground, "above"), 1.0)

        red, _, blue = shown[30, 40]
        assert (red > blue + 0.03) == warmer
        assert (blue > red + 0.03) != warmer


def test_a_dark_scene_dims_and_a_bright_one_brightens(product: tuple[Floats, Floats]) -> None:
    dark, bright = _flat(0.12, 0.12, 0.12), _flat(0.95, 0.95, 0.95)

    assert relit(*product, dark, light_of(dark), 1.0)[30, 40, 1] < 0.5
    assert relit(*product, bright, light_of(bright), 1.0)[30, 40, 1] > 0.5


def test_the_brighter_side_of_a_picture_is_where_the_light_is() -> None:
    ground = _flat(0.3, 0.3, 0.3)
    ground[:, 50:] = 0.9

    assert light_of(ground).direction == "right"
    assert light_of(ground[:, ::-1]).direction == "left"


def test_the_side_towards_the_light_gets_brighter(product: tuple[Floats, Floats]) -> None:
    ground = _flat(0.5, 0.5, 0.5)

    shown = relit(*product, ground, light_of(ground, "left"), 1.0)

    assert shown[20, 26, 1] > shown[20, 53, 1] + 0.02


def test_light_from_behind_draws_the_outline(product: tuple[Floats, Floats]) -> None:
    ground = _flat(0.5, 0.5, 0.5)

    shown = relit(*product, ground, light_of(ground, "back"), 1.0)

    assert shown[30, 25, 1] > shown[30, 40, 1] + 0.03


def test_the_ground_shines_on_the_foot(product: tuple[Floats, Floats]) -> None:
    ground = _flat(0.5, 0.5, 0.5)
    ground[45:] = (0.9, 0.1, 0.1)

    shown = relit(*product, ground, light_of(_flat(0.5, 0.5, 0.5), "above"), 1.0)

    assert shown[49, 40, 0] - shown[49, 40, 2] > shown[20, 40, 0] - shown[20, 40, 2] + 0.02


def test_no_strength_changes_nothing_and_clear_pixels_stay_clear(product: tuple[Floats, Floats]) -> None:
    ground = _flat(0.9, 0.6, 0.3)

    assert (relit(*product, ground, light_of(ground), 0.0) == product[0]).all()
    assert relit(*product, ground, light_of(ground), 1.0)[product[1] == 0].max() == 0


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_light_stays_within_its_bounds(color: list[float]) -> None:
    light = light_of(_flat(*color))

    assert luminance(light.gains) == pytest.approx(1, abs=1e-3)
    assert max(light.gains) / min(light.gains) <= 2 ** (2 * WARMEST) + 1e-3
    assert DIMMEST <= light.stops <= BRIGHTEST
