"""The ffmpeg graph that shows a video in a frame: cut, on one clock, cropped or padded, at one rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import RATE_HZ, Level
from pressroom.media.files.ffmpeg import output_argument
from pressroom.media.files.recording import Pictures, Recording, Sounds
from pressroom.media.renditions.framing import BLUR, Frame
from pressroom.media.renditions.normalizing import Fields, is_converted, normalized, rate_of
from pressroom.media.subject.focal import Focus

_BLUR_PARTS, _BLUR_SIGMA, _BLUR_LUMA = 16, 3, "val*0.72"


@dataclass(frozen=True, slots=True)
class Master:
    """A video that is opened: `start` is the second at which it is cut, counted from where it is shown."""

    path: Path
    options: Mapping[str, Any]  # of the input, for ffmpeg
    recording: Recording
    pictures: Pictures
    fields: Fields
    focus: Focus
    start: float

    @property
    def size(self) -> tuple[int, int]:
        return self.pictures.width, self.pictures.height

    @property
    def fps(self) -> Fraction:
        """Frames a second that are left of its own."""
        return rate_of(self.pictures, self.fields)

    @property
    def sounds(self) -> Sounds | None:
        return self.recording.sounds

    @property
    def seconds(self) -> float:
        """How long it is shown after the cut."""
        return (self.recording.duration_seconds or 0.0) - self.start

    @property
    def is_sought(self) -> bool:
        """Whether ffmpeg may jump to the cut: not where pictures stand still there, for it would find none."""
        return self.start > 0 and self.pictures.start <= self.recording.start and not self.recording.held_seconds

    @property
    def first_second(self) -> float:
        """Where the cut lies on the clock of the streams."""
        return 0.0 if self.is_sought else self.recording.start + self.start


@dataclass(frozen=True, slots=True)
class Clip:
    """Everything that decides how one rendition looks and sounds: targets with equal clips share one encoding.

    What a file may weigh is no part of it: most limits do not bind.
    """

    frame: Frame
    fps: Fraction
    frames: int
    background: str
    level: Level | None = None  # how its sound is brought to its loudness; None leaves it

    @property
    def seconds(self) -> float:
        return float(self.frames / self.fps)


def open_input(source: Master) -> Any:
    """The file, from where it is cut where that can be sought."""
    start = {"ss": f"{source.recording.start + source.start:.3f}"} if source.is_sought else {}
    return ffmpeg.input(output_argument(source.path), **source.options, **start)


def pictures_of(stream: Any, source: Master) -> Any:
    """The pictures of an opened input, as every clip wants them; the last one stands while the sound goes on."""
    pictures = normalized(stream[str(source.pictures.index)], source.pictures, source.fields)
    held = source.recording.held_seconds
    return pictures.filter("tpad", stop_mode="clone", stop_duration=f"{held:.3f}") if held else pictures


def sound_stream(stream: Any, source: Master) -> Any:
    """The sound of an opened input as the file has it, None where there is none."""
    return stream[str(source.sounds.index)] if source.sounds else None


def cut_sound(sound: Any, source: Master, seconds: float) -> Any:
    """So much of a file's sound, from the cut on: silence where it starts late or has gaps."""
    begin = source.first_second
    sound = sound.filter("atrim", start=f"{begin:.6f}", end=f"{begin + seconds:.6f}")
    return sound.filter("asetpts", f"PTS-{begin:.6f}/TB").filter("aresample", RATE_HZ, **{"async": 1}, first_pts=0)


def framed(picture: Any, source: Master, clip: Clip) -> Any:
    """A normalized picture stream as the clip shows it."""
    placed = clip.frame
    # Cut by counting frames: a cut by time loses or gains one through rounding.
    rate = f"{clip.fps.numerator}/{clip.fps.denominator}"
    picture = picture.filter("fps", rate, start_time=f"{source.first_second:.6f}")
    picture = picture.filter("trim", end_frame=clip.frames).filter("setpts", "PTS-STARTPTS")
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
    pictures = source.pictures
    is_told = is_converted(pictures) or pictures.matrix
    matrix = {} if is_told else {"in_color_matrix": pictures.known_matrix}
    return stream.filter("scale", *size, flags=flags, out_color_matrix="bt709", out_range="tv", **matrix)


def _six_digits(color: str) -> str:
    digits = color.removeprefix("#")
    return "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits[:6]
