"""Every style by name, and the one call that draws a picture."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from pressroom.media.art import (
    architecture,
    database,
    flow,
    geometric,
    gradient,
    landscape,
    poster,
    stage,
    wireframe,
)
from pressroom.media.art.brief import Brief, chroma_of, dark_of, hue_of
from pressroom.media.art.canvas import Canvas
from pressroom.media.color import make_palette
from pressroom.media.faces import Fonts

STYLES: Mapping[str, Callable[[Canvas, Brief], None]] = {
    "poster": poster.draw,
    "gradient": gradient.draw,
    "product_stage": stage.draw,
    "geometric": geometric.draw,
    "landscape": landscape.draw,
    "wireframe": wireframe.draw,
    "flow": flow.draw,
    "database": database.draw,
    "architecture": architecture.draw,
}
# Drawings are read, not felt: always on light ground unless the prompt or the brand says dark.
DRAWINGS = frozenset({"wireframe", "flow", "database", "architecture"})


def draw_picture(
    style: str, brief: Brief, size: tuple[int, int], seed: int, colors: Mapping[str, str], fonts: Fonts
) -> Canvas:
    """The canvas with everything drawn on it. The same arguments give the same canvas."""
    rng = random.Random(f"{style}\n{seed}\n{brief.prompt}")
    dark = dark_of(brief.prompt)
    if style in DRAWINGS and dark is None:
        dark = False
    palette = make_palette(colors, rng, hue_of(brief.prompt), dark, chroma_of(brief.prompt))
    canvas = Canvas(*size, palette, fonts, rng)
    STYLES[style](canvas, brief)
    return canvas
