"""SVG is rendered the same everywhere, and only plain drawings are rendered at all."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.typography.fonts import find_font, with_fallbacks
from pressroom.media.vector.render import rasterize_svg_file, render_svg

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def _svg(inner: str, attributes: str = 'width="40" height="20"') -> str:
    return f"<svg {NS} {attributes}>{inner}</svg>"


@pytest.mark.parametrize("size", [(40, 20), (333, 167), (64, 64), (7, 300)])
def test_the_picture_has_exactly_the_size_asked_for(size: tuple[int, int]) -> None:
    png = render_svg(_svg('<rect width="40" height="20" fill="#f00"/>'), *size, [])

    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        assert image.size == size
        assert image.convert("RGBA").getpixel((size[0] // 2, size[1] // 2)) == (255, 0, 0, 255)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    fonts = with_fallbacks([find_font("inter")])
    drawing = _svg('<text y="15" font-family="Inter">Ab</text>')

    assert render_svg(drawing, 40, 20, fonts) == render_svg(drawing, 40, 20, fonts)


def test_system_fonts_are_never_used() -> None:
    png = render_svg(_svg('<text y="15" font-family="DejaVu Sans">Ab</text>'), 40, 20, [])

    with Image.open(io.BytesIO(png)) as image:
        assert image.convert("RGBA").getchannel("A").getbbox() is None


def test_what_is_not_a_plain_drawing_is_not_rendered(tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(b"")

    with pytest.raises(Corrupt):
        render_svg(_svg(f'<image href="{tmp_path / "red.png"}" width="9" height="9"/>'), 40, 20, [])


def test_a_logo_is_rasterized_at_the_size_that_is_needed(tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text(_svg('<circle cx="10" cy="10" r="10" fill="#00f"/>'), encoding="utf-8")

    image = rasterize_svg_file(logo, MediaLimits(), longest_side=400)

    assert image.mode == "RGBA"
    assert image.size == (400, 200)
    assert image.getpixel((100, 100)) == (0, 0, 255, 255)
    assert image.getpixel((300, 100))[3] == 0  # type: ignore[index]


def test_text_in_a_font_that_is_not_there_is_set_in_one_of_its_kind(tmp_path: Path) -> None:
    def set_in(family: str) -> bytes:
        path = tmp_path / "words.svg"
        path.write_text(_svg(f'<text y="15" font-family="{family}">Ab</text>'), encoding="utf-8")
        return rasterize_svg_file(path, MediaLimits()).tobytes()

    assert set_in("Myriad Pro") == set_in("Inter") != set_in("Georgia") == set_in("Fraunces") != set_in("Courier New")


DEADLY = {
    "a pattern that ends the renderer": '<pattern id="p" width="10" height="10" patternUnits="userSpaceOnUse" '
    'patternTransform="scale(100000)"><rect width="9" height="9"/></pattern><rect width="400" height="400" fill="url(#p)"/>',
    "layers that fill the memory": '<g opacity=".5">' * 60 + '<rect width="9000" height="9000"/>' + "</g>" * 60,
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_drawing_that_takes_the_renderer_takes_no_more(tmp_path: Path, name: str) -> None:
    path = tmp_path / "logo.svg"
    path.write_text(_svg(DEADLY[name], 'width="9000" height="9000"'), encoding="utf-8")

    with pytest.raises(Corrupt, match=r"logo\.svg takes more memory or time"):
        rasterize_svg_file(path, MediaLimits())
