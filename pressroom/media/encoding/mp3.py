"""Sound as MP3."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import input_arguments, output_argument, run_ffmpeg

KBPS: Final = 128


def write_mp3(wav: Path, target: Path, limits: MediaLimits, program: str) -> Path:
    """The WAV file's sound. Raises Permanent where ffmpeg cannot."""
    arguments = [
        "-y",
        "-v",
        "error",
        *input_arguments(wav, limits, "wav"),
        "-codec:a",
        "libmp3lame",
        "-b:a",
        f"{KBPS}k",
    ]
    run_ffmpeg(program, [*arguments, output_argument(target)], limits.timeout_seconds)
    return target
