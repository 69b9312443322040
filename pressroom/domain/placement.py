"""Placements: one row of data per platform slot, and the one judge of a file against a slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.domain.media import Kind, MediaInfo, label_of, mime_of, type_named, type_of_mime

# A track ends on a whole frame and a whole block of sound (1/24 s, 1,024 samples), and containers round to hundredths.
DURATION_TOLERANCE_SECONDS = 0.05
# 30000/1001 counts as 30: no platform that names whole rates refuses NTSC's.
FPS_TOLERANCE_SHARE = 0.002
# A bit rate is bytes over a duration that containers round.
BITRATE_TOLERANCE_SHARE = 0.01


class SafeZone(BaseModel):
    """Pixels at each edge, at the placement's size, that the platform covers or crops."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    top: int = Field(ge=0)
    right: int = Field(ge=0)
    bottom: int = Field(ge=0)
    left: int = Field(ge=0)


class Placement(BaseModel):
    """One platform slot. Sizes are pixels, limits are what the platform refuses, targets what we aim at.

    `formats` are in order of preference; `max_bytes` None means that no limit is published. For videos `fps` is the
    range that is accepted; `target_*` satisfy every reading that was found where readings differ.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z]+\.[a-z0-9_.]+$")
    kind: Kind
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    formats: tuple[str, ...] = Field(min_length=1)
    max_bytes: int | None = Field(None, gt=0)
    min_bytes: int | None = Field(None, gt=0)
    min_duration_seconds: float | None = Field(None, gt=0)
    max_duration_seconds: float | None = Field(None, gt=0)
    min_fps: float | None = Field(None, gt=0)
    max_fps: float | None = Field(None, gt=0)
    min_bitrate_kbps: int | None = Field(None, gt=0)
    video_codecs: tuple[str, ...] = ()
    target_max_bytes: int | None = Field(None, gt=0)
    target_max_duration_seconds: float | None = Field(None, gt=0)
    target_fps: float | None = Field(None, gt=0)
    phone_width: int = Field(390, gt=0)  # points that it is wide on a phone; a display ad is not wider than its pixels
    safe_zone: SafeZone | None = None
    safe_zone_source: str = ""
    evidence: Literal["official", "secondary", "conflicting", "requested"]
    source: str = Field(min_length=1)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    notes: str = ""

    @property
    def platform(self) -> str:
        return self.name.partition(".")[0]

    @property
    def byte_limit(self) -> int | None:
        """The limit to stay under: the target where one is given, else the platform's own."""
        return self.target_max_bytes or self.max_bytes

    @property
    def duration_limit_seconds(self) -> float | None:
        return self.target_max_duration_seconds or self.max_duration_seconds

    def smallest_letter(self, points: float) -> float:
        """What letters of that many points on a phone are in the placement's own pixels."""
        return points * self.width / min(self.phone_width, self.width)

    @property
    def safe_part(self) -> tuple[float, float, float, float]:
        """What nothing covers, from left, top to right, bottom in shares of the picture."""
        zone = self.safe_zone or SafeZone(top=0, right=0, bottom=0, left=0)
        width, height = self.width, self.height
        return zone.left / width, zone.top / height, 1 - zone.right / width, 1 - zone.bottom / height

    @model_validator(mode="after")
    def _safe_zone_leaves_room(self) -> Placement:
        zone = self.safe_zone
        if zone and (zone.left + zone.right >= self.width or zone.top + zone.bottom >= self.height):
            raise ValueError(f"safe zone of {self.name} leaves no room")
        return self


class Rule(StrEnum):
    """What a placement may ask of a file."""

    KIND = "kind"
    SIZE = "size"
    FORMAT = "format"
    MOST_BYTES = "most bytes"
    LEAST_BYTES = "least bytes"
    LONGEST = "longest"
    SHORTEST = "shortest"
    FASTEST = "fastest"
    SLOWEST = "slowest"
    BITRATE = "bitrate"
    CODEC = "codec"


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a file breaks, and how."""

    rule: Rule
    text: str

    def __str__(self) -> str:
        return self.text


def rules_of(placement: Placement) -> tuple[Rule, ...]:
    """What this placement asks for."""
    asked = {
        Rule.MOST_BYTES: placement.byte_limit,
        Rule.LEAST_BYTES: placement.min_bytes,
        Rule.LONGEST: placement.duration_limit_seconds,
        Rule.SHORTEST: placement.min_duration_seconds,
        Rule.FASTEST: placement.max_fps,
        Rule.SLOWEST: placement.min_fps,
        Rule.BITRATE: placement.min_bitrate_kbps,
        Rule.CODEC: placement.video_codecs or None,
    }
    return (Rule.KIND, Rule.SIZE, Rule.FORMAT, *(rule for rule, value in asked.items() if value is not None))


def violations(placement: Placement, info: MediaInfo) -> list[Violation]:
    """What of this file the placement does not take. What is not known of the file is not judged.

    Where readings of a platform's limits differ, the target is the limit: it satisfies all of them.
    """
    return [*_shape(placement, info), *_weight(placement, info), *_time(placement, info), *_stream(placement, info)]


def _shape(placement: Placement, info: MediaInfo) -> Iterator[Violation]:
    kinds = {placement.kind, *(type_named(name).kind for name in placement.formats)}
    if info.kind not in kinds:
        yield Violation(Rule.KIND, f"{info.kind}, {placement.name} takes {placement.kind}")
    if (info.width, info.height) != (placement.width, placement.height):
        wanted = f"{placement.width} x {placement.height}"
        yield Violation(Rule.SIZE, f"{info.width} x {info.height} pixels, {placement.name} is {wanted}")
    found = type_of_mime(info.mime)
    if found is None or found.mime not in {mime_of(name) for name in placement.formats}:
        wanted = ", ".join(placement.formats)
        yield Violation(Rule.FORMAT, f"{label_of(info.mime)}, {placement.name} takes {wanted}")


def _weight(placement: Placement, info: MediaInfo) -> Iterator[Violation]:
    size, most, least = info.size_bytes, placement.byte_limit, placement.min_bytes
    if size is not None and most is not None and size > most:
        yield Violation(Rule.MOST_BYTES, f"{size:,} bytes, {placement.name} takes {most:,} at most")
    if size is not None and least is not None and size < least:
        yield Violation(Rule.LEAST_BYTES, f"{size:,} bytes, {placement.name} takes {least:,} at least")


def _time(placement: Placement, info: MediaInfo) -> Iterator[Violation]:
    seconds, longest, shortest = info.duration_seconds, placement.duration_limit_seconds, placement.min_duration_seconds
    if seconds is not None and longest is not None and seconds > longest + DURATION_TOLERANCE_SECONDS:
        yield Violation(Rule.LONGEST, f"{seconds:.2f} s, {placement.name} takes {longest:g} s at most")
    if seconds is not None and shortest is not None and seconds < shortest - DURATION_TOLERANCE_SECONDS:
        yield Violation(Rule.SHORTEST, f"{seconds:.2f} s, {placement.name} takes {shortest:g} s at least")


def _stream(placement: Placement, info: MediaInfo) -> Iterator[Violation]:
    fps, fastest, slowest = info.fps, placement.max_fps, placement.min_fps
    if fps is not None and fastest is not None and fps > fastest * (1 + FPS_TOLERANCE_SHARE):
        yield Violation(Rule.FASTEST, f"{fps:g} frames a second, {placement.name} takes {fastest:g} at most")
    if fps is not None and slowest is not None and fps < slowest * (1 - FPS_TOLERANCE_SHARE):
        yield Violation(Rule.SLOWEST, f"{fps:g} frames a second, {placement.name} takes {slowest:g} at least")
    kbps, least = info.kbps, placement.min_bitrate_kbps
    if kbps is not None and least is not None and kbps < least * (1 - BITRATE_TOLERANCE_SHARE):
        yield Violation(Rule.BITRATE, f"{kbps:,.0f} kbit/s, {placement.name} takes {least:,} at least")
    if info.video_codec and placement.video_codecs and info.video_codec not in placement.video_codecs:
        wanted = ", ".join(placement.video_codecs)
        yield Violation(Rule.CODEC, f"encoded as {info.video_codec}, {placement.name} takes {wanted}")
