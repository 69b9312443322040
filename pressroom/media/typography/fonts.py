"""The fonts that ship with Pressroom, found by name, and users' font files, checked before anything draws with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Corrupt, Invalid, Problem
from pressroom.domain.suggest import nearest

DATA = Path(__file__).parent / "fonts_data"
DEFAULT_SANS = "Inter"
DEFAULT_SERIF = "Fraunces"
DEFAULT_MONO = "JetBrains Mono"

# Larger than any single-face font of Latin, Greek and Cyrillic; CJK faces reach about 20 MB.
MAX_FONT_BYTES = 32_000_000
FONT_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true")


@dataclass(frozen=True, slots=True)
class FontFile:
    """One face: `name` is what campaigns write, `family` what SVG calls it, `style` is a kind of letter, user or fallback.

    `scripts` (ISO 15924) are what a fallback face stands in for.
    """

    name: str
    family: str
    style: str
    weight: int
    path: Path
    licence: Path | None = None
    source: str = ""
    version: str = ""
    scripts: tuple[str, ...] = ()


def bundled_fonts() -> tuple[FontFile, ...]:
    """Every face that campaigns may name, in the order of the data file: the first of a style is that style's default."""
    return tuple(font for font in _shipped() if not font.scripts)


def fallback_fonts() -> tuple[FontFile, ...]:
    """The faces that stand in where a font lacks a script, signs or emoji; docs/make_fonts.py says how they were made."""
    return tuple(font for font in _shipped() if font.scripts)


def slanted_fonts() -> tuple[Path, ...]:
    """A copy of each face of Latin letters that stands in where a drawing wants them italic, under the same family."""
    return tuple(path for font in _shipped() if (path := DATA / "slanted" / font.path.name).exists())


@cache
def _shipped() -> tuple[FontFile, ...]:
    rows: list[dict[str, Any]] = json.loads((DATA / "fonts.json").read_text(encoding="utf-8"))
    return tuple(_face(row) for row in rows)


def _face(row: dict[str, Any]) -> FontFile:
    own = {key: value for key, value in row.items() if key not in ("file", "licence", "scripts")}
    scripts = tuple(row.get("scripts", ()))
    return FontFile(**own, path=DATA / row["file"], licence=DATA / row["licence"], scripts=scripts)


def font_names() -> tuple[str, ...]:
    """The names that campaigns may write for a bundled font."""
    return tuple(dict.fromkeys(font.name for font in bundled_fonts()))


def find_font(name: str, weight: int = 400) -> FontFile:
    """The face of a bundled font nearest to `weight`. `name` may be a style: sans, serif, condensed, mono.

    Raises Invalid naming the nearest match.
    """
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    fonts = bundled_fonts()
    named = [font for font in fonts if font.name == wanted]
    if not named:
        first = next((font for font in fonts if font.style == wanted), None)
        named = [font for font in fonts if first is not None and font.name == first.name]
    if not named:
        raise _unknown(name)
    return min(named, key=lambda font: (abs(font.weight - weight), -font.weight))


def _unknown(name: str) -> Invalid:
    names = font_names()
    near = nearest(name.lower(), names)
    hint = f"did you mean {near!r}?" if near else f"bundled are {', '.join(names)}; or give a .ttf or .otf file"
    return Invalid.of([Problem("font", f"font {name!r} is not bundled", hint=hint)])


def load_user_font(path: Path, weight: int = 400) -> FontFile:
    """A TrueType or OpenType file as a face; raises Corrupt when it is anything else."""
    from PIL import ImageFont

    size = path.stat().st_size
    if size > MAX_FONT_BYTES:
        raise Corrupt(f"{path.name} has {size} bytes, a font may have {MAX_FONT_BYTES}", hint="use a single-face font")
    with path.open("rb") as file:
        magic = file.read(4)
    if magic not in FONT_MAGIC:
        raise Corrupt(f"{path.name} is not a TrueType or OpenType font", hint="convert it to .ttf or .otf")
    try:
        font = ImageFont.truetype(path, 64, layout_engine=ImageFont.Layout.BASIC)
        family, _ = font.getname()
        drawn = font.getmask("Aa0").getbbox()
    except (OSError, ValueError, UnicodeDecodeError) as exc:
        raise Corrupt(f"{path.name} is a damaged font: {exc}", hint="export it again") from exc
    if not family or drawn is None:
        raise Corrupt(f"{path.name} is a font without a family name or letters", hint="use a text font")
    return FontFile(family, family, "user", weight, path)


@cache
def _bundled_families() -> dict[Path, str]:
    return {font.path: font.family for font in _shipped()}


def family_of(path: Path) -> str:
    """The family name that SVG text must use to be drawn with this file."""
    bundled = _bundled_families().get(path)
    return bundled if bundled is not None else load_user_font(path).family


def with_fallbacks(fonts: Sequence[FontFile]) -> list[Path]:
    """Files of `fonts` and then every one in the package, so that a letter missing in a brand font is still drawn."""
    return list(dict.fromkeys([*(font.path for font in fonts), *(font.path for font in _shipped())]))
