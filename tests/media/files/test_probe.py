"""Measuring any file: kind, size, length, and whether all of it is there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.probe import inspect, probe
from tests.support.media import FFMPEG, clip, ffmpeg, gradient, tone

LIMITS = MediaLimits()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("video") / "clip.mp4", "160x120", 2, 25, "-movflags", "+faststart")


def test_a_video_is_measured(video: Path) -> None:
    info = probe(video, LIMITS, FFMPEG)

    assert (info.kind, info.mime, info.width, info.height) == (Kind.VIDEO, "video/mp4", 160, 120)
    assert info.duration_seconds == pytest.approx(2, abs=0.05)
    assert info.frames == 50
    assert info.size_bytes == video.stat().st_size
    assert info.sha256 == hashlib.sha256(video.read_bytes()).hexdigest()


def test_planning_sees_the_same_measures_as_the_full_check(video: Path) -> None:
    quick, full = inspect(video, LIMITS), probe(video, LIMITS, FFMPEG)

    assert (quick.width, quick.height, quick.duration_seconds) == (full.width, full.height, full.duration_seconds)
    assert quick.sha256 is None


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("clip.mov", "video/quicktime"),
        ("clip.webm", "video/webm"),
        ("clip.avi", "video/x-msvideo"),
        ("clip.mkv", "video/webm"),
    ],
)
def test_other_containers_open(tmp_path: Path, video: Path, name: str, mime: str) -> None:
    path = tmp_path / name
    ffmpeg("-i", video, "-t", "0.4", "-an", path)

    info = probe(path, LIMITS, FFMPEG)

    assert (info.kind, info.mime, info.width) == (Kind.VIDEO, mime, 160)


@pytest.mark.parametrize(
    ("extension", "mime"),
    [
        ("wav", "audio/wav"),
        ("mp3", "audio/mpeg"),
        ("m4a", "audio/mp4"),
        ("aac", "audio/aac"),
        ("ogg", "audio/ogg"),
        ("flac", "audio/flac"),
    ],
)
def test_sounds_are_measured(tmp_path: Path, extension: str, mime: str) -> None:
    info = probe(tone(tmp_path / f"tone.{extension}", 1.5), LIMITS, FFMPEG)

    assert (info.kind, info.mime, info.width) == (Kind.AUDIO, mime, None)
    assert info.duration_seconds == pytest.approx(1.5, abs=0.1)


def test_a_turned_video_is_measured_as_shown(tmp_path: Path, video: Path) -> None:
    path = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", video, "-c", "copy", path)

    info = inspect(path, LIMITS)

    assert (info.width, info.height) == (120, 160)


def test_a_video_with_oblong_pixels_is_measured_as_shown(tmp_path: Path) -> None:
    path = clip(tmp_path / "wide.mp4", "160x120", 0.4, 25, "-vf", "setsar=4/3", sound=False)

    assert inspect(path, LIMITS).width == 213


@pytest.mark.parametrize("share", [0.3, 0.75])
def test_a_video_that_is_cut_off_is_refused(tmp_path: Path, video: Path, share: float) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(video.read_bytes()[: int(video.stat().st_size * share)])

    with pytest.raises(Corrupt, match=r"cut\.mp4 is (cut off|damaged)"):
        probe(path, LIMITS, FFMPEG)


def test_a_video_without_its_index_is_refused_when_planned(tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.mp4", "64x48", 1)
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[:-2000])

    with pytest.raises(Corrupt, match=r"cut\.mp4 is cut off"):
        inspect(path, LIMITS)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"max_seconds": 1.0}, "lasts 2"), ({"max_frames": 40}, "50 frames"), ({"max_side": 150}, "160 x 120")],
)
def test_limits_hold_before_anything_is_decoded(video: Path, limits: dict[str, float], reason: str) -> None:
    with pytest.raises(Corrupt, match=reason):
        inspect(video, MediaLimits(**limits))


@pytest.mark.parametrize(
    "name", ["-version", "concat:a|b.mp4", "http:example.mp4", "file name's [odd] %d.mp4", "a\nb.mp4"]
)
def test_a_name_is_never_read_as_an_option_a_url_or_a_pattern(tmp_path: Path, video: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(video.read_bytes())

    assert probe(path, LIMITS, FFMPEG).frames == 50


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "ffconcat version 1.0\nfile '/etc/passwd'\n",
        "<?xml version='1.0'?><MPD></MPD>",
    ],
)
def test_playlists_are_not_followed(tmp_path: Path, playlist: str) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(playlist)

    with pytest.raises(Corrupt):
        probe(path, LIMITS, FFMPEG)


def test_pictures_go_the_same_door(tmp_path: Path) -> None:
    path = tmp_path / "picture.bin"
    gradient().save(path, "PNG")

    info = probe(path, LIMITS, FFMPEG)

    assert (info.kind, info.mime, info.width, info.height, info.frames) == (Kind.IMAGE, "image/png", 60, 40, 1)
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_drawing_is_measured_and_a_hostile_one_refused(tmp_path: Path) -> None:
    plain, hostile = tmp_path / "plain.svg", tmp_path / "hostile.svg"
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20">'
    plain.write_text(f'{head}<rect width="30" height="20" fill="red"/></svg>')
    hostile.write_text(f"{head}<script>alert(1)</script></svg>")

    info = probe(plain, LIMITS, FFMPEG)

    assert (info.mime, info.width, info.height) == ("image/svg+xml", 30, 20)
    with pytest.raises(Corrupt, match="script"):
        probe(hostile, LIMITS, FFMPEG)
