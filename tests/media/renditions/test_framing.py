"""Crop or fit, and where: faces and supplied subjects stay whole wherever the target's shape can hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from pressroom.media.geometry import Region, is_inside, union
from pressroom.media.renditions.framing import Frame, Mode, frame
from pressroom.media.subject.focal import Focus, find_focus

TARGETS = [(1080, 1920), (1080, 1350), (1080, 1080), (1200, 628), (1920, 1080), (1584, 396), (300, 900)]
GREY = Image.new("RGB", (640, 480), "#808080")


def window(placed: Frame, size: tuple[int, int]) -> Region:
    left, top, right, bottom = placed.box
    return left / size[0], top / size[1], right / size[0], bottom / size[1]


def fits(box: Region, size: tuple[int, int], target: tuple[int, int]) -> bool:
    """Some window of the target's shape can hold the box."""
    scale = max(target[0] / size[0], target[1] / size[1])
    across, down = target[0] / scale / size[0], target[1] / scale / size[1]
    return box[2] - box[0] <= across + 1e-9 and box[3] - box[1] <= down + 1e-9


def _box(corners: tuple[float, float, float, float]) -> Region:
    left, right = sorted((corners[0], corners[1]))
    top, bottom = sorted((corners[2], corners[3]))
    return left, top, max(right, left + 0.01), max(bottom, top + 0.01)


share = st.floats(0, 0.99)
boxes = st.tuples(share, share, share, share).map(_box)
sizes = st.tuples(st.integers(200, 2000), st.integers(200, 2000))


@settings(deadline=None)
@given(sizes, st.sampled_from(TARGETS), st.lists(boxes, min_size=1, max_size=3))
def test_auto_shows_supplied_subjects_whole_and_fits_only_where_no_crop_can(
    size: tuple[int, int], target: tuple[int, int], subjects: list[Region]
) -> None:
    focus = Focus(0.5, 0.5, "subject", np.ones((4, 4), np.float32), False, tuple(subjects), tuple(subjects))

    placed = frame(size, target, "auto", focus)

    assert all(is_inside(box, window(placed, size)) for box in subjects)
    if fits(union(subjects), size, target):
        assert placed.mode == "crop"


@settings(deadline=None)
@given(sizes, st.sampled_from(TARGETS), boxes, st.sampled_from(["crop", "auto"]))
def test_a_crop_never_cuts_a_subject_that_fits(
    size: tuple[int, int], target: tuple[int, int], subject: Region, mode: Mode
) -> None:
    focus = find_focus(GREY, subjects=[subject])

    placed = frame(size, target, mode, focus)

    assert is_inside(subject, window(placed, size)) or not fits(subject, size, target)


@settings(deadline=None)
@given(sizes, st.sampled_from(TARGETS), boxes)
def test_a_crop_has_the_targets_shape_and_lies_inside_the_picture(
    size: tuple[int, int], target: tuple[int, int], subject: Region
) -> None:
    left, top, right, bottom = frame(size, target, "crop", find_focus(GREY, subjects=[subject])).box

    assert (right - left) / (bottom - top) == pytest.approx(target[0] / target[1], rel=1e-6)
    assert left >= 0
    assert top >= 0
    assert right <= size[0]
    assert bottom <= size[1]


def test_two_subjects_are_both_kept_where_both_fit_and_else_shown_whole() -> None:
    subjects = [(0.05, 0.3, 0.2, 0.7), (0.45, 0.2, 0.6, 0.8)]
    focus = find_focus(GREY, subjects=subjects)

    wide, tall = (frame((1600, 900), target, "auto", focus) for target in ((1000, 900), (500, 900)))

    assert wide.mode == "crop"
    assert all(is_inside(box, window(wide, (1600, 900))) for box in subjects)
    assert tall.mode == "fit"


def test_a_crop_that_cannot_keep_both_subjects_keeps_the_larger_whole() -> None:
    subjects = [(0.05, 0.3, 0.15, 0.7), (0.75, 0.2, 0.95, 0.8)]

    placed = frame((1600, 900), (506, 900), "crop", find_focus(GREY, subjects=subjects))

    assert is_inside(subjects[1], window(placed, (1600, 900)))


def test_fit_never_crops_whatever_the_subject() -> None:
    focus = find_focus(GREY, subjects=[(0.1, 0.1, 0.2, 0.2)])

    for target in TARGETS:
        placed = frame((1600, 900), target, "fit", focus)
        assert placed.mode == "fit"
        assert placed.box == (0, 0, 1600, 900)


@pytest.fixture(scope="module")
def portrait() -> Any:
    """A woman at the left third of a wide picture, and what is found in it."""
    wide = np.pad(data.astronaut(), ((0, 0), (60, 500), (0, 0)), mode="reflect")
    wide[:, 560:] = wide[:, 560:].mean(axis=(0, 1), keepdims=True)
    return Image.fromarray(wide)


@pytest.mark.parametrize("target", TARGETS)
def test_a_found_face_is_never_cut_where_it_fits(portrait: Image.Image, target: tuple[int, int]) -> None:
    focus = find_focus(portrait)
    assert focus.source == "faces"

    for mode in ("crop", "auto"):
        placed = frame(portrait.size, target, mode, focus)  # type: ignore[arg-type]
        assert fits(focus.boxes[0], portrait.size, target)
        assert is_inside(focus.boxes[0], window(placed, portrait.size))


def test_a_tall_crop_goes_to_the_face_and_not_to_the_middle(portrait: Image.Image) -> None:
    placed = frame(portrait.size, (1080, 1920), "auto", find_focus(portrait))

    assert placed.mode == "crop"
    assert placed.box[2] < portrait.width * 0.55


def test_a_wide_crop_leaves_room_over_the_head(portrait: Image.Image) -> None:
    focus = find_focus(portrait)

    placed = frame(portrait.size, (1920, 900), "crop", focus)

    face = focus.boxes[0]
    assert window(placed, portrait.size)[1] < face[1] - 0.3 * (face[3] - face[1])


def test_the_same_focus_lies_right_in_a_larger_picture() -> None:
    subjects = [(0.2, 0.4, 0.6, 0.8)]
    placed = frame((400, 200), (400, 400), "fit", find_focus(GREY, subjects=subjects))

    inner = find_focus(GREY, subjects=subjects).within(placed.inner_shares)

    assert inner.boxes[0] == pytest.approx((0.2, 0.45, 0.6, 0.65))
    assert (inner.x, inner.y) == pytest.approx((0.4, 0.55), abs=0.001)


def test_no_slim_bars_are_shown_for_the_soft_edge_of_what_stands_out() -> None:
    cup = Image.fromarray(data.coffee())
    focus = find_focus(cup)
    assert focus.source == "detail"

    assert frame(cup.size, (1920, 1080), "auto", focus).mode == "crop"
    assert frame(cup.size, (1080, 1920), "auto", focus).mode == "fit"
