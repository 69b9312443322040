"""A long word is parted where its language parts it, and only where that makes the letters much larger."""

from __future__ import annotations

import pytest

from pressroom.media.geometry import Box
from pressroom.media.lettering.stack import Words, stack
from pressroom.media.typography.hyphens import hyphenated, language_of
from pressroom.media.typography.text import fit
from pressroom.media.typography.typefaces import fonts_for

FONTS = fonts_for(None, {})


@pytest.mark.parametrize(("text", "shown"), [
    ("Unsere Sommerschlussverkaufsaktion", "Unsere Sommer|schluss|verkaufs|aktion"),
    ("Arbeitsunfähigkeitsversicherung", "Arbeits|unfä|higkeits|versi|cherung"),
    ("Développement durable pour tous", "Déve|loppe|ment durable pour tous"),
    ("Fresh bread every morning", "Fresh bread every morning"),
    ("Congratulations", "Congratulations"),
    ("Распродажаавтомобилей", "Распродажаавтомобилей"),
])  # fmt: skip
def test_long_words_are_parted_by_the_patterns_of_their_language(text: str, shown: str) -> None:
    assert hyphenated(text).replace("\u00ad", "|") == shown


@pytest.mark.parametrize(("text", "language"), [
    ("Jetzt neu für alle", "de_DE"), ("New for the summer", "en_US"), ("Pour tous les jours", "fr_FR"),
    ("Nu voor het hele gezin", "nl_NL"), ("Sommartid och rea för alla på hela lagret", "sv_SE"), ("Zzz", ""),
])  # fmt: skip
def test_small_words_and_letters_tell_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_word_is_parted_where_that_makes_letters_much_larger() -> None:
    pieces = stack(Words("Unsere Sommerschlussverkaufsaktion"), FONTS, Box(0, 0, 420, 700), (480, 800), "top", "left")

    assert pieces is not None
    block = pieces[0].block
    assert block is not None
    assert any(line.endswith("-") for line in block.lines)
    assert "".join(line.rstrip("-") for line in block.lines).replace(" ", "") == "UnsereSommerschlussverkaufsaktion"


def test_a_word_that_has_room_stays_whole() -> None:
    block = fit("Nachhaltigkeit für alle", FONTS.heading, (1000, 400), (20, 90), max_lines=3)

    assert block is not None
    assert not any(line.endswith("-") for line in block.lines)
