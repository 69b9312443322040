"""Nodes whose overhead is measured, in groups of five: tiny pictures, each larger than the last, and media as people make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GROUP = 5


@dataclass(frozen=True)
class Step:
    """One of a group's nodes: made of the product, or of what the step at `of` of its group has made."""

    operation: str
    params: Mapping[str, Any]
    of: int | None = None
    suffix: str = ".png"


GROUPS = {
    "tiny": [
        Step("replace_background", {"color": "#808080", "width": 16, "height": 16}),
        *(Step("upscale", {"scale": 2}, of) for of in range(GROUP - 1)),
    ],
    "media": [
        Step("replace_background", {"color": "#8090a0", "width": 1600, "height": 1200}),
        Step("upscale", {"scale": 2}, 0),
        Step("resize", {"width": 1080, "height": 1080, "format": "jpeg"}, 1, ".jpg"),
        Step("resize", {"width": 1080, "height": 1920, "format": "jpeg"}, 1, ".jpg"),
        Step("resize", {"width": 1920, "height": 1080, "format": "webp"}, 1, ".webp"),
    ],
}
