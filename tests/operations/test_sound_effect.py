"""sound_effect: of the length that is asked for, which also is its price."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pressroom.operations.sound_effect import OPERATION, SoundEffectParams
from tests.support.planning import plan_of


def test_the_sound_has_the_asked_length_and_is_priced_by_it() -> None:
    found = OPERATION.expect(SoundEffectParams(prompt="rain", duration=2.5, format="wav"), {}, {})

    ((_, sound),) = found.outputs
    assert (sound.mime, sound.duration_seconds, found.units["second"]) == ("audio/wav", 2.5, 2.5)


@pytest.mark.parametrize("duration", [0.4, 30.1])
def test_a_length_that_no_vendor_makes_is_refused(duration: float) -> None:
    with pytest.raises(ValidationError, match="duration"):
        SoundEffectParams(prompt="rain", duration=duration)


def test_a_length_beyond_the_models_limit_is_refused_before_it_is_bought() -> None:
    text = "steps: {rain: {uses: sound_effect, tier: budget, with: {prompt: rain, duration: 25}}}"

    (problem,) = plan_of(text).problems

    assert "duration 25 is above 22" in problem.message
