"""Logos: opened sharp and cut to what is visible, and laid on so that they can be seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from pressroom.domain.errors import Permanent
from pressroom.media.color.spaces import contrast
from pressroom.media.files.guards import check_file
from pressroom.media.files.images import open_image
from pressroom.media.lettering.scrim import logo_color
from pressroom.media.vector.render import rasterize_svg_file

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.media_limits import MediaLimits
    from pressroom.media.geometry import Box

# What WCAG 1.4.11 asks of graphics.
LOGO_CONTRAST: Final = 3.0


def open_logo(path: Path, limits: MediaLimits, longest_side: int) -> Image:
    """The logo in pixels, cut to its visible part; drawings are rendered at `longest_side` to stay sharp."""
    if check_file(path, limits).name == "svg":
        logo = rasterize_svg_file(path, limits, longest_side=longest_side)
    else:
        logo = open_image(path, limits).convert("RGBA")
    box = logo.getchannel("A").getbbox()
    if box is None:
        raise Permanent(f"the logo {path.name} is entirely transparent", hint="give a logo that can be seen")
    return logo.crop(box)


def lay_logo(picture: Image, logo: Image, box: Box, ground: str, text: str) -> None:
    """The logo in its own colours where it stands out, else as a silhouette in the text's colour."""
    from PIL import Image as Images

    size = max(1, round(box.width)), max(1, round(box.height))
    small = logo.resize(size, Images.Resampling.LANCZOS)
    own = logo_color(small)
    if own is not None and contrast(own, ground) < LOGO_CONTRAST:
        flat = Images.new("RGBA", size, text)
        flat.putalpha(small.getchannel("A"))
        small = flat
    picture.alpha_composite(small, (round(box.x), round(box.y)))
