"""Words over moving pictures: title cards and captions as layers that the reel lays over its frames."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.media.color.spaces import luminance
from pressroom.media.geometry import Box
from pressroom.media.lettering.ground import Ground
from pressroom.media.lettering.layer import button_color, layer_of
from pressroom.media.lettering.scrim import lay_scrim, mean_color, pixels_under, plan_ground
from pressroom.media.lettering.stack import Piece, Words, centred, column_of, stack
from pressroom.media.typography.fonts import FontFile, with_fallbacks
from pressroom.media.typography.text import TextBlock, clean_text, drawable, fit, set_text
from pressroom.media.typography.typefaces import Fonts
from pressroom.media.vector.canvas import PlacedText
from pressroom.media.vector.render import render_svg
from pressroom.media.vector.shapes import Shape, rectangle
from pressroom.media.vector.template import fill_template

# Captions as shares of the shorter side: as large as television sets them, never smaller than a phone can show.
_LARGEST, _SMALLEST, _LINES, _LEADING = 0.05, 0.03, 3, 1.25
_AIR = 0.55  # of the caption's size around it, on a plate that makes it readable on any picture
_PLATE, _PLATE_OPACITY, _LETTERS = "#000000", 0.74, "#ffffff"
_LIGHT, _DARK = "#ffffff", "#14161a"
_JUDGED_SIDE = 640
_ALIGN = {"left": "left", "right": "right"}


@dataclass(frozen=True, slots=True)
class Style:
    """How a title looks. `card` is the colour of a card that hides the picture, None for words on the picture."""

    position: str
    color: str | None
    card: str | None
    accent: str | None
    inks: tuple[str, str] = (_LIGHT, _DARK)


def known_words(words: Words, fonts: Fonts) -> Words:
    """The texts as they can be drawn. Raises Permanent for letters that no font has."""
    faces = {"headline": fonts.heading, "price": fonts.heading, "text": fonts.body}
    headline, text, price, badge, cta = (
        _known(getattr(words, role), faces.get(role, fonts.strong))
        for role in ("headline", "text", "price", "badge", "cta")
    )
    return Words(headline, text, price, badge, cta)


def _known(text: str, font: FontFile) -> str:
    kept, missing = drawable(text, font)
    letters = "".join(char for char in missing if char.isalnum())
    if letters:
        raise Permanent(f"no font has the letters {letters[:20]!r}", hint="give the brand a font that has them")
    return kept


def title_zone(zone: Box, width: float, position: str) -> Box:
    """The part of the safe zone that a title's place gives it."""
    return column_of(centred(zone, width) if position in ("top", "center", "bottom") else zone, position)


def draw_title(
    words: Words, fonts: Fonts, zone: Box, samples: Sequence[Image.Image], style: Style, templates: Path
) -> Image.Image:
    """The title as RGBA of the frame's size, readable on every one of the sample frames. Raises Permanent if too long."""
    size = samples[0].size
    align = _ALIGN.get(style.position, "center")
    pieces = stack(words, fonts, title_zone(zone, size[0], style.position), size, style.position, align)
    if pieces is None:
        raise Permanent(f"the title {words.headline[:40]!r} cannot be set legibly", hint="shorten it")
    strip, boxes = _side_by_side([Image.new("RGB", size, style.card)] if style.card else samples, pieces)
    ground = plan_ground(strip, boxes, *style.inks, color=style.color, scrim="none" if style.card else "auto")
    under = mean_color(pixels_under(strip, boxes))
    accent = button_color(style.accent, under, ground.text)
    layer = layer_of(pieces, align, ground.text, under, accent, panel=None)
    base = Image.new("RGBA", size, style.card) if style.card else _scrim(size, pieces, ground, style.position)
    faces = [piece.block.font for piece in pieces if piece.block is not None]
    return Image.alpha_composite(base, _rendered(layer.shapes, layer.texts, size, faces, templates))


def _side_by_side(samples: Sequence[Image.Image], pieces: list[Piece]) -> tuple[Image.Image, list[Box]]:
    """All samples as one small picture, and the boxes of the words on each: what is judged is all of them."""
    scale = min(1.0, _JUDGED_SIDE / max(samples[0].size))
    width, height = (max(1, round(side * scale)) for side in samples[0].size)
    strip = Image.new("RGB", (width * len(samples), height))
    for index, sample in enumerate(samples):
        strip.paste(sample.resize((width, height), Image.Resampling.BOX), (width * index, 0))
    boxes = [
        Box(box.x * scale + width * index, box.y * scale, box.width * scale, box.height * scale)
        for index in range(len(samples))
        for box in (piece.box for piece in pieces)
    ]
    return strip, boxes


def _scrim(size: tuple[int, int], pieces: list[Piece], ground: Ground, position: str) -> Image.Image:
    """The veil alone: what of it is opaque shows in how much darker white gets and lighter black."""
    calm = replace(ground, busy=False)
    boxes = [piece.box for piece in pieces]
    white, black = (
        np.asarray(lay_scrim(Image.new("RGB", size, shade), boxes, calm, position), dtype=np.int16)[..., 0]
        for shade in ("white", "black")
    )
    veil = Image.new("RGBA", size, ground.scrim)
    veil.putalpha(Image.fromarray((255 - (white - black)).astype(np.uint8), "L"))
    return veil


def caption_blocks(texts: Sequence[str], font: FontFile, zone: Box, short_side: int) -> list[TextBlock | None]:
    """Every caption at the same size; None for one that does not fit."""
    room = zone.width - 2 * _AIR * short_side * _LARGEST, zone.height * 0.4
    sizes = short_side * _SMALLEST, short_side * _LARGEST
    fitted = [fit(clean_text(text), font, room, sizes, max_lines=_LINES, leading=_LEADING) for text in texts]
    size = min((block.size for block in fitted if block is not None), default=sizes[0])
    return [
        None if block is None else fit(clean_text(text), font, room, (size, size), max_lines=_LINES, leading=_LEADING)
        or set_text(block.lines, font, size, _LEADING)
        for text, block in zip(texts, fitted, strict=True)
    ]  # fmt: skip


def above_captions(zone: Box, blocks: Sequence[TextBlock | None]) -> Box:
    """What of the safe zone burned captions leave for titles."""
    tallest = max((_plate(block, zone).height + block.size * _AIR for block in blocks if block), default=0.0)
    return replace(zone, height=zone.height - tallest)


def draw_caption(block: TextBlock, zone: Box, size: tuple[int, int], templates: Path) -> Image.Image:
    """White letters on a dark plate at the foot of the safe zone, RGBA of the frame's size."""
    plate, usual = _plate(block, zone), _usual(block)
    top = plate.y + block.size * _AIR + usual.ascent
    baselines = tuple(top + line * block.line_height for line in range(len(block.lines)))
    shapes = [Shape(rectangle(plate, block.size * 0.35), _PLATE, _PLATE_OPACITY)]
    text = PlacedText(block, plate.center[0], baselines, "middle", _LETTERS, (_PLATE,), "text", plate)
    return _rendered(shapes, [text], size, [block.font], templates)


def _plate(block: TextBlock, zone: Box) -> Box:
    air = block.size * _AIR
    tall = _usual(block).height + (len(block.lines) - 1) * block.line_height + 2 * air
    wide = block.width + 2.4 * air
    return Box(zone.center[0] - wide / 2, zone.bottom - tall, wide, tall)


def _usual(block: TextBlock) -> TextBlock:
    """Plates are measured by an H and a p, not by their own ink, so that all are equally tall."""
    return set_text(("Hp",), block.font, block.size)


def _rendered(
    shapes: list[Shape], texts: list[Any], size: tuple[int, int], faces: list[FontFile], templates: Path
) -> Image.Image:
    svg = fill_template(templates, "overlay.svg.j2", width=size[0], height=size[1], shapes=shapes, texts=texts)
    with Image.open(io.BytesIO(render_svg(svg, *size, with_fallbacks(faces)))) as image:
        return image.convert("RGBA")


def inks_of(colors: dict[str, str]) -> tuple[str, str]:
    """White and near-black, or the brand's own text and ground colours where they are that light and dark."""
    own = [color for color in (colors.get("text"), colors.get("background")) if color]
    light = next((color for color in own if luminance(color) > 0.8), _LIGHT)
    return light, next((color for color in own if luminance(color) < 0.03), _DARK)
