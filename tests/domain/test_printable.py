"""Text that is printed can neither steer a terminal nor turn the reading order around."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.printable import printable, printable_json

ANYTHING = st.text(st.characters(), max_size=30)  # every code point, lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("photo.png", "photo.png"),
        ("Café 新しい 👩‍🎨", "Café 新しい 👩‍🎨"),
        ("می‌خواهم", "می‌خواهم"),
        ("photo\u202egnp.exe", "photo\\u202egnp.exe"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("a\nb\tc", "a\\x0ab\\x09c"),
        ("caf\udce9.jpg", "caf\\xe9.jpg"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_only_what_does_more_than_stand_there_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_line_breaks_of_our_own_may_stay() -> None:
    assert printable("one\ntwo\x1b", keep="\n") == "one\ntwo\\x1b"


@given(ANYTHING)
def test_nothing_printed_is_control_format_or_half_a_character(text: str) -> None:
    categories = {unicodedata.category(char) for char in printable(text) if char not in "\u200c\u200d"}

    assert categories & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()


@given(ANYTHING)
def test_printing_what_was_printed_changes_nothing(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(ANYTHING)
def test_harmless_json_says_the_same(text: str) -> None:
    shown = printable_json(json.dumps({text: [text]}, ensure_ascii=False, indent=1))

    assert json.loads(shown) == {text: [text]}
    assert printable(shown, keep="\n") == shown
