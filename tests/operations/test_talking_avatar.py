"""talking_avatar: the sound drives the length and the price."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation
from pressroom.operations.talking_avatar import OPERATION, TalkingAvatarParams
from pressroom.planning.plan import FileFacts, Plan
from tests.support.planning import plan_of, with_file

FACE = MediaInfo(Kind.IMAGE, "image/jpeg", 1600, 2000)
STEP = "tier: premium, uses: talking_avatar, with: {image: photo.jpg, audio: "


def expected(sound: MediaInfo, **params: object) -> Expectation:
    values = {"image": "image", "audio": "audio"} | params
    return OPERATION.expect(TalkingAvatarParams(**values), {"image": FACE, "audio": sound}, {})  # type: ignore[arg-type]


def planned(seconds: float) -> Plan:
    sound = FileFacts("5" * 64, MediaInfo(Kind.AUDIO, "audio/mpeg", duration_seconds=seconds))
    return plan_of(f"steps: {{host: {{{STEP} said.mp3}}}}}}", files=with_file("said.mp3", sound))


def test_the_clip_is_as_long_as_the_sound() -> None:
    found = expected(MediaInfo(Kind.AUDIO, duration_seconds=7.25))

    assert (found.outputs[0][1].kind, found.outputs[0][1].duration_seconds) == (Kind.VIDEO, 7.25)
    assert found.units["second"] == 7.25


def test_a_sound_that_is_not_made_yet_counts_as_the_longest_that_it_can_become() -> None:
    found = expected(MediaInfo(Kind.AUDIO, most_seconds=12.5))

    assert (found.outputs[0][1].duration_seconds, found.outputs[0][1].most_seconds) == (None, 12.5)
    assert found.units["second"] == 12.5


def test_a_sound_of_unknown_length_has_no_price_and_is_refused() -> None:
    assert "price is not known" in expected(MediaInfo(Kind.AUDIO)).problems[0]


@pytest.mark.parametrize(("seconds", "credits"), [(3, 5), (5, 5), (5.01, 10), (59, 60)])
def test_every_started_block_is_billed(seconds: float, credits: int) -> None:
    assert planned(seconds).nodes[0].quote.credits_bound == credits * 1_000_000


@pytest.mark.parametrize(("seconds", "said"), [(60.1, "duration 60.1 is above 60"), (0.5, "duration 0.5 is below 1")])
def test_a_sound_outside_the_models_limits_is_refused_before_anything_is_bought(seconds: float, said: str) -> None:
    assert said in planned(seconds).problems[0].message


def test_words_that_may_take_too_long_to_say_are_refused_too() -> None:
    text = f"steps: {{v: {{tier: budget, uses: speak, with: {{text: {'word ' * 120}}}}}, h: {{{STEP} '{{{{ steps.v }}}}'}}}}}}"

    (problem,) = plan_of(text).problems

    assert "is above 60" in problem.message


def test_the_record_says_how_the_mood_reaches_the_model() -> None:
    assert planned(3).nodes[0].why.endswith("; emotion neutral in words")


def test_moods_are_four() -> None:
    with pytest.raises(ValidationError, match="emotion"):
        expected(MediaInfo(Kind.AUDIO, duration_seconds=3), emotion="angry")
