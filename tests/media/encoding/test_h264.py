"""What the options of a video say is what ffmpeg writes: closed groups, index first, colours told, limits kept."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.media.encoding import h264
from tests.support.media import FFMPEG, boxes, described, frame_types

FPS, SECONDS = 10, 5


def encoded(path: Path, rate: dict[str, Any], *, sound: int | None = None, first: bool = False) -> Path:
    """A moving test picture with these options, as the command line has them."""
    tone = ["-f", "lavfi", "-i", f"sine=duration={h264.audio_seconds(SECONDS)}:sample_rate=44100"] if sound else []
    options = h264.mp4_options(FPS, rate) | (h264.audio_options(sound) if sound else {})
    names = {"b:v": "-b:v", "vcodec": "-c:v", "acodec": "-c:a", "format": "-f"}
    flags = [word for name, value in options.items() for word in (names.get(name, f"-{name}"), str(value))]
    source = ["-f", "lavfi", "-i", f"testsrc2=size=96x64:rate={FPS}:duration={SECONDS}"]
    tags = h264.COLOR_FILTER | {"color_range": h264.COLOR_FILTER["range"]}
    colors = [word for name, value in tags.items() if name != "range" for word in (f"-{name}", value)]
    command = [FFMPEG, "-y", "-v", "error", *source, *tone, *colors, *flags, str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@given(st.integers(1, 10**9), st.floats(1, 600), st.sampled_from([0, 64, 160]))
def test_the_average_leaves_room_for_sound_and_index(limit: int, seconds: float, audio_kbps: int) -> None:
    kbps = h264.video_kbps_for(limit, seconds, audio_kbps)

    assert (kbps + audio_kbps) * 125 * seconds <= limit or kbps <= 0
    assert (kbps + 1 + audio_kbps) * 125 * seconds >= limit * 0.97


@given(st.integers(1, 10**10) | st.none(), st.floats(0.5, 600))
def test_no_limit_is_above_what_every_platform_takes(max_bytes: int | None, seconds: float) -> None:
    """25 Mbit/s."""
    limit = h264.limit_bytes(max_bytes, seconds)

    assert limit <= 25_000_000 / 8 * seconds
    assert max_bytes is None or limit <= max_bytes
    assert limit in (max_bytes, int(25_000_000 / 8 * seconds))


@given(st.floats(0.04, 600))
def test_sound_never_outlasts_the_pictures(seconds: float) -> None:
    """AAC writes whole blocks of 1,024 samples at 48 kHz."""
    block = 1024 / 48_000
    blocks = -(-h264.audio_seconds(seconds) // block)

    assert blocks * block <= seconds + 1e-9 or blocks == 1
    assert h264.audio_seconds(seconds) >= min(block, seconds - 2 * block)


def test_a_clip_is_what_its_options_say(tmp_path: Path) -> None:
    path = encoded(tmp_path / "clip.mp4", h264.QUALITY, sound=h264.SMALL_AUDIO_KBPS)

    data, said = path.read_bytes(), described(path)
    assert boxes(data)[:2] == ["ftyp", "moov"]
    assert b"edts" not in data
    assert b"Lavf" not in data
    assert "h264 (High)" in said
    assert "yuv420p(tv, bt709" in said
    assert "aac" in said
    assert "48000 Hz, stereo" in said


def test_groups_are_closed_and_two_seconds_long_at_most(tmp_path: Path) -> None:
    """An open group's first frames need the one before; here every group begins with a frame that needs nothing."""
    types = frame_types(encoded(tmp_path / "clip.mp4", h264.QUALITY))

    assert len(types) == FPS * SECONDS
    starts = [at for at, kind in enumerate(types) if kind == "I"]
    assert starts[:2] == [0, FPS * 2]
    assert max(np.diff([*starts, len(types)])) <= FPS * 2
    assert types[FPS * 2 - 1] != "B"


@pytest.mark.parametrize("rate", [h264.QUALITY, h264.filled(400)], ids=["quality", "filled"])
def test_the_same_pictures_give_the_same_bytes(tmp_path: Path, rate: dict[str, Any]) -> None:
    one, other = (encoded(tmp_path / f"{name}.mp4", rate).read_bytes() for name in ("one", "other"))

    assert one == other


def test_a_filled_clip_has_the_rate(tmp_path: Path) -> None:
    plain = encoded(tmp_path / "plain.mp4", h264.QUALITY).stat().st_size * 8 / 1000 / SECONDS

    found = encoded(tmp_path / "filled.mp4", h264.filled(1500)).stat().st_size * 8 / 1000 / SECONDS

    assert plain < 1000
    assert found == pytest.approx(1500, rel=0.05)


@pytest.mark.parametrize("kbps", [80, 150])
def test_two_passes_meet_their_average(tmp_path: Path, kbps: int) -> None:
    log = str(tmp_path / "pass")

    encoded(tmp_path / "clip.mp4", h264.averaged(kbps, 1, log))
    path = encoded(tmp_path / "clip.mp4", h264.averaged(kbps, 2, log))

    assert path.stat().st_size * 8 / 1000 / SECONDS == pytest.approx(kbps, rel=0.15)
