"""Sound is as loud as platforms play it, never clips, and ends softly: measured by ffmpeg's own meter on the finished file."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ffmpeg import get_args, output

from pressroom.domain.errors import Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.frame_encoder import Film, write_film
from pressroom.media.encoding.loudness import Level
from pressroom.media.encoding.soundtrack import Sound, level_of, sound_stream
from pressroom.media.files.ffmpeg import input_options
from tests.support.media import FFMPEG, ffmpeg, png_bomb, tone

LIMITS = MediaLimits()

FRAME = np.full(32 * 32 * 3 // 2, 128, np.uint8)
# Noise that comes in bursts: peaks far above the mean.
BURSTS = "anoisesrc=color=pink:duration=8:seed=3:amplitude=0.1,volume='if(gt(mod(t,0.9),0.85),9,1)':eval=frame"
QUIET = "sine=frequency=330:duration=8,volume=-15dB"
LOUD = "anoisesrc=duration=8:color=pink:amplitude=1:seed=3,volume=12dB"


def recorded(path: Path, source: str) -> Path:
    ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_s16le", path)
    return path


def filmed(folder: Path, sound: Sound, seconds: int = 4) -> Path:
    path = folder / "clip.mp4"
    film = Film((32, 32), 25, 25 * seconds, sound)
    write_film(film, lambda: iter([FRAME] * film.count), path, FFMPEG, 60)
    return path


def meter(path: Path) -> tuple[float, float]:
    """(LUFS, dBTP) of the decoded file."""
    command = [FFMPEG, "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    summary = subprocess.run(command, capture_output=True, check=True).stderr.decode().rpartition("Summary:")[2]
    return (
        float(re.findall(r"I:\s+(-?[\d.]+) LUFS", summary)[0]),
        float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", summary)[0]),
    )


def wave(path: Path) -> np.ndarray:
    raw = ffmpeg("-i", path, "-map", "0:a", "-ac", "1", "-ar", "8000", "-f", "f32le", "-")
    return np.abs(np.frombuffer(raw, dtype=np.float32))


@pytest.mark.parametrize("source", [BURSTS, QUIET, LOUD], ids=["bursts", "quiet", "loud"])
def test_every_sound_comes_out_at_minus_14_lufs_below_minus_1_dbtp(tmp_path: Path, source: str) -> None:
    clip = filmed(tmp_path, Sound(recorded(tmp_path / "sound.wav", source), input_options(LIMITS, "wav"), fade_out=0.5))

    loudness, peak = meter(clip)
    assert loudness == pytest.approx(-14, abs=0.7)
    assert peak <= -1


def test_silence_stays_silence(tmp_path: Path) -> None:
    sound = Sound(recorded(tmp_path / "sound.wav", "anullsrc=d=4"), input_options(LIMITS, "wav"))

    assert level_of(sound, 4, FFMPEG, 60).details() == {"source": "silent"}
    assert wave(filmed(tmp_path, sound)).max() < 1e-3


def test_sound_comes_up_and_goes_softly(tmp_path: Path) -> None:
    sound = Sound(recorded(tmp_path / "sound.wav", QUIET), input_options(LIMITS, "wav"), fade_in=1, fade_out=1)

    loud = [part.max() for part in np.array_split(wave(filmed(tmp_path, sound)), 16)]

    assert loud[0] < loud[1] < loud[2] < loud[3] < 1.05 * loud[8]
    assert loud[15] < loud[14] < loud[13] < loud[12] < 1.05 * loud[8]
    assert loud[0] < 0.35 * loud[8]


def test_sound_that_ends_early_still_ends_softly(tmp_path: Path) -> None:
    sound = Sound(recorded(tmp_path / "sound.wav", "sine=duration=2"), input_options(LIMITS, "wav"), fade_out=0.5)

    heard = wave(filmed(tmp_path, sound))

    assert heard[15_000:15_900].max() < 0.5 * heard[8_000:9_000].max()
    assert heard[17_000:].max() < 1e-3


def test_the_clip_begins_at_the_asked_second_of_the_sound(tmp_path: Path) -> None:
    late = "sine=duration=8,volume='if(lt(t,3),0,1)':eval=frame"

    heard = wave(filmed(tmp_path, Sound(recorded(tmp_path / "sound.wav", late), input_options(LIMITS, "wav"), start=2)))

    assert heard[:6_000].max() < 1e-2
    assert heard[9_000:30_000].max() > 0.1


def test_behind_the_end_of_the_sound_there_is_silence(tmp_path: Path) -> None:
    sound = Sound(recorded(tmp_path / "sound.wav", "sine=duration=1"), input_options(LIMITS, "wav"), start=5)

    assert level_of(sound, 4, FFMPEG, 60).details() == {"source": "silent"}


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", tmp_path / "mute.mp4")

    with pytest.raises(Permanent, match="ffmpeg failed"):
        level_of(Sound(tmp_path / "mute.mp4", input_options(LIMITS, "mov")), 4, FFMPEG, 60)


def test_a_huge_picture_beside_the_sound_is_not_decoded(tmp_path: Path) -> None:
    """ffmpeg looks into every stream of a file, also those that are not asked for."""
    picture, sound, both = (
        png_bomb(tmp_path / "bomb.png", 12_000),
        tone(tmp_path / "tone.wav", 1),
        tmp_path / "both.mkv",
    )
    ffmpeg("-i", picture, "-i", sound, "-c", "copy", both)
    limits = MediaLimits(max_pixels=1_000_000)

    stream = sound_stream(Sound(both, input_options(limits, "matroska")), 1, Level())

    graph = get_args(output(stream, "-", f="null"))
    # Measured from a small process: a child counts the memory of the one that it was split from.
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", program, FFMPEG, "-v", "error", *graph]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) / 1024 < 200  # MB; the picture alone has 432
