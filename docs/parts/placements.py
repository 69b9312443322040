"""The page of placements, platform by platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docs.parts.markdown import cell, table
from pressroom.catalog.load import load_catalog
from pressroom.domain.placement import Placement


def placements() -> str:
    rows = list(load_catalog().placements.values())
    texts = dict.fromkeys(text for row in rows for text in (row.source, row.safe_zone_source) if text)
    numbers = {text: number for number, text in enumerate(texts, 1)}
    parts = [f"{len(rows)} placements.\n"]
    for platform in dict.fromkeys(row.platform for row in rows):
        parts.append(_platform(platform, [row for row in rows if row.platform == platform], numbers))
    sources = "".join(f"{number}. {text}\n" for text, number in numbers.items())
    return "\n".join([*parts, f"## Sources\n\n{sources}"])


def _platform(platform: str, rows: Sequence[Placement], numbers: Mapping[str, int]) -> str:
    header = (
        "placement",
        "kind",
        "pixels",
        "formats",
        "bytes",
        "seconds",
        "fps",
        "safe zone",
        "evidence",
        "source",
        "as of",
    )
    found = table(header, [_placement(row, numbers) for row in rows])
    notes = "".join(f"- `{row.name}`: {cell(row.notes)}\n" for row in rows if row.notes)
    return f"## {platform}\n\n{found}" + (f"\n{notes}" if notes else "")


def _placement(row: Placement, numbers: Mapping[str, int]) -> Sequence[str]:
    zone = row.safe_zone
    edges = f"{zone.top} {zone.right} {zone.bottom} {zone.left} ({numbers[row.safe_zone_source]})" if zone else "–"
    return (
        f"`{row.name}`",
        row.kind.value,
        f"{row.width} x {row.height}",
        ", ".join((*row.formats, *row.video_codecs)),
        _between(row.min_bytes, row.max_bytes, row.target_max_bytes, _megabytes),
        _between(row.min_duration_seconds, row.max_duration_seconds, row.target_max_duration_seconds, "{:g}".format),
        _between(row.min_fps, row.max_fps, row.target_fps, "{:g}".format),
        edges,
        row.evidence,
        str(numbers[row.source]),
        row.as_of,
    )


def _between(low: Any, high: Any, target: Any, text: Callable[[Any], str]) -> str:
    """`3 to 900, aims at 60`; only what is known."""
    span = (
        f"{text(low)} to {text(high)}"
        if low and high
        else f"≥ {text(low)}"
        if low
        else f"≤ {text(high)}"
        if high
        else "–"
    )
    return f"{span}, aims at {text(target)}" if target and target != high else span


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 100_000 else f"{count / 1_000:g} kB"
