"""Camera moves: exact to a fraction of a pixel, eased, and never outside the picture."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.encoding.yuv import Frame, look, still_of
from pressroom.media.motion.camera import Pan, Zoom, at_scale, plan_shot
from pressroom.media.motion.moves import Intensity, Motion, ease, plan_move
from pressroom.media.subject.focal import Focus

MOTIONS = Motion.__args__  # type: ignore[attr-defined]
INTENSITIES = Intensity.__args__  # type: ignore[attr-defined]


def focus(x: float = 0.5, y: float = 0.5) -> Focus:
    return Focus(x, y, "given", np.ones((2, 2), dtype=np.float32))


def spots(width: int, height: int) -> Image.Image:
    grain = np.random.default_rng(5).normal(128, 255, (height, width)).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), 6)
    soft = (soft - soft.min()) / (soft.max() - soft.min()) * 255
    return Image.fromarray(soft.astype(np.uint8)).convert("RGB")


def tinted(picture: Image.Image) -> Image.Image:
    return Image.fromarray((np.asarray(picture) * (np.array([40, 90, 200]) / 255)).astype(np.uint8))


def drawn(shot: Zoom | Pan, time: float) -> Frame:
    frame = Frame(shot.target)
    shot.draw(time, frame)
    return frame


def seen(shot: Zoom | Pan, time: float) -> np.ndarray:
    """Luma in video's 8 bits."""
    width, height = shot.target
    return drawn(shot, time).data[: width * height].reshape(height, width)


def moved(one: np.ndarray, other: np.ndarray) -> float:
    """Sideways movement in pixels by least squares on the gradient; right for movements below two pixels."""
    a, b = (frame[20:-20, 20:-20].astype(float) for frame in (one, other))
    slope = (np.gradient(a, axis=1) + np.gradient(b, axis=1)) / 2
    return float((slope * (b - a)).sum() / (slope**2).sum())


@pytest.mark.parametrize("plane", ["luma", "blue"])
def test_every_step_of_a_pan_is_right_to_a_fraction_of_a_pixel(plane: str) -> None:
    shot = plan_shot(tinted(spots(900, 700)), (480, 360), "pan_right", "subtle", focus())
    path = [shot.move.at(number / 59).x for number in range(60)]
    frames = [getattr(drawn(shot, number / 59), plane) for number in range(60)]

    steps = np.array([moved(a, b) for a, b in pairwise(frames)])

    share = 1 if plane == "luma" else 0.5  # chroma has half the pixels
    error = steps - np.diff(path) * share
    assert np.sqrt((error**2).mean()) < 0.03
    assert np.abs(np.round(steps) - steps).max() > 0.2  # and not whole pixels


def test_colour_and_brightness_move_together() -> None:
    """The edge between two colours is where the edge between their brightnesses is, in every frame."""
    picture = Image.new("RGB", (900, 300), (40, 40, 200))
    picture.paste((250, 220, 60), (450, 0, 900, 300))
    shot = plan_shot(picture, (300, 200), "pan_right", "dynamic", focus())

    for time in np.linspace(0.2, 0.8, 13):
        frame = drawn(shot, time)
        luma, blue = (
            np.interp(0.5, _risen(row), np.arange(len(row)))
            for row in (frame.luma[100].astype(float), -frame.blue[50].astype(float))
        )
        # H.264's usual siting: the middle of chroma pixel i lies at luma pixel 2i.
        assert blue * 2 == pytest.approx(luma, abs=0.25)


def _risen(row: np.ndarray) -> np.ndarray:
    return np.maximum.accumulate((row - row.min()) / (row.max() - row.min()))


@pytest.mark.parametrize("motion", ["pan_left", "pan_up", "diagonal"])
def test_sorted_planes_show_what_reading_them_afresh_shows(motion: Motion) -> None:
    move = plan_move((640, 640), (320, 320), motion, "dynamic", focus(0.3, 0.6))
    picture, move = at_scale(spots(640, 640), move, (320, 320))
    glide, still = Pan(picture, move, (320, 320)), still_of(picture)

    for time in np.linspace(0, 1, 11):
        other = Frame((320, 320))
        look(still, move.at(time).affine((320, 320)), other)
        assert np.abs(drawn(glide, time).data.astype(int) - other.data).max() <= 1


@pytest.mark.parametrize("point", [(0.5, 0.5), (0.31, 0.62), (0, 1), (0.97, 0.02)])
def test_a_zoom_out_of_four_parts_shows_what_a_warp_shows(point: tuple[float, float]) -> None:
    """Each plane lies within half a pixel of the warp's, in every frame as far as in the first."""
    size = 180, 320
    move = plan_move((640, 640), size, "zoom_in", "dynamic", focus(*point))
    picture, move = at_scale(tinted(spots(640, 640)), move, size)
    zoom, still = Zoom(picture, move, size), still_of(picture)

    for plane in ("luma", "blue"):
        offsets = []
        for time in np.linspace(0, 0.98, 7):
            other = Frame(size)
            look(still, move.at(time).affine(size), other)
            frame = getattr(drawn(zoom, time), plane)
            warped = getattr(other, plane)
            offsets.append([moved(warped, frame), moved(warped.T, frame.T)])
        assert np.abs(offsets).max() < 0.45
        assert np.abs(np.diff(offsets, axis=0)).max() < 0.1


@given(
    width=st.integers(60, 300),
    height=st.integers(60, 300),
    intensity=st.sampled_from(INTENSITIES),
    motion=st.sampled_from(MOTIONS),
    x=st.floats(0, 1),
)
@settings(deadline=None, max_examples=60)
def test_a_picture_and_its_cut_out_are_brought_to_scale_alike(
    width: int, height: int, intensity: Intensity, motion: Motion, x: float
) -> None:
    grey = spots(width, height)
    cut = grey.convert("RGBA")
    move = plan_move(grey.size, (40, 48), motion, intensity, focus(x, 0.4))

    (picture, one), (subject, other) = (at_scale(image, move, (40, 48), 0.1) for image in (grey, cut))

    assert picture.shape[:2] == subject.shape[:2]
    assert np.abs(picture.astype(int) - subject[..., :3]).mean() < 2.0  # grey levels
    assert (one.start.x, one.start.y) == pytest.approx((other.start.x, other.start.y), abs=0.3)
    assert one.start.width == pytest.approx(other.start.width)


def test_a_zoom_holds_its_focal_point_still() -> None:
    """At the middle of the picture nothing moves, whatever the camera's distance."""
    image = Image.new("RGB", (800, 600), "white")
    image.paste((0, 0, 0), (380, 280, 420, 320))
    shot = plan_shot(image, (400, 300), "zoom_in", "dynamic", focus())

    darks = [235 - seen(shot, number / 19).astype(float) for number in range(20)]
    places = np.array([[(dark * grid).sum() / dark.sum() for grid in np.indices(dark.shape)] for dark in darks])

    assert places[0] == pytest.approx((149.5, 199.5), abs=0.35)
    assert np.ptp(places, axis=0).max() < 0.15


def test_a_picture_with_more_pixels_than_the_frame_does_not_flicker() -> None:
    """Stripes finer than a frame's pixels become an even grey: they would crawl if they were only sampled."""
    stripes = np.zeros((1200, 1600, 3), np.uint8)
    stripes[:, ::2] = 255
    shot = plan_shot(Image.fromarray(stripes), (320, 240), "pan_right", "medium", focus())

    levels = np.array([seen(shot, time) for time in np.linspace(0, 1, 9)])

    assert levels.std() < 2


def test_a_picture_shown_pixel_for_pixel_keeps_its_detail() -> None:
    grain = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8), (0, 0), 0.7)
    shot = plan_shot(Image.fromarray(grain), (320, 240), "hold", "subtle", focus())

    luma = seen(shot, 0).astype(float)

    expected = 16 + grain.astype(float) @ np.array([0.2126, 0.7152, 0.0722]) * 219 / 255
    assert 10 * np.log10(219**2 / np.mean((luma - expected) ** 2)) > 40
    assert np.abs(np.diff(luma)).mean() == pytest.approx(np.abs(np.diff(expected)).mean(), rel=0.07)


@settings(deadline=None)
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
    move = plan_move((width, height), target, motion, intensity, focus(x, y))

    for view in (move.start, move.end):
        tall = view.width * target[1] / target[0]
        assert -1e-6 <= view.x - view.width / 2 <= view.x + view.width / 2 <= width + 1e-6
        assert -1e-6 <= view.y - tall / 2 <= view.y + tall / 2 <= height + 1e-6
    for time in (0, 0.4, 1):
        assert set(seen(shot, time).ravel()) == {16}


def test_easing_is_under_way_at_its_ends_and_never_turns_back() -> None:
    values = np.array([ease(step / 100) for step in range(101)])
    speeds = np.diff(values)

    assert values[[0, 50, -1]] == pytest.approx([0, 0.5, 1])
    assert speeds.min() > 0.25 * speeds.mean()
    assert speeds.max() < 1.5 * speeds.mean()
    assert np.abs(np.diff(speeds)).max() < 0.05 * speeds.max()  # no jolt
