"""What stands out is found by its outline, whatever it stands on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from skimage import data

from pressroom.media.geometry import is_inside
from pressroom.media.subject.attention import look
from tests.support.stagings import BACKGROUNDS, staging


def share_on_subject(number: int) -> float:
    scene = staging(number, seed=11)
    left, top, right, bottom = scene.boxes[0]
    found = look(scene.photo).attention
    rows, columns = found.shape
    inside = found[int(top * rows) : int(np.ceil(bottom * rows)), int(left * columns) : int(np.ceil(right * columns))]
    return float(inside.sum() / found.sum())


def test_attention_goes_to_the_subject_on_every_kind_of_background() -> None:
    shares = [share_on_subject(number) for number in range(len(BACKGROUNDS))]

    assert np.mean(shares) > 0.7
    assert min(shares) > 0.3  # subjects cover 2 to 25 % of their pictures


def test_the_map_has_the_pictures_shape() -> None:
    assert look(np.zeros((600, 900, 3), np.uint8)).attention.shape == (75, 112)


def test_two_things_apart_have_a_box_each_and_a_spot_has_none() -> None:
    picture = np.full((600, 800, 3), 200, np.uint8)
    picture[200:420, 150:300] = (180, 30, 30)
    picture[220:400, 520:660] = (30, 60, 160)
    picture[300:306, 410:416] = 0

    boxes = look(picture).parts

    assert len(boxes) == 2
    for box, truth in zip(sorted(boxes), [(150, 200, 300, 420), (520, 220, 660, 400)], strict=True):
        assert box == pytest.approx((truth[0] / 800, truth[1] / 600, truth[2] / 800, truth[3] / 600), abs=0.05)
        assert is_inside((truth[0] / 800, truth[1] / 600, truth[2] / 800, truth[3] / 600), box, slack=0.01)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_nothing_stands_out_of_an_empty_picture(level: int) -> None:
    empty = np.full((300, 400, 3), level, np.uint8)

    assert look(empty).attention.sum() == 0
    assert look(empty).parts == ()


@pytest.mark.parametrize("texture", [data.gravel, data.brick])
def test_what_looks_the_same_all_over_has_attention_but_no_parts(texture: Callable[[], Any]) -> None:
    sight = look(np.dstack([texture()] * 3))

    assert sight.parts == ()
    assert sight.attention.sum() > 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 2), (7, 3)])
def test_pictures_of_any_shape_are_looked_at(shape: tuple[int, int]) -> None:
    assert look(np.zeros((*shape, 3), np.uint8)).attention.sum() == 0
