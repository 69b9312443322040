"""Where the camera goes: inside the picture, and with the subject whole in every frame that is shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.geometry import Region
from pressroom.media.motion.moves import NEARER, SWING, Intensity, Motion, View, ease, plan_move
from pressroom.media.subject.focal import Focus

MOTIONS = Motion.__args__  # type: ignore[attr-defined]
INTENSITIES = Intensity.__args__  # type: ignore[attr-defined]
TARGETS = [(1920, 1080), (1080, 1920), (1080, 1080), (1080, 1350), (1000, 300)]
SLACK = 1e-6
# The example bottle: cap and foot stand close to the edges of a square picture.
BOTTLE: Region = (0.36, 0.06, 0.64, 0.95)


def focus(*boxes: Region) -> Focus:
    middles = [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in boxes] or [(0.5, 0.5)]
    x, y = (sum(values) / len(middles) for values in zip(*middles, strict=True))
    return Focus(x, y, "subject", np.ones((2, 2), np.float32), boxes=boxes, roomy=boxes)


def views(
    size: tuple[int, int], target: tuple[int, int], motion: Motion, intensity: Intensity, seen: Focus
) -> Iterator[Region]:
    """What each frame shows of the picture, as left, top, right, bottom in pixels; of a parallax what both layers do."""
    move = plan_move(size, target, motion, intensity, seen)
    for time in np.linspace(0, 1, 21):
        view = move.at(float(time))
        if motion != "parallax":
            yield edges(view, target)
            continue
        turn = 2 * ease(float(time)) - 1
        nearer = 1 - NEARER[intensity] * (turn + 1) / 2
        for side in (1, -1):
            shift = side * SWING[intensity] * view.width * turn
            yield edges(View(view.x + shift, view.y, view.width * nearer), target)


def edges(view: View, target: tuple[int, int]) -> Region:
    tall = view.width * target[1] / target[0]
    return view.x - view.width / 2, view.y - tall / 2, view.x + view.width / 2, view.y + tall / 2


def fits(box: Region, size: tuple[int, int], target: tuple[int, int], share: float = 1.0) -> bool:
    widest = min(size[0], size[1] * target[0] / target[1]) * share
    return (box[2] - box[0]) * size[0] <= widest and (box[3] - box[1]) * size[1] <= widest * target[1] / target[0]


sides = st.integers(200, 4000)
starts, lengths = st.floats(0, 0.95), st.floats(0.02, 1)
boxes = st.tuples(starts, starts, lengths, lengths).map(
    lambda part: (part[0], part[1], min(1.0, part[0] + part[2]), min(1.0, part[1] + part[3]))
)


@settings(deadline=None, max_examples=400)
@given(st.tuples(sides, sides), st.sampled_from(TARGETS), st.sampled_from(MOTIONS), st.sampled_from(INTENSITIES), boxes)
def test_a_subject_that_fits_is_whole_in_every_frame(
    size: tuple[int, int], target: tuple[int, int], motion: Motion, intensity: Intensity, box: Region
) -> None:
    # Of the layers of a parallax the one swings away: it needs that much room on top. What the picture itself cuts off
    # may leave it by that: moved inwards, its cut would show.
    share = 1 - NEARER[intensity] - 2 * SWING[intensity] if motion == "parallax" else 1.0
    if not fits(box, size, target, share):
        return

    for left, top, right, bottom in views(size, target, motion, intensity, focus(box)):
        across, down = ((1 - share) / share * extent for extent in (right - left, bottom - top))
        assert left <= max(box[0] * size[0], across) + SLACK * size[0]
        assert top <= max(box[1] * size[1], down) + SLACK * size[1]
        assert right >= min(box[2] * size[0], size[0] - across) - SLACK * size[0]
        assert bottom >= min(box[3] * size[1], size[1] - down) - SLACK * size[1]


@settings(deadline=None, max_examples=400)
@given(
    st.tuples(sides, sides),
    st.sampled_from(TARGETS),
    st.sampled_from([motion for motion in MOTIONS if motion != "parallax"]),
    st.sampled_from(INTENSITIES),
    st.lists(boxes, max_size=3),
)
def test_the_camera_never_sees_beyond_the_picture(
    size: tuple[int, int], target: tuple[int, int], motion: Motion, intensity: Intensity, found: list[Region]
) -> None:
    for left, top, right, bottom in views(size, target, motion, intensity, focus(*found)):
        assert left >= -SLACK * size[0]
        assert top >= -SLACK * size[1]
        assert right <= size[0] * (1 + SLACK)
        assert bottom <= size[1] * (1 + SLACK)


@pytest.mark.parametrize("motion", ["pan_up", "pan_down", "diagonal", "zoom_in", "zoom_out", "parallax"])
def test_cap_and_foot_of_a_tall_bottle_are_not_cut(motion: Motion) -> None:
    seen = list(views((1600, 1600), (1080, 1080), motion, "dynamic", focus(BOTTLE)))

    assert max(top for _, top, _, _ in seen) <= 0.06 * 1600 + SLACK
    assert min(bottom for _, _, _, bottom in seen) >= 0.95 * 1600 - SLACK


def test_a_pan_goes_as_far_as_the_subject_lets_it() -> None:
    """Its whole way where there is room, else farther off rather than hardly at all."""
    small = plan_move((1600, 1600), (1080, 1080), "pan_right", "dynamic", focus((0.45, 0.45, 0.55, 0.55)))
    large = plan_move((1600, 1600), (1080, 1080), "pan_right", "dynamic", focus((0.25, 0.25, 0.75, 0.75)))

    assert small.end.x - small.start.x == pytest.approx(small.start.width * 0.35)
    assert 0.2 * 1600 < large.end.x - large.start.x < small.end.x - small.start.x
    assert large.start.width > small.start.width


def test_of_two_subjects_that_do_not_fit_together_the_larger_one_stays() -> None:
    seen = focus((0.0, 0.3, 0.1, 0.6), (0.7, 0.2, 1.0, 0.9))

    for left, _, right, _ in views((1600, 900), (900, 1600), "zoom_in", "medium", seen):
        assert left <= 0.7 * 1600 + SLACK
        assert right >= 1600 - SLACK
