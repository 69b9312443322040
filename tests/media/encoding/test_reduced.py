"""Rounded by degrees: exact at first, coarser where it is lively, transparency and grounds never touched."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.encoding.indexed import activity
from pressroom.media.encoding.reduced import COARSEST, FINEST, Reduced, step_of
from tests.support.edits import shaded, with_alpha

CUT = Image.fromarray(with_alpha(shaded(48, 36)))
REDUCED = Reduced(CUT)


def opened(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image)


def test_the_finest_is_exact() -> None:
    for image in (CUT, CUT.convert("RGB")):
        assert (opened(Reduced(image).png(FINEST)) == np.asarray(image)).all()


@settings(max_examples=30)
@given(st.floats(-COARSEST, FINEST))
def test_no_value_moves_by_more_than_half_the_coarsest_step(fineness: float) -> None:
    found, exact = opened(REDUCED.png(fineness)).astype(int), np.asarray(CUT).astype(int)

    # A value beside white may find white nearer than its step's multiple.
    assert np.abs(found - exact)[..., :3].max() <= step_of(fineness) / 2 + 1
    assert (found[..., 3] == exact[..., 3]).all()


@pytest.mark.parametrize(("fineness", "step"), [(0, 1), (-0.2, 2), (-1, 2), (-1.5, 3), (-2, 3), (-12, 32), (-99, 32)])
def test_the_step_is_the_coarsest_that_is_used(fineness: float, step: int) -> None:
    assert step_of(fineness) == step


def test_coarser_is_smaller() -> None:
    sizes = [len(REDUCED.png(fineness)) for fineness in (0.0, -3.0, -6.0, -COARSEST)]

    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 2


def test_at_the_coarsest_all_values_are_multiples_of_32_or_white() -> None:
    values = np.unique(opened(REDUCED.png(-COARSEST))[..., :3])

    assert set(values) <= {*range(0, 256, 32), 255}


@pytest.mark.parametrize("fineness", [-0.5, -1.5, -4.5])
def test_lively_parts_go_first(fineness: float) -> None:
    """What is rounded further is livelier than anything that is not."""
    picture = np.full((40, 60, 3), 101, np.uint8)
    picture[:, 30:] = np.random.default_rng(1).integers(60, 200, (40, 30, 3), dtype=np.uint8)
    image = Image.fromarray(picture)
    whole, part = (opened(Reduced(image).png(float(value))) for value in (np.ceil(fineness), fineness))

    moved = (whole != part).any(axis=2)

    lively = activity(image)
    assert moved.any()
    assert lively[moved].min() >= np.quantile(lively, 0.5)


@pytest.mark.parametrize("code", [0, 255])
@pytest.mark.parametrize("fineness", [-1.0, -5.0, -8.0, -COARSEST])
def test_black_and_white_grounds_stay(code: int, fineness: float) -> None:
    ground = Image.new("RGB", (12, 9), (code,) * 3)

    assert (opened(Reduced(ground).png(fineness)) == code).all()


def test_the_same_picture_gives_the_same_bytes() -> None:
    assert Reduced(CUT).png(-2.3) == REDUCED.png(-2.3)
