"""Letters that no font has are refused by the plan, before what they were to stand on is bought."""

from __future__ import annotations

import pytest

from tests.support.planning import PHOTO_INPUT, plan_of

GEORGIAN = "ფასდაკლება"
STEPS = {
    "overlay": 'image: "{{ inputs.photo }}", headline: "WORDS"',
    "watermark": 'image: "{{ inputs.photo }}", text: "WORDS"',
    "image_to_video": 'image: "{{ inputs.photo }}", titles: [{headline: "WORDS", at: 0, duration: 2}]',
    "image_to_video captions": 'image: "{{ inputs.photo }}", captions: [{start: 0, end: 2, text: "WORDS"}]',
    "image_to_video subtitles": 'image: "{{ inputs.photo }}", captions: "1\\n00:00:00,000 --> 00:00:02,000\\nWORDS\\n"',
}


def _problems(uses: str, words: str, head: str = "") -> list[str]:
    parameters = STEPS[uses].replace("WORDS", words)
    text = f"{head}{PHOTO_INPUT}steps:\n  a: {{uses: {uses.split()[0]}, with: {{{parameters}}}}}"
    return [problem.message for problem in plan_of(text).problems]


@pytest.mark.parametrize("uses", STEPS)
def test_a_script_that_no_font_has_is_refused(uses: str) -> None:
    (message,) = _problems(uses, GEORGIAN)

    assert "no font has the letters 'ფასდკლებ'" in message


@pytest.mark.parametrize("uses", STEPS)
@pytest.mark.parametrize(
    "words", ["Sale", "Größe 24,90 €", "распродажа", "हिन्दी", "折扣", "تخفيضات", "e\u0301te\u0301"]
)
def test_scripts_that_a_font_has_are_not(uses: str, words: str) -> None:
    assert _problems(uses, words) == []


def test_captions_that_are_not_burned_need_no_font() -> None:
    beside = STEPS["image_to_video captions"].replace("WORDS", GEORGIAN)

    assert (
        plan_of(f"{PHOTO_INPUT}steps:\n  a: {{uses: image_to_video, with: {{{beside}, burn: false}}}}").problems == ()
    )


def test_signs_are_left_out_by_an_overlay_and_refused_as_a_mark() -> None:
    assert _problems("overlay", "Sale \U0001cc00") == []
    assert "no font has" in _problems("watermark", "Sale \U0001cc00")[0]
