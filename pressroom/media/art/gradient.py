"""Soft lights melting into each other."""

from __future__ import annotations

import math

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas, Stop
from pressroom.media.art.caption import caption
from pressroom.media.art.shapes import Box, rectangle
from pressroom.media.color import from_oklch, mix, to_oklch

# A Gaussian in straight pieces: with eight or fewer the joints show as rings.
PIECES = 20
FALLOFF = tuple(
    (step / PIECES, math.exp(-4.5 * (step / PIECES) ** 2) * (1 - (step / PIECES) ** 4)) for step in range(PIECES + 1)
)


def draw(canvas: Canvas, brief: Brief) -> None:
    palette, rng = canvas.palette, canvas.rng
    base = _settled(palette.primary, palette.dark)
    lights = [_settled(color, palette.dark) for color in (palette.secondary, palette.accent, palette.primary)]
    lights += [mix(lights[0], "#ffffff" if not palette.dark else "#000000", 0.4)]
    start = (0.0, 0.0) if rng.random() < 0.5 else (float(canvas.width), 0.0)
    end = (canvas.width - start[0], float(canvas.height))
    deep = mix(base, lights[1], 0.45)
    canvas.add(rectangle(canvas.box), canvas.fade(start, end, Stop(0, base), Stop(1, deep)))
    for index in range(6):
        color = lights[index % len(lights)]
        across, down = rng.uniform(0.45, 0.8), rng.uniform(0.45, 0.8)
        # Lights sit on a ring of places, so that they never gather in one corner.
        angle = (index + rng.random() * 0.7) / 6 * math.tau
        center = (
            canvas.width * (0.5 + 0.46 * math.cos(angle)),
            canvas.height * (0.5 + 0.46 * math.sin(angle)),
        )
        stops = [Stop(offset, color, strength * 0.9) for offset, strength in FALLOFF]
        radii = (canvas.width * across, canvas.height * down)
        canvas.add(rectangle(canvas.box), canvas.glow(center, radii, *stops))
    area = Box(canvas.width * 0.1, canvas.height * 0.32, canvas.width * 0.8, canvas.height * 0.36)
    caption(canvas, brief, area, (base, deep, *lights))


def _settled(color: str, dark: bool) -> str:
    """The colour at a lightness where neighbours melt rather than fight, and one text colour reads on all."""
    lightness, chroma, hue = to_oklch(color)
    wanted = 0.34 + lightness * 0.16 if dark else 0.7 + lightness * 0.2
    return from_oklch(wanted, min(chroma, 0.16), hue)
