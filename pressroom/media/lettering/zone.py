"""Where words may stand: inside the placement's safe zone, as it falls on this picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pressroom.media.geometry import Box
from pressroom.media.lettering.stack import SMALLEST_TEXT_PIXELS

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

# Words closer to an edge than this share of the shorter side look like a mistake, safe zone or not.
MARGIN = 0.055
# The smallest type that a phone's own screens use for a caption is 11 points; display faces read a little below it.
SMALLEST_POINTS = 9.4


def safe_zone(
    size: tuple[int, int], placement: Placement | None, override: Mapping[str, int | str] | None = None
) -> Box:
    """The box in pixels of the picture that stays visible and keeps a margin.

    A picture of another ratio than the placement's is cut to it around its centre later, so only that part counts.
    `override` gives the edges instead (top, right, bottom, left; pixels or "12%" of the picture).
    """
    width, height = size
    frame = Box(0, 0, width, height)
    edges = {"top": 0.0, "right": 0.0, "bottom": 0.0, "left": 0.0}
    if override is not None:
        edges = {name: _pixels(override.get(name, 0), width if name in ("left", "right") else height) for name in edges}
    elif placement is not None:
        frame = _kept_part(width, height, placement.width / placement.height)
        zone, scale = placement.safe_zone, frame.width / placement.width
        if zone is not None:
            edges = {name: getattr(zone, name) * scale for name in edges}
    least = min(frame.width, frame.height) * MARGIN
    edges = {name: max(edge, least) for name, edge in edges.items()}
    return Box(
        frame.x + edges["left"],
        frame.y + edges["top"],
        frame.width - edges["left"] - edges["right"],
        frame.height - edges["top"] - edges["bottom"],
    )


def smallest_on(size: tuple[int, int], placement: Placement) -> float:
    """The smallest letters, in pixels of the picture, that are legible where the placement is seen on a phone."""
    kept = _kept_part(*size, placement.width / placement.height)
    return max(SMALLEST_TEXT_PIXELS, placement.smallest_letter(SMALLEST_POINTS) * kept.width / placement.width)


def _kept_part(width: int, height: int, ratio: float) -> Box:
    if width / height > ratio:
        kept = height * ratio
        return Box((width - kept) / 2, 0, kept, height)
    kept = width / ratio
    return Box(0, (height - kept) / 2, width, kept)


def _pixels(value: int | str, whole: int) -> float:
    if isinstance(value, str):
        return whole * float(value.removesuffix("%")) / 100
    return float(value)
