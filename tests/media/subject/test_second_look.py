"""The second look finds the outline of what the first one only noticed."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pressroom.media.geometry import Region, is_inside, union
from pressroom.media.renditions.framing import frame
from pressroom.media.subject.attention import look
from pressroom.media.subject.focal import focus_on
from pressroom.media.subject.second_look import look_again
from tests.support.stagings import Staging, staging

SCENES = [0, 3, 6, 9, 12, 15, 18, 21]


def _overlap(found: tuple[Region, ...], scene: Staging) -> float:
    """Of the boxes around all: shared area over the area of both."""
    one, other = union(found), union(scene.boxes)
    sides = [max(0.0, min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])) for axis in (0, 1)]
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return sides[0] * sides[1] / (sum(areas) - sides[0] * sides[1])


@pytest.fixture(scope="module")
def scenes() -> list[Staging]:
    return [staging(number, seed=5) for number in SCENES]


def test_boxes_lie_closer_around_the_subjects_than_at_first_sight(scenes: list[Staging]) -> None:
    first = [look(scene.photo) for scene in scenes]
    again = [look_again(scene.photo, sight)[0] for scene, sight in zip(scenes, first, strict=True)]

    before, after = (
        np.mean([_overlap(sight.parts, scene) for sight, scene in zip(sights, scenes, strict=True)])
        for sights in (first, again)
    )
    assert after > before + 0.05


def test_fewer_pictures_are_laid_between_bars(scenes: list[Staging]) -> None:
    def padded(*, glance: bool) -> int:
        shapes = [(1080, 1080), (1080, 1920), (1920, 1080), (1080, 1350)]
        foci = [(scene.photo.shape[1::-1], focus_on(scene.photo, glance=glance)) for scene in scenes]
        return sum(frame(size, shape, "auto", focus).mode == "fit" for size, focus in foci for shape in shapes)

    assert padded(glance=False) < padded(glance=True)


def test_soft_surroundings_hold_the_object() -> None:
    cat = np.asarray(data.chelsea())

    sight, around = look_again(cat, look(cat))

    assert is_inside(sight.parts[0], around[0], slack=0.01)


def test_it_sees_the_same_twice() -> None:
    coffee = np.asarray(data.coffee())
    first = look(coffee)

    one, other = (look_again(coffee, first)[0] for _ in range(2))

    assert one.parts == other.parts
    assert (one.attention == other.attention).all()


def test_what_the_network_does_not_know_stays_as_it_was_seen() -> None:
    plain = np.full((90, 120, 3), 128, np.uint8)

    sight, around = look_again(plain, first := look(plain))

    assert (sight is first, around) == (True, ())
