"""Hills behind hills under a low sun."""

from __future__ import annotations

import math

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas, Stop
from pressroom.media.art.caption import caption
from pressroom.media.art.gradient import FALLOFF
from pressroom.media.art.shapes import Box, circle, n, rectangle, smooth
from pressroom.media.color import from_oklch, mix, to_oklch

RIDGES = 6


def draw(canvas: Canvas, brief: Brief) -> None:
    palette, rng = canvas.palette, canvas.rng
    width, height = float(canvas.width), float(canvas.height)
    _, chroma, hue = to_oklch(palette.primary)
    zenith = from_oklch(0.3 if palette.dark else 0.8, min(chroma, 0.1), hue)
    horizon = mix(palette.accent, "#ffffff", 0.1 if palette.dark else 0.62)
    canvas.add(rectangle(canvas.box), canvas.fade((0, 0), (0, height * 0.75), Stop(0, zenith), Stop(1, horizon)))
    sun = (width * rng.uniform(0.25, 0.75), height * rng.uniform(0.36, 0.46))
    radius = canvas.unit * rng.uniform(0.09, 0.14)
    warm = mix(palette.accent, "#fff4d6", 0.7)
    halo = [Stop(offset, warm, strength * 0.75) for offset, strength in FALLOFF]
    canvas.add(rectangle(canvas.box), canvas.glow(sun, (radius * 5, radius * 5), *halo))
    canvas.add(circle(*sun, radius), warm)
    near = from_oklch(0.2, min(chroma, 0.07), hue)
    for index in range(RIDGES):
        share = index / (RIDGES - 1)
        far = mix(horizon, palette.primary, 0.35)
        color = mix(far, near, share**1.1)
        top = height * (0.5 + 0.36 * share**1.15)
        path = _ridge(canvas, top, height * (0.075 - 0.02 * share))
        # Mist: every ridge is paler at its foot, where the next one stands.
        foot = mix(color, horizon, 0.3 * (1 - share))
        canvas.add(path, canvas.fade((0, top - height * 0.05), (0, top + height * 0.22), Stop(0, color), Stop(1, foot)))
    area = Box(width * 0.1, height * 0.07, width * 0.8, height * 0.24)
    caption(canvas, brief, area, (zenith, mix(zenith, horizon, 0.45)))


def _ridge(canvas: Canvas, top: float, swing: float) -> str:
    rng = canvas.rng
    waves = [(rng.uniform(0.6, 1.4) * (step + 1), rng.random() * math.tau, 1 / (step + 1) ** 1.1) for step in range(4)]
    count = 28
    points = []
    for index in range(-1, count + 2):
        place = index / count * max(1.0, canvas.ratio) * 1.6
        rise = sum(math.sin(place * speed * 2.2 + phase) * size for speed, phase, size in waves)
        points.append((canvas.width * index / count, top + rise * swing))
    return f"{smooth(points)}L{n(points[-1][0])} {n(canvas.height + 1)}L{n(points[0][0])} {n(canvas.height + 1)}Z"
