"""SVG is rendered the same everywhere, and only plain drawings are rendered at all."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from pressroom.domain.errors import Corrupt
from pressroom.media.typography.fonts import find_font, with_fallbacks
from pressroom.media.vector.render import check_svg, rasterize_svg_file, render_svg
from pressroom.settings import MediaLimits

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def _svg(inner: str, attributes: str = 'width="40" height="20"') -> str:
    return f"<svg {NS} {attributes}>{inner}</svg>"


def _png(width: int, height: int) -> str:
    """A PNG that declares a size and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    raw = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return base64.b64encode(raw).decode()


NESTED_USE = '<g id="a0"><path d="M0 0"/></g>' + "".join(
    f'<g id="a{n}">' + f'<use href="#a{n - 1}"/>' * 10 + "</g>" for n in range(1, 9)
)
HOSTILE = {
    "a script": _svg("<script>alert(1)</script>"),
    "a script under a prefix": '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>',
    "an event attribute": _svg('<rect width="9" height="9" onload="x()"/>'),
    "an event attribute on the root": _svg("", 'width="9" height="9" onLoad="x()"'),
    "HTML inside": _svg("<foreignObject><p/></foreignObject>"),
    "a picture from the web": _svg('<image href="https://example.org/a.png" width="9" height="9"/>'),
    "a picture from the disk": _svg('<image xlink:href="file:///etc/passwd" width="9" height="9"/>'),
    "a picture beside it": _svg('<image href="secret.png" width="9" height="9"/>'),
    "a javascript link": _svg('<a href="javascript:alert(1)"><path d="M0 0"/></a>'),
    "an SVG in a data URI": _svg('<image href="data:image/svg+xml;base64,PHN2Zy8+"/>'),
    "an imported stylesheet": _svg("<style>@import 'http://example.org/a.css';</style>"),
    "a url in a style": _svg("<style>rect{fill:url(http://example.org/#a)}</style>"),
    "a url in an attribute": _svg('<rect fill="url(//example.org/a#b)" width="9" height="9"/>'),
    "an escaped style": _svg(r"<style>rect{fill:u\72l(x)}</style>"),
    "a DOCTYPE": f"<!DOCTYPE svg><svg {NS}/>",
    "an external entity": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {NS}><text>&x;</text></svg>',
    "an exploding entity": f'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg {NS}><text>&b;</text></svg>',
    "a stylesheet instruction": f'<?xml-stylesheet href="http://example.org/a.css"?><svg {NS}/>',
    "an animated link": _svg('<a><set attributeName="href" to="javascript:x"/></a>'),
    "deep nesting": _svg("<g>" * 100 + "</g>" * 100),
    "multiplying use": _svg(NESTED_USE + '<use href="#a8"/>'),
    "a use of itself": _svg('<g id="a"><use href="#a"/></g>'),
    "a pattern of itself": _svg('<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>'),
    "a long chain": _svg("".join(f'<g id="c{n}"><use href="#c{n + 1}"/></g>' for n in range(600))),
    "an endless blur": _svg('<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter>'),
    "endless turbulence": _svg('<filter id="f"><feTurbulence numOctaves="100000"/></filter>'),
    "a declared bomb": _svg("", 'width="50000" height="50000"'),
    "an embedded bomb": _svg(f'<image href="data:image/png;base64,{_png(50_000, 50_000)}"/>'),
    "a broken embedded picture": _svg('<image href="data:image/png;base64,AAAA"/>'),
    "a size that is no number": _svg("", 'width="NaN" height="9"'),
    "too many bytes": _svg("<!--" + "x" * 5_000_000 + "-->"),
    "half a document": f"<svg {NS}><rect",
    "another document": "<html/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_refuses(name: str) -> None:
    with pytest.raises(Corrupt):
        check_svg(HOSTILE[name].encode())


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08\x00", "<svg/>".encode("utf-16"), b"\xff\xfe\x00", b""])
def test_it_refuses_bytes_that_are_not_utf8_xml(data: bytes) -> None:
    with pytest.raises(Corrupt):
        check_svg(data)


def test_a_refusal_says_what_and_where() -> None:
    with pytest.raises(Corrupt, match=r"line 3.*script"):
        check_svg(f"<svg {NS}>\n<g/>\n  <script/></svg>".encode())


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="40" height="20"', (40, 20)),
        ('width="40px" height="1in"', (40, 96)),
        ('viewBox="0 0 300 150"', (300, 150)),
        ('viewBox="0 0 300 150" width="600"', (600, 300)),
        ('viewBox="0 0 300 150" width="50%" height="100%"', (150, 150)),
        ("", (100, 100)),
    ],
)
def test_it_reads_the_declared_size(attributes: str, size: tuple[int, int]) -> None:
    assert check_svg(_svg("", attributes).encode()) == size


def test_an_ordinary_drawing_passes() -> None:
    inner = (
        '<style>.a{fill:url(#g)}.b{clip-path:url(#c)}</style><defs><linearGradient id="g"><stop class="a" offset="0"/>'
        '</linearGradient><clipPath id="c"><rect id="r" width="9" height="9"/></clipPath></defs>'
        '<g class="b"><use href="#r" class="a"/><use xlink:href="#r"/></g>'
    )

    assert check_svg(b"\xef\xbb\xbf" + f"<?xml version='1.0'?>{_svg(inner)}".encode()) == (40, 20)


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
