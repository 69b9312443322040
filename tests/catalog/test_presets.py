"""Style presets: the vendors' and four of our own, as a parameter or in words."""

from __future__ import annotations

from typing import get_args

import pytest

from pressroom.catalog.presets import emotions, goes_as_parameter, in_words, presets, styled
from pressroom.domain.errors import Permanent
from pressroom.operations.talking_avatar import Emotion

OWN = {"photorealistic", "artistic", "sketch", "modern"}


def test_there_are_the_vendors_seventeen_and_four_more() -> None:
    named = {name for name, row in presets().items() if row.named}

    assert len(named) == 17
    assert presets().keys() - named == OWN


@pytest.mark.parametrize("name", presets())
def test_every_preset_has_words_of_its_own(name: str) -> None:
    said = in_words("a cup of tea.", name)

    assert said.startswith("a cup of tea, ")
    assert [row.words for row in presets().values()].count(presets()[name].words) == 1


def test_a_model_with_a_parameter_gets_the_name_and_the_prompt_as_it_is() -> None:
    assert styled("a cup", "anime", {"preset": "style_preset"}) == ("a cup", {"style_preset": "anime"})


def test_a_model_without_one_and_a_name_that_vendors_do_not_know_get_words() -> None:
    assert styled("a cup", "anime", {})[0] == in_words("a cup", "anime")
    assert styled("a cup", "modern", {"preset": "style_preset"}) == (in_words("a cup", "modern"), {})
    assert not goes_as_parameter("modern", {"preset": "style_preset"})


def test_without_a_preset_nothing_is_added() -> None:
    assert styled("a cup", None, {"preset": "style_preset"}) == ("a cup", {})


def test_a_preset_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(Permanent, match="no preset 'cinematik'") as caught:
        in_words("a cup", "cinematik")

    assert "cinematic" in caught.value.hint


def test_moods_are_those_of_the_operation_that_has_them() -> None:
    assert set(emotions()) == set(get_args(Emotion))


def test_a_mood_goes_like_a_style() -> None:
    said, fields = styled("She waves.", "happy", {}, "emotion")

    assert (said, fields) == (f"She waves, {emotions()['happy'].words}", {})
    assert styled("", "happy", {}, "emotion")[0] == emotions()["happy"].words
    assert styled("She waves", "happy", {"emotion": "mood"}, "emotion") == ("She waves", {"mood": "happy"})
