"""Sound comes out at one loudness, measured by ffmpeg's own R 128 meter."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import ffmpeg as ffmpeg_python
import pytest

from pressroom.media.encoding.loudness import MOST_GAIN_DB, find_level
from pressroom.operations.resize import ResizeParams, run
from tests.support.media import FFMPEG, clip, ffmpeg, workspace


def _metered(path: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP."""
    command = [FFMPEG, "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, check=True).stderr.decode()
    summary = log[log.rindex("Summary:") :]
    numbers = [re.search(rf"{name}:\s+(-?[\d.]+|-inf)", summary) for name in ("I", "Peak")]
    return float(numbers[0][1]), float(numbers[1][1])


def _film(folder: Path, sound: str, name: str = "film.mp4") -> Path:
    picture = clip(folder / f"silent-{name}", "64x48", 4, 10, sound=False)
    path = folder / name
    ffmpeg("-i", picture, "-f", "lavfi", "-t", "4", "-i", sound, "-c:v", "copy", "-c:a", "aac", "-b:a", "192k", path)
    return path


def _resized(folder: Path, master: Path, **params: object) -> Path:
    asked = ResizeParams(image="master", width=64, height=64, **params)
    return run(asked, workspace(folder, master=master))[0].path


@pytest.mark.parametrize("volume", ["-15dB", "-3dB", "12dB"])
def test_quiet_and_loud_sound_come_out_alike(tmp_path: Path, volume: str) -> None:
    film = _film(tmp_path, f"anoisesrc=c=pink:a=0.4:seed=1,volume={volume}")

    lufs, peak = _metered(_resized(tmp_path / "out", film))

    assert lufs == pytest.approx(-14, abs=1)
    assert peak <= -1


def test_peaks_are_held_where_the_gain_would_clip_them(tmp_path: Path) -> None:
    """Clicks over a hum: 30 dB between loudness and peak."""
    hum = "aevalsrc='0.02*sin(440*2*PI*t)+0.9*lt(mod(t,0.5),0.0005)'"

    _lufs, peak = _metered(_resized(tmp_path / "out", _film(tmp_path, hum)))

    assert peak <= -1


def test_it_can_be_left_as_it_is_or_asked_for(tmp_path: Path) -> None:
    film = _film(tmp_path, "anoisesrc=c=pink:a=0.1:seed=1")
    before, _ = _metered(film)

    assert _metered(_resized(tmp_path / "kept", film, loudness=None))[0] == pytest.approx(before, abs=0.5)
    assert _metered(_resized(tmp_path / "low", film, loudness=-23))[0] == pytest.approx(-23, abs=1)


def test_silence_stays_silent(tmp_path: Path) -> None:
    film = _film(tmp_path, "anullsrc=r=48000:cl=stereo")
    asked = ResizeParams(image="master", width=64, height=64)

    (made,) = run(asked, workspace(tmp_path / "out", master=film))

    assert made.details["loudness"] == {"source": "silent"}
    assert _metered(made.path)[0] <= -60


def test_only_the_part_that_is_used_counts(tmp_path: Path) -> None:
    film = _film(tmp_path, "anoisesrc=c=pink:a=0.4:seed=1,volume='if(lt(t,2),1,0.05)':eval=frame")

    def source_lufs(**cut: float) -> float:
        asked = ResizeParams(image="master", width=64, height=64, **cut)
        (made,) = run(asked, workspace(tmp_path / f"out-{len(cut)}", master=film))
        return float(made.details["loudness"]["source_lufs"])

    assert source_lufs(duration=1.5) - source_lufs(start=2.2, duration=1.5) == pytest.approx(26, abs=1.5)


def test_noise_is_not_blown_up(tmp_path: Path) -> None:
    film = _film(tmp_path, "anoisesrc=c=pink:a=0.4:seed=1,volume=-30dB")

    level = find_level(lambda: ffmpeg_python.input(str(film))["a:0"], FFMPEG, 60)

    assert level.gain_db == MOST_GAIN_DB
