"""The size, length and rate of a clip: a placement's where one is named, and told before anything is made."""

from __future__ import annotations

import pytest

from pressroom.operations.params.clip_shape import ClipShape, fill_kbps, ratio_of
from tests.support.media import all_placements

VIDEOS = [row for row in all_placements().values() if row.kind == "video"]


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [("1080p", "16:9", (1920, 1080)), ("480p", "9:16", (480, 854)), ("720p", "1:1", (720, 720))],
)
def test_a_shape_of_ones_own(resolution: str, ratio: str, size: tuple[int, int]) -> None:
    shape = ClipShape(2, resolution, ratio)  # type: ignore[arg-type]
    target = shape.target({})

    assert target.size == size
    assert (shape.rate(target), shape.count(target), fill_kbps(target, 2)) == (30, 60, 0)


@pytest.mark.parametrize("row", VIDEOS, ids=lambda row: row.name)
def test_what_a_placement_takes_is_what_is_made(row: object) -> None:
    seconds = max(row.min_duration_seconds or 0, min(6, row.duration_limit_seconds or 6))  # type: ignore[attr-defined]
    shape = ClipShape(seconds, "1080p", "16:9", row.name)  # type: ignore[attr-defined]
    target = shape.target(all_placements())

    assert shape.problems(all_placements()) == []
    assert target.size == (row.width, row.height)  # type: ignore[attr-defined]
    assert (row.min_fps or 0) <= shape.rate(target) <= (row.max_fps or 60)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (ClipShape(5, "1080p", "16:9", "instagram.rel"), "did you mean 'instagram.reel'?"),
        (ClipShape(5, "1080p", "16:9", "instagram.feed_square"), "takes an image, this makes a video"),
        (ClipShape(1, "1080p", "16:9", "instagram.reel"), "needs at least 3 s, asked for 1 s"),
    ],
)
def test_what_a_placement_does_not_take_is_told(shape: ClipShape, problem: str) -> None:
    assert any(problem in text for text in shape.problems(all_placements()))


def test_a_ratio_without_a_height_is_none() -> None:
    assert ratio_of("16:9") == pytest.approx(16 / 9)
    assert ratio_of("3:0") == 0
