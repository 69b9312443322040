"""Frames become an MP4 that is never too large, never too small, and the same whenever it is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pressroom.domain.errors import Refused
from pressroom.media.encoding.frame_encoder import Film, write_film
from tests.support.media import FFMPEG, frames_of

SIZE, COUNT = (192, 108), 48


def scene() -> list[np.ndarray]:
    """Fine grain that moves sideways: hard to encode."""
    grain = np.random.default_rng(3).integers(0, 255, (SIZE[1], SIZE[0] + COUNT * 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(grain, (0, 0), 0.7)
    grey = np.full(SIZE[0] * SIZE[1] // 2, 128, np.uint8)
    return [np.concatenate([soft[:, at : at + SIZE[0]].ravel(), grey]) for at in range(0, COUNT * 3, 3)]


def haltingly() -> Iterator[np.ndarray]:
    for number, frame in enumerate(scene()):
        if number % 9 == 0:
            time.sleep(0.01)
        yield frame


def written(path: Path, source: Callable[[], Iterator[np.ndarray]], **limits: int) -> dict[str, object]:
    return write_film(Film(SIZE, 24, COUNT, **limits), source, path, FFMPEG, 60)  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [{}, {"max_bytes": 20_000}, {"fill_kbps": 8_000}], ids=["free", "tight", "filled"])
def test_the_same_frames_give_the_same_bytes_however_fast_they_come(tmp_path: Path, limits: dict[str, int]) -> None:
    details = [written(tmp_path / f"{number}.mp4", source, **limits)
               for number, source in enumerate((lambda: iter(scene()), haltingly))]  # fmt: skip

    assert (tmp_path / "0.mp4").read_bytes() == (tmp_path / "1.mp4").read_bytes()
    assert details[0] == details[1]


@pytest.mark.parametrize("most", [12_000, 16_000, 20_000])
def test_a_byte_limit_is_kept_and_used(tmp_path: Path, most: int) -> None:
    details = written(tmp_path / "clip.mp4", lambda: iter(scene()), max_bytes=most)

    assert details["rate_control"] == "two passes"
    assert 0.8 * most < (tmp_path / "clip.mp4").stat().st_size <= most
    assert len(frames_of(tmp_path / "clip.mp4", *SIZE)) == COUNT
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_no_clip_is_faster_than_every_platform_takes(tmp_path: Path) -> None:
    size, noise = (640, 360), np.random.default_rng(1).integers(0, 255, (10, 640 * 360 * 3 // 2), dtype=np.uint8)

    details = write_film(Film(size, 30, 10), lambda: iter(noise), tmp_path / "clip.mp4", FFMPEG, 60)

    assert details["rate_control"] == "two passes"
    assert (tmp_path / "clip.mp4").stat().st_size * 8 / (10 / 30) <= 25_000_000


def test_a_clip_that_would_be_too_light_is_filled(tmp_path: Path) -> None:
    details = written(tmp_path / "clip.mp4", lambda: iter([np.full_like(scene()[0], 90)] * COUNT), fill_kbps=500)

    assert details["rate_control"] == "filled"
    assert (tmp_path / "clip.mp4").stat().st_size * 8 / 2 >= 0.9 * 500_000


def test_a_limit_that_leaves_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="do not fit into the limit of 5,000 bytes"):
        written(tmp_path / "clip.mp4", lambda: iter(scene()), max_bytes=5_000)
