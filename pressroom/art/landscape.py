"""Landscapes in flat layers, paler with distance."""

from __future__ import annotations

import math

from pressroom.art.brief import Brief
from pressroom.art.light import halo
from pressroom.art.setting import caption
from pressroom.media.color.spaces import from_oklch, kin, mix, to_oklch, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import circle, ellipse, n, path, polygon, rectangle, smooth

RIDGES = 6


def sky(canvas: Canvas, foot: float) -> tuple[str, str]:
    """Zenith and horizon, painted down to `foot` (a share of the height)."""
    palette, rng = canvas.palette, canvas.rng
    lead = rng.choice((palette.primary, palette.primary, palette.secondary))
    _, chroma, hue = to_oklch(lead)
    zenith = from_oklch(0.27 if palette.dark else 0.82, min(chroma, 0.085), hue)
    glow = kin(tone(palette.accent, 0.6 if palette.dark else 0.91, 0.8), zenith, 110)
    _, chroma, hue = to_oklch(glow)
    horizon = from_oklch(to_oklch(glow)[0], min(chroma, 0.085), hue)
    canvas.add(rectangle(canvas.box), canvas.fade((0, 0), (0, canvas.height * foot), Stop(0, zenith), Stop(1, horizon)))
    return zenith, horizon


def calm(color: str) -> str:
    """The colour as air and distance leave it."""
    lightness, chroma, hue = to_oklch(color)
    return from_oklch(lightness, min(chroma, 0.1), hue)


def warmth(canvas: Canvas) -> str:
    """Sunlight with a breath of the accent."""
    return mix(canvas.palette.accent, "#fff4d6", 0.82)


def sun(canvas: Canvas, center: tuple[float, float], radius: float) -> None:
    warm = warmth(canvas)
    halo(canvas, center, (radius * 5, radius * 5), warm, 0.7)
    canvas.add(circle(*center, radius), warm)


def words(canvas: Canvas, brief: Brief, zenith: str, horizon: str) -> None:
    area = canvas.box.part(0.1, 0.07, 0.8, 0.24 if canvas.ratio < 2 else 0.34)
    low = mix(zenith, horizon, 0.6)
    caption(canvas, brief, area, (zenith, low, mix(low, warmth(canvas), 0.45)), title=0.1)


def hills(canvas: Canvas, brief: Brief) -> None:
    """Hills behind hills under a low sun."""
    palette, rng = canvas.palette, canvas.rng
    height = float(canvas.height)
    zenith, horizon = sky(canvas, 0.75)
    sun(canvas, canvas.box.at(rng.uniform(0.25, 0.75), rng.uniform(0.38, 0.47)), canvas.unit * rng.uniform(0.07, 0.12))
    lead = kin(rng.choice((palette.primary, palette.primary, palette.secondary)), zenith, 80)
    near = tone(lead, 0.22, 0.7)
    for index in range(RIDGES):
        share = index / (RIDGES - 1)
        far = mix(horizon, lead, 0.35)
        color = mix(far, near, share**1.1)
        top = height * (0.5 + 0.36 * share**1.15)
        ridge = _ridge(canvas, top, height * (0.075 - 0.02 * share))
        # Mist: every ridge is paler at its foot, where the next one stands.
        foot = mix(color, horizon, 0.3 * (1 - share))
        canvas.add(
            ridge, canvas.fade((0, top - height * 0.05), (0, top + height * 0.22), Stop(0, color), Stop(1, foot))
        )
    words(canvas, brief, zenith, horizon)


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


def peaks(canvas: Canvas, brief: Brief) -> None:
    """Mountains with lit and shaded flanks and snow, over a forest."""
    palette, rng = canvas.palette, canvas.rng
    width, height = float(canvas.width), float(canvas.height)
    zenith, horizon = sky(canvas, 0.7)
    sun(
        canvas,
        canvas.box.at(rng.choice((rng.uniform(0.15, 0.3), rng.uniform(0.7, 0.85))), rng.uniform(0.36, 0.42)),
        canvas.unit * 0.06,
    )
    lead = calm(kin(rng.choice((palette.primary, palette.secondary)), zenith, 70))
    step = canvas.unit * 0.34
    for layer, (base, rise, light) in enumerate(((0.68, 0.15, 0.72), (0.76, 0.27, 0.54), (0.88, 0.2, 0.4))):
        color = mix(tone(lead, light if not palette.dark else light - 0.12), horizon, 0.38 - 0.17 * layer)
        count = max(2, round(width / step) + layer)
        order = sorted(range(-1, count + 1), key=lambda _: rng.random())
        for index in order:
            x = (index + rng.uniform(0.2, 0.8)) * width / count
            tall = height * rise * rng.uniform(0.6, 1.1)
            _peak(canvas, (x, height * base), tall, tall * rng.uniform(0.8, 1.1), color, snow=layer == 1)
        canvas.add(
            rectangle(Box(0, height * base - 1, width, height * (1 - base) + 2)), tone(color, to_oklch(color)[0] - 0.05)
        )
    _forest(canvas, height * 0.88, tone(lead, 0.24, 0.9))
    words(canvas, brief, zenith, horizon)


def _peak(canvas: Canvas, foot: tuple[float, float], tall: float, half: float, color: str, *, snow: bool) -> None:
    x, y = foot
    top = (x, y - tall)
    bend = x + half * 0.12
    light = to_oklch(color)[0]
    canvas.add(polygon([top, (x + half, y + 1), (x - half, y + 1)]), color)
    canvas.add(
        polygon(
            [
                top,
                (bend, y - tall * 0.62),
                (x - half * 0.08, y - tall * 0.34),
                (x + half * 0.2, y + 1),
                (x + half, y + 1),
            ]
        ),
        tone(color, light - 0.08),
    )
    if snow:
        share = 0.27
        left, right = (x - half * share, y - tall * (1 - share)), (x + half * share, y - tall * (1 - share))
        canvas.add(
            polygon(
                [
                    top,
                    right,
                    (x + half * 0.13, y - tall * 0.8),
                    (x + half * 0.02, y - tall * 0.68),
                    (x - half * 0.12, y - tall * 0.79),
                    left,
                ]
            ),
            mix(color, "#ffffff", 0.78),
        )


def _forest(canvas: Canvas, foot: float, color: str) -> None:
    rng = canvas.rng
    pitch = canvas.unit * 0.034
    for row in range(3):
        shade = mix(color, canvas.palette.accent, 0.14 * (2 - row))
        base = foot + row * canvas.height * 0.035
        trees = ""
        x = -pitch
        while x < canvas.width + pitch:
            tall = canvas.unit * rng.uniform(0.06, 0.11) * (1 + row * 0.25)
            wide = tall * 0.3
            for level in range(3):
                y = base - tall * (0.18 + 0.24 * level)
                reach = wide * (1 - 0.26 * level)
                trees += polygon([(x - reach, y + tall * 0.1), (x, y - tall * 0.34), (x + reach, y + tall * 0.1)])
            x += pitch * rng.uniform(0.6, 1.25) * (1 + row * 0.2)
        canvas.add(trees, shade)
        canvas.panel(Box(0, base - canvas.unit * 0.022, canvas.width, canvas.height - base + canvas.unit), shade)


def sea(canvas: Canvas, brief: Brief) -> None:
    """Open water under a low sun, with its path of light, an island or a sail."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    width, height = float(canvas.width), float(canvas.height)
    zenith, horizon = sky(canvas, 0.6)
    line = height * 0.6
    place = rng.uniform(0.28, 0.72)
    radius = unit * rng.uniform(0.09, 0.14)
    sun(canvas, (width * place, line - radius * rng.uniform(0.1, 0.75)), radius)
    for _ in range(3):
        _cloud(
            canvas,
            canvas.box.at(rng.uniform(0, 1), rng.uniform(0.3, 0.5)),
            unit * rng.uniform(0.12, 0.24),
            mix(horizon, "#ffffff", 0.55),
        )
    lead = calm(kin(palette.primary, zenith, 40))
    water = tone(lead, 0.42 if palette.dark else 0.62)
    deep = tone(lead, 0.2 if palette.dark else 0.38)
    if rng.random() < 0.7:
        _island(canvas, line, mix(deep, horizon, 0.35), place)
    canvas.add(
        rectangle(Box(0, line, width, height - line)),
        canvas.fade((0, line), (0, height), Stop(0, mix(water, horizon, 0.55)), Stop(0.3, water), Stop(1, deep)),
    )
    _path_of_light(canvas, line, width * place, radius)
    _ripples(canvas, line, mix(water, horizon, 0.5))
    _boat(
        canvas, (width * ((place + rng.choice((0.28, -0.28))) % 1), line + (height - line) * 0.16), unit * 0.085, deep
    )
    words(canvas, brief, zenith, horizon)


def _path_of_light(canvas: Canvas, line: float, under: float, radius: float) -> None:
    """Glints that widen from the horizon `line` towards the viewer, below the sun at x = `under`."""
    rng, unit = canvas.rng, canvas.unit
    glint = mix(canvas.palette.accent, "#fff4d6", 0.7)
    for step in range(26):
        share = (step + 0.6) / 26
        y = line + (float(canvas.height) - line) * share**1.5
        wide = radius * (0.5 + 2.0 * share) * rng.uniform(0.35, 1.1)
        tall = max(1.2, unit * 0.0065 * (0.3 + share))
        x = under + radius * rng.uniform(-0.7, 0.7) * (0.5 + share)
        canvas.panel(Box(x - wide / 2, y, wide, tall), glint, tall / 2, opacity=0.85 - 0.5 * share)


def _ripples(canvas: Canvas, line: float, color: str) -> None:
    """Strokes all over the water, longer and thicker towards the viewer."""
    rng, unit = canvas.rng, canvas.unit
    for step in range(30):
        share = (step + 0.5) / 30
        y = line + (float(canvas.height) - line) * share**1.3
        wide = unit * rng.uniform(0.04, 0.16) * (0.4 + share)
        stroke = Box(rng.uniform(-0.05, 1) * float(canvas.width), y, wide, max(1.0, unit * 0.004 * (0.4 + share)))
        canvas.panel(stroke, color, unit, opacity=0.4)


def _cloud(canvas: Canvas, center: tuple[float, float], wide: float, color: str) -> None:
    tall = wide * 0.09
    for shift, share, lift in ((-0.2, 0.6, 0.0), (0.16, 0.8, 1.25), (0.0, 0.42, 2.5)):
        canvas.panel(
            Box(center[0] + wide * shift - wide * share / 2, center[1] - lift * tall, wide * share, tall),
            color,
            tall,
            opacity=0.7,
        )


def _island(canvas: Canvas, line: float, color: str, place: float) -> None:
    x = canvas.width * (0.84 if place < 0.5 else 0.12)
    wide, tall = canvas.unit * 0.36, canvas.unit * 0.085
    points = [
        (x - wide, line + 1),
        (x - wide * 0.5, line - tall * 0.45),
        (x - wide * 0.1, line - tall),
        (x + wide * 0.35, line - tall * 0.5),
        (x + wide, line + 1),
    ]
    canvas.add(smooth(points) + "Z", color)


def _boat(canvas: Canvas, foot: tuple[float, float], size: float, color: str) -> None:
    x, y = foot
    canvas.add(ellipse(x, y + size * 0.06, size * 0.6, size * 0.05), color, opacity=0.3)
    canvas.add(
        path(
            "M",
            (x - size * 0.5, y - size * 0.12),
            "H",
            x + size * 0.5,
            "L",
            (x + size * 0.3, y + size * 0.05),
            "H",
            x - size * 0.32,
            "Z",
        ),
        color,
    )
    canvas.add(
        polygon(
            [(x - size * 0.02, y - size * 0.18), (x - size * 0.02, y - size * 1.2), (x + size * 0.46, y - size * 0.18)]
        ),
        mix(color, "#ffffff", 0.92),
    )
    canvas.add(
        polygon(
            [(x - size * 0.08, y - size * 0.18), (x - size * 0.08, y - size * 0.95), (x - size * 0.36, y - size * 0.18)]
        ),
        canvas.palette.accent,
    )


def dunes(canvas: Canvas, brief: Brief) -> None:
    """Long dunes with sharp crests, lit on one side."""
    palette, rng = canvas.palette, canvas.rng
    height = float(canvas.height)
    zenith, horizon = sky(canvas, 0.66)
    side = rng.choice((-1.0, 1.0))
    sun(canvas, canvas.box.at(0.5 - side * 0.28, rng.uniform(0.36, 0.44)), canvas.unit * 0.075)
    lead = calm(rng.choice((palette.secondary, palette.accent, palette.primary)))
    for index in range(5):
        share = index / 4
        top = height * (0.54 + 0.33 * share)
        light = (0.86 - 0.3 * share) if not palette.dark else (0.52 - 0.24 * share)
        lit, shade = (
            mix(tone(lead, light), horizon, 0.35 * (1 - share)),
            mix(tone(lead, light - 0.12), horizon, 0.25 * (1 - share)),
        )
        _dune(canvas, top, side, lit, shade)
    words(canvas, brief, zenith, horizon)


def _dune(canvas: Canvas, top: float, side: float, lit: str, shade: str) -> None:
    """One crest with a lit and a shaded flank; `side` is 1 where the shade falls to the right."""
    rng, width, height = canvas.rng, float(canvas.width), float(canvas.height)
    crest = width * rng.uniform(0.2, 0.8)
    swing = height * rng.uniform(0.05, 0.09)
    low, right = top + swing * 1.4, width - crest
    west = (crest * 0.45, low), (crest * 0.75, top)
    east = (crest + right * 0.3, top + swing * 0.4), (crest + right * 0.6, low)
    end = low - swing * 0.3
    canvas.add(
        path("M", (-2.0, low), "C", *west, (crest, top), "C", *east, (width + 2, end), "V", height + 2, "H", -2.0, "Z"),
        lit,
    )
    foot = crest + side * width * rng.uniform(0.18, 0.34)
    ridge = path(
        "M", (crest, top), "C", (crest - side * width * 0.05, top + swing * 1.6), (foot, low + swing),
        (foot - side * width * 0.1, height + 2),
    )  # fmt: skip
    if side > 0:
        back = path("H", width + 2, "V", end, "C", east[1], east[0], (crest, top), "Z")
    else:
        back = path("H", -2.0, "V", low, "C", *west, (crest, top), "Z")
    canvas.add(ridge + back, shade)
