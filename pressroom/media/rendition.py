"""What one delivered file must be, and the check that it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, MediaInfo

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


@dataclass(frozen=True, slots=True)
class Target:
    """One wanted file: exact size, allowed formats in order of preference, limits. `placement` is None for a custom size."""

    label: str
    width: int
    height: int
    formats: tuple[str, ...]
    max_bytes: int | None = None
    placement: Placement | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    def leaving(self, reserved_bytes: int) -> Target:
        """The same target with that many bytes of its limit kept free, for what is added to the file afterwards."""
        if self.max_bytes is None:
            return self
        return replace(self, max_bytes=max(1, self.max_bytes - reserved_bytes))

    @property
    def name(self) -> str:
        return self.label or f"{self.width} x {self.height}"

    @property
    def placement_name(self) -> str | None:
        return self.placement.name if self.placement else None


def target_for(placement: Placement, max_bytes: int | None = None) -> Target:
    """The target of a placement, under the smaller of its own byte limit and `max_bytes`."""
    limits = [limit for limit in (placement.byte_limit, max_bytes) if limit is not None]
    return Target(
        placement.name, placement.width, placement.height, placement.formats, min(limits, default=None), placement
    )


def verify(path: Path, found: MediaInfo, target: Target, mime: str) -> None:
    """Raises Permanent where a file that was opened again is not what its target promises."""
    wrong = []
    if (found.width, found.height) != target.size:
        wrong.append(f"{found.width} x {found.height} pixels instead of {target.width} x {target.height}")
    if found.mime != mime:
        wrong.append(f"{found.mime} instead of {mime}")
    size = path.stat().st_size
    if target.max_bytes is not None and size > target.max_bytes:
        wrong.append(f"{size:,} bytes, the limit is {target.max_bytes:,}")
    if found.kind is Kind.VIDEO and target.placement is not None:
        wrong += _wrong_length(found.duration_seconds or 0.0, size, target.placement)
    if wrong:
        raise Permanent(f"the file made for {target.name} is not right: {'; '.join(wrong)}", path=str(path))


# Containers round durations to hundredths in what ffmpeg prints.
_ROUNDING_SECONDS = 0.011


def _wrong_length(seconds: float, size_bytes: int, placement: Placement) -> list[str]:
    wrong = []
    shortest, longest = placement.min_duration_seconds, placement.duration_limit_seconds
    if shortest is not None and seconds < shortest - _ROUNDING_SECONDS:
        wrong.append(f"{seconds:.2f} s, the shortest is {shortest:g} s")
    if longest is not None and seconds > longest + _ROUNDING_SECONDS:
        wrong.append(f"{seconds:.2f} s, the longest is {longest:g} s")
    if placement.min_bytes is not None and size_bytes < placement.min_bytes:
        wrong.append(f"{size_bytes:,} bytes, the least is {placement.min_bytes:,}")
    kbps = size_bytes * 8 / 1000 / seconds if seconds else 0.0
    if placement.min_bitrate_kbps is not None and kbps < placement.min_bitrate_kbps:
        wrong.append(f"{kbps:.0f} kbit/s, the least is {placement.min_bitrate_kbps}")
    return wrong
