"""What ways of different kinds agree on, and which masks lack a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from pressroom.media.cutout.agreement import agreed, left_out, overlaps_of
from pressroom.media.cutout.masks import Mask


def _box(top: int, bottom: int, left: int = 20, right: int = 60) -> Mask:
    mask = np.zeros((100, 100), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


PLANT, POTTED, WITH_SHADOW = _box(10, 50), _box(10, 90), _box(10, 99)
MASKS = {
    "flood-2.0": POTTED,
    "surface-4": _box(11, 90),
    "carried-2.5": WITH_SHADOW,
    "grabcut-color": _box(10, 89),
    "network": PLANT,
}
GOOD = {"quality": 0.8, "sure_outside": 0.0}


def test_overlaps_are_those_of_the_areas() -> None:
    overlaps = overlaps_of({"plant": PLANT, "potted": POTTED})

    assert overlaps == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))


def test_what_edges_and_colours_find_alike_is_agreed_whatever_the_network_sees() -> None:
    whole = agreed(MASKS, dict.fromkeys(MASKS, GOOD), overlaps_of(MASKS))

    assert whole is not None
    assert whole.sum() == pytest.approx(POTTED.sum(), rel=0.03)
    assert left_out(PLANT, whole) > 0.4
    assert left_out(_box(12, 88, 22, 58), whole) == 0


@pytest.mark.parametrize("doubt", [{"quality": 0.5}, {"sure_outside": 0.6}])
def test_nothing_is_agreed_on_bad_edges_or_where_the_network_is_sure_of_another_subject(
    doubt: dict[str, float],
) -> None:
    assert agreed(MASKS, dict.fromkeys(MASKS, GOOD | doubt), overlaps_of(MASKS)) is None


def test_nothing_is_agreed_where_kinds_find_different_things() -> None:
    masks = MASKS | {"surface-4": PLANT, "grabcut-color": _box(60, 90), "flood-2.0": _box(30, 70)}

    assert agreed(masks, dict.fromkeys(masks, GOOD), overlaps_of(masks)) is None


def test_a_thing_that_stands_apart_is_not_left_out() -> None:
    beside = _box(10, 90, 75, 95)

    assert left_out(POTTED, POTTED | beside) == 0
