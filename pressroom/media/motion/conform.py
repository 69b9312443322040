"""A clip that a vendor made in a size and a length of its own, as the clip that was ordered."""

from __future__ import annotations

from pathlib import Path

import ffmpeg

from pressroom.domain.media import MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.near_size import Pixels
from pressroom.media.encoding import h264
from pressroom.media.files.ffmpeg import input_options, output_argument, run_ffmpeg

_USUAL_RATE = 30.0  # frames a second, of a clip that does not say


def conform_clip(
    path: Path,
    info: MediaInfo,
    size: Pixels,
    seconds: float,
    target: Path,
    limits: MediaLimits,
    program: str,
    *,
    sound: bool = True,
) -> None:
    """Write the clip's beginning as an MP4 of exactly this size, scaled and cropped around its middle, with the sound it has
    where that is wanted.

    Raises Permanent where ffmpeg cannot.
    """
    width, height = size
    source = ffmpeg.input(output_argument(path), **input_options(limits))
    picture = source["v:0"].filter("scale", width, height, force_original_aspect_ratio="increase")
    picture = picture.filter("crop", width, height).filter("setsar", 1)
    options = h264.mp4_options(info.fps or _USUAL_RATE, h264.QUALITY)
    heard = [source["a:0?"]] if sound else []
    options |= h264.audio_options(h264.AUDIO_KBPS) if sound else {}
    graph = ffmpeg.output(picture, *heard, output_argument(target), t=f"{seconds:.6f}", **options)
    run_ffmpeg(program, ["-y", *ffmpeg.get_args(graph)], limits.timeout_seconds)


def without_sound(path: Path, target: Path, limits: MediaLimits, program: str) -> None:
    """The same pictures, not encoded anew, in an MP4 without sound. Raises Permanent where ffmpeg cannot."""
    source = ffmpeg.input(output_argument(path), **input_options(limits))
    graph = ffmpeg.output(source["v:0"], output_argument(target), vcodec="copy", movflags="+faststart")
    run_ffmpeg(program, ["-y", *ffmpeg.get_args(graph)], limits.timeout_seconds)
