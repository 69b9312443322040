"""The fonts that ship with Pressroom are real, free, and found by name; users' fonts are checked."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from pressroom.domain.errors import Corrupt, Invalid
from pressroom.media.typography.fonts import (
    FontFile,
    bundled_fonts,
    fallback_fonts,
    find_font,
    font_names,
    load_user_font,
)
from pressroom.media.vector.render import render_svg

MOST_BYTES = 12_000_000
# One letter with its accent from each script and corner that the families promise.
LATIN = "AgŁżőßÅçñ€“—"


@pytest.mark.parametrize("font", [*bundled_fonts(), *fallback_fonts()], ids=lambda font: font.path.stem)
def test_a_bundled_font_opens_and_carries_its_name_and_licence(font: FontFile) -> None:
    opened = ImageFont.truetype(font.path, 40)

    assert opened.getname()[0] == font.family
    assert font.licence is not None
    assert "SIL Open Font License, Version 1.1" in " ".join(font.licence.read_text(encoding="utf-8").split())
    assert font.source.startswith("https://")
    assert font.version


@pytest.mark.parametrize("font", bundled_fonts(), ids=lambda font: font.path.stem)
def test_the_renderer_draws_with_each_font_itself(font: FontFile) -> None:
    """With every other font taken away the letters are still there, and the missing-letter box is not among them."""
    drawn = [_drawn(char, font) for char in LATIN]

    missing = _drawn("\u4e00", font)
    assert all(png != missing for png in drawn)


def _drawn(char: str, font: FontFile) -> bytes:
    text = f'<text x="8" y="46" font-size="40" font-family="{font.family}" font-weight="{font.weight}">{char}</text>'
    png = render_svg(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60">{text}</svg>', 60, 60, [font.path]
    )
    with Image.open(io.BytesIO(png)) as image:
        return image.tobytes()


def test_there_are_a_sans_a_serif_a_condensed_and_a_mono_in_two_weights_each() -> None:
    weights: dict[str, set[int]] = {}
    for font in bundled_fonts():
        weights.setdefault(font.style, set()).add(font.weight)

    assert {"sans", "serif", "condensed", "mono"} <= weights.keys()
    assert all(len(found) >= 2 for found in weights.values())
    assert {400, 600, 700} <= weights["sans"]


def test_all_of_them_are_small_enough_to_ship() -> None:
    assert sum(font.path.stat().st_size for font in (*bundled_fonts(), *fallback_fonts())) < MOST_BYTES


@pytest.mark.parametrize(
    "name", [*font_names(), "Space Grotesk", "JETBRAINS_MONO", "sans", "serif", "condensed", "mono"]
)
def test_a_font_is_found_by_name_and_by_style(name: str) -> None:
    assert find_font(name).path.is_file()


@pytest.mark.parametrize(("asked", "found"), [(400, 400), (500, 600), (650, 700), (900, 800)])
def test_the_nearest_weight_is_taken(asked: int, found: int) -> None:
    assert find_font("inter", asked).weight == found


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="'fraunces'"):
        find_font("fraunce")


def test_a_user_font_is_taken_under_its_own_family(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(find_font("oswald", 700).path.read_bytes())

    font = load_user_font(own, 700)

    assert (font.family, font.weight, font.path) == ("Oswald", 700, own)


@pytest.mark.parametrize("content", [b"", b"not a font at all", b"wOF2" + bytes(100), b"\x00\x01\x00\x00" + bytes(500)])
def test_what_is_not_a_font_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "font.ttf"
    file.write_bytes(content)

    with pytest.raises(Corrupt, match=r"font\.ttf"):
        load_user_font(file)


def test_half_a_font_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "half.ttf"
    file.write_bytes(find_font("inter").path.read_bytes()[:400])

    with pytest.raises(Corrupt):
        load_user_font(file)
