"""Text breaks where readers of its script expect it, and never inside a character."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.media.typography.breaks import graphemes, pieces
from pressroom.media.typography.fonts import find_font
from pressroom.media.typography.text import fit, wrap

INTER = find_font("inter", 700)


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("ready-made for you", ["ready-", "made", "for", "you"]),
        ("-20 % off", ["-20 %", "off"]),
        ("日本「東京」、京", ["日本", "「東京」、", "京"]),
        ("全新秋季系列现已上市", ["全新", "秋季", "系列", "现已", "上市"]),
        ("新品发布会在上海", ["新品", "发布会", "在", "上海"]),
        ("歡迎光臨新店開幕", ["歡迎", "光臨", "新店", "開幕"]),
        ("仅99元6月18日截止", ["仅", "99元", "6月18日", "截止"]),
        ("ลดราคาครึ่งปี", ["ลด", "ราคา", "ครึ่ง", "ปี"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("Nord\u00adsee", ["Nord", "see"]),
        ("48\u00a0€ nur", ["48\u00a0€", "nur"]),
    ],
)
def test_what_stays_together(paragraph: str, expected: list[str]) -> None:
    assert [piece for piece, _ in pieces(paragraph)] == expected


def test_phrases_of_japanese_stay_together() -> None:
    assert "8月31日までです" in [piece for piece, _ in pieces("セールは8月31日までです")]


def test_a_word_that_no_line_can_hold_is_broken_rather_than_lost() -> None:
    block = fit("发布会", INTER, (60, 400), (40, 40), max_lines=9)

    assert block is not None
    assert "".join(block.lines) == "发布会"
    assert len(block.lines) > 1


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["👍🏽", "👩\u200d💻", "🇩🇪", "e\u0323", "1\ufe0f\u20e3", "न", "a", "漢", "❤\ufe0f"]), max_size=8
    )
)
def test_characters_are_what_unicode_says_they_are(clusters: list[str]) -> None:
    text = "".join(clusters)

    assert graphemes(text) == regex.findall(r"\X", text)


def test_a_soft_hyphen_shows_only_where_the_line_ends() -> None:
    lines = wrap("Donaudampf\u00adschifffahrt", INTER, 40, 330)

    assert lines == ("Donaudampf-", "schifffahrt")


def test_lines_without_spaces_end_at_a_pause() -> None:
    block = fit("夏日新品上市，限时优惠", INTER, (420, 200), (40, 40), max_lines=2)

    assert block is not None
    assert block.lines == ("夏日新品上市，", "限时优惠")
