"""Style sheets hold for elements as browsers have it: each row was compared with Chromium's picture of it."""

from __future__ import annotations

import re

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.vector.reading import Drawing, read_svg

PLAIN = '<rect class="a b" id="i" width="60"/>'
ROWS = [
    (".a{fill:red !important} .a{fill:blue}", PLAIN, "red"),
    ("rect{fill:red!important} #i{fill:blue}", PLAIN, "red"),
    (".a{fill:red ! IMPORTANT} rect.a{fill:blue}", PLAIN, "red"),
    (".a{fill:blue !important} #i{fill:red !important}", PLAIN, "red"),
    (".a{fill:red !important;fill:blue}", PLAIN, "red"),
    (".a{fill:red !important}", '<rect class="a" style="fill:blue"/>', "red"),
    (".a{fill:blue !important}", '<rect class="a" style="fill:red !important"/>', "red"),
    ("", '<rect style="fill:red !important;fill:blue"/>', "red"),
    ("#i{fill:red} .a{fill:blue} rect{fill:green}", PLAIN, "red"),
    (".a{fill:red} rect{fill:blue}", PLAIN, "red"),
    (".a{fill:blue} .b{fill:red}", '<rect class="b a"/>', "red"),
    (".a.b{fill:red} .a{fill:blue} .b{fill:green}", PLAIN, "red"),
    ("#i{fill:blue}", '<rect id="i" style="fill:red"/>', "red"),
    (".a{fill:blue;fill:red}", PLAIN, "red"),
    (".a{fill:red} .a{fill:nonsense}", PLAIN, "red"),
    ("g rect.a{fill:blue} .a.b{fill:green} rect.a.b{fill:red}", f"<g>{PLAIN}</g>", "red"),
    (":is(#i){fill:red} .a{fill:blue}", PLAIN, "red"),
    (":where(#i){fill:blue} rect{fill:red}", PLAIN, "red"),
    ("</style><style>.a{fill:red}</style><style>", PLAIN, "red"),
    ("#i{fill:red}</style><style>.a{fill:blue}", PLAIN, "red"),
    ("@layer base{#i{fill:blue}} .a{fill:red}", PLAIN, "red"),
    (".a{fill:red} @layer base{#i{fill:blue}}", PLAIN, "red"),
    ("@layer one, two; @layer two{.a{fill:red}} @layer one{#i{fill:blue}}", PLAIN, "red"),
    ("@layer one{.a{fill:red !important}} #i{fill:blue !important}", PLAIN, "red"),
    ("g>rect{fill:red} g{fill:blue}", f"<g>{PLAIN}</g>", "red"),
    ("svg>rect{fill:blue} g rect{fill:red}", f"<g>{PLAIN}</g>", "red"),
    ("circle+rect{fill:red}", f"<circle/>{PLAIN}", "red"),
    ("circle~rect{fill:red}", f"<circle/><path/>{PLAIN}", "red"),
    ("circle+rect{fill:blue} *{fill:red}", f"<circle/><path/>{PLAIN}", "red"),
    ('[width="60"]{fill:red} rect{fill:blue}', PLAIN, "red"),
    ('[class~="b"]{fill:red}', PLAIN, "red"),
    ('[id^="la"][id$="er"][id*="ye"]{fill:red}', '<rect id="layer"/>', "red"),
    ('[id="LAYER" i]{fill:red}', '<rect id="layer"/>', "red"),
    ("rect:not(.z, #k){fill:red}", PLAIN, "red"),
    ("rect:not(.a){fill:blue} rect{fill:red}", PLAIN, "red"),
    ("rect:nth-child(2n+1){fill:red}", f"<circle/>{PLAIN}", "red"),
    ("rect:nth-of-type(odd){fill:red}", f"<circle/>{PLAIN}", "red"),
    ("rect:last-child{fill:red}", f"<circle/>{PLAIN}", "red"),
    ("rect:first-child{fill:blue} rect{fill:red}", f"<title>t</title>{PLAIN}", "red"),
    ("rect:only-of-type{fill:red}", f"<g><circle/>{PLAIN}</g>", "red"),
    ("rect:nth-last-child(-n+1){fill:red}", f"<g><circle/>{PLAIN}</g>", "red"),
    (":root rect{fill:red}", PLAIN, "red"),
    (r".a\:b{fill:red}", '<rect class="a:b"/>', "red"),
    ("svg|rect{fill:red}", PLAIN, "red"),
    (".A{fill:red}", PLAIN, None),
    ('</style><style type="text/less">.a{fill:blue}', PLAIN, None),
    ('</style><style media="print">.a{fill:blue}', PLAIN, None),
]


def read(css: str, inner: str) -> Drawing:
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><style>{css}</style>{inner}</svg>'
    return read_svg(text.encode(), MediaLimits())


@pytest.mark.parametrize(("css", "inner", "fill"), ROWS)
def test_a_rect_is_filled_by_the_declaration_that_holds(css: str, inner: str, fill: str | None) -> None:
    tag = re.search(r"<rect[^>]*>", read(css, inner).svg)
    assert tag is not None

    found = re.search(r"fill:([^;\"]+)", tag[0])

    assert (found[1] if found else None) == fill


def test_a_style_sheet_counts_wherever_it_stands() -> None:
    drawing = read("", f"{PLAIN}<g><style>rect{{fill:red}}</style></g>")

    assert 'style="fill:red"' in drawing.svg
    assert "<style" not in drawing.svg


def test_sizes_by_a_style_sheet_are_those_of_shapes_alone() -> None:
    svg = read("*{width:9px;r:4px;d:path('M0 0h9')}", "<rect/><circle/><path/><g/><mask/>").svg

    tags = dict.fromkeys(re.findall(r"<(?:rect|circle|path|g|mask)[^>]*>", svg))
    assert list(tags) == ['<rect width="9px">', '<circle r="4px">', '<path d="M0 0h9">', "<g>", "<mask>"]


def test_the_shorthand_of_a_font_resets_what_it_does_not_say() -> None:
    svg = read("text{font-weight:bold;font-style:italic} .t{font:10px serif}", '<text class="t">A</text>').svg

    assert "font-weight:normal" in svg
    assert "font-style:normal" in svg


def test_a_rule_that_would_be_compared_for_minutes_is_refused() -> None:
    with pytest.raises(Corrupt, match="comparisons") as refused:
        read("path ~ rect ~ rect ~ rect ~ rect{fill:red}", "<rect/>" * 200)

    assert "presentation attributes" in refused.value.hint


LONG = {
    "an attribute without an end": "[" + "é" * 20_000,
    "escapes without an end": "[" + "\\a" * 20_000,
    "a chain of siblings": "rect" + "~rect" * 3_000,
    "a number": f"rect:nth-child({'9' * 6_000})",
    "selectors within selectors": ":not(" * 500 + "rect" + ")" * 500,
}


@pytest.mark.parametrize("name", LONG)
def test_an_absurd_selector_takes_no_time(name: str) -> None:
    drawing = read(f"{LONG[name]}{{fill:red}} rect{{fill:blue}}", PLAIN)

    assert "not understood" in "".join(drawing.notes)
    assert 'style="fill:blue"' in drawing.svg
