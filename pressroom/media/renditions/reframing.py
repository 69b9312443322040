"""The ffmpeg graph that shows a video in a frame: cut, upright, cropped or padded, at one rate, in one colour space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import Level
from pressroom.media.files.ffmpeg import VideoFacts, output_argument
from pressroom.media.renditions.framing import BLUR, Frame
from pressroom.media.subject.focal import Focus

_BLUR_PARTS, _BLUR_SIGMA, _BLUR_LUMA = 16, 3, "val*0.72"


@dataclass(frozen=True, slots=True)
class Master:
    path: Path
    options: Mapping[str, Any]  # of the input, for ffmpeg
    facts: VideoFacts
    focus: Focus
    start: float


@dataclass(frozen=True, slots=True)
class Clip:
    """Everything that decides the bytes of one rendition; targets with equal clips share the file."""

    frame: Frame
    fps: Fraction
    frames: int
    background: str
    max_bytes: int | None
    fill_kbps: int
    level: Level | None = None  # how its sound is brought to its loudness; None leaves it

    @property
    def seconds(self) -> float:
        return float(self.frames / self.fps)


def open_input(source: Master) -> Any:
    """The file from where it is cut."""
    start = {"ss": f"{source.start:.3f}"} if source.start else {}
    return ffmpeg.input(output_argument(source.path), **source.options, **start)


def upright(stream: Any, source: Master) -> Any:
    """Square pixels; ffmpeg itself has already turned the picture upright."""
    if source.facts.square_pixels:
        return stream
    return stream.filter("scale", source.facts.width, source.facts.height).filter("setsar", 1)


def framed(picture: Any, source: Master, clip: Clip) -> Any:
    """An upright picture stream as the clip shows it."""
    placed = clip.frame
    # Cut by counting frames: a cut by time loses or gains one through rounding.
    picture = picture.filter("fps", f"{clip.fps.numerator}/{clip.fps.denominator}").filter(
        "trim", end_frame=clip.frames
    )
    if placed.mode == "crop":
        left, top, right, bottom = placed.box
        shown = picture.filter("crop", int(right - left), int(bottom - top), int(left), int(top))
        shown_in = _scaled(shown, placed.target, source)
    elif not placed.is_padded:
        shown_in = _scaled(picture, placed.target, source)
    else:
        shown_in = _padded(picture, source, clip)
    return shown_in.filter("setsar", 1).filter("format", "yuv420p").filter("setparams", **h264.COLOR_FILTER)


def _padded(picture: Any, source: Master, clip: Clip) -> Any:
    (left, top, width, height), target = clip.frame.inner, clip.frame.target
    if clip.background != BLUR:
        # `pad` paints with the bt601 matrix whatever the frame says: only in RGB is the colour the one asked for.
        shown = _scaled(picture, (width, height), source).filter("format", "gbrp")
        padded = shown.filter("pad", *target, left, top, color="0x" + _six_digits(clip.background))
        return padded.filter("scale", out_color_matrix="bt709", out_range="tv")
    both = picture.filter_multi_output("split", 2)
    small = [max(2, side // _BLUR_PARTS // 2 * 2) for side in target]
    ground = both.stream(0).filter("scale", *small, force_original_aspect_ratio="increase").filter("crop", *small)
    ground = ground.filter("gblur", sigma=_BLUR_SIGMA).filter("lutyuv", y=_BLUR_LUMA)
    ground = _scaled(ground, target, source, "bicubic")
    return ffmpeg.overlay(ground, _scaled(both.stream(1), (width, height), source), x=left, y=top)


def _scaled(stream: Any, size: tuple[int, int], source: Master, flags: str = "lanczos+accurate_rnd") -> Any:
    matrix = {} if source.facts.has_matrix else {"in_color_matrix": source.facts.usual_matrix}
    return stream.filter("scale", *size, flags=flags, out_color_matrix="bt709", out_range="tv", **matrix)


def _six_digits(color: str) -> str:
    digits = color.removeprefix("#")
    return "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits[:6]
