"""Filters by edges: nothing is moved, brightened or broken, and edges come out nearer to the truth than cubic ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pressroom.media.upscaling.edge_filters import (
    CLASSES,
    DIRECTIONS,
    TAPS,
    classes,
    cubic,
    doubled,
    guide,
    neighbours,
)

ANY = st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4])).flatmap(
    lambda shape: hnp.arrays(np.float32, shape, elements=st.floats(0, 255, width=32))
)


def disc(side: int) -> np.ndarray:
    """Light on dark, its edge in all directions, averaged over 8 x 8 points a pixel."""
    y, x = (np.mgrid[0 : side * 8, 0 : side * 8] + 0.5) / 8
    inside = np.hypot(x - side / 2, y - side / 2) < side * 0.36
    grey = 40 + 180 * inside.reshape(side, 8, side, 8).mean(axis=(1, 3))
    return grey[..., None].repeat(3, axis=2).astype(np.float32)


@settings(max_examples=40)
@given(ANY)
def test_every_picture_becomes_twice_as_large(values: np.ndarray) -> None:
    found = doubled(values)

    assert found.shape == (values.shape[0] * 2, values.shape[1] * 2, values.shape[2])
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@given(st.floats(0, 255), st.sampled_from([3, 4]))
def test_a_flat_picture_stays_flat(value: float, channels: int) -> None:
    assert doubled(np.full((7, 9, channels), value, np.float32)) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize("slope", [1.0, 4.0, -6.0])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_slope_stays_where_it_was(slope: float, axis: int) -> None:
    """The middle of a source pixel is the middle of its four: no shift by half a pixel."""
    line = 128 + slope * (np.arange(24) - 11.5)
    values = np.moveaxis(np.broadcast_to(line[:, None, None], (24, 20, 3)), 0, axis).astype(np.float32)
    expected = 128 + slope * ((np.arange(48) - 0.5) / 2 - 11.5)

    found = np.moveaxis(doubled(np.ascontiguousarray(values)), axis, 0)

    assert found[10:-10, 10:-10].mean(axis=(1, 2)) == pytest.approx(expected[10:-10], abs=abs(slope) * 0.06)


def test_edges_are_nearer_to_the_truth_than_cubic_ones() -> None:
    truth = disc(64)
    small = cv2.resize(truth, (32, 32), interpolation=cv2.INTER_AREA)

    errors = [float(((made - truth) ** 2).mean()) for made in (doubled(small), cubic(small))]

    assert errors[0] < 0.75 * errors[1]


def test_light_is_neither_won_nor_lost() -> None:
    values = np.random.default_rng(1).uniform(60, 190, (30, 30, 3)).astype(np.float32)

    assert doubled(values).mean() == pytest.approx(values.mean(), abs=0.5)


def test_channels_do_not_leak() -> None:
    """Where all channels are alike the result is grey; a flat channel stays flat beside a lively one."""
    grey = disc(24)
    found = doubled(grey)
    mixed = grey.copy()
    mixed[..., 2] = 90

    assert np.ptp(found, axis=2).max() < 1e-3
    assert doubled(mixed)[..., 2] == pytest.approx(90, abs=0.01)


def test_a_brighter_picture_is_a_brighter_result() -> None:
    """Filters look at differences: a constant added before is one added after, where classes stay the same."""
    values = disc(24) * 0.5

    assert doubled(values + 50) == pytest.approx(doubled(values) + 50, abs=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (20, 30)])
def test_every_pixel_has_a_class(shape: tuple[int, int]) -> None:
    found = classes(np.random.default_rng(2).uniform(0, 255, shape).astype(np.float32))

    assert found.shape == shape
    assert found.max() < CLASSES


def test_classes_tell_directions_apart_and_not_which_side_is_light() -> None:
    step = np.repeat(np.where(np.arange(20) < 10, 40, 200)[None].astype(np.float32), 20, axis=0)

    upright, lying = classes(step)[10, 10], classes(np.ascontiguousarray(step.T))[10, 10]

    per_direction = CLASSES // DIRECTIONS
    assert upright // per_direction != lying // per_direction
    assert upright == classes(240 - step)[10, 10]
    assert np.ptp(classes(np.full((9, 9), 100, np.float32))) == 0


def test_the_guide_is_lightness_and_the_outline() -> None:
    opaque = np.full((3, 3, 4), 255, np.float32)
    hole = opaque.copy()
    hole[1, 1, 3] = 0

    assert guide(opaque[..., :3]) == pytest.approx(255)
    assert guide(hole)[1, 1] < guide(opaque)[1, 1]


def test_neighbours_are_differences_around_each_pixel() -> None:
    light = np.arange(35, dtype=np.float32).reshape(5, 7)

    found = neighbours(light).reshape(5, 7, TAPS)

    assert (found[..., TAPS // 2] == 0).all()
    assert found[2, 3].reshape(7, 7)[3, 4] == 1  # to the right
    assert found[2, 3].reshape(7, 7)[4, 3] == 7  # below


def test_cubic_is_opencvs_for_one_row_too() -> None:
    values = np.random.default_rng(3).uniform(0, 255, (1, 6, 3)).astype(np.float32)

    assert cubic(values).shape == (2, 12, 3)
    assert (cubic(values) == cv2.resize(values, (12, 2), interpolation=cv2.INTER_CUBIC)).all()
