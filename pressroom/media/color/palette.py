"""Palettes that hold together, and the colourways in which one palette can be worn.

Colours are chosen in OKLCH (https://bottosson.github.io/posts/oklab/), where equal steps look equal. Hue distances are the
templates of D. Cohen-Or et al., "Color Harmonization", SIGGRAPH 2006 (https://doi.org/10.1145/1141911.1141933).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from pressroom.media.color.spaces import (
    AA_NORMAL,
    contrast,
    cusp,
    distance,
    from_oklch,
    luminance,
    mix,
    readable_on,
    to_oklch,
    tone,
)

# Hue distances of the second and third colour: analogous, split complementary, complementary, triad-like.
SCHEMES = ((32.0, 64.0), (150.0, 210.0), (28.0, 180.0), (118.0, -96.0), (-36.0, 168.0))
# Below this luminance a ground counts as dark: white letters are the more readable ones there.
DARK = 0.18
# Figures nearer than this to their ground, or to each other, look like mistakes.
APART_FROM_GROUND = 0.16
_FIGURES = 4  # colours of a way besides its ground
APART = 0.1


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role, all #rrggbb. `ink` is readable on `background` and on `surface`; `on_primary` on `primary`."""

    background: str
    surface: str
    primary: str
    secondary: str
    accent: str
    ink: str
    muted: str
    on_primary: str
    dark: bool


@dataclass(frozen=True, slots=True)
class Colorway:
    """A palette worn one way: a ground, four figures that stand out from it and from each other, and readable inks.

    `ink` and `muted` reach 4.5:1 on `ground`.
    """

    name: str
    ground: str
    ink: str
    muted: str
    figures: tuple[str, str, str, str]

    @property
    def dark(self) -> bool:
        return luminance(self.ground) < DARK


def make_palette(
    brand: Mapping[str, str],
    rng: random.Random,
    hue: float | None = None,
    dark: bool | None = None,
    chroma: float = 1.0,
) -> Palette:
    """A palette around the brand's colours; what the brand leaves open comes from `hue` or the generator.

    `chroma` scales how vivid the invented colours are.
    """
    base = to_oklch(brand["primary"])[2] if "primary" in brand else hue if hue is not None else rng.random() * 360
    scheme = rng.choice(SCHEMES)
    if dark is None:
        dark = rng.random() < 0.35
    if "background" in brand:
        dark = luminance(brand["background"]) < DARK
    primary = brand.get("primary") or _invented(0.62 if dark else 0.54, 0.3, 0.17 * chroma, base)
    secondary = brand.get("secondary") or _invented(0.74, 0.5, 0.115 * chroma, base + scheme[0])
    accent = brand.get("accent") or _invented(0.72, 0.5, 0.155 * chroma, base + scheme[1])
    tint = min(0.02, to_oklch(primary)[1] * 0.12) * chroma
    background = brand.get("background") or from_oklch(0.2 if dark else 0.97, tint * (1.8 if dark else 0.8), base)
    # Cards on a middling dark ground are darker still: lighter ones would leave no text colour that reads on both.
    surface = (
        mix(background, "#000000", 0.14)
        if dark and luminance(background) > 0.05
        else mix(background, "#ffffff", 0.08 if dark else 0.65)
    )
    text = brand.get("text") or from_oklch(0.97 if dark else 0.24, (0.01 if dark else 0.045) * chroma, base)
    ink = readable_on((background, surface), text)
    on_primary = "#ffffff" if contrast("#ffffff", primary) >= AA_NORMAL else readable_on(primary, background)
    muted = readable_on((background, surface), mix(ink, background, 0.36))
    return Palette(background, surface, primary, secondary, accent, ink, muted, on_primary, dark)


def _invented(lightness: float, lean: float, chroma: float, hue: float) -> str:
    """A colour whose lightness leans towards the one where its hue is purest: yellows stay light, blues may be deep."""
    hue %= 360
    purest = cusp(round(hue))
    # Yellows must follow much further than blues: at middling lightness they are mustard.
    lean = min(0.85, lean + max(0.0, purest - 0.72) * 2)
    return from_oklch(lightness + lean * (purest - lightness), chroma, hue)


def colorways(palette: Palette) -> tuple[Colorway, ...]:
    """Every way to wear the palette, the quiet ones first: paper, tint, bold, deep and accent."""
    primary, secondary, accent = palette.primary, palette.secondary, palette.accent
    # Darkened orange is brown and fights everything: warm colours deepen to charcoal instead.
    deep, pale = tone(primary, 0.26, 0.35 if 30 < to_oklch(primary)[2] < 115 else 0.6), tone(secondary, 0.93, 0.7)
    tint = tone(secondary if to_oklch(secondary)[1] > 0.03 else accent, 0.92, 0.45)
    return (
        _worn("paper", palette.background, (primary, accent, secondary, deep, pale), palette.ink),
        _worn("tint", tint, (primary, accent, deep, secondary, palette.background), deep),
        _worn("bold", primary, (accent, secondary, pale, deep), palette.on_primary),
        _worn("deep", deep, (accent, secondary, primary, pale), pale),
        _worn("accent", accent, (deep, primary, pale, secondary), deep),
    )


def _worn(name: str, ground: str, candidates: tuple[str, ...], ink: str) -> Colorway:
    """The candidates that stand out from the ground and each other, then tones of the first, then near-greys."""
    light = to_oklch(ground)[0] > 0.6
    steps = (0.3, 0.45, 0.62, 0.78) if light else (0.95, 0.8, 0.65, 0.42)
    hue = to_oklch(candidates[0])[2]
    greys = (from_oklch(0.03 + 0.12 * step, 0.015, hue) for step in range(9))
    chosen: list[str] = []
    for color in chain(candidates, (tone(candidates[0], step) for step in steps), greys):
        clear = distance(color, ground) >= APART_FROM_GROUND
        if clear and all(distance(color, other) >= APART for other in chosen):
            chosen.append(color)
            if len(chosen) == _FIGURES:
                break
    readable = readable_on(ground, ink)
    muted = readable_on(ground, mix(readable, ground, 0.26))
    return Colorway(name, ground, readable, muted, (chosen[0], chosen[1], chosen[2], chosen[3]))
