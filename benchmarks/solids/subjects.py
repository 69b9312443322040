"""What the second painter shows: things, animals and people. Every family gives a solid about 2 high from a random generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.solids.mesh import Solid, Texture, block, hair, joined, revolved, ring, sheet, tube, turned

Rng = np.random.Generator


def paint(rng: Rng) -> Any:
    """A colour: saturated, muted, near white or near black."""
    kind, hue = rng.random(), rng.uniform(0, 6.283)
    wave = 0.5 + 0.5 * np.cos(hue + np.array([0, 2.094, 4.189]))
    if kind < 0.5:
        return 0.1 + 0.75 * wave * rng.uniform(0.5, 1.0)
    if kind < 0.75:
        return rng.uniform(0.25, 0.75) * (0.75 + 0.3 * wave)
    return (
        rng.uniform(0.8, 0.93) * (0.93 + 0.07 * wave) if kind < 0.88 else rng.uniform(0.06, 0.16) * (0.7 + 0.6 * wave)
    )


def pattern(rng: Rng) -> Texture | None:
    """Stripes, rings, dots, a grain, a label, or nothing."""
    kind, count, strength = rng.integers(0, 8), rng.integers(3, 12), rng.uniform(0.25, 0.6)
    other = np.clip(rng.normal(1, 0.3, 3), 0.4, 1.6)

    def texture(u: Any, v: Any) -> Any:
        if kind == 0:
            marks = np.sin(u * count * 6.283) > 0.2
        elif kind == 1:
            marks = np.sin(v * count * 6.283) > 0.3
        elif kind == 2:
            marks = np.sin(u * count * 12.57) * np.sin(v * count * 6.283) > 0.4
        elif kind == 3:
            marks = (v > 0.35) & (v < 0.62)
        else:
            grain = np.sin(37 * u + 9 * np.sin(11 * v)) * np.sin(53 * v + 7 * np.sin(17 * u))
            return (1 + (0.12 if kind == 4 else 0.0) * grain)[..., None] * np.ones(3)
        return np.where(marks[..., None], 1 - strength + 0.3 * (other - 1), 1.0)

    return texture


def lamp(rng: Rng) -> Solid:
    top, wide = rng.uniform(0.2, 0.45), rng.uniform(0.5, 0.75)
    shade = revolved([(top, 0.95), (wide, 0.25)], paint(rng), texture=pattern(rng))
    stem = tube(
        [(0, 0.3, 0), (rng.uniform(-0.1, 0.1), -0.3, 0), (0, -0.9, 0)], rng.uniform(0.02, 0.06), paint(rng), gloss=0.9
    )
    return joined(
        [stem, revolved([(0.0, -0.86), (rng.uniform(0.3, 0.5), -0.9), (0.4, -0.98), (0, -0.98)], paint(rng)), shade]
    )


def desk_lamp(rng: Rng) -> Solid:
    color = paint(rng)
    arm = [(-0.3, -0.9, 0), (-0.45, -0.1, 0), (0.25, 0.6, 0), (0.5, 0.5, 0)]
    head = turned(revolved([(0.05, 0.3), (0.16, 0.2), (0.34, -0.15)], color, gloss=0.7), roll=0.5, move=(0.6, 0.45, 0))
    return joined(
        [
            tube(arm, 0.03, paint(rng), gloss=0.8),
            head,
            revolved([(0, -0.85), (0.42, -0.9), (0.42, -0.97), (0, -0.98)], color),
        ]
    )


def brush(rng: Rng) -> Solid:
    handle = tube(
        [(0, -0.98, 0), (0, -0.5, 0), (0, 0.15, 0)], [0.04, 0.11, 0.07], paint(rng), gloss=0.7, texture=pattern(rng)
    )
    ferrule = revolved([(0.08, 0.1), (0.13, 0.2), (0.14, 0.42)], (0.75, 0.73, 0.68), gloss=1.0)
    tone, strands = np.asarray(paint(rng)), []
    for _ in range(420):
        a, r = rng.uniform(0, 6.283), 0.13 * np.sqrt(rng.random())
        x, z = r * np.cos(a), r * np.sin(a)
        end = (x * rng.uniform(1.2, 2.0), rng.uniform(0.8, 0.98), z * 1.5)
        strands.append(tube([(x, 0.4, z), end], 0.006, np.clip(tone * rng.uniform(0.7, 1.2), 0.02, 0.95), 4, 4))
    return joined([handle, ferrule, *strands])


def sunglasses(rng: Rng) -> Solid:
    frame, glass, gap = paint(rng), rng.uniform(0.05, 0.18, 3), rng.uniform(0.42, 0.48)
    high, rim, parts = rng.uniform(0.26, 0.4), rng.uniform(0.02, 0.05), []
    for side in (-1, 1):
        parts += [
            block((side * gap, 0, 0), (0.4, high, 0.02), glass, 0.6, gloss=0.9),
            ring((side * gap, 0, 0), (0.4, high), rim, frame, gloss=0.6),
        ]
        parts.append(tube([(side * 0.86, 0.1, 0), (side * 0.9, 0.1, -0.6), (side * 0.84, -0.1, -1.2)], 0.025, frame))
    return joined([*parts, tube([(-0.1, 0.1, 0.02), (0, 0.14, 0.05), (0.1, 0.1, 0.02)], rim, frame)])


def kettle(rng: Rng) -> Solid:
    color = paint(rng)
    body = revolved(
        [(0, 0.35), (0.3, 0.3), (0.62, -0.1), (0.68, -0.6), (0.5, -0.75), (0, -0.75)],
        color,
        gloss=0.8,
        texture=pattern(rng),
    )
    spout = tube([(0.55, -0.35, 0), (0.85, -0.1, 0), (0.98, 0.3, 0)], [0.14, 0.09, 0.06], color, gloss=0.8)
    handle = tube([(-0.5, 0.1, 0), (-0.45, 0.75, 0), (0.3, 0.85, 0), (0.45, 0.15, 0)], 0.06, paint(rng))
    return joined([body, spout, handle, block((0, 0.42, 0), (0.08, 0.08, 0.08), paint(rng), 1)])


def chair(rng: Rng) -> Solid:
    wood, seat, thick = paint(rng), paint(rng), rng.uniform(0.03, 0.06)
    parts = [block((0, -0.1, 0), (0.5, 0.05, 0.45), seat, texture=pattern(rng))]
    for x in (-0.44, 0.44):
        parts += [tube([(x, -0.1, z), (x * 1.12, -0.98, z * 1.15)], thick, wood) for z in (-0.4, 0.4)]
        parts.append(tube([(x, -0.1, -0.4), (x, 0.95, -0.5)], thick, wood))
    parts += [block((0, y, -0.47), (0.44, 0.07, 0.03), wood) for y in (0.35, 0.62, 0.88)]
    return joined(parts)


def toy_car(rng: Rng) -> Solid:
    color = paint(rng)
    parts = [
        block((0, -0.15, 0), (0.95, 0.22, 0.4), color, 0.3, gloss=0.8),
        block((-0.05, 0.2, 0), (0.5, 0.25, 0.34), color, 0.4, gloss=0.8),
    ]
    parts.append(block((-0.05, 0.22, 0.02), (0.42, 0.16, 0.35), (0.1, 0.12, 0.15), 0.3, gloss=1))
    for x in (-0.55, 0.55):
        wheel = joined(
            [
                block((0, 0, 0), (0.22, 0.22, 0.08), (0.07, 0.07, 0.08), 0.7),
                block((0, 0, 0.06), (0.1, 0.1, 0.04), (0.7, 0.7, 0.72), 1),
            ]
        )
        parts += [turned(wheel, move=(x, -0.36, z)) for z in (-0.36, 0.38)]
    return joined(parts)


def scissors(rng: Rng) -> Solid:
    color, parts, open_by = paint(rng), [], rng.uniform(0.12, 0.35)
    for side in (-1, 1):
        blade = sheet(
            [[(-0.05, 0, 0), (-0.05, 0.5, 0), (0, 1.0, 0)], [(0.07, 0, 0), (0.07, 0.5, 0), (0.01, 1.0, 0)]],
            (0.72, 0.73, 0.76),
            1.0,
        )
        shank = tube([(0, 0.05, 0), (side * -0.05, -0.3, 0)], 0.05, color)
        loop = ring((side * -0.16, -0.62, 0), (0.2, 0.3), 0.06, color)
        parts.append(turned(joined([blade, shank, loop]), roll=side * open_by, move=(0, 0, side * 0.03)))
    return joined(parts)


def cactus(rng: Rng) -> Solid:
    green = np.array([0.2, 0.42, 0.22]) * rng.uniform(0.8, 1.4)

    def ribs(u: Any, v: Any) -> Any:
        return (1 + 0.25 * np.sign(np.sin(u * 75)))[..., None] * np.ones(3)

    parts = [tube([(0, -0.4, 0), (0, 0.2, 0), (0, 0.9, 0)], [0.24, 0.26, 0.12], green, texture=ribs)]
    for side in (-1, 1):
        y = rng.uniform(-0.1, 0.3)
        parts.append(
            tube([(0, y, 0), (side * 0.45, y, 0), (side * 0.5, y + 0.5, 0)], [0.11, 0.12, 0.08], green, texture=ribs)
        )
    spines = hair(joined(parts), 0.09, 500, rng, 0.003)
    pot = revolved(
        [(0.3, -0.98), (0.42, -0.4), (0.47, -0.38), (0.47, -0.3), (0, -0.34)], paint(rng), texture=pattern(rng)
    )
    return joined([*parts, spines, pot])


def guitar(rng: Rng) -> Solid:
    wood = np.array([0.65, 0.38, 0.16]) * rng.uniform(0.5, 1.3)
    parts = [
        block((0, -0.62, 0), (0.4, 0.36, 0.1), wood, 0.8, gloss=0.8),
        block((0, -0.2, 0), (0.3, 0.26, 0.1), wood, 0.8, gloss=0.8),
    ]
    parts += [
        block((0, -0.38, 0.1), (0.11, 0.11, 0.02), (0.08, 0.06, 0.05), 1),
        block((0, -0.75, 0.11), (0.16, 0.025, 0.02), (0.12, 0.07, 0.04)),
    ]
    return joined(
        [
            *parts,
            block((0, 0.35, 0.06), (0.05, 0.45, 0.04), (0.2, 0.12, 0.08)),
            block((0, 0.88, 0.06), (0.08, 0.11, 0.03), wood),
        ]
    )


def cupcake(rng: Rng) -> Solid:
    def pleats(u: Any, v: Any) -> Any:
        return (1 + 0.2 * np.sign(np.sin(u * 160)))[..., None] * np.ones(3)

    parts, cream = [revolved([(0.4, -0.9), (0.6, -0.1)], paint(rng), texture=pleats)], paint(rng)
    turn = np.linspace(0, 6.283 * 3.5, 120)
    rise = np.linspace(0, 1, 120)
    path = np.stack([(1 - rise) * 0.45 * np.cos(turn), -0.1 + 0.75 * rise, (1 - rise) * 0.45 * np.sin(turn)], 1)
    parts.append(tube(path, np.linspace(0.24, 0.06, 120), cream, length=240))
    return joined([*parts, block((0, 0.78, 0), (0.13, 0.13, 0.13), paint(rng), 1, gloss=0.9)])


def flacon(rng: Rng) -> Solid:
    color, cap = paint(rng), paint(rng)
    body = block(
        (0, -0.3, 0), (rng.uniform(0.4, 0.65), 0.6, 0.3), color, rng.uniform(0.15, 0.6), gloss=0.9, texture=pattern(rng)
    )
    return joined(
        [
            body,
            block((0, 0.38, 0), (0.12, 0.12, 0.12), (0.8, 0.7, 0.4), 0.4, gloss=1),
            block((0, 0.72, 0), (0.22, 0.25, 0.2), cap, rng.uniform(0.2, 1), gloss=0.8),
        ]
    )


def candlestick(rng: Rng) -> Solid:
    metal = np.array([0.75, 0.6, 0.3]) if rng.random() < 0.5 else np.full(3, 0.6)
    parts = [revolved([(0.4, -0.98), (0.35, -0.9), (0.06, -0.8), (0.1, -0.4), (0.05, 0), (0.08, 0.3)], metal, gloss=1)]
    for x in (-0.55, 0, 0.55):
        arm = [(0, -0.2, 0), (x * 0.9, -0.25, 0), (x, 0.2, 0)]
        if x:
            parts.append(tube(arm, 0.035, metal, gloss=1))
        parts += [
            turned(revolved([(0.04, 0.18), (0.13, 0.28)], metal, gloss=1), move=(x, 0, 0)),
            block((x, 0.6, 0), (0.06, 0.34, 0.06), (0.93, 0.9, 0.82), 0.4),
        ]
    return joined(parts)


def watch(rng: Rng) -> Solid:
    strap, face = paint(rng), paint(rng)
    parts = [ring((0, 0, 0), (0.3, 0.85), 0.0, strap)]
    turn = np.linspace(0, 6.283, 60)
    band = np.stack([np.stack([np.full(60, x), 0.85 * np.sin(turn), 0.6 * np.cos(turn)], 1) for x in (-0.2, 0.0, 0.2)])
    parts = [
        sheet(band, strap, texture=pattern(rng)),
        block((0, 0, 0.62), (0.36, 0.36, 0.09), (0.7, 0.7, 0.72), 0.8, gloss=1),
    ]
    hands = [
        tube([(0, 0, 0.73), (0.2 * np.cos(a), 0.2 * np.sin(a), 0.73)], 0.02, (0.05, 0.05, 0.06)) for a in (1.2, 3.0)
    ]
    return joined([*parts, block((0, 0, 0.66), (0.29, 0.29, 0.06), face, 0.8, gloss=0.6), *hands])


def basket(rng: Rng) -> Solid:
    def weave(u: Any, v: Any) -> Any:
        return (1 + 0.35 * np.sin(u * 150) * np.sin(v * 50))[..., None] * np.ones(3)

    cane = np.array([0.7, 0.5, 0.28]) * rng.uniform(0.6, 1.3)
    parts = [
        revolved([(0.45, -0.8), (0.6, -0.3), (0.66, 0.0)], cane, texture=weave),
        tube([(-0.62, 0, 0), (-0.45, 0.7, 0), (0, 0.9, 0), (0.45, 0.7, 0), (0.62, 0, 0)], 0.05, cane),
    ]
    parts += [
        block((rng.uniform(-0.4, 0.4), 0.03, rng.uniform(-0.2, 0.3)), (0.18, 0.17, 0.18), paint(rng), 1)
        for _ in range(8)
    ]
    return joined(parts)


def animal(rng: Rng) -> Solid:
    """Head and chest of a furry animal with ears, eyes and a nose."""
    coat = np.asarray(paint(rng)) * 0.6 + np.array([0.5, 0.38, 0.26]) * rng.uniform(0.1, 0.9)
    stripes, ears = rng.uniform(0, 0.35), rng.uniform(0.25, 0.6)

    def fur(u: Any, v: Any) -> Any:
        return (1 + stripes * np.sin(v * 60 + 4 * np.sin(u * 20)) + 0.08 * np.sin(u * 300))[..., None] * np.ones(3)

    head = block((0, 0.35, 0.2), (0.5, 0.44, 0.42), coat, 1, texture=fur, gloss=0.05)
    chest = block((0, -0.6, -0.1), (0.62, 0.75, 0.5), coat * 0.95, 0.9, texture=fur, gloss=0.05)
    muzzle = block((0, 0.2, 0.6), (0.2, 0.15, 0.16), np.clip(coat * 1.3, 0, 0.95), 1, gloss=0.05)
    parts = [head, chest, muzzle, block((0, 0.28, 0.75), (0.07, 0.05, 0.04), (0.1, 0.06, 0.06), 1, gloss=0.9)]
    for side in (-1, 1):
        droop = rng.random() < 0.4
        end = (side * 0.7, 0.2, 0.2) if droop else (side * 0.42, 0.75 + ears, 0.1)
        parts.append(
            tube([(side * 0.3, 0.68, 0.1), (side * 0.42, 0.8, 0.12), end], [0.2, 0.15, 0.03], coat * 0.9, gloss=0.05)
        )
        parts.append(block((side * 0.2, 0.42, 0.57), (0.08, 0.07, 0.05), (0.35, 0.45, 0.15), 1, gloss=1))
        parts.append(block((side * 0.2, 0.42, 0.62), (0.035, 0.05, 0.03), (0.02, 0.02, 0.02), 1, gloss=1))
    return joined([*parts, hair(head, 0.09, 2500, rng), hair(chest, 0.11, 2500, rng)])


def bird(rng: Rng) -> Solid:
    coat, wing = paint(rng), paint(rng)
    parts = [
        block((0, -0.1, 0), (0.75, 0.4, 0.4), coat, 0.9, gloss=0.1),
        block((0.6, 0.4, 0), (0.28, 0.28, 0.26), coat, 1, gloss=0.1),
    ]
    parts += [
        tube([(0.82, 0.4, 0), (1.1, 0.33, 0)], [0.1, 0.01], (0.85, 0.6, 0.15)),
        block((0.72, 0.47, 0.2), (0.045,) * 3, (0.03,) * 3, 1, gloss=1),
    ]
    parts += [
        block((-0.1, -0.05, 0.34), (0.5, 0.26, 0.1), wing, 0.9, texture=pattern(rng)),
        tube([(-0.6, -0.1, 0), (-1.2, 0.0, 0)], [0.2, 0.1], wing),
    ]
    return joined(
        [*parts, *[tube([(x, -0.4, 0), (x + 0.05, -0.9, 0.05)], 0.025, (0.7, 0.45, 0.2)) for x in (-0.1, 0.15)]]
    )


def person(rng: Rng) -> Solid:
    """Head, hair, neck, shoulders and arms; the frame may cut below."""
    skin = np.array([0.85, 0.62, 0.5]) * rng.uniform(0.35, 1.05)
    locks, shirt = np.array([0.35, 0.22, 0.12]) * rng.uniform(0.15, 2.2), paint(rng)
    head = block((0, 0.55, 0.05), (0.3, 0.39, 0.32), skin, 1, gloss=0.1)
    mane = block((0, 0.68, -0.08), (0.37, rng.uniform(0.34, 0.6), 0.34), locks, 1, gloss=0.2)
    parts = [mane, head, tube([(0, 0.3, 0), (0, 0.0, 0)], 0.15, skin * 0.92), hair(mane, 0.12, 2500, rng)]
    parts.append(block((0, -0.75, 0), (0.62, 0.75, 0.3), shirt, 0.7, texture=pattern(rng), gloss=0.05))
    for side in (-1, 1):
        arm = [(side * 0.55, -0.2, 0), (side * 0.8, -0.7, 0.1), (side * rng.uniform(0.5, 0.9), -1.2, 0.25)]
        parts.append(tube(arm, [0.19, 0.16, 0.12], shirt, gloss=0.05))
        parts.append(block((side * 0.11, 0.6, 0.34), (0.05, 0.025, 0.03), (0.08, 0.06, 0.05), 1))
    mouth = block((0, 0.38, 0.33), (0.09, 0.025, 0.03), (0.55, 0.2, 0.2), 1)
    return joined([*parts, mouth, block((0, 0.5, 0.38), (0.045, 0.09, 0.05), skin, 1)])


FAMILIES: dict[str, Callable[[Rng], Solid]] = {
    made.__name__: made
    for made in (
        lamp, desk_lamp, brush, sunglasses, kettle, chair, toy_car, scissors, cactus, guitar, cupcake, flacon, candlestick,
        watch, basket, animal, bird, person,
    )
}  # fmt: skip
LIVING = ("animal", "person")  # they fill the frame, which cuts them off
