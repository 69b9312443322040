"""Render SVG with resvg, the same pixels on every machine, and refuse SVG that is not a plain drawing."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.confined import run_confined
from pressroom.media.typography.fonts import (
    DEFAULT_MONO,
    DEFAULT_SANS,
    DEFAULT_SERIF,
    bundled_fonts,
    fallback_fonts,
    family_of,
    slanted_fonts,
)
from pressroom.media.vector import worker
from pressroom.media.vector.budget import MAX_SVG_BYTES
from pressroom.media.vector.reading import Drawing, read_svg

if TYPE_CHECKING:
    from PIL.Image import Image

_DPI: Final = 96  # CSS: how many pixels an inch has; resvg-py counts inches as nothing where it is not told
# What a drawing of a stranger may take: the interpreter and the fonts, and some layers of the whole picture.
_BASE_BYTES, _BYTES_A_PIXEL = 600_000_000, 24
_BASE_SECONDS, _PIXELS_A_SECOND = 6, 10_000_000


def check_svg(data: bytes, limits: MediaLimits | None = None) -> tuple[int, int]:
    """The declared size in pixels of an SVG that is a plain drawing; raises Corrupt with what and where otherwise."""
    drawing = read_svg(data, limits or MediaLimits())
    return drawing.width, drawing.height


def read_svg_file(path: Path, limits: MediaLimits) -> Drawing:
    """The drawing in a file of the user's. Raises Corrupt for what is none."""
    size = path.stat().st_size
    if size > MAX_SVG_BYTES:
        raise Corrupt(f"{path.name} has {size} bytes, an SVG may have {MAX_SVG_BYTES}", hint="export a simpler drawing")
    return read_svg(path.read_bytes(), limits)


def render_svg(svg: str, width: int, height: int, font_files: Sequence[Path]) -> bytes:
    """PNG of exactly `width` x `height` pixels, of a drawing of ours; one of another ratio is centred on nothing.

    Text uses `font_files` and nothing else: never the system's fonts. Raises Corrupt when the SVG fails `check_svg`,
    Permanent when it cannot be rendered.
    """
    import resvg_py

    check_svg(svg.encode("utf-8"))
    try:
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, **_options(width, height, font_files)))
    except ValueError as exc:
        raise Permanent(f"the drawing cannot be rendered at {width} x {height}: {exc}", hint="check the SVG") from exc
    if _size_of(png) == (width, height):
        return png
    return _centred(png, width, height)


def rasterize_svg_file(path: Path, limits: MediaLimits, longest_side: int | None = None) -> Image:
    """A user's SVG file as RGBA pixels, at its own size or with its longer side at `longest_side`.

    Rendered in a process of its own. Raises Corrupt where that takes more memory or time than a drawing may.
    """
    from PIL import Image

    drawing = read_svg_file(path, limits)
    scale = longest_side / max(drawing.width, drawing.height) if longest_side else 1.0
    asked = max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale))
    with Image.open(io.BytesIO(_apart(path.name, drawing.svg, *asked))) as image:
        return image.convert("RGBA")


def _apart(name: str, svg: str, width: int, height: int) -> bytes:
    """The PNG, rendered by a process that may fall."""
    pixels = width * height
    seconds = _BASE_SECONDS + pixels // _PIXELS_A_SECOND
    files = [*(font.path for font in (*bundled_fonts(), *fallback_fonts())), *slanted_fonts()]
    memory_bytes = _BASE_BYTES + _BYTES_A_PIXEL * pixels
    asked = _options(width, height, files)
    try:
        done = run_confined(worker.__file__, asked, memory_bytes=memory_bytes, seconds=seconds, data=svg.encode())
    except subprocess.TimeoutExpired as exc:
        raise _too_much(name, width, height) from exc
    if done.returncode == 1 and done.stderr:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1][:200]
        raise Corrupt(f"{name} cannot be rendered at {width} x {height}: {said}", hint="export the drawing again")
    if done.returncode != 0:
        raise _too_much(name, width, height)
    return done.stdout


def _too_much(name: str, width: int, height: int) -> Corrupt:
    return Corrupt(
        f"{name} takes more memory or time than a drawing of {width} x {height} pixels may",
        hint="simplify its filters, patterns and masks, or export it as PNG",
    )


def _options(width: int, height: int, font_files: Sequence[Path]) -> dict[str, Any]:
    return {
        "width": width,
        "height": height,
        "dpi": _DPI,
        "skip_system_fonts": True,
        "font_files": [str(path) for path in font_files],
        "font_family": family_of(font_files[0]) if font_files else DEFAULT_SANS,
        "sans_serif_family": DEFAULT_SANS,
        "serif_family": DEFAULT_SERIF,
        "monospace_family": DEFAULT_MONO,
    }


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
