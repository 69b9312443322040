"""Named aims of compression, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

import pressroom.catalog

_PRESETS = Path(pressroom.catalog.__file__).parent / "data" / "compression.yaml"


@dataclass(frozen=True, slots=True)
class Preset:
    """`quality` is where lossy formats start, None their own best; `max_bytes` None is no limit."""

    format: str
    quality: int | None = None
    max_bytes: int | None = None


@cache
def presets() -> dict[str, Preset]:
    rows = yaml.safe_load(_PRESETS.read_text(encoding="utf-8"))["compression"]
    return {row["name"]: Preset(row["format"], row["quality"], row["max_bytes"]) for row in rows}
