"""What the third painter shows: things with holes, handles, thin legs and glaze. Each is about 2 high and stands at y = -1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.fields.shapes import Part, Points, ball, bent, can, gem, hoop, rod, slab, together, within, without

Rng = np.random.Generator


def tone(rng: Rng) -> Any:
    """A colour of glaze, leather, enamel or metal."""
    kind = rng.integers(0, 4)
    if kind == 0:
        return np.full(3, rng.uniform(0.55, 0.9)) + rng.normal(0, 0.02, 3)
    if kind == 1:
        return np.full(3, rng.uniform(0.04, 0.2)) + rng.normal(0, 0.015, 3)
    color = rng.uniform(0.05, 0.95, 3)
    return color if kind == 2 else 0.5 * color + 0.5 * color.mean()


def bands(rng: Rng) -> Callable[[Points], Any] | None:
    """A paper label, hoops of another colour, speckles, or nothing."""
    kind, low, high = rng.integers(0, 5), rng.uniform(-0.7, -0.3), rng.uniform(-0.1, 0.2)
    other = rng.uniform(0.4, 1.7, 3)

    def marks(points: Points) -> Any:
        if kind == 0:
            on = (points[:, 1] > low) & (points[:, 1] < high)
        elif kind == 1:
            on = np.sin(points[:, 1] * 18) > 0.5
        elif kind == 2:
            on = np.sin(points[:, 0] * 41) * np.sin(points[:, 1] * 37) * np.sin(points[:, 2] * 43) > 0.35
        else:
            return np.ones((len(points), 1))
        return np.where(on[:, None], other, 1.0)

    return marks


def bottle(rng: Rng) -> list[Part]:
    wide, neck = rng.uniform(0.28, 0.45), rng.uniform(0.09, 0.15)
    shoulder = rng.uniform(0.0, 0.3)
    body = together(
        [can((0, (shoulder - 1) / 2, 0), wide, (shoulder + 1) / 2, 0.06),
         rod((0, shoulder - 0.1, 0), (0, 0.6, 0), wide - 0.04, neck), can((0, 0.6, 0), neck, 0.25)], 0.12
    )  # fmt: skip
    return [Part(body, tone(rng), 1.0, bands(rng)), Part(can((0, 0.9, 0), neck + 0.03, 0.09), tone(rng), 0.5)]


def mug(rng: Rng) -> list[Part]:
    wide, color = rng.uniform(0.5, 0.65), tone(rng)
    wall = without(can((0, -0.4, 0), wide, 0.6, 0.05), can((0, -0.2, 0), wide - 0.07, 0.62))
    handle = within(hoop((wide, -0.4, 0), 2, 0.3, 0.07, 1.2), slab((wide + 0.48, -0.4, 0), (0.5, 0.6, 0.3)))
    return [Part(wall, color, 0.9, bands(rng)), Part(handle, color, 0.9)]


def boot(rng: Rng) -> list[Part]:
    leather, high = tone(rng), rng.uniform(0.3, 0.9)
    upper = together(
        [rod((-0.4, -0.7, 0), (-0.4, high, 0), 0.3, 0.34), ball((0.15, -0.72, 0), (0.65, 0.24, 0.28)),
         ball((-0.3, -0.65, 0), (0.4, 0.35, 0.29))], 0.2
    )  # fmt: skip
    open_top = without(upper, rod((-0.4, high - 0.1, 0), (-0.4, high + 0.6, 0), 0.27))
    sole = together([slab((0.1, -0.95, 0), (0.68, 0.06, 0.27), 0.05), slab((-0.5, -0.93, 0), (0.22, 0.09, 0.26), 0.04)])
    laces = together(
        [
            rod((-0.1 + 0.07 * n, -0.2 - 0.12 * n, -0.15), (-0.1 + 0.07 * n, -0.2 - 0.12 * n, 0.2), 0.03)
            for n in range(4)
        ]
    )
    return [Part(open_top, leather, 0.4, bands(rng)), Part(sole, tone(rng), 0.1), Part(laces, tone(rng), 0.1)]


def finger_ring(rng: Rng) -> list[Part]:
    metal = np.array([0.9, 0.72, 0.35]) if rng.random() < 0.5 else np.array([0.8, 0.8, 0.83])
    band = hoop((0, -0.3, 0), 2, 0.62, rng.uniform(0.05, 0.1))
    setting = together([rod((x, 0.3, z), (x * 1.5, 0.55, z * 1.5), 0.03) for x in (-0.1, 0.1) for z in (-0.1, 0.1)])
    return [Part(band, metal, 1.0), Part(setting, metal, 1.0), Part(gem((0, 0.55, 0), 0.28), tone(rng), 1.0)]


def stool(rng: Rng) -> list[Part]:
    wood, thin = tone(rng), rng.uniform(0.03, 0.06)
    feet = [(x, -1 + thin, z) for x in (-0.55, 0.55) for z in (-0.45, 0.45)]
    legs = [rod((x * 0.6, 0.45, z * 0.6), (x, y, z), thin) for x, y, z in feet]
    rungs = [rod((-0.46, -0.4, z), (0.46, -0.4, z), thin * 0.8) for z in (-0.36, 0.36)]
    seat = can((0, 0.5, 0), rng.uniform(0.5, 0.62), 0.07, 0.04)
    return [
        Part(together([*legs, *rungs]), wood, 0.4),
        Part(seat, tone(rng) if rng.random() < 0.5 else wood, 0.3, bands(rng)),
    ]


def padlock(rng: Rng) -> list[Part]:
    body = slab((0, -0.5, 0), (0.5, 0.5, 0.22), 0.1)
    shackle = together([within(hoop((0, 0.25, 0), 2, 0.33, 0.09), slab((0, 0.75, 0), (0.6, 0.5, 0.3))),
                        rod((-0.33, -0.1, 0), (-0.33, 0.25, 0), 0.09), rod((0.33, -0.1, 0), (0.33, 0.25, 0), 0.09)])  # fmt: skip
    hole = can((0, -0.5, 0.2), 0.07, 0.1)
    return [Part(without(body, hole), tone(rng), 0.8, bands(rng)), Part(shackle, np.array([0.7, 0.7, 0.73]), 1.0)]


def teapot(rng: Rng) -> list[Part]:
    glaze = tone(rng)
    body = ball((0, -0.4, 0), (0.62, 0.55, 0.62))
    spout = together(
        [rod((0.4, -0.5, 0), (0.8, -0.2, 0), 0.15, 0.09), rod((0.8, -0.2, 0), (0.98, 0.15, 0), 0.09, 0.06)], 0.05
    )
    handle = hoop((-0.66, -0.35, 0), 2, 0.3, 0.055, 1.15)
    lid = together([ball((0, 0.12, 0), (0.32, 0.1, 0.32)), ball((0, 0.28, 0), (0.09, 0.09, 0.09))], 0.05)
    foot = can((0, -0.95, 0), 0.35, 0.05)
    pot = together([body, spout, handle, foot], 0.08)
    return [Part(pot, glaze, 1.0, bands(rng)), Part(lid, glaze if rng.random() < 0.6 else tone(rng), 1.0)]


def hanger(rng: Rng) -> list[Part]:
    thin = rng.uniform(0.025, 0.05)
    frame = bent([(-0.95, -0.55, 0), (0, 0.1, 0), (0.95, -0.55, 0), (-0.95, -0.55, 0)], thin)
    hook = together([rod((0, 0.1, 0), (0, 0.35, 0), thin * 0.7),
                     within(hoop((0, 0.58, 0), 2, 0.22, thin * 0.7), slab((0.2, 0.62, 0), (0.45, 0.35, 0.2)))])  # fmt: skip
    return [Part(frame, tone(rng), 0.6), Part(hook, np.array([0.72, 0.72, 0.75]), 1.0)]


def dumbbell(rng: Rng) -> list[Part]:
    plates = together([ball((x, -0.6, 0), (0.22, 0.4, 0.4)) for x in (-0.7, 0.7)])
    return [
        Part(rod((-0.7, -0.6, 0), (0.7, -0.6, 0), 0.09), np.array([0.75, 0.75, 0.78]), 1.0),
        Part(plates, tone(rng), 0.3),
    ]


def goblet(rng: Rng) -> list[Part]:
    cup = without(ball((0, 0.4, 0), (0.45, 0.55, 0.45)), slab((0, 0.95, 0), (0.6, 0.3, 0.6)))
    stem = together(
        [rod((0, -0.1, 0), (0, -0.9, 0), rng.uniform(0.04, 0.08)), ball((0, -0.45, 0), (0.12, 0.1, 0.12))], 0.08
    )
    return [Part(together([cup, stem, can((0, -0.96, 0), 0.36, 0.04)], 0.06), tone(rng), 0.9, bands(rng))]


def tape(rng: Rng) -> list[Part]:
    def roll(at: Any, radius: float, color: Any) -> list[Part]:
        center = np.asarray(at, np.float32)

        def upright(points: Points) -> Any:
            turned = (points - center)[:, [0, 2, 1]]
            return without(can((0, 0, 0), radius, 0.25), can((0, 0, 0), radius * 0.62, 0.4))(turned)

        return [Part(upright, color, 0.5)]

    size = rng.uniform(0.6, 0.85)
    return roll((0, size - 1, 0), size, tone(rng))


def watering_can(rng: Rng) -> list[Part]:
    tin = tone(rng)
    spout = rod((0.35, -0.7, 0), (1.0, 0.25, 0), 0.1, 0.06)
    rose = rod((0.98, 0.22, 0), (1.08, 0.36, 0), 0.08, 0.17)
    handle = hoop((-0.5, -0.25, 0), 2, 0.42, 0.05)
    body = without(can((0, -0.5, 0), 0.5, 0.5, 0.04), can((0, 0.1, 0), 0.45, 0.3))
    return [Part(together([body, spout, handle], 0.04), tin, 0.7, bands(rng)), Part(rose, tone(rng), 0.7)]


def easel(rng: Rng) -> list[Part]:
    thin, wood = rng.uniform(0.03, 0.055), tone(rng)
    legs = together([rod((-0.08, 0.95, 0), (-0.6, -0.97, 0.1), thin), rod((0.08, 0.95, 0), (0.6, -0.97, 0.1), thin),
                     rod((0, 0.9, 0), (0.05, -0.97, -0.7), thin)])  # fmt: skip
    canvas = slab((0, 0.15, 0.14), (rng.uniform(0.4, 0.6), 0.45, 0.03), 0.01)
    return [
        Part(legs, wood, 0.3),
        Part(canvas, tone(rng), 0.05, bands(rng)),
        Part(rod((-0.5, -0.36, 0.16), (0.5, -0.36, 0.16), 0.05), wood),
    ]


FAMILIES: dict[str, Callable[[Rng], list[Part]]] = {
    made.__name__: made
    for made in (
        bottle,
        mug,
        boot,
        finger_ring,
        stool,
        padlock,
        teapot,
        hanger,
        dumbbell,
        goblet,
        tape,
        watering_can,
        easel,
    )
}
