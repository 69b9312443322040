"""What is in a video or sound file: its streams and their clocks, as data, read by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files import stream_reader

# Measured: 200 MB of addresses are enough for HEVC of 4K. A frame of the largest size counts on top, several times.
_MEMORY_BYTES, _BYTES_A_PIXEL = 350_000_000, 6
_MOST_PACKETS = 2_000_000
_CPU_SECONDS = 60
_HD_LINES = 720
_MOST_CHANNELS = 64
# Clocks of pictures and sound that differ by less are those of one recording; beyond, one goes on alone.
_APART_SECONDS = 0.5
_CLOSE = Fraction(2, 100)  # rates that differ by less are the same, told roughly
_FILM_RATE, _FIELDS_A_SECOND, _SURE_FRAMES = Fraction(24_000, 1001), Fraction(60_000, 1001), 8
_MOST_RATE, _MOST_MEAN = 60, 1000
STANDARD_RATES = tuple(Fraction(*rate) for rate in ((24, 1), (25, 1), (30_000, 1001), (30, 1), (50, 1), (60, 1)))

# ISO/IEC 23091-2: code points of colour, as far as they are told apart here.
_MATRICES = {0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc", 10: "bt2020c"}
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 11: "smpte431",
    12: "smpte432", 22: "jedec-p22",
}  # fmt: skip
_HDR = {16: "smpte2084", 18: "arib-std-b67"}
_DOLBY_TAGS = frozenset({"dvh1", "dvhe"})  # profiles whose base is shown as it is have the tags of HEVC
_FULL_RANGE = 2
_INTERLACED = frozenset({2, 3, 4, 5})  # ffmpeg's AVFieldOrder; 0 is not known, 1 is progressive


@dataclass(frozen=True, slots=True)
class Pictures:
    """The stream of pictures that is used. Width and height are as shown: turned, of square pixels.

    `primaries` and `matrix` are ffmpeg's names, "" where the file tells none; `hdr` is its transfer curve, "" for SDR.
    `start` and `end` are seconds from the container's start.
    """

    index: int
    codec: str
    width: int
    height: int
    fps: Fraction
    start: float
    end: float | None
    pixel_format: str = ""
    has_alpha: bool = False
    square_pixels: bool = True
    matrix: str = ""
    primaries: str = ""
    hdr: str = ""
    is_full_range: bool = False
    is_interlaced: bool = False

    @property
    def is_hd(self) -> bool:
        return min(self.width, self.height) >= _HD_LINES

    @property
    def known_matrix(self) -> str:
        """The colour matrix, or the one that players assume for pictures of this size."""
        return self.matrix or ("bt709" if self.is_hd else "bt601")


@dataclass(frozen=True, slots=True)
class Sounds:
    """The stream of sound that is used."""

    index: int
    codec: str
    sample_rate: int
    start: float
    end: float | None


@dataclass(frozen=True, slots=True)
class Recording:
    """What a container holds and when: pictures, sound, or both."""

    container: str
    pictures: Pictures | None
    sounds: Sounds | None

    @property
    def start(self) -> float:
        """The second at which it is shown from: that of its first picture, where that is not much later than the sound."""
        first = self.pictures or self.sounds
        start = max(0.0, first.start) if first else 0.0
        return start if start < _APART_SECONDS or not (self.pictures and self.sounds) else 0.0

    @property
    def duration_seconds(self) -> float | None:
        """How long it is shown: as long as its pictures, or as its sound where that goes on much longer."""
        ends = [stream.end for stream in (self.pictures, self.sounds) if stream and stream.end is not None]
        if not ends:
            return None
        end = ends[0]
        if len(ends) > 1 and ends[1] > ends[0] + _APART_SECONDS:
            end = ends[1]
        return max(0.0, end - self.start)

    @property
    def last_second(self) -> float:
        """The end of what ends last."""
        return max((stream.end or 0.0 for stream in (self.pictures, self.sounds) if stream), default=0.0)

    @property
    def held_seconds(self) -> float:
        """How long its last picture stands while the sound goes on."""
        if self.pictures is None or self.pictures.end is None or self.duration_seconds is None:
            return 0.0
        return max(0.0, self.start + self.duration_seconds - self.pictures.end)


def read_recording(path: Path, limits: MediaLimits, demuxer: str = "") -> Recording:
    """Read what a video or sound file holds. Raises Corrupt where that cannot be read or its streams not be decoded."""
    answer = _answer(path, limits, demuxer)
    return Recording(answer["container"], _pictures_of(path, answer["pictures"]), _sounds_of(path, answer["sounds"]))


def _answer(path: Path, limits: MediaLimits, demuxer: str) -> dict[str, Any]:
    request = {
        "path": str(path.absolute()),
        "demuxer": demuxer,
        "max_pixels": limits.max_pixels,
        "most_packets": _MOST_PACKETS,
        "memory_bytes": _MEMORY_BYTES + _BYTES_A_PIXEL * limits.max_pixels,
        "cpu_seconds": _CPU_SECONDS,
    }
    command = [sys.executable, "-P", stream_reader.__file__, json.dumps(request)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limits.timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise Corrupt(
            f"{path.name} cannot be read within {limits.timeout_seconds:g} s", hint="export it again", path=str(path)
        ) from exc
    try:
        answer = dict(json.loads(done.stdout))
    except ValueError:
        answer = {"error": "ended", "text": f"its reader ended with status {done.returncode}"}
    if "error" in answer:
        raise _refusal(path, answer)
    return answer


def _refusal(path: Path, answer: Mapping[str, str]) -> Corrupt | Permanent:
    kind, text = answer["error"], answer["text"]
    if kind == "library":
        return Permanent(f"PyAV cannot be loaded: {text}", hint="install the package `av`")
    reason = "its index needs more memory than a recording may take" if kind == "memory" else text
    return Corrupt(f"{path.name} is damaged: {reason}", hint="copy or export it again", path=str(path))


def _pictures_of(path: Path, found: list[dict[str, Any]]) -> Pictures | None:
    """The default among the streams that move; a cover is none."""
    moving = [stream for stream in found if not stream["is_cover"]]
    if not moving:
        return None
    usable = [stream for stream in moving if stream["codec"] and stream["width"] and stream["pixel_format"]]
    if not usable:
        raise _undecodable(path, "video", moving[0])
    chosen = min(usable, key=lambda stream: not stream["is_default"])
    if chosen["tag"] in _DOLBY_TAGS and chosen["transfer"] not in _HDR:
        raise Corrupt(
            f"{path.name} is Dolby Vision without a base that other players show (profile 5): its colours would be wrong",
            hint="export it as HDR10, HLG or SDR",
            path=str(path),
        )
    width, height, is_square = _shown_size(chosen)
    is_interlaced = any(chosen["interlaced"]) or chosen["field_order"] in _INTERLACED
    return Pictures(
        index=chosen["index"],
        codec=chosen["codec"],
        width=width,
        height=height,
        fps=_rate(chosen, is_interlaced),
        start=chosen["start"],
        end=chosen["end"],
        pixel_format=chosen["pixel_format"],
        has_alpha=chosen["has_alpha"],
        square_pixels=is_square,
        matrix=_MATRICES.get(chosen["matrix"], ""),
        primaries=_PRIMARIES.get(chosen["primaries"], ""),
        hdr=_HDR.get(chosen["transfer"], ""),
        is_full_range=chosen["range"] == _FULL_RANGE,
        is_interlaced=is_interlaced,
    )


def _sounds_of(path: Path, found: list[dict[str, Any]]) -> Sounds | None:
    """The default among the tracks that can be decoded, else the first."""
    if not found:
        return None
    usable = [
        stream
        for stream in found
        if stream["codec"] and stream["sample_rate"] and 0 < stream["channels"] <= _MOST_CHANNELS
    ]
    if not usable:
        raise _undecodable(path, "audio", found[0])
    chosen = min(usable, key=lambda stream: not stream["is_default"])
    return Sounds(chosen["index"], chosen["codec"], chosen["sample_rate"], chosen["start"], chosen["end"])


def _undecodable(path: Path, kind: str, stream: Mapping[str, Any]) -> Corrupt:
    codec = stream["codec"] or "a codec that is not known"
    return Corrupt(
        f"{path.name} has a stream of {kind} that cannot be decoded: {codec}",
        hint="export it again as MP4 with H.264 and AAC, within the limits on pixels",
        path=str(path),
    )


def _shown_size(stream: Mapping[str, Any]) -> tuple[int, int, bool]:
    width, height = stream["width"], stream["height"]
    across, down = stream["pixel_shape"]
    is_square = across == down or across <= 0 or down <= 0
    if not is_square:
        width = max(1, round(width * across / down))
    return (height, width, is_square) if stream["turned"] % 180 == 90 else (width, height, is_square)


def _is_film(seconds: Sequence[float]) -> bool:
    """Whether frames are shown for three fields and for two by turns: film whose flags alone make it video (3:2 pulldown)."""
    fields = [round(length * _FIELDS_A_SECOND) for length in seconds]
    return len(fields) >= _SURE_FRAMES and all({a, b} == {2, 3} for a, b in pairwise(fields))


def _rate(stream: Mapping[str, Any], is_interlaced: bool) -> Fraction:
    """The frame rate that was meant: what clocks tell is rough, and the mean of a variable rate is no rate."""
    mean, base = (Fraction(*rate) if rate else None for rate in (stream["mean_rate"], stream["base_rate"]))
    if _is_film(stream.get("frame_seconds", ())):
        return _FILM_RATE
    if mean is None or base is None:
        return mean or base or Fraction(0)
    if mean > _MOST_MEAN or abs(mean - base) <= base * _CLOSE:
        return base if base <= _MOST_MEAN else mean
    if is_interlaced and abs(base - 2 * mean) <= base * _CLOSE:
        return mean  # fields were counted
    if mean < base <= _MOST_RATE:
        return base
    return next((rate for rate in STANDARD_RATES if rate >= mean * (1 - _CLOSE)), mean)
