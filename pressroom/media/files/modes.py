"""Decoded pixels made plain: upright, sRGB, mode RGB or RGBA, with no metadata."""

from __future__ import annotations

from PIL import Image

from pressroom.media.files.meaning import Meaning
from pressroom.media.files.orientation import upright
from pressroom.media.files.profiles import bare, to_srgb

_OPAQUE = (255, 255)


def plain(image: Image.Image, meaning: Meaning, orientation: int) -> Image.Image:
    """A decoded picture of any mode with 8 bits, upright, in sRGB, as RGB or (where any pixel is not opaque) RGBA."""
    turned = upright(image, orientation)
    if turned.has_transparency_data:
        alpha = turned.convert("RGBA").getchannel("A")
        if alpha.getextrema() != _OPAQUE:
            colour = to_srgb(_without_alpha(turned), meaning)
            colour.putalpha(alpha)
            return colour
    return bare(to_srgb(_without_alpha(turned), meaning))


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode in ("CMYK", "L", "RGB"):
        return image
    if image.mode in ("RGBA", "P", "PA", "RGBa", "RGBX"):
        return image.convert("RGBA").convert("RGB")
    return image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")
