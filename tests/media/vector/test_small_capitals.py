"""Small capitals and italic letters of a drawing are drawn as browsers draw them where a font has neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.typography.fonts import bundled_fonts, slanted_fonts
from pressroom.media.vector.reading import read_svg
from pressroom.media.vector.render import rasterize_svg_file

NS = 'xmlns="http://www.w3.org/2000/svg"'
PLACE = 'x="10" y="80" font-size="60"'


def drawn(folder: Path, body: str) -> Image.Image:
    (folder / "drawing.svg").write_text(f'<svg {NS} width="420" height="120">{body}</svg>', encoding="utf-8")
    return rasterize_svg_file(folder / "drawing.svg", MediaLimits())


def ink(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.getchannel("A")) > 127


def lean(picture: Image.Image) -> float:
    """How far to the right ink goes for each pixel up, where one upright stroke is all there is."""
    rows = [np.flatnonzero(row).mean() for row in ink(picture) if row.any()]
    return float((rows[3] - rows[-4]) / (len(rows) - 7))


@pytest.mark.parametrize("style", ["italic", "oblique"])
@pytest.mark.parametrize("font", sorted({font.family for font in bundled_fonts()}))
def test_italic_letters_lean_by_a_quarter(tmp_path: Path, font: str, style: str) -> None:
    plain = drawn(tmp_path, f'<text {PLACE} font-family="{font}">|</text>')
    leaning = drawn(tmp_path, f'<text {PLACE} font-family="{font}" font-style="{style}">|</text>')

    assert lean(plain) == pytest.approx(0, abs=0.01)
    assert lean(leaning) == pytest.approx(0.25, abs=0.02)


def test_italic_letters_take_as_much_room_as_upright_ones(tmp_path: Path) -> None:
    after = '<tspan font-style="normal">|</tspan></text>'
    ends = [
        np.flatnonzero(ink(drawn(tmp_path, f'<text {PLACE} font-style="{style}">Jürgen {after}')).any(axis=0))[-1]
        for style in ("normal", "italic")
    ]

    assert ends[0] == ends[1]


@pytest.mark.parametrize("text", ["e\u0301", "\u00e9"])
def test_an_accent_stays_above_its_letter(tmp_path: Path, text: str) -> None:
    made = ink(drawn(tmp_path, f'<text {PLACE} font-style="italic">{text}</text>'))
    whole = ink(drawn(tmp_path, f'<text {PLACE} font-style="italic">\u00e9</text>'))

    assert (made != whole).mean() < 0.002


def test_every_face_of_latin_letters_has_a_slanted_one() -> None:
    assert {font.path.name for font in bundled_fonts()} <= {path.name for path in slanted_fonts()}


@pytest.mark.parametrize(
    "said",
    [
        'font-variant="small-caps"',
        'style="font-variant:small-caps"',
        'style="font-variant-caps:small-caps"',
        'class="a"',
    ],
)
def test_small_letters_become_smaller_capitals(tmp_path: Path, said: str) -> None:
    sheet = "<style>.a{font:small-caps 60px Inter}</style>"
    by_hand = f'<text {PLACE}>A<tspan font-size="42">BC</tspan> 1</text>'

    assert (ink(drawn(tmp_path, f"{sheet}<text {PLACE} {said}>Abc 1</text>")) == ink(drawn(tmp_path, by_hand))).all()


def test_they_are_inherited_until_somebody_says_otherwise(tmp_path: Path) -> None:
    whole = f'<g font-variant="small-caps"><text {PLACE}>Ab<tspan font-variant="normal">c</tspan></text></g>'
    by_hand = f'<text {PLACE}>A<tspan font-size="42">B</tspan>c</text>'

    assert (ink(drawn(tmp_path, whole)) == ink(drawn(tmp_path, by_hand))).all()


def test_capitals_may_be_small_as_well(tmp_path: Path) -> None:
    whole = f'<text {PLACE} font-variant="all-small-caps">Ab 1</text>'

    assert (ink(drawn(tmp_path, whole)) == ink(drawn(tmp_path, f"<text {PLACE.replace('60', '42')}>AB 1</text>"))).all()


def test_what_has_a_meaning_in_xml_is_written_as_such() -> None:
    found = read_svg(
        f'<svg {NS}><text font-variant="small-caps">a &lt; B &amp; &#x3c;c></text></svg>'.encode(), MediaLimits()
    )

    assert '<tspan font-size="0.7em">A</tspan> &lt; B &amp; &lt;<tspan font-size="0.7em">C</tspan>&gt;' in found.svg


def test_both_are_drawn_without_a_note() -> None:
    svg = f'<svg {NS}><text font-style="italic" font-variant="small-caps">Straße</text></svg>'

    assert read_svg(svg.encode(), MediaLimits()).notes == ()
