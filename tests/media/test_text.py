"""Measured text is never narrower than drawn text, and never shortened."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from PIL import Image

from pressroom.media.fonts import FontFile, bundled_fonts, find_font, with_fallbacks
from pressroom.media.svg import render_svg
from pressroom.media.text import clean_text, drawable, fit, measure, set_text, wrap

INTER = find_font("inter", 700)
SENTENCE = "Summer starts here: new running shoes for every road"


def _ink(text: str, font: FontFile, size: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the renderer draws, from the point (100, 200)."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="2400" height="300"><text x="100" y="200" font-size="{size}" '
        f'font-family="{font.family}" font-weight="{font.weight}">{escape(text)}</text></svg>'
    )
    with Image.open(io.BytesIO(render_svg(svg, 2400, 300, with_fallbacks([font])))) as image:
        box = image.convert("RGBA").getchannel("A").getbbox()
    assert box is not None
    return box[0] - 100, box[1] - 200, box[2] - 100, box[3] - 200


@pytest.mark.parametrize("font", bundled_fonts(), ids=lambda font: font.path.stem)
@pytest.mark.parametrize("text", ["AVAToWave Typography", "Łódź, Ångström — 48 €", "Ελληνικά и кириллица", SENTENCE])
def test_drawn_ink_stays_inside_what_was_measured(font: FontFile, text: str) -> None:
    block = set_text((text,), font, 64)

    left, top, right, bottom = _ink(text, font, 64)

    assert left >= -3
    assert right <= block.width + 3
    assert -top <= block.ascent + 2
    assert bottom <= block.descent + 2


def test_measuring_is_close_as_well_as_safe() -> None:
    assert measure(SENTENCE, INTER, 40) <= 1.06 * _ink(SENTENCE, INTER, 40)[2]


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(st.text("abcdefg MW.,é", min_size=1, max_size=12), min_size=1, max_size=12)
    .map(" ".join)
    .map(clean_text),
    width=st.integers(60, 900),
    height=st.integers(20, 600),
    lines=st.integers(1, 6),
)
def test_a_fitted_text_keeps_every_word_and_stays_in_its_box(text: str, width: int, height: int, lines: int) -> None:
    block = fit(text, INTER, (width, height), (8, 200), max_lines=lines)

    if block is not None:
        assert " ".join(block.lines) == text
        assert len(block.lines) <= lines
        assert block.width <= width
        assert block.height <= height


def test_the_largest_size_that_fits_is_found() -> None:
    block = fit(SENTENCE, INTER, (600, 200), (8, 200), max_lines=3)

    assert block is not None
    larger = block.size * 1.03
    lines = wrap(SENTENCE, INTER, larger, 600)
    assert lines is None or len(lines) > 3 or set_text(lines, INTER, larger).height > 200


def test_text_that_cannot_be_legible_is_reported_not_cut() -> None:
    assert fit(SENTENCE, INTER, (100, 30), (12, 40), max_lines=2) is None


def test_a_word_is_never_broken() -> None:
    assert wrap("Donaudampfschifffahrtsgesellschaft", INTER, 40, 200) is None


def test_lines_are_balanced_so_that_no_word_stands_alone() -> None:
    block = fit("One two three four five six", INTER, (430, 400), (40, 40), max_lines=3)

    assert block is not None
    widths = [measure(line, INTER, 40) for line in block.lines]
    assert min(widths) > 0.6 * max(widths)


def test_newlines_of_the_author_are_kept() -> None:
    block = fit("Slow\nmornings", INTER, (900, 400), (20, 60), max_lines=3)

    assert block is not None
    assert block.lines == ("Slow", "mornings")


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("a\x00b\x0bc\x1f", "abc"),
        ("a\ud800b\ufffe", "ab"),
        ("  two \t spaces ", "two spaces"),
        ("one\r\ntwo\n\n\nthree", "one\ntwo\nthree"),
        ("\u202eevil\u202c", "evil"),
        ("e\u0301", "é"),
    ],
)
def test_what_xml_forbids_is_stripped(given: str, cleaned: str) -> None:
    assert clean_text(given) == cleaned


def test_what_no_font_can_draw_is_named() -> None:
    shown, missing = drawable("Sale 🎉 jetzt 日本", INTER)

    assert shown == "Sale jetzt"
    assert missing == "🎉日本"
