"""A poster is a frame of its video, the clearest of several, in the video's size and under its limit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import PressroomError
from pressroom.media.renditions.posters import PLACES, write_poster
from tests.support.media import clip, ffmpeg, psnr, workspace


def mostly_dark(path: Path, bright: tuple[float, float]) -> Path:
    """Ten seconds, black but for a colourful picture between two times."""
    source = f"testsrc2=size=96x64:rate=5:duration=10,drawbox=t=fill:color=black:enable='not(between(t,{bright[0]},{bright[1]}))'"
    ffmpeg("-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", path)
    return path


@pytest.mark.parametrize(("bright", "place"), [((1.8, 2.3), 0.2), ((6.2, 6.8), 0.65), ((7.7, 8.4), 0.8)])
def test_the_one_frame_that_is_no_fade_is_chosen(tmp_path: Path, bright: tuple[float, float], place: float) -> None:
    video = mostly_dark(tmp_path / "film.mp4", bright)

    second = write_poster(video, 10, tmp_path / "poster.jpg", workspace(tmp_path))

    assert second == pytest.approx(10 * place)
    with Image.open(tmp_path / "poster.jpg") as found:
        assert (found.format, found.size) == ("JPEG", (96, 64))
        assert np.asarray(found).mean() > 60


def test_it_is_that_very_frame_and_the_same_each_time(tmp_path: Path) -> None:
    video = clip(tmp_path / "film.mp4", "96x64", 2, 10, sound=False)

    seconds = [write_poster(video, 2, tmp_path / f"{name}.jpg", workspace(tmp_path)) for name in ("one", "other")]

    assert seconds[0] == seconds[1]
    assert seconds[0] in [pytest.approx(2 * place) for place in PLACES]
    assert (tmp_path / "one.jpg").read_bytes() == (tmp_path / "other.jpg").read_bytes()
    raw = ffmpeg("-ss", str(seconds[0]), "-i", video, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    with Image.open(tmp_path / "one.jpg") as found:
        assert psnr(found, Image.frombytes("RGB", (96, 64), raw)) > 26


def test_a_limit_is_kept(tmp_path: Path) -> None:
    video = clip(tmp_path / "film.mp4", "96x64", 2, 10, sound=False)
    write_poster(video, 2, tmp_path / "free.jpg", workspace(tmp_path))
    limit = (tmp_path / "free.jpg").stat().st_size * 2 // 3

    write_poster(video, 2, tmp_path / "poster.jpg", workspace(tmp_path), limit)

    assert (tmp_path / "poster.jpg").stat().st_size <= limit


def test_a_file_without_frames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")

    with pytest.raises(PressroomError):
        write_poster(tmp_path / "film.mp4", 2, tmp_path / "poster.jpg", workspace(tmp_path))
    assert not (tmp_path / "poster.jpg").exists()
