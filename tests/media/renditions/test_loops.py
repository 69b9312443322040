"""Animations and stills of a video: GIF and WebP that repeat, and posters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.errors import Permanent, Refused
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.operations.resize import ResizeParams, expect, run
from tests.support.media import all_placements, clip, ffmpeg, frames_of, workspace


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video") / "film.mp4", "160x120", 2, 25)


def _made(folder: Path, master: Path, **params: Any) -> list[Made]:
    return list(run(ResizeParams(image="master", **params), workspace(folder, master=master)))


def _expected(master: MediaInfo, **params: Any) -> Any:
    return expect(ResizeParams(image="master", **params), {"master": master}, all_placements())


MASTER = MediaInfo(Kind.VIDEO, "video/mp4", 160, 120, 2.0)


@pytest.mark.parametrize(("name", "rate"), [("gif", 20), ("webp", 25)])
def test_a_video_becomes_an_animation_that_repeats(tmp_path: Path, video: Path, name: str, rate: int) -> None:
    (made,) = _made(tmp_path / "out", video, width=80, height=60, format=name)

    with Image.open(made.path) as image:
        durations = []
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            durations.append(image.info["duration"])
        assert (image.format.lower(), image.size, image.info["loop"]) == (name, (80, 60), 0)
    assert sum(durations) == pytest.approx(2000, abs=60)
    assert len(durations) == 2 * rate
    assert (made.mime, made.details["fps"]) == (f"image/{name}", rate)
    planned = _expected(MASTER, width=80, height=60, format=name).outputs[0][1]
    assert (planned.kind, planned.mime, planned.duration_seconds) == (Kind.IMAGE, made.mime, 2.0)


@pytest.mark.parametrize("name", ["gif", "webp"])
def test_it_looks_like_the_film(tmp_path: Path, video: Path, name: str) -> None:
    (made,) = _made(tmp_path / "out", video, width=160, height=120, format=name, mode="crop")

    film = frames_of(video, 160, 120)
    with Image.open(made.path) as image:
        image.seek(image.n_frames // 2)
        shown = np.asarray(image.convert("L"), float)
    assert min(np.abs(frame - shown).mean() for frame in film[15:35].astype(float)) < 9


@pytest.mark.parametrize("name", ["gif", "webp"])
def test_a_byte_limit_takes_colours_and_frames_but_is_kept(tmp_path: Path, video: Path, name: str) -> None:
    (free,) = _made(tmp_path / "free", video, width=80, height=60, format=name)
    limit = free.path.stat().st_size // 3

    (made,) = _made(tmp_path / "out", video, width=80, height=60, format=name, max_bytes=limit)

    assert limit * 0.3 < made.path.stat().st_size <= limit
    with pytest.raises(Refused, match="need at least"):
        _made(tmp_path / "none", video, width=80, height=60, format=name, max_bytes=1_000)


def test_long_loops_and_other_formats_are_problems() -> None:
    long = MediaInfo(Kind.VIDEO, "video/mp4", 160, 120, 95.0)

    assert "give duration, 30 at most" in _expected(long, width=80, height=60, format="gif").problems[0]
    assert _expected(long, width=80, height=60, format="gif", duration=12).problems == ()
    assert "written as mp4, gif or webp, not as png" in _expected(MASTER, width=80, height=60, format="png").problems[0]


def test_a_poster_is_a_clear_frame_of_the_film(tmp_path: Path) -> None:
    """A film that fades in from black: the poster is not black, and has the film's size."""
    plain = clip(tmp_path / "plain.mp4", "160x120", 3, 25, sound=False)
    faded = tmp_path / "faded.mp4"
    ffmpeg("-i", plain, "-vf", "fade=in:0:40", "-pix_fmt", "yuv420p", faded)

    film, poster = _made(tmp_path / "out", faded, placements=["x.post_video_square"], poster=True)

    row = all_placements()["x.post_video_square"]
    with Image.open(poster.path) as image:
        assert (image.format, image.size) == ("JPEG", (row.width, row.height))
        assert np.asarray(image.convert("L")).mean() > 60
    assert (film.placement, poster.placement, poster.label) == (
        "x.post_video_square",
        None,
        "x.post_video_square-poster",
    )
    planned = [label for label, _ in _expected(MASTER, placements=["x.post_video_square"], poster=True).outputs]
    assert planned == [film.label, poster.label]


def test_a_picture_has_no_poster(tmp_path: Path) -> None:
    picture = MediaInfo(Kind.IMAGE, "image/png", 160, 120)
    Image.new("RGB", (160, 120)).save(tmp_path / "picture.png")

    assert "poster is for videos" in _expected(picture, width=80, height=60, poster=True).problems[0]
    with pytest.raises(Permanent, match="poster is for videos"):
        _made(tmp_path / "out", tmp_path / "picture.png", width=80, height=60, poster=True)
