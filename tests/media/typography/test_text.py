"""Measured text is never narrower than drawn text, and never shortened."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pressroom.media.typography.fonts import FontFile, bundled_fonts, find_font, with_fallbacks
from pressroom.media.typography.text import TextBlock, clean_text, drawable, fit, measure, set_text, wrap
from pressroom.media.typography.typefaces import fonts_for
from pressroom.media.vector.render import render_svg

INTER = find_font("inter", 700)
SCRIPTS = [
    "مرحبا بالعالم 123 (abc)", "שלום עולם 12%", "日本語「テスト」", "简体中文，测试", "한국어", "Ciao 🎉👍🏽🇩🇪",
    "हिन्दी", "ภาษาไทย", "Tiếng Việt",
]  # fmt: skip
SENTENCE = "Summer starts here: new running shoes for every road"


def _ink(block: TextBlock) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what the renderer draws, from the point (100, 200)."""
    (line,) = block.drawn(100, "start", (200.0,))
    emoji = "".join(
        f'<text x="{one.x}" y="{one.y}" font-size="{one.size}" font-family="{one.family}">{one.text}</text>'
        for one in line.emoji
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="2400" height="300"><path d="{line.d or "M0 0"}"/>{emoji}</svg>'
    )
    with Image.open(io.BytesIO(render_svg(svg, 2400, 300, with_fallbacks([block.font])))) as image:
        box = image.convert("RGBA").getchannel("A").getbbox()
    assert box is not None
    return box[0] - 100, box[1] - 200, box[2] - 100, box[3] - 200


@pytest.mark.parametrize("font", bundled_fonts(), ids=lambda font: font.path.stem)
@pytest.mark.parametrize("text", ["AVAToWave Typography", "Łódź, Ångström — 48 €", "Ελληνικά и кириллица", SENTENCE])
def test_drawn_ink_is_what_was_measured(font: FontFile, text: str) -> None:
    block = set_text((text,), font, 64)

    assert _ink(block) == pytest.approx((0, -block.ascent, block.width, block.descent), abs=1.5)


@pytest.mark.parametrize("text", SCRIPTS)
def test_ink_is_what_was_measured_in_every_script(text: str) -> None:
    block = set_text((text,), INTER, 64)

    assert _ink(block) == pytest.approx((0, -block.ascent, block.width, block.descent), abs=2.5)


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


def test_a_compound_is_cut_at_its_hyphen_only_where_it_must_be() -> None:
    roomy = fit("Fern, moss and cold-pressed rosehip", INTER, (400, 300), (20, 36), max_lines=3)
    narrow = fit("Fern, moss and cold-pressed rosehip", INTER, (105, 300), (20, 20), max_lines=6)

    assert roomy is not None
    assert roomy.lines == ("Fern, moss and", "cold-pressed rosehip")
    assert narrow is not None
    assert any(line.endswith("cold-") for line in narrow.lines)


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
    shown, missing = drawable("Sale 🎉 jetzt 日本 𓀀 ok", INTER)

    assert shown == "Sale 🎉 jetzt 日本 ok"
    assert missing == "𓀀"


def test_a_flag_that_is_not_bundled_is_missing_not_a_question_mark() -> None:
    assert drawable("Go 🇩🇪🇹🇦", INTER) == ("Go 🇩🇪", "🇹🇦")


@pytest.mark.parametrize("lines", [("धीमी सुबह", "की कॉफ़ी"), ("ผู้ที่อยู่", "ที่นี่ปั่นน้ำ")])
def test_signs_of_two_lines_do_not_touch_where_a_script_stacks_them(lines: tuple[str, str]) -> None:
    block = set_text(lines, fonts_for(None, {}).heading, 100, leading=1.0)

    upper, lower = (set_text((line,), block.font, 100) for line in lines)
    assert block.line_height >= upper.descent + lower.ascent + 5
    assert set_text(("Made for", "mornings"), fonts_for(None, {}).heading, 100, leading=1.0).line_height == 100
