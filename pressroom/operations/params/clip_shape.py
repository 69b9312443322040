"""What decides the size, the length and the rate of a clip, and what a placement has against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from pressroom.domain.media import Kind
from pressroom.domain.near_size import even
from pressroom.domain.suggest import nearest
from pressroom.media.renditions.rendition import Target, target_for

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

Resolution = Literal["360p", "480p", "720p", "1080p"]
SLIMMEST = 4.0
ClipRatio = Annotated[str, Field(pattern=r"^\d{1,2}(\.\d{1,2})?:\d{1,2}(\.\d{1,2})?$", description="Width to height.")]
GenerateAudio = Annotated[
    bool, Field(description="Have the model make sound as well. Never left to the vendor: it can double the price.")
]
_SHORT_SIDES = {"360p": 360, "480p": 480, "720p": 720, "1080p": 1080}
_RATES = (30, 25, 24)
_FILL_MARGIN = 1.15


@dataclass(frozen=True, slots=True)
class ClipShape:
    """A placement by name, or a resolution and a ratio of one's own; `fps` is None for what suits."""

    seconds: float
    resolution: Resolution
    ratio: str
    placement: str | None = None
    fps: int | None = None
    max_bytes: int | None = None

    def problems(self, placements: Mapping[str, Placement]) -> list[str]:
        """What the placement does not take: it may not exist, be no video, or want another length or rate."""
        if self.placement is None:
            return []
        row = placements.get(self.placement)
        if row is None:
            near = nearest(self.placement, placements)
            return [f"there is no placement {self.placement!r}" + (f", did you mean {near!r}?" if near else "")]
        if row.kind is not Kind.VIDEO:
            return [f"{row.name} takes an image, this makes a video"]
        found, asked = [], f"asked for {self.seconds:g} s"
        if row.min_duration_seconds and self.seconds < row.min_duration_seconds:
            found.append(f"{row.name} needs at least {row.min_duration_seconds:g} s, {asked}")
        if row.duration_limit_seconds and self.seconds > row.duration_limit_seconds:
            found.append(f"{row.name} takes at most {row.duration_limit_seconds:g} s, {asked}")
        if not self._rates(row):
            rate = f"{self.fps} fps" if self.fps else "24 to 30 fps"
            found.append(f"{row.name} takes {row.min_fps or 0:g} to {row.max_fps or 0:g} fps, not {rate}")
        return found

    def target(self, placements: Mapping[str, Placement]) -> Target:
        """The file to make; a placement that is not among them counts as none."""
        row = placements.get(self.placement) if self.placement else None
        if row is not None:
            made = target_for(row, self.max_bytes)
            return Target("", made.width, made.height, made.formats, made.max_bytes, row)
        short, ratio = _SHORT_SIDES[self.resolution], ratio_of(self.ratio)
        width, height = (short * ratio, short) if ratio >= 1 else (short, short / ratio)
        return Target("", even(width), even(height), ("mp4",), self.max_bytes)

    def rate(self, target: Target) -> int:
        """Frames a second."""
        return self._rates(target.placement)[0] if target.placement else self.fps or _RATES[0]

    def count(self, target: Target) -> int:
        """Frames of the whole clip."""
        return round(self.seconds * self.rate(target))

    def _rates(self, row: Placement) -> list[int]:
        """The rates that may be used for a placement, best first."""
        usable = [rate for rate in _RATES if (row.min_fps or 0) <= rate <= (row.max_fps or rate)]
        if self.fps is not None:
            return [self.fps] if self.fps in usable else []
        return sorted(usable, key=lambda rate: rate != row.target_fps)


def check_ratio(text: str) -> None:
    """Raises ValueError for a shape that no clip has."""
    if not 1 / SLIMMEST <= ratio_of(text) <= SLIMMEST:
        raise ValueError(f"ratio {text} is slimmer than {SLIMMEST:g}:1")


def ratio_of(text: str) -> float:
    """Width by height of `16:9`; 0 where there is none."""
    width, _, height = text.partition(":")
    return float(width) / float(height) if float(height) else 0.0


def fill_kbps(target: Target, seconds: float) -> int:
    """The least rate of the whole file that a placement takes, 0 where it names none."""
    row = target.placement
    if row is None:
        return 0
    return round(max((row.min_bytes or 0) * 8 / 1000 / seconds, row.min_bitrate_kbps or 0) * _FILL_MARGIN)
