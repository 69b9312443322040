"""Render SVG with resvg, the same pixels on every machine, and refuse SVG that is not a plain drawing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.typography.fonts import DEFAULT_MONO, DEFAULT_SANS, DEFAULT_SERIF, bundled_fonts, family_of
from pressroom.media.vector.check import MAX_SVG_BYTES, inspect_svg
from pressroom.settings import MediaLimits

if TYPE_CHECKING:
    from PIL.Image import Image


def check_svg(data: bytes, limits: MediaLimits | None = None) -> tuple[int, int]:
    """The declared size in pixels of an SVG that is a plain drawing; raises Corrupt with what and where otherwise."""
    return inspect_svg(data, limits or MediaLimits())


def render_svg(svg: str, width: int, height: int, font_files: Sequence[Path]) -> bytes:
    """PNG of exactly `width` x `height` pixels. A drawing of another ratio is centred on transparent pixels.

    Text uses `font_files` and nothing else: never the system's fonts. Raises Corrupt when the SVG fails `check_svg`,
    Permanent when it cannot be rendered.
    """
    check_svg(svg.encode("utf-8"))
    png = _resvg(svg, width, height, font_files)
    if _size_of(png) == (width, height):
        return png
    return _centred(png, width, height)


def rasterize_svg_file(path: Path, limits: MediaLimits, longest_side: int | None = None) -> Image:
    """A checked SVG file (a logo) as RGBA pixels, at its own size or with its longer side at `longest_side`."""
    from PIL import Image

    size = path.stat().st_size
    if size > MAX_SVG_BYTES:
        raise Corrupt(f"{path.name} has {size} bytes, an SVG may have {MAX_SVG_BYTES}", hint="export a simpler drawing")
    data = path.read_bytes()
    width, height = check_svg(data, limits)
    scale = longest_side / max(width, height) if longest_side else 1.0
    asked = max(1, round(width * scale)), max(1, round(height * scale))
    files = [font.path for font in bundled_fonts()]
    with Image.open(io.BytesIO(_resvg(data.decode("utf-8-sig"), *asked, files))) as image:
        return image.convert("RGBA")


def _resvg(svg: str, width: int, height: int, font_files: Sequence[Path]) -> bytes:
    import resvg_py

    fallback = family_of(font_files[0]) if font_files else DEFAULT_SANS
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                width=width,
                height=height,
                skip_system_fonts=True,
                font_files=[str(path) for path in font_files],
                font_family=fallback,
                sans_serif_family=DEFAULT_SANS,
                serif_family=DEFAULT_SERIF,
                monospace_family=DEFAULT_MONO,
            )
        )
    except ValueError as exc:
        raise Permanent(f"the drawing cannot be rendered at {width} x {height}: {exc}", hint="check the SVG") from exc


def _size_of(png: bytes) -> tuple[int, int]:
    """Width and height from the header of a PNG (its IHDR chunk always comes first)."""
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _centred(png: bytes, width: int, height: int) -> bytes:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as drawn:
        sheet = Image.new("RGBA", (width, height))
        sheet.paste(drawn.convert("RGBA"), ((width - drawn.width) // 2, (height - drawn.height) // 2))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
