"""The canvas that a template draws on: size, colours, fonts, seeded chance, and a record of every text and its place."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pressroom.media.color.palette import Colorway, Palette
from pressroom.media.color.spaces import AA_LARGE, AA_NORMAL, contrast, readable_on
from pressroom.media.geometry import Box, Point
from pressroom.media.typography.fonts import FontFile
from pressroom.media.typography.text import TextBlock, drawable, fit
from pressroom.media.typography.typefaces import Fonts
from pressroom.media.vector.shapes import Shape, rectangle

# Below this a letter cannot be read at 100 %; texts that would need it are left out of a drawing and reported.
SMALLEST_LEGIBLE_PIXELS = 9.0
# Text of at least this size counts as large in WCAG 2.2 (18 pt), and 3:1 is enough for it.
LARGE_PIXELS = 24.0
SHARES = {"start": 0.0, "top": 0.0, "middle": 0.5, "end": 1.0, "bottom": 1.0}


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


def facing(align: str, block: TextBlock) -> str:
    """Arabic and Hebrew start at the right."""
    return "end" if align == "start" and block.right_to_left else align


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
    """Everything a template needs, and what it has drawn so far, back to front; texts stand above all shapes."""

    width: int
    height: int
    palette: Palette
    way: Colorway
    fonts: Fonts
    rng: random.Random
    shapes: list[Shape] = field(default_factory=list)
    linear: list[Linear] = field(default_factory=list)
    radial: list[Radial] = field(default_factory=list)
    clips: list[str] = field(default_factory=list)
    texts: list[PlacedText] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    undrawn: dict[str, None] = field(default_factory=dict)
    safe: Box | None = None  # where words stay visible; None is everywhere
    _clip: str = ""

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

    @property
    def em(self) -> float:
        """What type is measured in: grows with the area, but on banners no faster than the shorter side allows."""
        return min(math.sqrt(self.width * self.height), self.unit * 1.3)

    @property
    def margin(self) -> float:
        return self.unit * 0.075

    def add(self, d: str, fill: str = "none", **options: Any) -> None:
        self.shapes.append(Shape(d, fill, clip=self._clip, **options))

    @contextmanager
    def clipped(self, outline: str) -> Iterator[None]:
        """Everything added inside the `with` block is cut off at the outline (path data). Does not nest."""
        self.clips.append(outline)
        self._clip = f"c{len(self.clips) - 1}"
        yield
        self._clip = ""

    def layers(self) -> list[tuple[str, list[Shape]]]:
        """Shapes in order, those that share a clip together: one group is cut once, not every shape for itself."""
        return [(clip, list(shapes)) for clip, shapes in itertools.groupby(self.shapes, key=lambda shape: shape.clip)]

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

    def compose(
        self,
        text: str,
        font: FontFile,
        size: Point,
        *,
        largest: float,
        smallest: float = SMALLEST_LEGIBLE_PIXELS,
        max_lines: int = 1,
        leading: float = 1.2,
    ) -> TextBlock | None:
        """The text as large as it fits the size (width, height); None where it cannot be legible or is empty."""
        shown, missing = drawable(text, font) if text else ("", "")
        if missing:
            self.undrawn.update(dict.fromkeys(missing))
        if not shown:
            return None
        largest = max(smallest, largest)
        return fit(shown, font, size, (smallest, largest), max_lines=max_lines, leading=leading)

    def place(
        self, block: TextBlock, x: float, top: float, *, color: str, on: str | Sequence[str], role: str, align: str
    ) -> PlacedText:
        """Put a block down; its colour is shaded until it reads on every ground, and stands on a plate where none does."""
        grounds = (on,) if isinstance(on, str) else tuple(on)
        ratio = AA_LARGE if block.size >= LARGE_PIXELS and role in ("title", "offer") else AA_NORMAL
        color = readable_on(grounds, color, ratio)
        left = x - block.width * SHARES[align]
        ink = Box(left, top, block.width, block.height)
        if min(contrast(color, ground) for ground in grounds) < ratio:
            self.panel(ink.inset(-block.size * 0.25), self.palette.surface, block.size * 0.2)
            grounds, color = (self.palette.surface,), self.palette.ink
        placed = PlacedText(block, x, block.baselines(top), align, color, grounds, role, ink)
        self.texts.append(placed)
        return placed

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
        block = self.compose(
            text,
            font,
            (box.width, box.height),
            largest=largest,
            smallest=smallest,
            max_lines=max_lines,
            leading=leading,
        )
        if block is None:
            if text:
                self.omitted.append(text)
            return None
        top = box.y + (box.height - block.height) * SHARES[valign]
        align = facing(align, block)
        return self.place(block, box.x + box.width * SHARES[align], top, color=color, on=on, role=role, align=align)
