"""Measure on the finished pixels how well words read on what lies under them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from pressroom.media.color.spaces import AA_LARGE, AA_NORMAL, luminance
from pressroom.media.typography.fonts import with_fallbacks
from pressroom.media.vector.canvas import LARGE_PIXELS, Canvas, PlacedText
from pressroom.media.vector.render import render_svg
from pressroom.media.vector.template import fill_template
from pressroom.operations.generate_image import TEMPLATES as FOLDER


def picture_of(canvas: Canvas, width: int) -> Any:
    """The canvas as RGB pixels, scaled to this width."""
    svg = fill_template(FOLDER, "picture.svg.j2", canvas=canvas, title="x")
    height = round(canvas.height * width / canvas.width)
    with Image.open(io.BytesIO(render_svg(svg, width, height, with_fallbacks(canvas.fonts.all())))) as image:
        return np.asarray(image.convert("RGB"))


def wanted_contrast(text: PlacedText) -> float:
    return AA_LARGE if text.role in ("title", "offer") and text.block.size >= LARGE_PIXELS else AA_NORMAL


def poor_share(canvas: Canvas) -> dict[PlacedText, float]:
    """For every text the share of the pixels under it that are too near to its colour, in the picture without words."""
    texts, canvas.texts = canvas.texts, []
    pixels = picture_of(canvas, canvas.width)
    canvas.texts = texts
    found = {}
    for text in texts:
        box = text.box
        part = pixels[max(0, int(box.y)) : int(box.bottom) + 1, max(0, int(box.x)) : int(box.right) + 1]
        # 1.5 %: colours are rounded to 8 bits on their way through a gradient.
        found[text] = float((_contrasts(part, text.color) < wanted_contrast(text) * 0.985).mean())
    return found


def _contrasts(pixels: Any, color: str) -> Any:
    """WCAG contrast of every pixel with the colour."""
    linear = np.where(pixels / 255 <= 0.04045, pixels / 255 / 12.92, ((pixels / 255 + 0.055) / 1.055) ** 2.4)
    ground, ink = linear @ np.array([0.2126, 0.7152, 0.0722]), luminance(color)
    return (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
