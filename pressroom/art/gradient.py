"""Backgrounds of melting colour."""

from __future__ import annotations

import math

from pressroom.art.brief import Brief
from pressroom.art.light import falloff, halo
from pressroom.art.setting import caption
from pressroom.media.color.spaces import from_oklch, kin, mix, to_oklch, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import circle, path, rectangle

# Colours further apart than this in hue meet in grey.
KINSHIP = 72


def middle(canvas: Canvas) -> Box:
    """Where a caption stands on a background."""
    return canvas.box.part(0.1, 0.3, 0.8, 0.4) if canvas.ratio < 2 else canvas.box.part(0.14, 0.18, 0.72, 0.64)


def settled(color: str, dark: bool) -> str:
    """The colour at a lightness where neighbours melt rather than fight, and one text colour reads on all."""
    lightness, chroma, hue = to_oklch(color)
    wanted = 0.32 + lightness * 0.16 if dark else 0.72 + lightness * 0.18
    return from_oklch(wanted, min(chroma, 0.16), hue)


def mesh(canvas: Canvas, brief: Brief) -> None:
    """Soft lights melting into each other."""
    palette, rng = canvas.palette, canvas.rng
    names = [palette.primary, palette.secondary, palette.accent]
    rng.shuffle(names)
    names = [names[0], *(kin(color, names[0], KINSHIP) for color in names[1:])]
    base = settled(names[0], palette.dark)
    lights = [settled(color, palette.dark) for color in (*names[1:], names[0])]
    lights += [mix(lights[0], "#ffffff" if not palette.dark else "#000000", 0.4)]
    start = (0.0, 0.0) if rng.random() < 0.5 else (float(canvas.width), 0.0)
    end = (canvas.width - start[0], float(canvas.height))
    deep = mix(base, lights[1], 0.45)
    canvas.add(rectangle(canvas.box), canvas.fade(start, end, Stop(0, base), Stop(1, deep)))
    offset = rng.random()
    for index in range(6):
        color = lights[index % len(lights)]
        across, down = rng.uniform(0.4, 0.75), rng.uniform(0.4, 0.75)
        # Lights sit on a ring of places, so that they never gather in one corner.
        angle = (index + offset + rng.random() * 0.5) / 6 * math.tau
        center = canvas.box.at(0.5 + 0.46 * math.cos(angle), 0.5 + 0.46 * math.sin(angle))
        halo(canvas, center, (canvas.width * across, canvas.height * down), color, 0.92)
    caption(canvas, brief, middle(canvas), (base, deep, *lights))


def aurora(canvas: Canvas, brief: Brief) -> None:
    """Curtains of light over a dark sky; on light palettes, silk."""
    palette, rng = canvas.palette, canvas.rng
    dark = palette.dark or rng.random() < 0.35
    names = [palette.primary, palette.secondary, palette.accent]
    rng.shuffle(names)
    names = [names[0], *(kin(color, names[0], KINSHIP) for color in names[1:])]
    low, high = (0.16, 0.24) if dark else (0.95, 0.88)
    floor, sky = tone(names[0], low, 0.8), tone(names[0], high, 0.8)
    canvas.add(rectangle(canvas.box), canvas.fade((0, 0), (0, canvas.height), Stop(0, floor), Stop(1, sky)))
    lean = rng.uniform(-24, 24)
    worst = [floor, sky]
    for index in range(7):
        color = tone(names[index % 3], 0.62 if dark else 0.8)
        strength = 0.5 if dark else 0.62
        center = canvas.box.at((index + rng.uniform(0.1, 0.9)) / 7, rng.uniform(0.25, 0.7))
        radii = (canvas.unit * rng.uniform(0.14, 0.3), canvas.height * rng.uniform(0.5, 0.85))
        halo(canvas, center, radii, color, strength, lean + rng.uniform(-10, 10))
        worst += [mix(floor, color, 0.75), mix(sky, color, 0.75)]
    caption(canvas, brief, middle(canvas), worst)


def orbs(canvas: Canvas, brief: Brief) -> None:
    """Glass discs that float over a gradient and tint what lies behind them."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    names = [palette.primary, palette.secondary, palette.accent]
    rng.shuffle(names)
    names = [names[0], *(kin(color, names[0], KINSHIP * 1.25) for color in names[1:])]
    dark = palette.dark
    first, second = (
        (tone(names[0], 0.24, 0.9), tone(names[1], 0.36, 0.9))
        if dark
        else (tone(names[0], 0.93, 0.9), tone(names[1], 0.84, 0.9))
    )
    start = (0.0, 0.0) if rng.random() < 0.5 else (float(canvas.width), 0.0)
    end = (canvas.width - start[0], float(canvas.height))
    canvas.add(rectangle(canvas.box), canvas.fade(start, end, Stop(0, first), Stop(1, second)))
    count = 7 if canvas.ratio < 2 else 9
    worst = [first, second]
    for index in range(count):
        color = tone(names[(index + 1) % 3], 0.55 if dark else 0.74)
        angle = (index + rng.random() * 0.6) / count * math.tau
        reach = 0.3 + 0.2 * rng.random()
        center = canvas.box.at(0.5 + reach * 1.05 * math.cos(angle), 0.5 + reach * 1.05 * math.sin(angle))
        size = unit * rng.choice((0.07, 0.12, 0.19, 0.27)) * rng.uniform(0.9, 1.15)
        slant = rng.choice((-1, 1))
        fill = canvas.fade(
            (center[0] - size * slant, center[1] - size), (center[0] + size * slant, center[1] + size),
            Stop(0, mix(color, "#ffffff", 0.35), 0.95), Stop(1, color, 0.25),
        )  # fmt: skip
        canvas.add(circle(*center, size), fill)
        sheen = (center[0] - size * 0.3, center[1] - size * 0.4)
        canvas.add(circle(*center, size), canvas.glow(sheen, (size * 0.9, size * 0.9), *falloff("#ffffff", 0.35)))
        worst += [color, mix(first, color, 0.5), mix(color, "#ffffff", 0.6)]
    caption(canvas, brief, middle(canvas), worst, plate=(palette.surface, palette.ink))


def folds(canvas: Canvas, brief: Brief) -> None:
    """Wide soft folds from lit to shaded, like draped cloth: many narrow strips that follow one curve."""
    palette, rng = canvas.palette, canvas.rng
    lead = (palette.primary, palette.accent, palette.secondary)[rng.randrange(3)]
    lit, shade = (tone(lead, 0.46), tone(lead, 0.2)) if palette.dark else (tone(lead, 0.94, 0.9), tone(lead, 0.76, 0.9))
    width, height = float(canvas.width), float(canvas.height)
    sway = canvas.unit * rng.uniform(0.1, 0.34) * rng.choice((-1, 1))
    lean = canvas.unit * rng.uniform(-0.3, 0.3)
    reach = abs(sway) + abs(lean)
    # Strips of six pixels: wider ones show as steps.
    count = max(120, min(400, round(width / 6)))
    pitch = (width + 2 * reach) / count
    folds_across = rng.uniform(3.5, 6.5) * max(1.0, min(canvas.ratio, 2.5))
    first, second = rng.uniform(0, math.tau), rng.uniform(0, math.tau)
    canvas.add(rectangle(canvas.box), shade)
    for index in range(count):
        turn = index / count * math.tau
        fold = math.sin(turn * folds_across / 2 + first + 0.9 * math.sin(turn * 1.3 + second))
        light = 0.5 + 0.5 * math.copysign(abs(fold) ** 0.8, fold)
        x = -reach + index * pitch
        end, wide = x + lean, pitch * 1.6
        high, low, floor = height * 0.33, height * 0.66, height + 2
        canvas.add(
            path(
                "M",
                (x, -2.0),
                "C",
                (x + sway, high),
                (end - sway, low),
                (end, floor),
                "H",
                end + wide,
                "C",
                (end + wide - sway, low),
                (x + wide + sway, high),
                (x + wide, -2.0),
                "Z",
            ),
            mix(shade, lit, light),
        )
    caption(canvas, brief, middle(canvas), (lit, shade), plate=(palette.surface, palette.ink))
