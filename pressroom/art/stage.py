"""Empty sets for a product: a wall, a floor, something to stand on, and light from one side."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.art.brief import Brief
from pressroom.art.light import across, falloff, halo, shadow
from pressroom.art.setting import caption
from pressroom.media.color.spaces import from_oklch, mix, to_oklch, tone
from pressroom.media.geometry import Box
from pressroom.media.vector.canvas import Canvas, Stop
from pressroom.media.vector.shapes import arch, circle, ellipse, n, polygon, rectangle

# How flat a circle on the floor looks from a camera slightly above it.
TILT = 0.2
# On wider canvases words stand beside the set.
SIDE_WORDS = 1.6


@dataclass(frozen=True, slots=True)
class Set:
    """The colours of a set and where things are: `side` is 1 where light comes from the left, -1 from the right."""

    wall: str
    floor: str
    thing: str
    accent: str
    horizon: float
    side: float

    @property
    def shade(self) -> str:
        return tone(self.wall, max(0.1, to_oklch(self.wall)[0] - 0.09))

    @property
    def bright(self) -> str:
        return tone(self.wall, min(0.97, to_oklch(self.wall)[0] + 0.08))


# By colourway: the colour of the palette that paints the wall, how light it is, and how much of its chroma it keeps.
WALLS = {
    "paper": ("secondary", 0.87, 0.42),
    "tint": ("accent", 0.85, 0.5),
    "bold": ("primary", 0.74, 0.7),
    "deep": ("primary", 0.36, 0.6),
    "accent": ("accent", 0.77, 0.72),
}


def colors(canvas: Canvas) -> tuple[str, str, str, str]:
    """Wall, floor, thing to stand on and accent: related colours at their own lightness, so the product stays the loudest."""
    palette = canvas.palette
    lead, lightness, share = WALLS[canvas.way.name]
    if canvas.way.dark and canvas.way.name != "bold":
        lightness = min(lightness, 0.34)
    first = getattr(palette, lead)
    second = palette.secondary if lead != "secondary" else palette.primary
    accent = palette.accent if lead != "accent" else palette.primary
    _, chroma, hue = to_oklch(first)
    _, other_chroma, other = to_oklch(second)
    chroma, other_chroma = min(chroma, 0.16), min(other_chroma, 0.16)
    if lightness < 0.5:
        wall, floor = tone(first, lightness, share), tone(first, lightness - 0.07, share * 0.9)
        return wall, floor, from_oklch(0.52, other_chroma * 0.5, other), tone(accent, 0.64)
    wall, floor = from_oklch(lightness, chroma * share, hue), from_oklch(lightness - 0.05, chroma * share * 0.9, hue)
    return wall, floor, from_oklch(0.91, other_chroma * 0.4, other), tone(accent, 0.7)


def center_of(canvas: Canvas, brief: Brief) -> float:
    """Where the set stands: in the middle, or to the right of its words on wide canvases."""
    return canvas.width * (0.64 if brief.explicit and canvas.ratio > SIDE_WORDS else 0.5)


def room(canvas: Canvas, horizon: float = 0.7) -> Set:
    """Paint wall and floor."""
    width, height = float(canvas.width), float(canvas.height)
    wall, floor, thing, accent = colors(canvas)
    here = Set(wall, floor, thing, accent, height * horizon, 1.0 if canvas.rng.random() < 0.5 else -1.0)
    canvas.add(rectangle(canvas.box), here.shade)
    reach = max(width, height) * 0.9
    halo(canvas, (width * (0.5 - 0.26 * here.side), height * 0.28), (reach, reach), here.bright)
    return here


def lay_floor(canvas: Canvas, here: Set) -> None:
    width, height = float(canvas.width), float(canvas.height)
    ground = canvas.fade(
        (0, here.horizon),
        (0, height),
        Stop(0, mix(here.floor, here.shade, 0.5)),
        Stop(1, mix(here.floor, "#ffffff", 0.22)),
    )
    canvas.add(rectangle(Box(0, here.horizon, width, height - here.horizon)), ground)
    soft = (height - here.horizon) * 0.35
    canvas.add(
        rectangle(Box(0, here.horizon, width, soft)),
        canvas.fade((0, here.horizon), (0, here.horizon + soft), Stop(0, "#000000", 0.1), Stop(1, "#000000", 0.0)),
    )


def drum(canvas: Canvas, foot: tuple[float, float], radius: float, tall: float, color: str, side: float) -> None:
    """A round block seen from slightly above; `foot` is the centre of its base."""
    x, y = foot
    lit, dim = mix(color, "#ffffff", 0.35), tone(color, max(0.12, to_oklch(color)[0] - 0.17))
    left, right = (lit, dim) if side > 0 else (dim, lit)
    flank = canvas.fade((x - radius, 0), (x + radius, 0), Stop(0, left), Stop(0.5, color), Stop(1, right))
    top, flat = y - tall, radius * TILT
    canvas.add(f"M{n(x - radius)} {n(top)}V{n(y)}A{n(radius)} {n(flat)} 0 0 0 {n(x + radius)} {n(y)}V{n(top)}Z", flank)
    upper = canvas.fade(
        (x - radius * side, 0), (x + radius * side, 0), Stop(0, mix(color, "#ffffff", 0.6)), Stop(1, lit)
    )
    canvas.add(ellipse(x, top, radius, flat), upper)


def ball(canvas: Canvas, foot: tuple[float, float], size: float, color: str, side: float) -> None:
    x, y = foot
    under = (x + side * size * 0.5, y)
    shadow(canvas, under, (size * 1.6, size * 0.42), 0.38)
    spot = (x - side * size * 0.4, y - size * 1.4)
    low = to_oklch(color)[0]
    fill = canvas.glow(
        spot, (size * 1.7, size * 1.7),
        Stop(0, mix(color, "#ffffff", 0.65)), Stop(0.45, color), Stop(1, tone(color, max(0.12, low - 0.3))),
    )  # fmt: skip
    canvas.add(circle(x, y - size, size), fill)


def words(canvas: Canvas, brief: Brief, here: Set) -> None:
    """Own words on the wall above the set, beside it on wide canvases."""
    width, height = float(canvas.width), float(canvas.height)
    area = Box(width * 0.1, height * 0.06, width * 0.8, height * 0.24)
    align = "middle"
    if canvas.ratio > SIDE_WORDS:
        area = Box(width * 0.06, height * 0.12, width * 0.27, height * 0.5)
        align = "start"
    caption(
        canvas,
        brief,
        area,
        (here.wall, here.shade, here.bright),
        align=align,
        valign="middle" if align == "middle" else "top",
        title=0.08,
    )


def plinth(canvas: Canvas, brief: Brief) -> None:
    """A round plinth before an arch, a disc or two panels."""
    here = room(canvas)
    width, middle = float(canvas.width), center_of(canvas, brief)
    half = min(width * 0.3, canvas.height * 0.3)
    if brief.explicit and canvas.ratio <= SIDE_WORDS:
        half = min(half, (here.horizon - canvas.height * 0.31) / 2.3)
    kind = canvas.rng.choice(("arch", "disc", "panels"))
    deep, pale = mix(here.wall, here.thing, 0.5), mix(here.wall, "#ffffff", 0.45)
    foot = here.horizon
    if kind == "arch":
        for share, color in ((1.0, deep), (0.78, pale)):
            reach, top = half * share, foot - half * 1.25 * share
            fill = canvas.fade((0, top - reach), (0, foot), Stop(0, color), Stop(1, mix(color, "#000000", 0.08)))
            canvas.add(arch(middle, foot, reach, top - reach), fill)
    elif kind == "disc":
        fill = canvas.fade((0, foot - half * 2), (0, foot), Stop(0, pale), Stop(1, deep))
        canvas.add(circle(middle, foot - half * 1.05, half * 1.15), fill)
    else:
        for offset, tall, color in ((-0.55, 2.1, deep), (0.35, 1.5, pale)):
            box = Box(middle + half * offset - half * 0.45, foot - half * tall, half * 1.1, half * tall)
            canvas.add(
                rectangle(box),
                canvas.fade((box.x, 0), (box.right, 0), Stop(0, mix(color, "#ffffff", 0.15)), Stop(1, color)),
            )
    lay_floor(canvas, here)
    radius = min(width * 0.36, canvas.height * 0.34)
    x, y = middle, foot + (canvas.height - foot) * 0.42
    away = (x + here.side * radius * 0.3, y + radius * 0.05)
    shadow(canvas, away, (radius * 1.75, radius * TILT * 1.9), 0.42)
    for share, tall, base in ((1.0, radius * 0.14, y), (0.74, radius * 0.2, y - radius * 0.14)):
        drum(canvas, (x, base), radius * share, tall, here.thing, here.side)
    _companions(canvas, (x, y), radius, here)
    words(canvas, brief, here)


def _companions(canvas: Canvas, center: tuple[float, float], radius: float, here: Set) -> None:
    """A ball or two beside the plinth where there is room."""
    rng = canvas.rng
    for direction, share, color in (
        (-here.side, rng.uniform(0.14, 0.22), here.accent),
        (here.side, rng.uniform(0.08, 0.13), here.thing),
    ):
        size = radius * share
        x, y = center[0] + direction * radius * rng.uniform(1.14, 1.3), center[1] + radius * rng.uniform(0.02, 0.14)
        if x - size >= 0 and x + size <= canvas.width:
            ball(canvas, (x, y), size, color, here.side)


def steps(canvas: Canvas, brief: Brief) -> None:
    """Three blocks of different height, like a winners' podium seen from the front."""
    here = room(canvas, 0.74)
    lay_floor(canvas, here)
    rng = canvas.rng
    wide = min(canvas.width * 0.29, canvas.height * 0.3)
    foot = here.horizon + (canvas.height - here.horizon) * 0.5
    tall = wide * 1.3
    heights = [tall * 0.62, tall, tall * 0.42]
    if rng.random() < 0.5:
        heights.reverse()
    shades = [mix(here.thing, here.wall, 0.35), here.thing, mix(here.thing, here.accent, 0.35)]
    depth = wide * 0.16
    left = center_of(canvas, brief) - wide * 1.5
    shadow(canvas, (left + wide * 1.5 + here.side * wide * 0.4, foot), (wide * 2.2, wide * 0.34), 0.45)
    for index in (0, 2, 1):
        x, high, color = left + index * wide, heights[index], shades[index]
        low = to_oklch(color)[0]
        front = canvas.fade((0, foot - high), (0, foot), Stop(0, color), Stop(1, tone(color, max(0.14, low - 0.08))))
        top = mix(color, "#ffffff", 0.45)
        grow = wide * 0.04
        canvas.add(
            polygon(
                [
                    (x + depth * 0.5, foot - high - depth),
                    (x + wide - depth * 0.5, foot - high - depth),
                    (x + wide, foot - high),
                    (x, foot - high),
                ]
            ),
            top,
        )
        canvas.panel(Box(x, foot - high, wide, high), front)
        edge = x + wide - grow if here.side > 0 else x
        canvas.panel(Box(edge, foot - high, grow, high), tone(color, max(0.14, low - 0.12)), opacity=0.55)
    size = wide * 0.17
    x = left + wide * (0.3 if heights[0] > heights[2] else 2.7)
    ball(canvas, (x, foot + wide * 0.2), size, here.accent, here.side)
    words(canvas, brief, here)


def niche(canvas: Canvas, brief: Brief) -> None:
    """An arched niche with light falling in from one side, and a low plinth in it."""
    here = room(canvas, 0.8)
    width, height = float(canvas.width), float(canvas.height)
    half = min(width * 0.34, height * 0.34)
    if brief.explicit and canvas.ratio <= SIDE_WORDS:
        half = min(half, (here.horizon - height * 0.3) / 1.95)
    cx = center_of(canvas, brief)
    foot, top = here.horizon, here.horizon - half * 1.95
    deep = tone(here.wall, to_oklch(here.wall)[0] - 0.16)
    inner = canvas.fade(
        (cx - half, 0),
        (cx + half, 0),
        *[Stop(s, mix(deep, here.bright, s if here.side > 0 else 1 - s)) for s in (0.0, 0.35, 0.7, 1.0)],
    )
    lay_floor(canvas, here)
    canvas.add(arch(cx, foot, half * 1.06, top - half * 0.06), mix(here.bright, "#ffffff", 0.4))
    outline = arch(cx, foot, half, top)
    canvas.add(outline, inner)
    with canvas.clipped(outline):
        # The near rim shades the niche on the side that light comes from.
        start = cx - here.side * half
        canvas.add(
            rectangle(canvas.box),
            across(canvas, tone(deep, 0.25), (start, 0), (start + here.side * half * 0.9, 0)),
            opacity=0.4,
        )
        floor = foot - half * 0.2
        canvas.add(
            rectangle(Box(cx - half, floor, half * 2, half)),
            canvas.fade((0, floor), (0, foot), Stop(0, mix(here.floor, deep, 0.4)), Stop(1, here.floor)),
        )
    radius = half * 0.62
    y = foot - half * 0.06
    shadow(canvas, (cx + here.side * radius * 0.3, y), (radius * 1.5, radius * 0.3), 0.42)
    drum(canvas, (cx, y), radius, half * 0.24, here.thing, here.side)
    caption_area = Box(width * 0.08, height * 0.04, width * 0.84, max(top - height * 0.07, height * 0.1))
    if canvas.ratio > SIDE_WORDS:
        words(canvas, brief, here)
    else:
        caption(canvas, brief, caption_area, (here.wall, here.shade, here.bright), title=0.08)


def window(canvas: Canvas, brief: Brief) -> None:
    """Late light through a window falls slanting across the wall and the plinth."""
    here = room(canvas, 0.72)
    width, height = float(canvas.width), float(canvas.height)
    lay_floor(canvas, here)
    light = mix(here.bright, "#fff3d6", 0.65)
    size = min(width, height) * 0.62
    if brief.explicit and canvas.ratio <= SIDE_WORDS:
        size = min(size, (here.horizon - height * 0.3) / 1.06)
    middle = center_of(canvas, brief)
    left = middle - size * 0.5 + here.side * size * 0.12
    _panes(canvas, here, Box(left, here.horizon - size * 1.06, size, size), light)
    radius = min(width * 0.27, height * 0.26)
    x, y = middle + here.side * radius * 0.1, here.horizon + (height - here.horizon) * 0.5
    stretch = (x + here.side * radius * 0.8, y + radius * 0.04)
    shadow(canvas, stretch, (radius * 1.9, radius * 0.3), 0.45)
    drum(canvas, (x, y), radius, radius * 0.52, here.thing, here.side)
    small = radius * 0.5
    beside = x - here.side * radius * 1.28
    if small < beside < width - small:
        shadow(canvas, (beside + here.side * small * 0.5, y + radius * 0.16), (small * 1.5, small * 0.3), 0.4)
        drum(canvas, (beside, y + radius * 0.18), small, radius * 0.24, here.accent, here.side)
    words(canvas, brief, here)


def _panes(canvas: Canvas, here: Set, area: Box, light: str) -> None:
    """The window's panes as the low sun throws them on the wall: leaning away from it, and sinking to the right."""
    columns, rows = canvas.rng.choice(((2, 3), (2, 2), (3, 3)))
    lean, drop, bar = here.side * 0.34, 0.12, 0.035
    with canvas.clipped(rectangle(Box(0, 0, canvas.width, here.horizon))):
        for index in range(columns * rows):
            row, column = divmod(index, columns)
            left, top = column / columns, row / rows
            right, foot = left + 1 / columns - bar, top + 1 / rows - bar
            corners = ((left, top), (right, top), (right, foot), (left, foot))
            canvas.add(polygon([area.at(x + lean * y, y + drop * x) for x, y in corners]), light, opacity=0.78)


def podiums(canvas: Canvas, brief: Brief) -> None:
    """Round columns in a group before a large disc of light."""
    here = room(canvas, 0.76)
    lay_floor(canvas, here)
    width, height, rng = float(canvas.width), float(canvas.height), canvas.rng
    unit = min(width, height * (0.94 if brief.explicit and canvas.ratio <= SIDE_WORDS else 1.1))
    if brief.explicit and canvas.ratio <= SIDE_WORDS:
        unit = min(unit, (here.horizon - height * 0.3) / 0.6)
    middle = center_of(canvas, brief)
    center = (middle, here.horizon - unit * 0.26)
    canvas.add(circle(*center, unit * 0.34), mix(here.bright, "#ffffff", 0.5))
    fill = canvas.glow(
        (center[0] - here.side * unit * 0.1, center[1] - unit * 0.1), (unit * 0.5, unit * 0.5), *falloff("#ffffff", 0.7)
    )
    canvas.add(circle(*center, unit * 0.34), fill)
    base = here.horizon + (height - here.horizon) * 0.4
    lot = [
        (-0.3, 0.11, rng.uniform(0.24, 0.4), here.accent),
        (0.31, 0.12, rng.uniform(0.12, 0.22), mix(here.thing, here.wall, 0.5)),
        (0.0, 0.19, rng.uniform(0.14, 0.2), here.thing),
    ]
    if rng.random() < 0.5:
        lot = [(-x, r, t, c) for x, r, t, c in lot]
    for place, radius, tall, color in lot:
        x, y = middle + place * unit, base + (unit * 0.03 if place == 0.0 else 0.0)
        shadow(canvas, (x + here.side * radius * unit * 0.5, y), (radius * unit * 1.7, radius * unit * 0.36), 0.4)
        drum(canvas, (x, y), radius * unit, tall * unit, color, here.side)
    words(canvas, brief, here)
