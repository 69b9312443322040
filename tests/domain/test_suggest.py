"""Near matches: one helper for every misspelt name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pressroom.domain.suggest import did_you_mean, fits, mended, nearest

PACKAGE = Path(__file__).parents[2] / "pressroom"


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    assert nearest("budgte", ["free", "budget", "premium"]) == "budget"
    assert did_you_mean("budgte", ["free", "budget"]) == "did you mean 'budget'?"


def test_a_name_like_no_other_gets_the_list() -> None:
    assert nearest("qqqq", ["free", "budget"]) == ""
    assert nearest("nope", ["openai", "replicate"]) == ""
    assert did_you_mean("qqqq", ["free", "budget"], "tiers") == "tiers: free, budget"
    assert did_you_mean("qqqq", []) == "there are none"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ig story", "instagram.story_image"),
        ("Story Instagram", "instagram.story_image"),
        ("instagram.story", "instagram.story_image"),
        ("stories, fb", "facebook.story"),
        ("yt short", "youtube.short"),
        ("tt", "tiktok.post_photo"),
        ("feed", "instagram.feed_square"),
        ("news", "email.news"),
    ],
)
def test_words_find_a_name_in_any_order(text: str, name: str) -> None:
    assert fits(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ig story", "facebook.story"),
        ("ig story", "instagram.reel"),
        ("tory", "facebook.story"),
        ("i", "facebook.feed"),
    ],
)
def test_a_word_that_begins_no_part_of_a_name_does_not_find_it(text: str, name: str) -> None:
    assert not fits(text, name)


def test_words_are_looked_for_in_more_than_the_name() -> None:
    assert fits("video instagram", "instagram.reel", ["video", "mp4"])
    assert not fits("image instagram", "instagram.reel", ["video", "mp4"])


def test_the_nearest_of_several_words_is_one_with_all_of_them() -> None:
    known = ["instagram.feed_square", "facebook.story", "instagram.story_image"]

    assert nearest("ig story", known) == "instagram.story_image"
    assert nearest("fb story", known) == "facebook.story"
    assert nearest("instagram.story", known) == "instagram.story_image"
    assert nearest("facebok.story", known) == "facebook.story"


def test_each_misspelt_word_of_a_search_is_mended() -> None:
    known = ["facebook.story", "instagram.story_image"]

    assert mended("instgram stroy", known) == "instagram story"
    assert mended("instgram qqqq", known) == ""


def test_a_long_list_is_cut() -> None:
    assert did_you_mean("qqqq", [f"n{number}" for number in range(30)]).endswith("n19, …")


def test_nothing_else_compares_names() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(name.name == "difflib" for name in node.names)
    ]

    assert found == ["domain/suggest.py"]
