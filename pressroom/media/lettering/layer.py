"""The stack as shapes and placed texts in its final colours, ready for the template."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pressroom.media.color.spaces import AA_NORMAL, contrast, readable_on
from pressroom.media.geometry import Box
from pressroom.media.lettering.burst import burst_shape
from pressroom.media.lettering.stack import TAG_HOLE, TAG_POINT, Piece
from pressroom.media.vector.canvas import PlacedText
from pressroom.media.vector.shapes import Shape, n, rectangle

# Between a large filled shape and its ground; the words on it have their own, stricter rule.
STANDS_OUT = 2.0
ANCHORS = {"left": "start", "center": "middle", "right": "end"}


@dataclass(slots=True)
class Layer:
    """Back to front: panel, pills and tags first, then letters. The logo is pixels and is laid on by the operation."""

    shapes: list[Shape] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)


def layer_of(pieces: list[Piece], align: str, text: str, ground: str, accent: str, *, panel: Shape | None) -> Layer:
    """`text` is the colour of letters on the picture, `accent` fills button and price tag."""
    layer = Layer()
    if panel is not None:
        layer.shapes.append(replace(panel, fill=ground))
    for piece in pieces:
        if piece.block is None:
            continue
        if piece.role == "cta":
            layer.shapes.append(Shape(rectangle(piece.box, piece.box.height / 2), accent))
            _centred(layer, piece, readable_on(accent), accent)
        elif piece.role == "price" and piece.is_tag:
            layer.shapes.append(Shape(_tag(piece.box, piece.block.right_to_left), accent))
            _centred(layer, piece, readable_on(accent), accent, _tag_shift(piece))
        elif piece.role == "badge":
            layer.shapes.append(Shape(rectangle(piece.box, piece.box.height / 2), text))
            _centred(layer, piece, readable_on(text, ground), text)
        else:
            layer.texts.append(_placed(piece, align, text, ground))
    return layer


def add_burst(layer: Layer, piece: Piece, fill: str) -> None:
    """The starburst, with its lines in the middle by their ink."""
    block = piece.block
    assert block is not None
    layer.shapes.append(Shape(burst_shape(piece.box), fill))
    x, y = piece.box.center
    baselines = block.baselines(y - block.height / 2)
    layer.texts.append(PlacedText(block, x, baselines, "middle", readable_on(fill), (fill,), piece.role, piece.box))


def burst_color(accent: str | None, ground: str, inks: tuple[str, str]) -> str:
    """The brand's accent where it stands out from the picture, else the ink that does."""
    return button_color(accent, ground, max(inks, key=lambda ink: contrast(ink, ground)))


def button_color(accent: str | None, ground: str, text: str) -> str:
    """The brand's accent where it stands out from its ground, else the text's colour."""
    if (
        accent is not None
        and contrast(accent, ground) >= STANDS_OUT
        and contrast(readable_on(accent), accent) >= AA_NORMAL
    ):
        return accent
    return text


def _tag(box: Box, right_to_left: bool) -> str:
    """A price tag: a label with a point where reading begins, and a hole in it."""
    point, middle, corner = box.height * TAG_POINT, box.y + box.height / 2, box.height * 0.12
    tip, shoulder = (box.right, box.right - point) if right_to_left else (box.x, box.x + point)
    far = box.x if right_to_left else box.right
    inwards = -1.0 if right_to_left else 1.0
    near = far - corner * inwards
    outline = (
        f"M{n(tip)} {n(middle)}L{n(shoulder)} {n(box.y)}L{n(near)} {n(box.y)}Q{n(far)} {n(box.y)} {n(far)} {n(box.y + corner)}"
        f"L{n(far)} {n(box.bottom - corner)}Q{n(far)} {n(box.bottom)} {n(near)} {n(box.bottom)}L{n(shoulder)} {n(box.bottom)}Z"
    )
    radius, x = box.height * TAG_HOLE, tip + inwards * point * 0.85
    # Wound against the outline, so that the picture shows through the hole.
    arc = f"A{n(radius)} {n(radius)} 0 1 {1 if right_to_left else 0}"
    return f"{outline}M{n(x - radius)} {n(middle)}{arc} {n(x + radius)} {n(middle)}{arc} {n(x - radius)} {n(middle)}Z"


def _tag_shift(piece: Piece) -> float:
    """The price stands in the middle of the label without its point."""
    assert piece.block is not None
    return piece.box.height * TAG_POINT * 0.42 * (-1.0 if piece.block.right_to_left else 1.0)


def _placed(piece: Piece, align: str, color: str, ground: str) -> PlacedText:
    assert piece.block is not None
    x = piece.box.x + piece.box.width * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    baselines = piece.block.baselines(piece.box.y)
    return PlacedText(piece.block, x, baselines, ANCHORS[align], color, (ground,), piece.role, piece.box)


def _centred(layer: Layer, piece: Piece, color: str, ground: str, shift: float = 0.0) -> None:
    """A line in the middle of its pill, by the height of its capitals."""
    block = piece.block
    assert block is not None
    x, y = piece.box.center
    baseline = y + block.size * 0.36
    layer.texts.append(PlacedText(block, x + shift, (baseline,), "middle", color, (ground,), piece.role, piece.box))
