"""Open what was made and check it: a file counts only when an independent look agrees with the plan and the placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Made, MediaInfo
from pressroom.domain.placement import Placement, violations
from pressroom.services.context import Context

# How far a clip may be from the length that the plan expects: vendors and cuts work in whole frames at both ends.
PROMISE_TOLERANCE_SECONDS = 0.15


def measure(
    context: Context, made: Sequence[Made], expected: Mapping[str, MediaInfo], *, complete: bool = True
) -> list[MediaInfo]:
    """What each file really is. Raises Permanent when one is not what was promised, Corrupt when it cannot be opened.

    `complete` False lets files be missing, as a vendor may deliver fewer than were ordered; none may be too many.
    """
    from pressroom.media.files.probe import probe  # pixel libraries load slowly

    _check_labels([item.label for item in made], expected, complete)
    found = []
    for item in made:
        info = probe(item.path, context.settings.limits, context.ffmpeg)
        placement = context.catalog.placements[item.placement] if item.placement is not None else None
        wrong = wrong_with(info, expected.get(item.label), placement)
        if wrong:
            raise Permanent(f"{item.label or item.path.name} came out wrong: {'; '.join(wrong)}")
        found.append(info)
    return found


def wrong_with(info: MediaInfo, wanted: MediaInfo | None, placement: Placement | None) -> list[str]:
    """Where the file differs from what the plan expects, and what of it the placement does not take."""
    differences = [] if wanted is None else _differences(wanted, info)
    return differences if placement is None else [*differences, *map(str, violations(placement, info))]


def _check_labels(labels: Sequence[str], expected: Mapping[str, MediaInfo], complete: bool) -> None:
    wanted = list(expected)
    strange = [label for number, label in enumerate(labels) if label not in expected or label in labels[:number]]
    missing = [label for label in wanted if label not in labels] if complete else []
    if strange or missing:
        raise Permanent(f"made {len(labels)} files {_names(labels)}, the plan promises {len(wanted)} {_names(wanted)}")


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
        if off > PROMISE_TOLERANCE_SECONDS:
            found.append(f"{info.duration_seconds:.2f} s instead of {wanted.duration_seconds:.2f} s")
    return found
