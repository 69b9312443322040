"""Decoded pixels made plain: upright, sRGB, mode RGB or RGBA, with no metadata."""

from __future__ import annotations

from typing import cast

from PIL import Image, ImageOps

from pressroom.media.files.headers import ORIENTATION_TAG
from pressroom.media.files.profiles import to_srgb


def plain(image: Image.Image) -> Image.Image:
    """A decoded picture of any mode, upright, in sRGB, as RGB or (where any pixel is not opaque) RGBA."""
    profile = image.info.get("icc_profile")
    turned = image.getexif().get(ORIENTATION_TAG, 1) != 1
    upright = (ImageOps.exif_transpose(image) or image) if turned else image  # it copies what is upright already
    if upright.mode.startswith("I") or upright.mode == "F":
        return _eight_bits(upright).convert("RGB")
    if upright.has_transparency_data:
        alpha = upright.convert("RGBA").getchannel("A")
        if alpha.getextrema() != (255, 255):
            colour = to_srgb(_without_alpha(upright), profile)
            colour.putalpha(alpha)
            return colour
    return to_srgb(_without_alpha(upright), profile)


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode in ("CMYK", "LAB", "L", "RGB"):
        return image
    if image.mode in ("RGBA", "P", "PA", "RGBa", "RGBX"):
        return image.convert("RGBA").convert("RGB")
    return image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or floats as 8 bits: whole 16-bit range, floats from 0 to 1."""
    _low, high = cast("tuple[float, float]", image.getextrema())
    wide = image if image.mode in ("I", "F") else image.convert("I")
    if image.mode == "F":
        scale = 255.0 if high <= 1 else 1.0
    else:
        scale = 1 / 257 if high > 255 or image.mode.startswith("I;16") else 1.0
    return wide.point(lambda value: value * scale + 0.5).convert("L")
