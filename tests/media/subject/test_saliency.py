"""What stands out is found wherever it is, as surely from either side, and nothing in a picture of nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.subject.saliency import saliency


def lab(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor((pixels / 255).astype(np.float32), cv2.COLOR_RGB2LAB)


def disc(
    at: tuple[float, float] = (0.5, 0.5), color: tuple[int, int, int] = (200, 30, 30), size=(90, 60)
) -> np.ndarray:
    """A disc on a grey ground with a little grain."""
    width, height = size
    pixels = np.random.default_rng(1).normal(150, 3, (height, width, 1)).repeat(3, axis=2)
    y, x = np.mgrid[0:height, 0:width]
    pixels[np.hypot(x - at[0] * width, y - at[1] * height) < 0.2 * min(size)] = color
    return np.clip(pixels, 0, 255)


def inside(at: tuple[float, float], size=(90, 60), share: float = 0.14) -> np.ndarray:
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    return np.hypot(x - at[0] * size[0], y - at[1] * size[1]) < share * min(size)


@pytest.mark.parametrize("at", [(0.5, 0.5), (0.25, 0.3), (0.75, 0.65)])
@pytest.mark.parametrize("color", [(200, 30, 30), (20, 40, 160), (250, 250, 250), (20, 20, 20)])
def test_what_stands_out_is_the_subject(at: tuple[float, float], color: tuple[int, int, int]) -> None:
    found = saliency(lab(disc(at, color)))

    far = ~inside(at, share=0.32)
    assert found[inside(at)].min() > 0.6
    assert found[far].mean() < 0.15
    assert found[far].max() < found[inside(at)].min()


def test_a_subject_that_is_cut_off_at_the_border_is_one_too() -> None:
    """As a bust is at the lower edge: little of the border is its own."""
    pixels = disc((0.5, 0.97), size=(100, 100))

    found = saliency(lab(pixels))

    assert found[88:, 45:56].mean() > 0.5
    assert found[:50].mean() < 0.15


def test_a_mirrored_picture_is_seen_mirrored() -> None:
    picture = lab(disc((0.3, 0.4)))

    found, mirrored = saliency(picture), saliency(np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]

    assert np.abs(found - mirrored).mean() < 0.06
    assert ((found > 0.5) == (mirrored > 0.5)).mean() > 0.97


@settings(max_examples=12)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_every_picture_of_any_size_has_an_answer_from_0_to_1(width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3))

    found = saliency(lab(pixels))

    assert found.shape == (height, width)
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_stands_out_nowhere_more_than_elsewhere(level: int) -> None:
    found = saliency(lab(np.full((40, 60, 3), level)))

    assert np.isfinite(found).all()
    assert np.ptp(found) < 0.5


def test_a_large_picture_is_judged_as_its_small_one() -> None:
    small = disc((0.4, 0.5), size=(90, 60))
    large = cv2.resize(small, (540, 360), interpolation=cv2.INTER_CUBIC)

    found = saliency(lab(np.clip(large, 0, 255)))

    assert found.shape == (360, 540)
    assert found[inside((0.4, 0.5), (540, 360))].min() > 0.6
    assert found[:60].mean() < 0.1


def test_the_same_picture_gives_the_same_answer() -> None:
    picture = lab(disc())

    assert (saliency(picture) == saliency(picture)).all()
