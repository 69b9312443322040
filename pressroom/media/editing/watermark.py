"""A mark of words or a logo on a picture: readable on any ground, never over the edge."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pressroom.domain.errors import Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.editing.geometry import ANCHORS, rotated
from pressroom.media.files.guards import check_file
from pressroom.media.files.images import open_image
from pressroom.media.typography.fonts import FontFile, with_fallbacks
from pressroom.media.vector.render import rasterize_svg_file, render_svg

Alpha = NDArray[np.float32]

_DRAFT_PIXELS = 64  # letter size at which a text is measured by drawing it
_WIDEST_LETTER = 1.6  # of its size, with room for stand-ins of other scripts
_ROOM = 2.2  # of the letter size: height of the sheet that one line is drawn on
_TALLEST = 0.5  # share of the picture's height that a mark may have
_HALO = 0.35  # strength of the soft contrary rim that keeps a mark visible on a ground of its own lightness
_HALO_REACH = 0.012  # of the mark's longer side
_LIGHT_GROUND = 0.36  # mean luma (0..1, gamma-encoded: half of OKLab's range) above which a dark mark reads better
_GAP = (0.5, 2.4, 0.6)  # of tiles: free room in a row as a share of its length, rows apart by its height and its length


@dataclass(frozen=True, slots=True)
class Layout:
    """Where and how: `size` is the mark's width as a share of the picture's, `margin` a share of its shorter side."""

    position: str
    size: float
    margin: float
    opacity: float
    angle: float


@dataclass(frozen=True, slots=True)
class Marked:
    """The finished picture, where marks of `size` begin (left, top), and the colour they were given, if any."""

    image: Image.Image
    places: tuple[tuple[int, int], ...]
    size: tuple[int, int]
    color: str | None


@dataclass(frozen=True, slots=True)
class _Stamp:
    color: Alpha
    alpha: Alpha
    rim: Alpha
    rim_color: float
    pad: int


def text_mark(text: str, font: FontFile, width: int) -> Image.Image:
    """One line as white RGBA pixels, cut to its ink, `width` pixels wide. Raises Permanent when nothing is drawn."""
    draft = _ink(_line(text, font, _DRAFT_PIXELS))
    if draft is None:
        raise Permanent(f"{text!r} has no letter that can be drawn", hint="use other words")
    return _ink(_line(text, font, _DRAFT_PIXELS * width / draft.width)) or draft


def logo_mark(path: Path, width: int, limits: MediaLimits) -> Image.Image:
    """A logo as RGBA, cut to its visible part, at least `width` pixels wide where it is a drawing."""
    if check_file(path, limits).name == "svg":
        logo = rasterize_svg_file(path, limits, longest_side=max(64, width * 2))
    else:
        logo = open_image(path, limits).convert("RGBA")
    found = _ink(logo)
    if found is None:
        raise Permanent(f"the logo {path.name} is entirely transparent", hint="give a logo that can be seen")
    return found


def _line(text: str, font: FontFile, size: float) -> Image.Image:
    width, height = math.ceil((len(text) + 2) * size * _WIDEST_LETTER), math.ceil(size * _ROOM)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<text x="{width / 2:.1f}" y="{height * 0.62:.1f}" font-family={quoteattr(font.family)} '
        f'font-weight="{font.weight}" font-size="{size:.2f}" fill="#ffffff" text-anchor="middle">{escape(text)}</text></svg>'
    )
    with Image.open(io.BytesIO(render_svg(svg, width, height, with_fallbacks([font])))) as drawn:
        return drawn.convert("RGBA")


def _ink(image: Image.Image) -> Image.Image | None:
    box = image.getchannel("A").getbbox()
    return image.crop(box) if box else None


def marked(image: Image.Image, mark: Image.Image, layout: Layout, color: str | None, *, tint: bool) -> Marked:
    """The picture with the mark. `tint` colours the mark: with `color`, or light or dark, whatever its ground asks for."""
    mark = _sized(mark, image.size, layout)
    if layout.angle:
        mark = rotated(mark, layout.angle, "expand", None)
    margin = round(layout.margin * min(image.size))
    if layout.position == "tiled":
        places = _lattice(mark.size, image.size, layout.angle)
        ground = image
    else:
        mark = _inside(mark, [side - 2 * margin for side in image.size])
        x, y = ANCHORS[layout.position]
        left = margin + round(x * (image.width - 2 * margin - mark.width))
        top = margin + round(y * (image.height - 2 * margin - mark.height))
        places = [(left, top)]
        ground = image.crop((left, top, left + mark.width, top + mark.height))
    if tint:
        color = color or _reading_color(ground)
        mark = _tinted(mark, color)
    stamp = _stamp(mark)
    finished = image.copy()
    for left, top in places:
        _press(finished, stamp, left - stamp.pad, top - stamp.pad, layout.opacity)
    return Marked(finished, tuple(places), mark.size, color if tint else None)


def _sized(mark: Image.Image, size: tuple[int, int], layout: Layout) -> Image.Image:
    free = [side - 2 * layout.margin * min(size) for side in size]
    width = min(layout.size * size[0], free[0])
    scale = min(width / mark.width, min(free[1], _TALLEST * size[1]) / mark.height)
    wanted = max(1, round(mark.width * scale)), max(1, round(mark.height * scale))
    if min(free) < 1 or max(wanted) < 4:
        raise Permanent(
            f"a mark of {wanted[0]} x {wanted[1]} pixels cannot be seen on {size[0]} x {size[1]} pixels",
            hint="raise size or lower margin",
        )
    return mark.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=3)


def _inside(mark: Image.Image, free: list[int]) -> Image.Image:
    scale = min(room / side for room, side in zip(free, mark.size, strict=True))
    if scale >= 1:
        return mark
    return mark.resize((max(1, int(mark.width * scale)), max(1, int(mark.height * scale))), Image.Resampling.LANCZOS)


def _lattice(mark: tuple[int, int], size: tuple[int, int], angle: float) -> list[tuple[int, int]]:
    """Left top corners of marks that cover the picture in rows along `angle`, every other row shifted by half."""
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    # The mark's own sides before it was turned are not known any more; its box is what must not overlap along a row.
    long, short = max(mark), min(mark)
    across, down = long * (1 + _GAP[0]), max(short * _GAP[1], long * _GAP[2])
    reach = math.hypot(*size) / 2
    places = []
    for row in range(-math.ceil(reach / down) - 1, math.ceil(reach / down) + 2):
        for column in range(-math.ceil(reach / across) - 1, math.ceil(reach / across) + 2):
            u, v = (column + (row % 2) / 2) * across, row * down
            x, y = size[0] / 2 + u * cosine - v * sine, size[1] / 2 + u * sine + v * cosine
            left, top = round(x - mark[0] / 2), round(y - mark[1] / 2)
            if -mark[0] < left < size[0] and -mark[1] < top < size[1]:
                places.append((left, top))
    return places


def _reading_color(ground: Image.Image) -> str:
    grey = ground.convert("RGBA").convert("L")
    weight = ground.getchannel("A") if ground.mode == "RGBA" else None
    mean = np.average(np.asarray(grey), weights=None if weight is None else np.asarray(weight).astype(float) + 1e-6)
    return "#14161a" if mean / 255 > _LIGHT_GROUND + 0.3 else "#ffffff"


def _tinted(mark: Image.Image, color: str) -> Image.Image:
    flat = Image.new("RGBA", mark.size, color)
    flat.putalpha(mark.getchannel("A"))
    return flat


def _stamp(mark: Image.Image) -> _Stamp:
    """The mark's colours and alpha with room for its rim, a soft contrary veil outside of it."""
    reach = max(1.0, _HALO_REACH * max(mark.size))
    pad = math.ceil(reach * 3)
    wide = Image.new("RGBA", (mark.width + 2 * pad, mark.height + 2 * pad))
    wide.paste(mark, (pad, pad))
    pixels = np.asarray(np.asarray(wide) / 255, dtype=np.float32)
    color, alpha = pixels[..., :3], pixels[..., 3:]
    rim = np.asarray(cv2.GaussianBlur(alpha, (0, 0), reach), dtype=np.float32).reshape(alpha.shape) * (1 - alpha)
    light = float((color.mean(axis=2, keepdims=True) * alpha).sum() / max(1e-6, float(alpha.sum())))
    return _Stamp(color, alpha, rim, float(light < 0.5), pad)


def _press(image: Image.Image, stamp: _Stamp, left: int, top: int, opacity: float) -> None:
    """Lay the stamp over what of it lies on the picture; alpha stays, so a cut-out is marked only where it is there."""
    height, width = stamp.alpha.shape[:2]
    area = max(0, left), max(0, top), min(image.width, left + width), min(image.height, top + height)
    if area[0] >= area[2] or area[1] >= area[3]:
        return
    inner = slice(area[1] - top, area[3] - top), slice(area[0] - left, area[2] - left)
    under = np.asarray(image.crop(area)).astype(np.float32) / 255
    seen = under[..., :3]
    seen += (stamp.rim_color - seen) * stamp.rim[inner] * (_HALO * opacity)
    seen += (stamp.color[inner] - seen) * stamp.alpha[inner] * opacity
    image.paste(Image.fromarray(np.rint(under * 255).astype(np.uint8), image.mode), area[:2])
