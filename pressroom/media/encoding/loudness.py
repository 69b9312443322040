"""Sound brought to one loudness: measured after EBU R 128, turned up or down, peaks held below what encoders clip."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import ffmpeg

from pressroom.media.files.ffmpeg import read_ffmpeg

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
_LOUDNESS = re.compile(r"^lavfi\.r128\.I=(\S+)", re.M)  # so far, of everything heard
_PEAK = re.compile(r"^lavfi\.r128\.true_peaks_ch\d+=(\S+)", re.M)  # of each channel, 1 is full scale


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
    level = Level(round(gain, 2), peak + gain > CEILING_DB, round(loudness, 1), round(loudness + gain, 1))
    # What the limiter takes away is given back until it is close.
    for _ in range(_ROUNDS if level.is_limited else 0):
        reached, _peak = _measured(sound(), level, program, timeout_seconds)
        level = replace(level, lufs=round(reached, 1))
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
    metered = levelled(stream, level).filter("ebur128", peak="true", metadata=1)
    metered = metered.filter("ametadata", mode="print", file="pipe:1")
    arguments = ffmpeg.get_args(ffmpeg.output(metered, "-", f="null"))
    said = read_ffmpeg(program, arguments, timeout_seconds).decode(errors="replace")
    loudness, peaks = _LOUDNESS.findall(said), [float(peak) for peak in _PEAK.findall(said)]
    peak = max(peaks, default=0.0)
    # Behind its end a sound is not even silent: nothing is measured.
    return _finite(float(loudness[-1]) if loudness else _FLOOR), _finite(20 * math.log10(peak) if peak > 0 else _FLOOR)


def _finite(decibels: float) -> float:
    return max(decibels, _FLOOR) if math.isfinite(decibels) else _FLOOR
