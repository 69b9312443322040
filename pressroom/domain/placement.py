"""Placements: one row of data per platform slot, with its size, formats, byte limit, safe zone, source and date."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.domain.media import Kind


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

    @model_validator(mode="after")
    def _safe_zone_leaves_room(self) -> Placement:
        zone = self.safe_zone
        if zone and (zone.left + zone.right >= self.width or zone.top + zone.bottom >= self.height):
            raise ValueError(f"safe zone of {self.name} leaves no room")
        return self
