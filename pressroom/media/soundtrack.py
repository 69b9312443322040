"""A clip's sound: cut to the pictures, faded in and out, brought to the loudness that platforms play at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.errors import Permanent
from pressroom.media import h264
from pressroom.media.loudness import MOST_GAIN_DB, TARGET_LUFS
from pressroom.media.video import output_argument, run_ffmpeg

# EBU R 128 asks for -1 dBTP in the finished file; on bursts of noise AAC adds 1.2 dB of its own.
_CEILING_DB = -3.0
_SILENT_LUFS = -69.0  # the meter's floor is -70
_CLOSE_LU, _ROUNDS = 0.2, 5
_RATE, _PEAK_RATE = 48_000, 192_000  # peaks between samples are seen at four times the rate
_SUMMARY = re.compile(
    r"Integrated loudness:\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS.*?Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", re.S
)


@dataclass(frozen=True, slots=True)
class Sound:
    """The part of a sound file that a clip uses. `demuxer` is ffmpeg's name of the format; fades are in seconds."""

    path: Path
    demuxer: str
    start: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """How a sound is brought to TARGET_LUFS, and how loud it then is before it is encoded."""

    gain_db: float = 0.0
    is_limited: bool = False
    source_lufs: float | None = None
    lufs: float | None = None

    def details(self) -> dict[str, Any]:
        if self.source_lufs is None:
            return {"source": "silent"}
        return {"source_lufs": self.source_lufs, "lufs": self.lufs, "gain_db": self.gain_db, "limited": self.is_limited}


def level_of(sound: Sound, seconds: float, program: str, timeout_seconds: float) -> Level:
    """Measure the sound as the clip uses it, and find the gain; peaks that would clip are limited.

    Raises Permanent when ffmpeg fails or the file holds no sound.
    """
    loudness, peak = _measured(sound, seconds, Level(), program, timeout_seconds)
    if loudness <= _SILENT_LUFS:
        return Level()
    gain = min(TARGET_LUFS - loudness, MOST_GAIN_DB)
    level = Level(round(gain, 2), peak + gain > _CEILING_DB, loudness, round(loudness + gain, 1))
    for _ in range(_ROUNDS if level.is_limited else 0):
        reached, _peak = _measured(sound, seconds, level, program, timeout_seconds)
        level = Level(level.gain_db, True, loudness, reached)
        if abs(TARGET_LUFS - reached) <= _CLOSE_LU or level.gain_db >= MOST_GAIN_DB:
            break
        level = Level(round(min(level.gain_db + TARGET_LUFS - reached, MOST_GAIN_DB), 2), True, loudness, reached)
    return level


def sound_stream(sound: Sound, seconds: float, level: Level) -> Any:
    """The finished sound as an ffmpeg-python stream, as long as the clip; silence where the file is shorter."""
    stream = _used(sound, seconds)
    if level.gain_db:
        stream = stream.filter("volume", f"{level.gain_db}dB", precision="float")
    if level.is_limited:
        limit = f"{10 ** (_CEILING_DB / 20):.4f}"
        stream = stream.filter("aresample", _PEAK_RATE)
        stream = stream.filter("alimiter", limit=limit, level=0, attack=5, release=60, latency=1)
        stream = stream.filter("aresample", _RATE)
    stream = stream.filter("apad", whole_dur=f"{seconds:.6f}")
    return stream.filter("atrim", end=f"{h264.audio_seconds(seconds):.6f}")


def _used(sound: Sound, seconds: float) -> Any:
    given = ffmpeg.input(output_argument(sound.path), protocol_whitelist="file,pipe", f=sound.demuxer)["a:0"]
    stream = given.filter("aresample", _RATE).filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    stream = stream.filter("atrim", start=f"{sound.start:.6f}", end=f"{sound.start + seconds:.6f}")
    stream = stream.filter("asetpts", "PTS-STARTPTS")
    if sound.fade_in:
        stream = stream.filter("afade", t="in", st=0, d=f"{sound.fade_in:.6f}")
    if sound.fade_out:
        # Backwards, so that the end is found wherever the file has it.
        stream = stream.filter("areverse").filter("afade", t="in", st=0, d=f"{sound.fade_out:.6f}").filter("areverse")
    return stream


def _measured(sound: Sound, seconds: float, level: Level, program: str, timeout_seconds: float) -> tuple[float, float]:
    """(integrated loudness in LUFS, true peak in dB), -70 for silence."""
    metered = sound_stream(sound, seconds, level).filter("ebur128", peak="true", framelog="quiet")
    arguments = ffmpeg.get_args(ffmpeg.output(metered, "-", f="null"))
    log = run_ffmpeg(program, ["-v", "info", "-nostats", *arguments], timeout_seconds)
    found = _SUMMARY.findall(log)
    if not found:
        raise Permanent(f"the loudness of {sound.path.name} cannot be measured", path=str(sound.path))
    loudness, peak = (float(value) if value not in ("-inf", "inf", "nan") else -70.0 for value in found[-1])
    return loudness, peak
