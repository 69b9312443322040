"""speak: priced by its characters, its length known as a bound."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import Kind
from pressroom.operations.speak import OPERATION, SpeakParams
from pressroom.planning.plan import Plan
from tests.support.planning import TODAY, chooser_of, plan_of

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


@pytest.mark.parametrize(("short", "long"), [("in 1984", "in the year so-and-so"), ("你好，世界", "hello, world")])
def test_digits_and_syllables_take_longer_than_letters(short: str, long: str) -> None:
    one, other = (OPERATION.expect(SpeakParams(text=text), {}, {}).units["second"] for text in (short, long))

    assert one > 0.9 * other


FIFTY_SECONDS = "a" * 750


def from_gemini(text: str, more: str = "", today: date = TODAY) -> Plan:
    campaign = f"steps: {{v: {{uses: speak, model: gemini/gemini-3.8-flash-tts, with: {{text: {text}{more}}}}}}}"
    return plan_of(campaign, chooser=chooser_of(campaign, today=today, configured=frozenset({"gemini"})))


@pytest.mark.parametrize(
    ("today", "usd", "bound"), [(date(2026, 12, 31), 11_250, 25_000), (date(2027, 1, 1), 22_500, 50_000)]
)
def test_a_voice_that_is_billed_by_the_second_is_held_for_the_longest_that_its_text_takes(
    today: date, usd: int, bound: int
) -> None:
    (node,) = from_gemini(FIFTY_SECONDS, today=today).nodes

    assert (node.quote.usd_estimate, node.quote.usd_bound) == (usd, bound)
    slowest = OPERATION.expect(SpeakParams(text=FIFTY_SECONDS), {}, {}).outputs[0][1].most_seconds or 0
    prices = load_catalog().models["gemini/gemini-3.8-flash-tts"].on(today).usd_per_million_tokens
    assert 25 * slowest * prices["audio_out"] + len(FIFTY_SECONDS) * prices["in"] < bound


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("a" * 5_000, "", "duration 667.7 is above 655"),
        ("hello", ", voice: Rachel", "voice Rachel is none of Kore, Puck"),
        ("hello", ", speed: 1.1", "takes no speed"),
        ("hello", ", format: wav", ""),
    ],
)
def test_what_that_voice_does_not_take_is_refused_before_it_is_bought(text: str, more: str, words: str) -> None:
    problems = from_gemini(text, more).problems

    assert [words in problem.message for problem in problems] == ([True] if words else [])
