"""Sound brought to one loudness: measured after EBU R 128, turned up or down, peaks held below what encoders clip."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import ffmpeg

from pressroom.domain.errors import Permanent
from pressroom.media.files.ffmpeg import run_ffmpeg

# What YouTube, Spotify and TikTok turn louder sound down to (AES TD1008, 2021, table 1: -14 LUFS for streaming).
TARGET_LUFS = -14.0
MOST_GAIN_DB = 24.0  # beyond it noise is what gets louder
# EBU R 128 asks for -1 dBTP in the finished file; on bursts of noise AAC adds 1.2 dB of its own.
CEILING_DB = -3.0
RATE_HZ = 48_000
_PEAK_RATE_HZ = 192_000  # peaks between samples are seen at four times the rate (ITU-R BS.1770-4)
_SILENT_LUFS = -60.0  # room noise stays below it; the meter's floor is -70
_FLOOR = -70.0
_CLOSE_LU, _ROUNDS = 0.2, 5
_SUMMARY = re.compile(
    r"Integrated loudness:\s+I:\s+(-?[\d.]+|-?inf|nan) LUFS.*?Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", re.S
)


@dataclass(frozen=True, slots=True)
class Level:
    """How a sound is brought to its loudness, and how loud it then is before it is encoded."""

    gain_db: float = 0.0
    is_limited: bool = False
    source_lufs: float | None = None
    lufs: float | None = None

    def details(self) -> dict[str, Any]:
        if self.source_lufs is None:
            return {"source": "silent"}
        return {"source_lufs": self.source_lufs, "lufs": self.lufs, "gain_db": self.gain_db, "limited": self.is_limited}


def find_level(
    sound: Callable[[], Any], program: str, timeout_seconds: float, target_lufs: float = TARGET_LUFS
) -> Level:
    """The level that brings a sound to the target; silence is left alone, peaks that would clip are limited.

    `sound` gives a fresh ffmpeg-python stream of the part that is used, each time it is asked. Raises Permanent when ffmpeg
    fails or there is no sound.
    """
    loudness, peak = _measured(sound(), Level(), program, timeout_seconds)
    if loudness <= _SILENT_LUFS:
        return Level()
    gain = min(target_lufs - loudness, MOST_GAIN_DB)
    level = Level(round(gain, 2), peak + gain > CEILING_DB, loudness, round(loudness + gain, 1))
    # What the limiter takes away is given back until it is close.
    for _ in range(_ROUNDS if level.is_limited else 0):
        reached, _peak = _measured(sound(), level, program, timeout_seconds)
        level = replace(level, lufs=reached)
        if abs(target_lufs - reached) <= _CLOSE_LU or level.gain_db >= MOST_GAIN_DB:
            break
        level = replace(level, gain_db=round(min(level.gain_db + target_lufs - reached, MOST_GAIN_DB), 2))
    return level


def levelled(stream: Any, level: Level) -> Any:
    """An ffmpeg-python sound stream at its level."""
    if level.gain_db:
        stream = stream.filter("volume", f"{level.gain_db}dB", precision="float")
    if level.is_limited:
        limit = f"{10 ** (CEILING_DB / 20):.4f}"
        stream = stream.filter("aresample", _PEAK_RATE_HZ)
        stream = stream.filter("alimiter", limit=limit, level=0, attack=5, release=60, latency=1)
        stream = stream.filter("aresample", RATE_HZ)
    return stream


def _measured(stream: Any, level: Level, program: str, timeout_seconds: float) -> tuple[float, float]:
    """(integrated loudness in LUFS, true peak in dB), -70 for silence."""
    metered = levelled(stream, level).filter("ebur128", peak="true", framelog="quiet")
    arguments = ffmpeg.get_args(ffmpeg.output(metered, "-", f="null"))
    found = _SUMMARY.findall(run_ffmpeg(program, ["-v", "info", "-nostats", *arguments], timeout_seconds))
    if not found:
        raise Permanent("the loudness of the sound cannot be measured", hint="leave the sound out, or export it again")
    loudness, peak = (float(value) if value not in ("-inf", "inf", "nan") else _FLOOR for value in found[-1])
    return loudness, peak
