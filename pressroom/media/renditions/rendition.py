"""What one delivered file must be, and the check that it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.domain.errors import Permanent
from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import limit_text
from pressroom.domain.placement import Rule, violations

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

    def leaving(self, bytes_left: Callable[[int | None], int | None]) -> Target:
        """The same target with as much of its limit kept free as is added to the file afterwards."""
        return replace(self, max_bytes=bytes_left(self.max_bytes))

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
    wrong = wrong_with(replace(found, size_bytes=path.stat().st_size), target, mime)
    if wrong:
        raise Permanent(f"the file made for {target.name} is not right: {'; '.join(wrong)}", path=str(path))


def wrong_with(info: MediaInfo, target: Target, mime: str) -> list[str]:
    """What the placement does not take, and what else was asked for: another size, another format, fewer bytes."""
    broken = violations(target.placement, info) if target.placement else []
    rules, wrong = {each.rule for each in broken}, [each.text for each in broken]
    if Rule.SIZE not in rules and (info.width, info.height) != target.size:
        wrong.append(f"{info.width} x {info.height} pixels instead of {target.width} x {target.height}")
    if Rule.FORMAT not in rules and info.mime != mime:
        wrong.append(f"{info.mime} instead of {mime}")
    limit, size = target.max_bytes, info.size_bytes or 0
    if Rule.MOST_BYTES not in rules and limit is not None and size > limit:
        wrong.append(f"{size:,} bytes, the limit is {limit_text(limit)}")
    return wrong
