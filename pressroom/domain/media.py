"""What a media file is: its kind, what was measured of it, and the record that the library keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any


class Kind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    DOCUMENT = "document"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What is known of a media file before (expected) or after (measured) it exists.

    Width and height are pixels as shown, i.e. after EXIF orientation. `duration_seconds` is None for stills,
    `size_bytes` and `sha256` are None for a file that is only expected. `has_alpha` says that pixels may be transparent.
    """

    kind: Kind
    mime: str = ""
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    has_alpha: bool = False
    frames: int = 1

    @property
    def megapixels(self) -> float:
        return (self.width or 0) * (self.height or 0) / 1_000_000


@dataclass(frozen=True, slots=True)
class Made:
    """One file that an operation wrote into its workspace.

    `label` tells several files of one node apart (a placement name, `svg`); `placement` is set where the file was made for
    one. `details` are decisions worth keeping with the asset: JSON values only.
    """

    path: Path
    mime: str
    label: str = ""
    placement: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asset:
    """An immutable media file in the store, named by the SHA-256 of its bytes, with its record."""

    id: str
    sha256: str
    kind: Kind
    mime: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    label: str = ""
    placement: str | None = None
    prompt: str = ""
    provider: str = ""
    model: str = ""
    operation: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    cost_credits_micros: int = 0
    cost_usd_micros: int = 0
    generation_seconds: float = 0.0
    node_key: str = ""
    ordinal: int = 0
    run_id: str = ""
    campaign: str = ""
    step: str = ""
    variant: str = ""
    source_module: str = "campaign"
    tags: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    alt_text: str = ""
    parents: tuple[str, ...] = ()
    created_at: datetime | None = None
