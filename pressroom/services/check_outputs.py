"""Open what was made and check it: a file counts only when an independent look agrees with the plan and the placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Made, MediaInfo
from pressroom.domain.placement import Placement
from pressroom.media.probe import probe
from pressroom.services.context import Context

# Containers store durations in their own ticks, and the last frame of a clip ends a frame after it starts.
DURATION_TOLERANCE_SECONDS = 0.15


def measure(
    context: Context, made: Sequence[Made], expected: Mapping[str, MediaInfo], *, complete: bool = True
) -> list[MediaInfo]:
    """What each file really is. Raises Permanent when one is not what was promised, Corrupt when it cannot be opened.

    `complete` False lets files be missing, as a vendor may deliver fewer than were ordered; none may be too many.
    """
    _check_labels([item.label for item in made], expected, complete)
    found = []
    for item in made:
        info = probe(item.path, context.settings.limits, context.ffmpeg)
        wanted = expected.get(item.label)
        wrong = [] if wanted is None else _differences(wanted, info)
        if item.placement is not None:
            wrong += violations(context.catalog.placements[item.placement], info)
        if wrong:
            raise Permanent(
                f"{item.label or item.path.name} came out wrong: {'; '.join(wrong)}", hint="nothing was filed"
            )
        found.append(info)
    return found


def _check_labels(labels: Sequence[str], expected: Mapping[str, MediaInfo], complete: bool) -> None:
    wanted = list(expected)
    strange = [label for number, label in enumerate(labels) if label not in expected or label in labels[:number]]
    missing = [label for label in wanted if label not in labels] if complete else []
    if strange or missing:
        raise Permanent(
            f"made {len(labels)} files {_names(labels)}, the plan promises {len(wanted)} {_names(wanted)}",
            hint="nothing was filed",
        )


def _names(labels: Sequence[str]) -> str:
    return f"({', '.join(label or 'main' for label in labels)})"


def _differences(wanted: MediaInfo, info: MediaInfo) -> list[str]:
    found = []
    if info.kind is not wanted.kind:
        found.append(f"{info.kind} instead of {wanted.kind}")
    if wanted.mime and info.mime != wanted.mime:
        found.append(f"{info.mime} instead of {wanted.mime}")
    if wanted.width and wanted.height and (info.width, info.height) != (wanted.width, wanted.height):
        found.append(f"{info.width} x {info.height} instead of {wanted.width} x {wanted.height} pixels")
    if wanted.duration_seconds is not None and info.duration_seconds is not None:
        off = abs(info.duration_seconds - wanted.duration_seconds)
        if off > DURATION_TOLERANCE_SECONDS:
            found.append(f"{info.duration_seconds:.2f} s instead of {wanted.duration_seconds:.2f} s")
    return found


def violations(placement: Placement, info: MediaInfo) -> list[str]:
    """What of this file the placement's platform would refuse."""
    found = []
    if (info.width, info.height) != (placement.width, placement.height):
        found.append(f"{info.width} x {info.height}, {placement.name} is {placement.width} x {placement.height}")
    if placement.max_bytes is not None and (info.size_bytes or 0) > placement.max_bytes:
        found.append(f"{info.size_bytes} bytes, {placement.name} takes {placement.max_bytes}")
    kind = info.mime.partition("/")[2]
    if kind.removeprefix("x-") not in {_SUBTYPES.get(name, name) for name in placement.formats}:
        found.append(f"{info.mime}, {placement.name} takes {', '.join(placement.formats)}")
    seconds = info.duration_seconds
    if seconds is not None:
        longest, shortest = placement.max_duration_seconds, placement.min_duration_seconds
        if longest is not None and seconds > longest + DURATION_TOLERANCE_SECONDS:
            found.append(f"{seconds:.2f} s, {placement.name} takes {longest:g} s at most")
        if shortest is not None and seconds < shortest - DURATION_TOLERANCE_SECONDS:
            found.append(f"{seconds:.2f} s, {placement.name} takes {shortest:g} s at least")
    return found


_SUBTYPES = {"jpg": "jpeg", "mov": "quicktime", "m4v": "mp4"}
