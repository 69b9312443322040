"""Camera moves: exact to a fraction of a pixel, eased, and never outside the picture."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.camera import Intensity, Motion, ease, frames, plan_shot
from pressroom.media.focal import Focus

MOTIONS = Motion.__args__  # type: ignore[attr-defined]
INTENSITIES = Intensity.__args__  # type: ignore[attr-defined]


def focus(x: float = 0.5, y: float = 0.5) -> Focus:
    return Focus(x, y, "given", np.ones((2, 2), dtype=np.float32))


def spots(width: int, height: int) -> Image.Image:
    grain = np.random.default_rng(5).normal(128, 255, (height, width)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 6)
    soft = (soft - soft.min()) / (soft.max() - soft.min()) * 255
    return Image.fromarray(soft.astype(np.uint8)).convert("RGB")


def moved(one: np.ndarray, other: np.ndarray) -> float:
    """Sideways movement in pixels by least squares on the gradient; right for movements below two pixels."""
    a, b = (frame[20:-20, 20:-20, 0].astype(float) for frame in (one, other))
    slope = (np.gradient(a, axis=1) + np.gradient(b, axis=1)) / 2
    return float((slope * (b - a)).sum() / (slope**2).sum())


def test_every_step_of_a_pan_is_right_to_a_fraction_of_a_pixel() -> None:
    shot = plan_shot(spots(900, 700), (480, 360), "pan_right", "subtle", focus())
    path = [shot.start.x + (shot.end.x - shot.start.x) * ease(number / 59) for number in range(60)]
    per_pixel = shot.start.width / 480

    steps = np.array([moved(a, b) for a, b in pairwise(frames([shot], 60, 0))])

    error = steps - np.diff(path) / per_pixel
    assert np.sqrt((error**2).mean()) < 0.07
    assert np.abs(error).max() < 0.15
    assert np.abs(np.round(steps) - steps).max() > 0.4  # and not whole pixels


def test_a_zoom_holds_its_focal_point_still() -> None:
    """At the middle of the picture nothing moves, whatever the camera's distance."""
    image = Image.new("RGB", (800, 600), "white")
    image.paste((0, 0, 0), (380, 280, 420, 320))
    shot = plan_shot(image, (400, 300), "zoom_in", "dynamic", focus())

    for frame in frames([shot], 20, 0):
        rows, columns = np.nonzero(frame[..., 0] < 128)
        assert (columns.mean(), rows.mean()) == pytest.approx((199.5, 149.5), abs=0.3)


@given(
    width=st.integers(20, 400),
    height=st.integers(20, 400),
    target=st.sampled_from([(64, 64), (96, 54), (54, 96)]),
    motion=st.sampled_from(MOTIONS),
    intensity=st.sampled_from(INTENSITIES),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_the_view_never_leaves_the_picture(
    width: int, height: int, target: tuple[int, int], motion: Motion, intensity: Intensity, x: float, y: float
) -> None:
    shot = plan_shot(Image.new("RGB", (width, height)), target, motion, intensity, focus(x, y))

    rows, columns = shot.pixels.shape[:2]
    for view in (shot.start, shot.end):
        tall = view.width * target[1] / target[0]
        assert -1 <= view.x - view.width / 2 <= view.x + view.width / 2 <= columns + 1
        assert -1 <= view.y - tall / 2 <= view.y + tall / 2 <= rows + 1


@given(count=st.integers(2, 200), pictures=st.integers(1, 6))
def test_there_are_exactly_as_many_frames_as_asked_for(count: int, pictures: int) -> None:
    shot = plan_shot(Image.new("RGB", (16, 16)), (8, 8), "hold", "subtle", focus())

    assert sum(1 for _ in frames([shot] * pictures, count, min(3, count // pictures // 2))) == count


def test_easing_starts_and_ends_at_rest_and_never_turns_back() -> None:
    values = [ease(step / 100) for step in range(101)]

    assert (values[0], values[50], values[-1]) == pytest.approx((0, 0.5, 1))
    assert min(b - a for a, b in pairwise(values)) > 0
    assert values[1] < 0.001
