"""A clip's sound: cut to the pictures, faded in and out, brought to the loudness that platforms play at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import RATE_HZ, Level, find_level, levelled
from pressroom.media.files.ffmpeg import output_argument


@dataclass(frozen=True, slots=True)
class Sound:
    """The part of a sound file that a clip uses. `options` are ffmpeg's for the input; fades are in seconds."""

    path: Path
    options: Mapping[str, Any]
    start: float = 0.0
    fade_in: float = 0.0
    fade_out: float = 0.0


def level_of(sound: Sound, seconds: float, program: str, timeout_seconds: float) -> Level:
    """How the sound, as the clip uses it, is brought to the usual loudness. Raises Permanent as `find_level` does."""
    return find_level(lambda: _used(sound, seconds), program, timeout_seconds)


def sound_stream(sound: Sound, seconds: float, level: Level) -> Any:
    """The finished sound as an ffmpeg-python stream, as long as the clip; silence where the file is shorter."""
    stream = levelled(_used(sound, seconds), level)
    stream = stream.filter("apad", whole_dur=f"{seconds:.6f}")
    return stream.filter("atrim", end=f"{h264.audio_seconds(seconds):.6f}")


def _used(sound: Sound, seconds: float) -> Any:
    given = ffmpeg.input(output_argument(sound.path), **sound.options)["a:0"]
    stream = given.filter("aresample", RATE_HZ).filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    stream = stream.filter("atrim", start=f"{sound.start:.6f}", end=f"{sound.start + seconds:.6f}")
    stream = stream.filter("asetpts", "PTS-STARTPTS")
    if sound.fade_in:
        stream = stream.filter("afade", t="in", st=0, d=f"{sound.fade_in:.6f}")
    if sound.fade_out:
        # Backwards, so that the end is found wherever the file has it.
        stream = stream.filter("areverse").filter("afade", t="in", st=0, d=f"{sound.fade_out:.6f}").filter("areverse")
    return stream
