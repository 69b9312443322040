"""Sound brought to one loudness: measured after EBU R 128, turned up or down, peaks held below what encoders clip."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.media.video import input_arguments, run_ffmpeg
from pressroom.settings import MediaLimits

# What YouTube, Spotify and TikTok turn louder sound down to (AES TD1008, 2021, table 1: -14 LUFS for streaming).
TARGET_LUFS = -14.0
# True peak before encoding. AES TD1008 asks for -1 dBTP after it, and AAC adds up to half a decibel.
CEILING_DBTP = -1.5
MOST_GAIN_DB = 24.0  # beyond it noise is what gets louder
_SILENT_LUFS = -60.0  # below R 128's absolute gate of -70 nothing is measured at all; room noise stays below this
_OVERSAMPLED_HZ, _HZ = 192_000, 48_000  # BS.1770-4 measures true peaks at four times 48 kHz
_REPORT = re.compile(r"\{[^{}]*\"input_i\"[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Loudness:
    """`lufs` is the integrated loudness, `peak_dbtp` the true peak, both of the part that was measured."""

    lufs: float
    peak_dbtp: float

    def gain_db(self, target_lufs: float) -> float:
        return round(min(target_lufs - self.lufs, MOST_GAIN_DB), 2)


def measure_loudness(
    path: Path, ffmpeg: str, limits: MediaLimits, demuxer: str, *, start: float = 0.0, seconds: float | None = None
) -> Loudness | None:
    """The loudness of the first sound stream from `start` on, None where it is silent. Raises Permanent as ffmpeg does."""
    length = ["-t", f"{seconds:.6f}"] if seconds is not None else []
    source = ["-ss", f"{start:.6f}", *length, *input_arguments(path, limits, demuxer)]
    log = run_ffmpeg(
        ffmpeg,
        [*source, "-map", "0:a:0", "-af", "loudnorm=print_format=json", "-f", "null", "-"],
        limits.timeout_seconds,
    )
    found = _REPORT.search(log)
    if found is None:
        return None
    report = json.loads(found.group())
    lufs, peak = float(report["input_i"]), float(report["input_tp"])
    return Loudness(lufs, peak) if math.isfinite(lufs) and lufs > _SILENT_LUFS else None


def normalised(sound: Any, loudness: Loudness, target_lufs: float) -> Any:
    """An ffmpeg sound stream at the target; peaks that would pass the ceiling are limited, nothing else is changed."""
    gain = loudness.gain_db(target_lufs)
    sound = sound.filter("volume", f"{gain}dB")
    if loudness.peak_dbtp + gain <= CEILING_DBTP:
        return sound
    limit = 10 ** (CEILING_DBTP / 20)
    limited = sound.filter("aresample", _OVERSAMPLED_HZ).filter("alimiter", limit=f"{limit:.6f}", level="disabled")
    return limited.filter("aresample", _HZ)
