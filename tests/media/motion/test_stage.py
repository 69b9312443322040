"""A picture of another shape is as large as its subject allows, on a ground of its own colours."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.geometry import Region, is_inside
from pressroom.media.motion.stage import largest_part, seen_in, staged
from pressroom.media.subject.focal import Focus

PORTRAIT = (540, 960)


def focus(*boxes: Region) -> Focus:
    x, y = ((boxes[0][0] + boxes[0][2]) / 2, (boxes[0][1] + boxes[0][3]) / 2) if boxes else (0.5, 0.5)
    return Focus(x, y, "subject", np.ones((18, 32), np.float32), boxes=boxes, roomy=boxes)


def picture() -> Image.Image:
    return Image.effect_noise((960, 540), 60).convert("RGB")


starts, lengths = st.floats(0, 0.9), st.floats(0.02, 1)
boxes = st.tuples(starts, starts, lengths, lengths).map(
    lambda part: (part[0], part[1], min(1.0, part[0] + part[2]), min(1.0, part[1] + part[3]))
)


@settings(deadline=None)
@given(st.lists(boxes, min_size=1, max_size=3), st.sampled_from([PORTRAIT, (960, 540), (600, 600)]))
def test_what_must_stay_whole_is_in_the_part(found: list[Region], target: tuple[int, int]) -> None:
    part = largest_part((1200, 800), focus(*found), target)

    assert all(is_inside(box, part) for box in found)
    inside = seen_in(focus(*found), part)
    assert len(inside.boxes) == len(found)
    assert all(0 <= edge <= 1 for box in inside.boxes for edge in box)


def test_only_the_longer_sides_give_way() -> None:
    left, top, right, bottom = largest_part((1600, 900), focus((0.3, 0.1, 0.6, 0.9)), PORTRAIT)

    assert (top, bottom) == (0, 1)
    assert 0.3 < right - left < 0.45
    assert left < 0.3
    assert right > 0.6


def test_a_landscape_photo_is_no_strip() -> None:
    """Whole it would fill a third of the height."""
    shown, seen, _ = staged(picture(), focus((0.35, 0.1, 0.65, 0.9)), PORTRAIT, "blur", "#ffffff", False)

    busy = np.asarray(shown.convert("L"), float).std(axis=1) > 20
    assert busy.mean() > 0.75
    assert all(0 <= edge <= 1 for edge in seen.boxes[0])


def test_asked_for_whole_it_stays_whole() -> None:
    shown, _, _ = staged(picture(), focus((0.35, 0.1, 0.65, 0.9)), PORTRAIT, "blur", "#ffffff", True)

    busy = np.asarray(shown.convert("L"), float).std(axis=1) > 20
    assert 0.28 < busy.mean() < 0.36


def test_a_shadow_lies_around_it_and_not_on_it() -> None:
    grey = Image.new("RGB", (960, 540), (200, 200, 200))
    shown, _, _ = staged(grey, focus((0.0, 0.0, 1.0, 1.0)), PORTRAIT, "blur", "#ffffff", True)

    column = np.asarray(shown)[:, 270, 0].astype(int)
    assert abs(column[480] - 200) <= 1
    assert column[640] < column[900] - 20  # under its lower edge, and far from it


def test_a_colour_that_was_asked_for_is_that_colour() -> None:
    shown, _, _ = staged(picture(), focus((0.0, 0.0, 1.0, 1.0)), PORTRAIT, "#204060", "#ffffff", True)

    assert shown.getpixel((270, 100)) == (0x20, 0x40, 0x60)
    assert shown.getpixel((270, 640)) == (0x20, 0x40, 0x60)
