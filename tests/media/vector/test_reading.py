"""Of an SVG the plain drawing is read, whatever program wrote it; nothing that runs, fetches or explodes passes."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.images import open_image
from pressroom.media.vector.reading import Drawing, read_svg
from pressroom.media.vector.render import check_svg, rasterize_svg_file, read_svg_file

NS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DTD = "-//W3C//DTD SVG 1.1//EN", "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"


def _svg(inner: str, attributes: str = 'width="40" height="20"') -> str:
    return f"<svg {NS} {attributes}>{inner}</svg>"


def _read(text: str) -> Drawing:
    return read_svg(text.encode(), MediaLimits())


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
    "HTML that runs": _svg("<foreignObject><p onclick='x()'/></foreignObject>"),
    "a picture from the web": _svg('<image href="https://example.org/a.png" width="9" height="9"/>'),
    "a picture from the disk": _svg('<image xlink:href="file:///etc/passwd" width="9" height="9"/>'),
    "a picture beside it": _svg('<image href="secret.png" width="9" height="9"/>'),
    "a javascript link": _svg('<a href="javascript:alert(1)"><path d="M0 0"/></a>'),
    "an SVG in a data URI that is used": _svg('<use href="data:image/svg+xml;base64,PHN2Zy8+"/>'),
    "a url in a style": _svg("<style>rect{fill:url(http://example.org/#a)}</style>"),
    "a url in an attribute": _svg('<rect fill="url(//example.org/a#b)" width="9" height="9"/>'),
    "an escaped style": _svg(r"<style>rect{fill:u\72l(x)}</style>"),
    "a DOCTYPE from elsewhere": f'<!DOCTYPE svg SYSTEM "http://example.org/a.dtd"><svg {NS}/>',
    "an entity declared nowhere": f'<!DOCTYPE svg PUBLIC "{DTD[0]}" "{DTD[1]}"><svg {NS}><text>&x;</text></svg>',
    "entities without end": f'<!DOCTYPE svg [<!ENTITY a "{"x" * 200}">]><svg {NS}><text>{"&a;" * 30_000}</text></svg>',
    "an external entity": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {NS}><text>&x;</text></svg>',
    "an exploding entity": f'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg {NS}><text>&b;</text></svg>',
    "a transformation": f'<?xml-stylesheet type="text/xsl" href="http://example.org/a.xsl"?><svg {NS}/>',
    "an animated link": _svg('<a><set attributeName="href" to="javascript:x"/></a>'),
    "deep nesting": _svg("<g>" * 100 + "</g>" * 100),
    "multiplying use": _svg(NESTED_USE + '<use href="#a8"/>'),
    "a use of itself": _svg('<g id="a"><use href="#a"/></g>'),
    "a pattern of itself": _svg('<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>'),
    "a long chain": _svg("".join(f'<g id="c{n}"><use href="#c{n + 1}"/></g>' for n in range(600))),
    "an endless blur": _svg('<filter id="f"><feGaussianBlur stdDeviation="1e9"/></filter>'),
    "endless turbulence": _svg('<filter id="f"><feTurbulence numOctaves="100000"/></filter>'),
    "a chain of filters": _svg("<filter id='f'>" + "<feGaussianBlur stdDeviation='9'/>" * 60 + "</filter>"),
    "a declared bomb": _svg("", 'width="50000" height="50000"'),
    "an embedded bomb": _svg(f'<image href="data:image/png;base64,{_png(50_000, 50_000)}"/>'),
    "a broken embedded picture": _svg('<image href="data:image/png;base64,AAAA"/>'),
    "a size that is no number": _svg("", 'width="NaN" height="9"'),
    "too many bytes": _svg("<!--" + "x" * 20_000_000 + "-->"),
    "a million attributes": _svg("<g>" + "<path " + " ".join(f'a{n}=""' for n in range(400_000)) + "/></g>"),
    "a million letters": _svg(f"<text>{'x' * 1_000_000}</text>"),
    "many embedded pictures": _svg(f'<image href="data:image/png;base64,{_png(9_000, 9_000)}"/>' * 3),
    "many rules for many elements": _svg("<style>" + "g{fill:url(#a)}" * 9_000 + "</style>" + "<g/>" * 9_000),
    "half a document": f"<svg {NS}><rect",
    "another document": "<html/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_refuses(name: str) -> None:
    with pytest.raises(Corrupt):
        check_svg(HOSTILE[name].encode())


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08\x00", "<svg/>".encode("utf-16-le"), b"\xff\xfe\x00", b""])
def test_it_refuses_bytes_that_are_no_xml(data: bytes) -> None:
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


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        (("60mm", "30mm"), (227, 113)),
        (("6cm", "30mm"), (227, 113)),
        (("2in", "1in"), (192, 96)),
        (("72pt", "6pc"), (96, 96)),
        (("101.6q", "203.2Q"), (96, 192)),
        (("2em", "2ex"), (32, 16)),
        (("10rem", "10ch"), (160, 80)),
        (("40PX", " 20 px "), (40, 20)),
    ],
)
def test_the_size_is_told_in_every_unit(size: tuple[str, str], pixels: tuple[int, int]) -> None:
    drawing = _read(_svg("", f'width="{size[0]}" height="{size[1]}"'))

    assert (drawing.width, drawing.height) == pixels


def test_units_that_the_renderer_lacks_are_told_in_pixels() -> None:
    drawing = _read(_svg('<rect x="50vw" width="10Q" height="1rem" style="stroke-width:40q"/>'))

    assert '<rect x="20" width="9.448819" height="16" style="stroke-width:37.795276">' in drawing.svg
    assert drawing.notes == ()


def test_a_length_that_is_none_is_noted() -> None:
    assert "calc" in _read(_svg('<rect width="calc(100% - 2px)" height="9"/>')).notes[0]


def test_what_css_gives_a_shape_becomes_its_attributes() -> None:
    assert '<rect width="9" height="8" style="fill:red">' in _read(
        _svg('<rect style="width:9px;height:8px;fill:red"/>')
    ).svg.replace("px", "")


def test_the_size_may_stand_in_the_style_of_the_root() -> None:
    drawing = _read(_svg("", 'style="width:2in; height: 1in" viewBox="0 0 2 1"'))

    assert (drawing.width, drawing.height) == (192, 96)


ILLUSTRATOR = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 16.0.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "{DTD[0]}" "{DTD[1]}" [
 <!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
 <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
 <!ENTITY ns_svg "http://www.w3.org/2000/svg">
 <!ENTITY ns_xlink "http://www.w3.org/1999/xlink">
 <!ENTITY st0 "fill:#00AA00;">
]>
<svg version="1.1" xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns="&ns_svg;" xmlns:xlink="&ns_xlink;" width="40px" height="20px"
 viewBox="0 0 40 20" enable-background="new 0 0 40 20" xml:space="preserve" i:viewOrigin="1 2">
<metadata><sfw xmlns="http://ns.adobe.com/SaveForWeb/1.0/"><slices></slices></sfw></metadata>
<switch><foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1"><i:pgfRef xlink:href="#adobe_pgf"/>
</foreignObject><g i:extraneous="self"><rect style="&st0;" width="40" height="20"/></g></switch>
<i:pgf id="adobe_pgf"><![CDATA[eJzsvWmTHEeSJfYL8B9yPoxIj+wC6YZP]]></i:pgf></svg>"""
INKSCAPE = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<svg width="40mm" height="20mm" viewBox="0 0 40 20" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
 xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:cc="http://creativecommons.org/ns#" xmlns="http://www.w3.org/2000/svg" inkscape:version="1.3" sodipodi:docname="a.svg">
<sodipodi:namedview pagecolor="#fff"/><defs><inkscape:path-effect effect="x"/></defs><metadata><rdf:RDF><cc:Work rdf:about="">
<cc:license rdf:resource="http://creativecommons.org/licenses/by/4.0/"/></cc:Work></rdf:RDF></metadata>
<g inkscape:label="Layer 1" inkscape:groupmode="layer"><rect style="fill:#0a0;-inkscape-stroke:none" width="40" height="20"
 sodipodi:nodetypes="cc"/></g></svg>"""
SKETCH = f"""<?xml version="1.0" encoding="UTF-8"?><svg {NS} width="40px" height="20px" version="1.1"
 xmlns:sketch="http://www.bohemiancoding.com/sketch/ns"><!-- Generator: Sketch --><title>Logo</title><desc>Created with
 Sketch.</desc><g sketch:type="MSPage" stroke="none"><rect sketch:type="MSShapeGroup" width="40" height="20" fill="#00AA00"/>
</g></svg>"""
FIGMA = f"""<svg {NS} width="40" height="20" fill="none"><g clip-path="url(#clip0_1_2)"><rect width="40" height="20"
 fill="#00AA00" style="mix-blend-mode:multiply"/></g><defs><clipPath id="clip0_1_2"><rect width="40" height="20" fill="white"/>
</clipPath></defs></svg>"""
CORELDRAW = f"""<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE svg PUBLIC "{DTD[0]}" "{DTD[1]}">
<svg {NS} xml:space="preserve" width="40mm" height="20mm" style="shape-rendering:geometricPrecision; fill-rule:evenodd"
 viewBox="0 0 4000 2000" xmlns:xodm="http://www.corel.com/coreldraw/odm/2003"><defs><style type="text/css"><![CDATA[
 @font-face {{ font-family:"Arial";src:url("#FontID0") format(svg)}} .fil0 {{fill:#00AA00}} ]]></style><font id="FontID0"
 horiz-adv-x="500"><font-face font-family="Arial"/><missing-glyph><path d="M0 0z"/></missing-glyph><glyph unicode="A"
 d="M0 0z"/></font></defs><g id="Layer_x0020_1"><metadata id="CorelCorpID_0Corel-Layer"/><rect class="fil0" width="4000"
 height="2000"/></g></svg>"""
GRAPHVIZ = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?><!DOCTYPE svg PUBLIC "{DTD[0]}" "{DTD[1]}">
<svg width="40pt" height="20pt" viewBox="0 0 40 20" {NS}><a xlink:href="https://example.org/" xlink:title="A"><polygon
 fill="#00aa00" points="0,0 40,0 40,20 0,20"/></a></svg>"""
DRAW_IO = f"""<!DOCTYPE svg PUBLIC "{DTD[0]}" "{DTD[1]}"><svg {NS} width="40px" height="20px" content="&lt;mxfile&gt;"
 style="background: light-dark(#fff, #000)"><rect width="40" height="20" fill="#00aa00" style="fill: light-dark(#00aa00, #fff);"/>
<switch><foreignObject style="overflow: visible"><div xmlns="http://www.w3.org/1999/xhtml">A</div></foreignObject><text>A</text>
</switch></svg>"""
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>' + _svg('<rect width="40" height="20" fill="#0a0"/><desc>é</desc>')
EDITORS = {
    "Illustrator": ILLUSTRATOR.encode(),
    "Inkscape": INKSCAPE.encode(),
    "Sketch": SKETCH.encode(),
    "Figma": FIGMA.encode(),
    "Graphviz": GRAPHVIZ.encode(),
    "draw.io": DRAW_IO.encode(),
    "an old editor that writes Latin-1": LATIN.encode("latin-1"),
    "a hand without namespaces": b'<svg width="40" height="20"><rect width="40" height="20" fill="#0a0"/></svg>',
    "a hand with a prefix": b'<s:svg xmlns:s="http://www.w3.org/2000/svg" width="40" height="20"><s:rect width="40" '
    b'height="20" fill="#0a0"/></s:svg>',
}


@pytest.mark.parametrize("editor", EDITORS)
def test_what_editors_write_around_a_drawing_is_left_out_without_a_word(tmp_path: Path, editor: str) -> None:
    path = tmp_path / "drawing.svg"
    path.write_bytes(EDITORS[editor])

    drawing, picture = read_svg_file(path, MediaLimits()), rasterize_svg_file(path, MediaLimits())

    assert picture.size == (drawing.width, drawing.height)
    assert picture.getpixel((drawing.width // 2, drawing.height // 3)) == (0, 170, 0, 255)
    assert drawing.notes == ()
    for word in ("metadata", "adobe", "inkscape", "sketch", "foreignObject", "https:", "mxfile", "<a href"):
        assert word not in drawing.svg


NOTED = {
    "a font that comes with it": (CORELDRAW, "the font 'Arial'"),
    "an imported style sheet": (_svg("<style>@import url(https://example.org/a.css);</style>"), "style sheet"),
    "a style sheet beside it": (f'<?xml-stylesheet type="text/css" href="a.css"?>{_svg("")}', "'a.css'"),
    "a font from the web": (
        _svg("<style>@font-face{font-family:Abc;src:url(https://a.b/c)}</style>"),
        "the font 'Abc'",
    ),
    "HTML": (_svg("<foreignObject><p>words</p></foreignObject>"), "<foreignObject> on line 1 is not drawn"),
    "flowing text": (_svg("<flowRoot><flowPara>words</flowPara></flowRoot>"), "<flowRoot> on line 1"),
    "a switch of HTML alone": (_svg("<switch><foreignObject/></switch>"), "<switch>"),
    "what is for others": (_svg('<rect systemLanguage="de, fr"/>'), "is for readers of 'de, fr': it is not drawn"),
    "what needs its program": (_svg('<rect requiredExtensions="http://example.org/x"/>'), "needs the program"),
    "a movement": (_svg('<rect><animate attributeName="x" values="0;9"/></rect>'), "it moves"),
    "a colour of tomorrow": (_svg('<rect fill="device-cmyk(0 1 1 0)"/>'), "colour 'device-cmyk"),
    "a custom property that is told nowhere": (_svg('<rect fill="var(--brand)"/>'), "'var(--brand)' is told nowhere"),
    "a selector of tomorrow": (_svg("<style>rect:has(a){fill:red}</style>"), "'rect:has(a)'"),
    "a size of the drawing by a style sheet": (_svg("<style>svg{width:9px}</style>"), "width given by a style sheet"),
    "a shape that clips": (_svg('<rect style="clip-path:inset(0 9px)"/>'), "clip-path: 'inset"),
    "a box to turn about": (_svg('<rect style="transform-box:fill-box"/>'), "transform-box"),
    "a rule for some screens": (_svg("<style>@media (min-width:9px){rect{fill:red}}</style>"), "@media (min-width"),
    "a font that is not there": (_svg('<text font-family="Myriad Pro">A</text>'), "'Myriad Pro'"),
    "italic letters of some scripts": (_svg('<text font-style="italic">שלום</text>'), "drawn upright"),
    "letters that no font has": (_svg("<text>\U00010920</text>"), "no font has the letters"),
    "Arabic beside Latin": (_svg("<text>Sale <tspan>تخفيضات</tspan></text>"), "mixes scripts"),
    "a mesh gradient": (_svg("<defs><meshgradient/></defs>"), "<meshgradient>"),
}


@pytest.mark.parametrize(
    "drawn",
    [
        '<rect width="40" height="20" fill="#0a0" systemLanguage="en"/>',
        '<rect width="40" height="20" fill="#0a0" systemLanguage="de, en-GB" requiredFeatures="http://www.w3.org/Graphics/SVG"/>',
        '<switch><rect systemLanguage="de"/><rect width="40" height="20" fill="#0a0" systemLanguage="en"/><rect/></switch>',
        '<switch><rect width="40" height="20" systemLanguage="de"/><rect width="40" height="20" fill="#0a0"/></switch>',
    ],
)
def test_what_is_drawn_for_readers_of_english_is_drawn(tmp_path: Path, drawn: str) -> None:
    (tmp_path / "drawing.svg").write_text(f'<svg {NS} width="40" height="20">{drawn}</svg>')

    picture = rasterize_svg_file(tmp_path / "drawing.svg", MediaLimits())

    assert picture.getpixel((20, 10)) == (0, 170, 0, 255)
    assert read_svg_file(tmp_path / "drawing.svg", MediaLimits()).notes == ()


@pytest.mark.parametrize(
    ("head", "drawn"),
    [
        ('font-size="8"', '<rect font-size="2" width="5rem" height="2.5rem" fill="#0a0"/>'),
        ('style="font-size:8px"', '<rect width="10ch" font-size="8" height="2.5em" fill="#0a0"/>'),
        (
            'xmlns:xlink="http://www.w3.org/1999/xlink"',
            (
                '<defs><rect id="b" width="40" height="20"/><rect id="a" width="40" height="20" fill="#0a0"/></defs>'
                '<use xlink:href="#b" href="#a"/>'
            ),
        ),
        (
            "",
            (
                '<clipPath id="c" systemLanguage="ru"><rect width="40" height="20"/></clipPath>'
                '<rect clip-path="url(#c)" width="60" height="60" fill="#0a0"/>'
            ),
        ),
    ],
)
def test_what_depends_on_something_else_is_drawn_as_in_browsers(tmp_path: Path, head: str, drawn: str) -> None:
    (tmp_path / "drawing.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {head} width="60" height="60">{drawn}</svg>'
    )

    picture = rasterize_svg_file(tmp_path / "drawing.svg", MediaLimits())

    assert [picture.getpixel(at) for at in ((1, 1), (38, 18))] == [(0, 170, 0, 255)] * 2
    assert [picture.getpixel(at)[3] for at in ((42, 1), (1, 22))] == [0, 0]  # type: ignore[index]


@pytest.mark.parametrize("name", NOTED)
def test_what_would_have_been_seen_is_noted(name: str) -> None:
    text, said = NOTED[name]

    drawing = _read(text)

    assert any(said in note for note in drawing.notes)
    assert "example.org" not in drawing.svg


GREENS = {
    "a custom property": '<style>:root{--brand:#0a0}.a{fill:var(--brand)}</style><rect class="a"',
    "one in an attribute with a fallback": '<rect fill="var(--none, #0a0)"',
    "the colours of a wide display": '<rect fill="#00aa00" style="fill:color(display-p3 0.2965 0.6571 0.1857)"',
    "a colour with slashes": '<rect fill="rgb(0 170 0 / 100%)"',
    "a hue in degrees": '<rect fill="hsl(120deg 100% 33.3%)"',
    "a value that is none before one that is": '<rect fill="#00aa00" style="fill:nonsense(1)"',
    "a rule in a rule": '<style>g{ .a{fill:#0a0} }</style><g><rect class="a"',
    "a rule for screens": '<style>@media screen{.a{fill:#0a0}}@media print{.a{fill:red}}</style><rect class="a"',
    "a rule in a layer": '<style>@layer x{.a{fill:#0a0}}</style><rect class="a"',
    "a selector beside one that is not understood": '<style>.a,rect:has(a){fill:#0a0}</style><rect class="a"',
    "an attribute of the editor's own": '<style>rect[data-role="a"]{fill:#0a0}</style><rect data-role="a"',
    "a turn": '<rect fill="#0a0" style="transform:rotate(0.5turn) translate(-40px,-20px)"',
}


@pytest.mark.parametrize("name", GREENS)
def test_what_style_sheets_say_today_is_drawn(tmp_path: Path, name: str) -> None:
    path = tmp_path / "drawing.svg"
    path.write_text(
        _svg(f'{GREENS[name]} width="40" height="20"/>{"</g>" * ("<g>" in GREENS[name])}', 'viewBox="0 0 40 20"')
    )

    green = rasterize_svg_file(path, MediaLimits()).getpixel((20, 10))

    assert max(abs(a - b) for a, b in zip(green, (0, 170, 0, 255), strict=True)) <= 2  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["svg{background:#0a0}", "#r{background-color:#0a0}"])
def test_the_ground_that_a_style_sheet_gives_is_drawn(tmp_path: Path, given: str) -> None:
    path = tmp_path / "drawing.svg"
    path.write_text(_svg(f"<style>{given}</style>", 'id="r" viewBox="0 0 40 20"'))

    assert rasterize_svg_file(path, MediaLimits()).getpixel((20, 10)) == (0, 170, 0, 255)


def test_the_shorthand_of_a_font_is_read() -> None:
    svg = _read(_svg('<text style="font:italic bold 20px/1.2 serif">A</text>')).svg

    assert "font-style:italic;font-weight:bold;font-size:20px" in svg.replace(" ", "")


def test_notes_are_never_many() -> None:
    assert len(_read(_svg("".join(f"<thing{n}/>" for n in range(100)))).notes) < 10


@pytest.mark.parametrize(
    "encoding", ["UTF-16", "utf-32", "ISO-8859-1", "windows-1252", "Shift_JIS", "us-ascii", "no-such-thing", "base64"]
)
def test_a_wrong_declared_encoding_is_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{_svg("<desc>é</desc>")}'

    with pytest.raises(Corrupt, match=r"encoding|US-ASCII"):
        read_svg(text.encode(), MediaLimits())


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("declared", ['<?xml version="1.0" encoding="UTF-16"?>', ""])
def test_a_drawing_in_utf_16_is_known_and_read(tmp_path: Path, order: str, declared: str) -> None:
    """Illustrator offers it when it saves."""
    text = "\ufeff" + declared + _svg('<rect width="40" height="20" fill="#0a0"/><desc>é 标</desc>')
    path = tmp_path / "mark.svg"
    path.write_bytes(text.encode(f"utf-16-{order}"))

    image = open_image(path, MediaLimits())

    assert image.size == (40, 20)
    assert image.getpixel((20, 10)) == (0, 170, 0)


def test_a_drawing_in_broken_utf_16_is_refused() -> None:
    with pytest.raises(Corrupt, match="not UTF-16 at byte"):
        read_svg(b"\xff\xfe" + _svg("").encode("utf-16-le") + b"\x00\xd8", MediaLimits())
