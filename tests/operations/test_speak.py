"""speak: priced by its characters, its length known as a bound."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.domain.media import Kind
from pressroom.operations.speak import OPERATION, SpeakParams
from tests.support.planning import plan_of

TEXT = "Welcome to our spring collection."


def test_the_price_goes_by_characters_and_the_length_is_a_bound() -> None:
    found = OPERATION.expect(SpeakParams(text=TEXT), {}, {})

    ((_, sound),) = found.outputs
    assert (sound.kind, sound.mime, sound.duration_seconds) == (Kind.AUDIO, "audio/mpeg", None)
    assert found.units["1k_characters"] == len(TEXT) / 1000
    assert (sound.most_seconds or 0) > found.units["second"] > 1


def test_a_slow_voice_may_take_longer() -> None:
    slow, usual = (
        OPERATION.expect(SpeakParams(text=TEXT, speed=speed), {}, {}).outputs[0][1].most_seconds for speed in (0.7, 1)
    )

    assert (slow or 0) > (usual or 0)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        SpeakParams(text=text)


def test_every_started_block_of_characters_is_billed() -> None:
    """Two credits for a thousand, in steps of fifty characters."""
    (node,) = plan_of(f"steps: {{v: {{uses: speak, tier: budget, with: {{text: {'a' * 101}}}}}}}").nodes

    assert node.quote.credits_bound == 300_000


def test_a_text_beyond_the_models_limit_is_refused_before_it_is_bought() -> None:
    (problem,) = plan_of(f"steps: {{v: {{uses: speak, tier: budget, with: {{text: {'a' * 5001}}}}}}}").problems

    assert "prompt of 5001 characters is above 5000" in problem.message


def test_free_sound_is_refused_by_name() -> None:
    (problem,) = plan_of("steps: {v: {uses: speak, tier: free, with: {text: hello}}}").problems

    assert problem.message == (
        "v: no free model offers speak: free sound does not exist here: bring a recording of your own as an input"
    )
