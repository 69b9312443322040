"""Draw the label of the sample bottle: cream paper, a fern, the name of a house that does not exist."""

from __future__ import annotations

import io
import math
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import resvg_py
from PIL import Image

FONTS = Path(__file__).parents[2] / "pressroom" / "media" / "fonts_data"
WIDTH, HEIGHT = 912, 1200
INK, GOLD, PAPER = "#1f3d2f", "#a8813f", "#f4ecdd"


@cache
def label_texture() -> npt.NDArray[np.float32]:
    """The label as linear light with its coverage, rows x columns x 4, values 0 to 1."""
    fonts = [str(path) for path in sorted(FONTS.glob("*.ttf"))]
    png = resvg_py.svg_to_bytes(svg_string=label_svg(), font_files=fonts, skip_system_fonts=True)
    pixels = np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA"), np.float32) / 255
    fibres = np.random.default_rng(7).normal(0, 0.008, pixels.shape[:2]).astype(np.float32)[..., None]
    linear = np.where(pixels[..., :3] <= 0.04045, pixels[..., :3] / 12.92, ((pixels[..., :3] + 0.055) / 1.055) ** 2.4)
    return np.concatenate([np.clip(linear + fibres, 0, 1), pixels[..., 3:]], axis=2).astype(np.float32)


def label_svg() -> str:
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">
<rect x="6" y="6" width="{WIDTH - 12}" height="{HEIGHT - 12}" rx="26" fill="{PAPER}"/>
<rect x="48" y="48" width="{WIDTH - 96}" height="{HEIGHT - 96}" rx="8" fill="none" stroke="{GOLD}" stroke-width="4"/>
{fern(WIDTH / 2, 452, 330)}
<g fill="{INK}" text-anchor="middle" font-family="Fraunces">
<text x="{WIDTH / 2}" y="640" font-size="128" letter-spacing="0">Varn &amp; Vale</text></g>
<rect x="{WIDTH / 2 - 60}" y="702" width="120" height="5" fill="{GOLD}"/>
<g fill="{INK}" text-anchor="middle" font-family="Inter">
<text x="{WIDTH / 2 + 10}" y="806" font-size="54" font-weight="600" letter-spacing="14">FOREST SERUM</text>
<text x="{WIDTH / 2 + 4}" y="884" font-size="40" letter-spacing="6">fern · moss · rosehip</text>
<text x="{WIDTH / 2 + 5}" y="1062" font-size="40" letter-spacing="10">50 ml · 1.7 fl oz</text></g>
</svg>"""


def fern(x: float, y: float, height: float) -> str:
    """A frond that grows up from (x, y): paired leaflets that shorten towards the tip."""
    leaves = []
    for index in range(11):
        t = index / 10
        base = y - height * (0.10 + 0.86 * t)
        length = height * (0.40 * math.sin(math.pi * (0.22 + 0.74 * t)) + 0.02)
        for side in (-1, 1):
            leaves.append(leaflet(x, base, length, side * (64 - 30 * t)))
    stem = f'<path d="M{x} {y} L{x} {y - height}" stroke="{INK}" stroke-width="6" stroke-linecap="round"/>'
    return f'<g fill="{INK}">{stem}{"".join(leaves)}</g>'


def leaflet(x: float, y: float, length: float, degrees: float) -> str:
    bulge = length * 0.105
    outline = f"M0 0 C{bulge} {-length * 0.3} {bulge} {-length * 0.7} 0 {-length} "
    outline += f"C{-bulge} {-length * 0.7} {-bulge} {-length * 0.3} 0 0Z"
    return f'<path transform="translate({x} {y:.1f}) rotate({degrees:.1f})" d="{outline}"/>'
