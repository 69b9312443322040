"""A picture with its unsafe edges tinted, to look at before publishing; never a deliverable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pressroom.media.geometry import Box

if TYPE_CHECKING:
    from PIL.Image import Image

TINT: Final = (214, 40, 57, 120)
LINE: Final = (214, 40, 57, 255)
# As a share of the shorter side.
LINE_WIDTH: Final = 0.004


def mark_zone(image: Image, zone: Box) -> Image:
    """A copy of the picture in which everything outside the zone, in its pixels, is tinted red and outlined."""
    from PIL import Image as Images
    from PIL import ImageDraw

    marks = Images.new("RGBA", image.size, TINT)
    inside = (round(zone.x), round(zone.y), round(zone.right) - 1, round(zone.bottom) - 1)
    width = max(2, round(min(image.size) * LINE_WIDTH))
    ImageDraw.Draw(marks).rectangle(inside, fill=(0, 0, 0, 0), outline=LINE, width=width)
    return Images.alpha_composite(image.convert("RGBA"), marks).convert("RGB")
