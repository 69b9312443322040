"""The stack as shapes and placed texts in its final colours, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass, field

from pressroom.media.art.canvas import PlacedText
from pressroom.media.art.shapes import Shape, rectangle
from pressroom.media.color import AA_NORMAL, contrast, readable_on
from pressroom.media.lettering.stack import Piece

# Between a large filled shape and its ground; the words on it have their own, stricter rule.
STANDS_OUT = 2.0
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


@dataclass(slots=True)
class Layer:
    """Back to front: pills first, then letters. The logo is pixels and is laid on by the operation."""

    shapes: list[Shape] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)


def layer_of(pieces: list[Piece], align: str, text: str, ground: str, accent: str) -> Layer:
    """`text` is the colour of letters on the picture, `accent` fills the button."""
    layer = Layer()
    for piece in pieces:
        if piece.block is None:
            continue
        if piece.role == "cta":
            layer.shapes.append(Shape(rectangle(piece.box, piece.box.height / 2), accent))
            _centred(layer, piece, readable_on(accent), accent)
        elif piece.role == "badge":
            fill = text
            layer.shapes.append(Shape(rectangle(piece.box, piece.box.height / 2), fill))
            _centred(layer, piece, readable_on(fill, ground), fill)
        else:
            layer.texts.append(_placed(piece, align, text, ground))
    return layer


def button_color(accent: str | None, ground: str, text: str) -> str:
    """The brand's accent where it stands out from its ground, else the text's colour."""
    if (
        accent is not None
        and contrast(accent, ground) >= STANDS_OUT
        and contrast(readable_on(accent), accent) >= AA_NORMAL
    ):
        return accent
    return text


def _placed(piece: Piece, align: str, color: str, ground: str) -> PlacedText:
    assert piece.block is not None
    x = piece.box.x + piece.box.width * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    baselines = piece.block.baselines(piece.box.y)
    return PlacedText(piece.block, x, baselines, ANCHORS[align], color, (ground,), piece.role, piece.box)


def _centred(layer: Layer, piece: Piece, color: str, ground: str) -> None:
    """A line in the middle of its pill, by the height of its capitals."""
    block = piece.block
    assert block is not None
    x, y = piece.box.center
    baseline = y + block.size * 0.36
    layer.texts.append(PlacedText(block, x, (baseline,), "middle", color, (ground,), piece.role, piece.box))
