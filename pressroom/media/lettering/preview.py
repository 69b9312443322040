"""A picture with its unsafe edges tinted, to look at before publishing; never a deliverable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pressroom.media.geometry import Box
from pressroom.media.lettering.zone import safe_zone

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.placement import Placement

TINT: Final = (214, 40, 57, 120)
LINE: Final = (214, 40, 57, 255)
# As a share of the shorter side.
LINE_WIDTH: Final = 0.004


def safe_zone_preview(image: Image, placement: Placement | None) -> Image:
    """A copy of the picture in which everything outside the placement's safe zone is tinted red and outlined."""
    return mark_zone(image, safe_zone(image.size, placement))


def mark_zone(image: Image, zone: Box) -> Image:
    """The same for a zone in pixels of the picture."""
    from PIL import Image as Images
    from PIL import ImageDraw

    marks = Images.new("RGBA", image.size, TINT)
    inside = (round(zone.x), round(zone.y), round(zone.right) - 1, round(zone.bottom) - 1)
    width = max(2, round(min(image.size) * LINE_WIDTH))
    ImageDraw.Draw(marks).rectangle(inside, fill=(0, 0, 0, 0), outline=LINE, width=width)
    return Images.alpha_composite(image.convert("RGBA"), marks).convert("RGB")
