"""A template's values are escaped, numbers short, and none may be missing."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from pressroom.media.vector.template import fill_template

# What XML can hold at all.
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n{% if title %}\n<text fill="{{ color }}" x="{{ x | n }}">{{ title }}</text>'
        "\n{% endif %}\n</svg>\n"
    )
    return tmp_path


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=TEXT.filter(bool), color=TEXT)
def test_words_come_out_as_the_words_they_are(folder: Path, title: str, color: str) -> None:
    root = ElementTree.fromstring(fill_template(folder, "card.svg", title=title, color=color, x=1.5))

    (text,) = root
    assert text.text == title
    assert text.get("fill") == color
    assert text.get("x") == "1.5"


@pytest.mark.parametrize("words", ["</text><script>alert(1)</script>", '" onload="alert(1)', "&lt;", "{{ color }}"])
def test_markup_in_words_is_words(folder: Path, words: str) -> None:
    found = fill_template(folder, "card.svg", title=words, color=words, x=0)

    root = ElementTree.fromstring(found)
    assert len(list(root.iter())) == 2
    assert root[0].text == root[0].get("fill") == words
    assert set(root[0].attrib) == {"fill", "x"}


def test_a_missing_value_is_an_error(folder: Path) -> None:
    with pytest.raises(UndefinedError, match="'color' is undefined"):
        fill_template(folder, "card.svg", title="words", x=1)


def test_another_folders_template_is_not_found(folder: Path) -> None:
    with pytest.raises(TemplateNotFound):
        fill_template(folder, "../card.svg", title="words")


def test_numbers_are_short_and_blocks_leave_no_lines(folder: Path) -> None:
    found = fill_template(folder, "card.svg", title="a", color="red", x=1 / 3)

    assert 'x="0.33"' in found
    assert "\n\n" not in found
    assert found == fill_template(folder, "card.svg", title="a", color="red", x=1 / 3)
