"""An empty set for a product: a wall with an arch, a floor, a round plinth, and light from one side."""

from __future__ import annotations

from pressroom.media.art.brief import Brief
from pressroom.media.art.canvas import Canvas, Stop
from pressroom.media.art.caption import caption
from pressroom.media.art.gradient import FALLOFF
from pressroom.media.art.shapes import Box, circle, ellipse, n, rectangle
from pressroom.media.color import from_oklch, mix, to_oklch

# How flat a circle on the floor looks from a camera slightly above it.
TILT = 0.2


def draw(canvas: Canvas, brief: Brief) -> None:
    width, height = float(canvas.width), float(canvas.height)
    wall, floor, thing = _colors(canvas)
    light_left = canvas.rng.random() < 0.5
    light = width * (0.22 if light_left else 0.78)
    horizon = height * 0.7
    shade = mix(wall, "#000000", 0.14)
    bright = mix(wall, "#ffffff", 0.4)
    canvas.add(rectangle(canvas.box), shade)
    halo = [Stop(offset, bright, strength) for offset, strength in FALLOFF]
    reach = max(width, height) * 0.85
    canvas.add(rectangle(canvas.box), canvas.glow((light, height * 0.25), (reach, reach), *halo))
    _backdrop(canvas, wall, thing, horizon)
    ground = canvas.fade(
        (0, horizon), (0, height), Stop(0, mix(floor, "#000000", 0.1)), Stop(1, mix(floor, "#ffffff", 0.3))
    )
    canvas.add(rectangle(Box(0, horizon, width, height - horizon)), ground)
    radius = min(width * 0.36, height * 0.34)
    center = (width / 2, horizon + (height - horizon) * 0.42)
    side = 1.0 if light_left else -1.0
    _plinth(canvas, center, radius, thing, side)
    _companions(canvas, center, radius, horizon, side)
    area = Box(width * 0.1, height * 0.06, width * 0.8, height * 0.22)
    caption(canvas, brief, area, (wall, shade, bright))


def _colors(canvas: Canvas) -> tuple[str, str, str]:
    """Wall, floor and plinth: three lightnesses of neighbouring colours, so that the product stays the loudest."""
    palette = canvas.palette
    _, chroma, hue = to_oklch(palette.primary)
    _, second, other = to_oklch(palette.secondary)
    if palette.dark:
        return (
            from_oklch(0.34, chroma * 0.4, hue),
            from_oklch(0.28, chroma * 0.4, hue),
            from_oklch(0.5, second * 0.5, other),
        )
    return (
        from_oklch(0.84, chroma * 0.42, hue),
        from_oklch(0.8, chroma * 0.4, hue),
        from_oklch(0.9, second * 0.4, other),
    )


def _backdrop(canvas: Canvas, wall: str, thing: str, horizon: float) -> None:
    """An arch, a disc or two panels standing against the wall."""
    width, middle = canvas.width, canvas.width / 2
    half = min(width * 0.3, canvas.height * 0.3)
    kind = canvas.rng.choice(("arch", "disc", "panels"))
    deep, pale = mix(wall, thing, 0.5), mix(wall, "#ffffff", 0.45)
    if kind == "arch":
        for share, color in ((1.0, deep), (0.78, pale)):
            reach, top = half * share, horizon - half * 1.25 * share
            canvas.add(
                f"M{n(middle - reach)} {n(horizon)}V{n(top)}A{n(reach)} {n(reach)} 0 0 1 {n(middle + reach)} {n(top)}"
                f"V{n(horizon)}Z",
                canvas.fade((0, top - reach), (0, horizon), Stop(0, color), Stop(1, mix(color, "#000000", 0.08))),
            )
    elif kind == "disc":
        canvas.add(
            circle(middle, horizon - half * 1.05, half * 1.15),
            canvas.fade((0, horizon - half * 2), (0, horizon), Stop(0, pale), Stop(1, deep)),
        )
    else:
        for offset, tall, color in ((-0.55, 2.1, deep), (0.35, 1.5, pale)):
            box = Box(middle + half * offset - half * 0.45, horizon - half * tall, half * 1.1, half * tall)
            canvas.add(
                rectangle(box),
                canvas.fade((box.x, 0), (box.right, 0), Stop(0, mix(color, "#ffffff", 0.15)), Stop(1, color)),
            )


def _plinth(canvas: Canvas, center: tuple[float, float], radius: float, color: str, side: float) -> None:
    """Two stacked discs with a soft shadow away from the light."""
    x, y = center
    shadow = [Stop(offset, "#000000", strength * 0.42) for offset, strength in FALLOFF]
    away = (x + side * radius * 0.3, y + radius * 0.05)
    reach = (radius * 1.75, radius * TILT * 1.9)
    canvas.add(ellipse(*away, *reach), canvas.glow(away, reach, *shadow))
    tiers = ((1.0, radius * 0.14, y), (0.74, radius * 0.2, y - radius * 0.14))
    for share, tall, foot in tiers:
        _drum(canvas, (x, foot), radius * share, tall, color, side)


def _drum(canvas: Canvas, foot: tuple[float, float], radius: float, tall: float, color: str, side: float) -> None:
    x, y = foot
    lit, dim = mix(color, "#ffffff", 0.35), mix(color, "#000000", 0.24)
    left, right = (lit, dim) if side > 0 else (dim, lit)
    flank = canvas.fade((x - radius, 0), (x + radius, 0), Stop(0, left), Stop(0.5, color), Stop(1, right))
    top, flat = y - tall, radius * TILT
    canvas.add(f"M{n(x - radius)} {n(top)}V{n(y)}A{n(radius)} {n(flat)} 0 0 0 {n(x + radius)} {n(y)}V{n(top)}Z", flank)
    upper = canvas.fade(
        (x - radius * side, 0), (x + radius * side, 0), Stop(0, mix(color, "#ffffff", 0.6)), Stop(1, lit)
    )
    canvas.add(ellipse(x, top, radius, flat), upper)


def _companions(canvas: Canvas, center: tuple[float, float], radius: float, horizon: float, side: float) -> None:
    """A ball or two beside the plinth where there is room."""
    palette, rng = canvas.palette, canvas.rng
    for direction, share, color in (
        (-side, rng.uniform(0.14, 0.22), palette.accent),
        (side, rng.uniform(0.08, 0.13), palette.secondary),
    ):
        size = radius * share
        x, y = center[0] + direction * radius * rng.uniform(1.12, 1.3), center[1] + radius * rng.uniform(0.02, 0.16)
        if x - size < 0 or x + size > canvas.width or y - size * 2 < 0:
            continue
        under = (x + side * size * 0.5, y)
        shadow = [Stop(offset, "#000000", strength * 0.4) for offset, strength in FALLOFF]
        canvas.add(ellipse(*under, size * 1.6, size * 0.42), canvas.glow(under, (size * 1.6, size * 0.42), *shadow))
        spot = (x - side * size * 0.4, y - size * 1.4)
        ball = canvas.glow(
            spot, (size * 1.7, size * 1.7),
            Stop(0, mix(color, "#ffffff", 0.65)), Stop(0.45, color), Stop(1, mix(color, "#000000", 0.45)),
        )  # fmt: skip
        canvas.add(circle(x, y - size, size), ball)
