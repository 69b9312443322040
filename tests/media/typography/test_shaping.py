"""Lines are as wide as FreeType says, in the order in which they are read, in a font that has every letter."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from pressroom.media.typography.fonts import FontFile, find_font
from pressroom.media.typography.shaping import can_draw, covering, outline, script_of, shape

FONT, BOLD = find_font("inter", 400), find_font("inter", 700)
LATIN = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,", min_size=1, max_size=20)


def measured(text: str, font: FontFile, size: int = 1000) -> float:
    """The advance as FreeType has it, without kerning between pairs: letter by letter."""
    opened = ImageFont.truetype(str(font.path), size, layout_engine=ImageFont.Layout.BASIC)
    return sum(opened.getlength(char) for char in text) / size


@settings(max_examples=50)
@given(LATIN)
def test_a_line_is_as_wide_as_its_letters_but_for_kerning(text: str) -> None:
    found = shape(text, FONT)

    assert found.advance == pytest.approx(measured(text, FONT), abs=0.06 * len(text))
    assert sum(len(run.text) for run in found.runs) == len(text)


@pytest.mark.parametrize("char", "AgÄ&5")
def test_one_letter_is_exactly_as_wide(char: str) -> None:
    assert shape(char, FONT).advance == pytest.approx(measured(char, FONT), abs=0.002)


def test_kerning_brings_letters_together() -> None:
    assert shape("AV", FONT).advance < shape("A", FONT).advance + shape("V", FONT).advance - 0.01


@given(LATIN.filter(lambda text: text.strip()))
def test_ink_is_where_letters_are(text: str) -> None:
    found = shape(text, FONT)

    assert found.left < found.right
    assert found.left > -0.2
    assert found.right < found.advance + 0.2
    assert -1.2 < -found.ascent < found.descent < 0.5
    assert [glyph.x for run in found.runs for glyph in run.glyphs] == sorted(
        glyph.x for run in found.runs for glyph in run.glyphs
    )


def test_capitals_stand_on_the_line_and_descenders_hang_below() -> None:
    assert shape("H", FONT).descent == pytest.approx(0, abs=0.02)
    assert shape("g", FONT).descent > 0.15
    assert shape("H", FONT).ascent > shape("x", FONT).ascent


@pytest.mark.parametrize("tracking", [0.05, 0.2])
def test_tracking_spaces_alphabets_out_and_leaves_joined_scripts_alone(tracking: float) -> None:
    wide, usual = shape("SHOES", FONT, tracking=tracking), shape("SHOES", FONT)
    joined, alone = shape("حذاء", FONT, True, tracking), shape("حذاء", FONT, True)

    assert wide.advance == pytest.approx(usual.advance + 5 * tracking, abs=1e-6)
    assert joined == alone


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("a", "Latn"),
        ("Ж", "Cyrl"),
        ("α", "Grek"),
        ("ح", "Arab"),
        ("ש", "Hebr"),
        ("日", "Hani"),
        ("か", "Hira"),
        ("한", "Hang"),
        ("5", "Zyyy"),
    ],
)
def test_scripts_are_unicodes(char: str, script: str) -> None:
    assert script_of(char) == script


@pytest.mark.parametrize("text", ["Größe", "Обувь", "Παπούτσια", "حذاء", "נעליים", "靴", "신발", "รองเท้า", "जूते"])
def test_every_script_has_a_font_that_draws_it(text: str) -> None:
    """No glyph is number 0, which is the box for what is missing."""
    found = shape(text, FONT)

    assert all(glyph.index != 0 for run in found.runs for glyph in run.glyphs)
    assert found.advance > 0


def test_runs_stand_from_left_to_right_and_are_read_from_right_to_left() -> None:
    """Latin inside Hebrew: seen from the left the last Hebrew word, the Latin one, the first Hebrew one."""
    found = shape("שלום ABC עולם", FONT, True)

    texts = [run.text.strip() for run in found.runs]
    assert texts.index("ABC") not in (0, len(texts) - 1)
    assert [run.x for run in found.runs] == sorted(run.x for run in found.runs)
    assert found.runs[-1].text.strip() == "שלום"


def test_arabic_letters_join() -> None:
    """Joined they have other glyphs than alone."""
    alone = {glyph.index for char in "حبر" for run in shape(char, FONT, True).runs for glyph in run.glyphs}
    joined = {glyph.index for run in shape("حبر", FONT, True).runs for glyph in run.glyphs}

    assert joined != alone


@pytest.mark.parametrize("cluster", ["🙂", "👩‍🚀", "🇩🇪", "✅"])
def test_emoji_are_drawn_in_colour(cluster: str) -> None:
    assert can_draw(cluster, FONT)
    assert [run.is_emoji for run in shape(cluster, FONT).runs] == [True]


def test_what_no_font_has_cannot_be_drawn() -> None:
    assert not can_draw("\U000e0fff", FONT)
    assert can_draw(" ", FONT)
    assert not can_draw("🇽🇽", FONT)


def test_one_missing_letter_moves_the_whole_text() -> None:
    assert covering("Shoes", FONT) == FONT
    assert covering("靴 shoes", FONT) == FONT  # not of an alphabet: a run of its own
    chosen = covering("Größe Обувь", BOLD)
    assert {run.font for run in shape("Größe", chosen).runs} == {run.font for run in shape("Обувь", chosen).runs}


@pytest.mark.parametrize("char", "oAg8")
def test_an_outline_is_closed_and_as_large_as_its_ink(char: str) -> None:
    line = shape(char, FONT)
    (glyph,) = line.runs[0].glyphs

    drawn = outline(line.runs[0].font, glyph.index)

    assert drawn[0][0] == "M"
    assert sum(name == "M" for name, _ in drawn) == sum(name == "Z" for name, _ in drawn)
    numbers = [values[-2:] for name, values in drawn if name != "Z"]
    assert min(y for _, y in numbers) == pytest.approx(-line.ascent, abs=0.03)
    assert max(x for x, _ in numbers) == pytest.approx(line.right, abs=0.05)


def test_an_empty_line_is_nothing() -> None:
    assert (shape("", FONT).runs, shape("", FONT).advance) == ((), 0)
    assert shape("   ", FONT).advance > 0
