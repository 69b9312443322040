"""Shadows lie where the product touches the ground."""

from __future__ import annotations

import numpy as np
import pytest

from pressroom.media.compositing.shadow import FALLS, Direction, Floats, cast_shadow, contact_shadow


@pytest.fixture
def table() -> Floats:
    """A board on two legs, rows 60..140; the legs stand at columns 50..60 and 140..150."""
    alpha = np.zeros((200, 200), np.float32)
    alpha[60:80, 40:160] = 1
    alpha[60:140, 50:60] = 1
    alpha[60:140, 140:150] = 1
    return alpha


def test_it_is_darkest_under_the_feet(table: Floats) -> None:
    shade = contact_shadow(table)

    assert shade.min() >= 0
    assert shade.max() <= 1
    assert shade[140, 55] > 0.7
    assert shade[140, 100] < 0.5 * shade[140, 55]


def test_it_fades_away_from_the_ground(table: Floats) -> None:
    shade = contact_shadow(table)

    assert shade[140, 55] > shade[146, 55] > shade[160, 55]
    assert shade[:60].max() < 0.01


def test_a_cast_shadow_falls_to_the_right(table: Floats) -> None:
    shade = cast_shadow(table)

    assert shade[115:138, 165:195].max() > 0.1
    assert shade[115:138, 5:25].max() < 0.05


@pytest.mark.parametrize("light", FALLS)
def test_a_cast_shadow_falls_away_from_the_light(table: Floats, light: Direction) -> None:
    """Aside from lights at a side, towards the viewer from lights behind; the contact stays where it is."""
    fallen = cast_shadow(table, light) - contact_shadow(table)
    beside = float(fallen[:, 165:].sum() - fallen[:, :35].sum())
    before = float(fallen[150:].sum())

    assert np.sign(round(beside, 1)) == {"left": 1, "back_left": 1, "right": -1, "back_right": -1}.get(light, 0)
    assert (before > 50) == light.startswith("back")
    assert cast_shadow(table, light)[140, 55] > 0.7


def test_nothing_throws_no_shadow() -> None:
    assert not contact_shadow(np.zeros((20, 20), np.float32)).any()
    assert not cast_shadow(np.zeros((20, 20), np.float32)).any()
