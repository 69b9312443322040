from __future__ import annotations

import pytest

from pressroom.library.spoken import question_of


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ("Do you have images of black granite?", "image", ("black", "granite")),
        ("show me a picture with a red kettle, please", "image", ("red", "kettle")),
        ("What videos are there of the harbour at night?", "video", ("harbour", "night")),
        ("I'm looking for photos of Anna's bakery", "image", ("m", "anna", "bakery")),
        ("Haben Sie Bilder von schwarzem Granit?", "image", ("schwarzem", "granit")),
        ("Zeig mir bitte ein Foto mit einer Küche", "image", ("küche",)),
        ("Gibt es Videos vom Hafen?", "video", ("hafen",)),
        ("kettle", "", ("kettle",)),
        ("any music?", "audio", ()),
        ("Show me everything you have", "", ("everything",)),
        ('"black -granite* OR (kettle)', "", ("black", "granite", "kettle")),
        ("", "", ()),
    ],
)
def test_what_is_asked_for_remains(asked: str, kind: str, words: tuple[str, ...]) -> None:
    found = question_of(asked)

    assert (found.kind, found.words) == (kind, words)


def test_it_is_searched_as_it_was_said_and_then_whatever_the_endings_are() -> None:
    assert list(question_of("pictures of black kettles").searches()) == ["black kettles", "black* kettl*"]
    assert list(question_of("show me pictures").searches()) == []
    assert list(question_of("a red cup").searches()) == ["red cup"]
