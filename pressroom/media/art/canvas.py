"""The canvas that a style draws on: size, palette, fonts, seeded chance, and a record of every text and where it stands."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pressroom.media.art.shapes import Box, Point, Shape, rectangle
from pressroom.media.color import Palette
from pressroom.media.faces import Fonts
from pressroom.media.fonts import FontFile
from pressroom.media.text import TextBlock, drawable, fit

# Below this a letter cannot be read at 100 %; texts that would need it are left out of a drawing and reported.
SMALLEST_LEGIBLE_PIXELS = 9.0


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A block of text at its place. `x` is where the anchor (start, middle, end) stands, `box` what the ink may cover."""

    block: TextBlock
    x: float
    baselines: tuple[float, ...]
    anchor: str
    color: str
    grounds: tuple[str, ...]
    role: str
    box: Box


@dataclass(frozen=True, slots=True)
class Stop:
    """A colour on a gradient: `offset` and `opacity` from 0 to 1."""

    offset: float
    color: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Linear:
    """A gradient from one point to another."""

    id: str
    x1: float
    y1: float
    x2: float
    y2: float
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Radial:
    """A gradient from a centre outwards, as an ellipse turned by `turn` degrees."""

    id: str
    cx: float
    cy: float
    rx: float
    ry: float
    turn: float
    stops: tuple[Stop, ...]


@dataclass(slots=True)
class Canvas:
    """Everything a style needs, and what it has drawn so far, back to front."""

    width: int
    height: int
    palette: Palette
    fonts: Fonts
    rng: random.Random
    shapes: list[Shape] = field(default_factory=list)
    linear: list[Linear] = field(default_factory=list)
    radial: list[Radial] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    undrawn: dict[str, None] = field(default_factory=dict)

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def unit(self) -> float:
        """The shorter side: what margins and type sizes are measured in."""
        return float(min(self.width, self.height))

    @property
    def ratio(self) -> float:
        return self.width / self.height

    def add(self, d: str, fill: str = "none", **options: Any) -> None:
        self.shapes.append(Shape(d, fill, **options))

    def fade(self, start: Point, end: Point, *stops: Stop) -> str:
        """A linear gradient, as a fill."""
        name = f"l{len(self.linear)}"
        self.linear.append(Linear(name, *start, *end, stops))
        return f"url(#{name})"

    def glow(self, center: Point, radii: Point, *stops: Stop, turn: float = 0.0) -> str:
        """A radial gradient, as a fill."""
        name = f"r{len(self.radial)}"
        self.radial.append(Radial(name, *center, *radii, turn, stops))
        return f"url(#{name})"

    def panel(self, box: Box, fill: str, radius: float = 0.0, **options: Any) -> None:
        self.add(rectangle(box, radius), fill, **options)

    def write(
        self,
        text: str,
        font: FontFile,
        box: Box,
        *,
        largest: float,
        color: str,
        on: str | Sequence[str],
        role: str,
        smallest: float = SMALLEST_LEGIBLE_PIXELS,
        max_lines: int = 1,
        leading: float = 1.2,
        align: str = "start",
        valign: str = "top",
    ) -> PlacedText | None:
        """Set the text in the box as large as it goes; left out and noted in `omitted` where it cannot be legible."""
        if not text:
            return None
        shown, missing = drawable(text, font)
        if missing:
            self.undrawn.update(dict.fromkeys(missing))
        if not shown:
            return None
        block = fit(shown, font, (box.width, box.height), (smallest, largest), max_lines=max_lines, leading=leading)
        if block is None:
            self.omitted.append(text)
            return None
        top = box.y + (box.height - block.height) * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[valign]
        x = box.x + box.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[align]
        left = x - block.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[align]
        grounds = (on,) if isinstance(on, str) else tuple(on)
        ink = Box(left, top, block.width, block.height)
        placed = PlacedText(block, x, block.baselines(top), align, color, grounds, role, ink)
        self.texts.append(placed)
        return placed
