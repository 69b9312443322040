"""What models that read and write are asked for, and what becomes of their answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pressroom.providers.api import Answered, Denied, Inline
from pressroom.providers.base import Order, Trouble
from pressroom.providers.briefs import brief_of, file_of
from pressroom.providers.gemini import Gemini
from pressroom.providers.openai import OpenAI
from tests.support.conversations import answer, held, purchase

PICTURE = {"language": "de", "max_characters": 80, "tags": 3, "context": "a shop for paint"}
TEXT = {
    "prompt": "a red kettle",
    "kind": "headline",
    "language": "en",
    "tone": "",
    "count": 2,
    "max_characters": 40,
    "format": "text",
}
WORDS = Order("k", "write_text", "gpt-6-luna-write", {"prompt": "a red kettle", "count": 2, "max_tokens": 200})


def test_a_picture_is_described_in_the_language_and_the_lengths_that_were_asked_for() -> None:
    brief = brief_of("describe_image", PICTURE)

    assert "language de" in brief.text
    assert brief.text.endswith("\n\na shop for paint")
    assert brief.schema["properties"]["alt_text"]["maxLength"] == 80
    assert brief.schema["properties"]["tags"]["maxItems"] == 3


def test_texts_are_asked_for_in_their_number_and_length_and_what_they_are_about_comes_last() -> None:
    brief = brief_of("write_text", TEXT)

    assert (
        brief.text
        == "Write a headline in the language en, 2 to choose from, each of at most 40 characters.\n\na red kettle"
    )
    assert brief.schema["properties"]["texts"]["maxItems"] == 2


@pytest.mark.parametrize(("kind", "written"), [("text", b"one\ntwo\n"), ("json", b'[\n "one",\n "two"\n]\n')])
def test_texts_become_lines_or_a_list(kind: str, written: bytes) -> None:
    assert file_of("write_text", {**TEXT, "format": kind}, '{"texts": [" one", "two"]}')[0] == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Here you are!",
        "[" * 100_000,
        '{"texts": []}',
        '{"texts": [" "]}',
        "[]",
        '{"words": ["a"]}',
        '{"texts": "a"}',
        '{"texts": [null]}',
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_has_failed_and_has_its_bill(text: str) -> None:
    with pytest.raises(Denied) as raised:
        held(OpenAI().submit(purchase("openai/gpt-6-luna-write", WORDS)), answer(said(text)))

    found = raised.value.said
    assert (found.trouble, found.billed.usd_micros) == (Trouble.FAILED, 60)


@pytest.mark.parametrize(
    "odd", [{"alt_text": None}, {"alt_text": " "}, {"description": 0}, {"tags": "sea"}, {"tags": [None]}]
)
def test_a_description_that_is_none_is_no_file(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="alternative text"):
        file_of("describe_image", PICTURE, json.dumps({"alt_text": "a sea", "description": "", "tags": []} | odd))


@pytest.mark.parametrize(
    ("reason", "trouble"),
    [("max_output_tokens", Trouble.CUT_OFF), ("content_filter", Trouble.MODERATED_AFTERWARDS)],
)
def test_a_text_that_is_not_finished_says_why_and_has_its_bill(reason: str, trouble: Trouble) -> None:
    unfinished = said('{"texts": ["A red') | {"status": "incomplete", "incomplete_details": {"reason": reason}}

    with pytest.raises(Denied) as raised:
        held(OpenAI().submit(purchase("openai/gpt-6-luna-write", WORDS)), answer(unfinished))

    assert (raised.value.said.trouble, raised.value.said.billed.usd_micros) == (trouble, 60)


def test_what_may_be_written_at_most_and_the_form_of_the_answer_are_always_said() -> None:
    order = Order("k", "write_text", "gpt-6-luna-write", {"prompt": "a red kettle"})

    (asked,), found = held(
        OpenAI().submit(purchase("openai/gpt-6-luna-write", order)), answer(said('{"texts": ["Hot"]}'))
    )

    assert (asked.path, asked.spends) == ("/responses", True)
    assert (asked.json["max_output_tokens"], asked.json["text"]["format"]["strict"]) == (1_000, True)
    assert isinstance(found, Answered)
    (file,) = found.outputs
    assert isinstance(file, Inline)
    assert (file.data, file.mime) == (b"Hot\n", "text/plain")


def test_a_refusal_to_write_is_moderation_and_costs_what_it_took() -> None:
    refused = said("") | {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "I cannot."}]}]}

    with pytest.raises(Denied) as raised:
        held(OpenAI().submit(purchase("openai/gpt-6-luna-write", WORDS)), answer(refused))

    found = raised.value.said
    assert (found.trouble, found.words, found.billed.usd_micros) == (Trouble.MODERATED_AFTERWARDS, "I cannot.", 60)


def test_words_of_gemini_are_billed_as_words_where_it_does_not_tell() -> None:
    model = "gemini/gemini-3.1-flash-lite-write"
    part = {"text": json.dumps({"texts": ["Hot", "Red"]})}
    body = {
        "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, part]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 10},
    }
    order = Order("k", "write_text", "gemini-3.1-flash-lite-write", {"prompt": "a red kettle", "count": 2})

    (asked,), found = held(Gemini().submit(purchase(model, order)), answer(body))

    assert asked.json["generationConfig"]["maxOutputTokens"] == 1_000
    assert isinstance(found, Answered)
    assert found.billed.usd_micros == 40


def said(text: str) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
        "usage": {"input_tokens": 400, "output_tokens": 40},
    }
