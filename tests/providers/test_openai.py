"""What OpenAI is sent for a picture, and what its answers come to."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Answered, Inline
from pressroom.providers.base import Billed, Order, Trouble
from pressroom.providers.openai import OpenAI
from tests.support.conversations import answer, held, purchase

PORTRAIT = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
ORDER = Order("1:a:0", "generate_image", "gpt-image-2.6-flare", {"prompt": "a calm sea"}, makes=PORTRAIT)
WANTED = purchase("openai/gpt-image-2.6-flare", ORDER)
USAGE = {
    "input_tokens": 1_010,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 1_000},
    "output_tokens": 440,
}


def made(**more: Any) -> dict[str, Any]:
    picture = base64.b64encode(b"a picture").decode()
    return {"data": [{"b64_json": picture}], "quality": "medium", "size": "1024x1280", **more}


def test_everything_that_costs_money_is_said_and_it_is_said_once() -> None:
    (request,), _ = held(OpenAI().submit(WANTED), answer(made(usage=USAGE)))

    assert (request.method, request.path, request.spends) == ("POST", "/images/generations", True)
    assert request.json == {
        "model": "gpt-image-2.6-flare",
        "prompt": "a calm sea",
        "n": 1,
        "size": "1024x1280",
        "quality": "medium",
        "output_format": "png",
        "background": "opaque",
        "moderation": "auto",
    }


def test_the_counted_tokens_are_billed_at_their_prices() -> None:
    _, value = held(OpenAI().submit(WANTED), answer(made(usage=USAGE), headers={"x-request-id": "req_1"}))

    assert isinstance(value, Answered)
    assert value.outputs == [Inline(b"a picture")]
    assert value.billed.usd_micros == 10 * 5 + 1_000 * 8 + 440 * 30
    evidence = {"request": "req_1", "size": "1024x1280", "quality": "medium", "usage": USAGE}
    assert value.billed.evidence == evidence


def test_an_answer_that_counts_nothing_says_nothing_of_its_bill() -> None:
    _, value = held(OpenAI().submit(WANTED), answer(made()))

    assert value.billed == Billed(evidence={"request": "", "size": "1024x1280", "quality": "medium"})


@pytest.mark.parametrize("data", [[], None])
def test_no_picture_with_a_count_is_an_answer_with_its_bill(data: Any) -> None:
    _, value = held(OpenAI().submit(WANTED), answer(made(usage=USAGE, data=data)))

    assert (value.outputs, value.billed.usd_micros) == ([], 21_250)


def test_more_tokens_of_pictures_than_were_read_are_no_count() -> None:
    usage = {**USAGE, "input_tokens_details": {"image_tokens": 10**6}}

    _, value = held(OpenAI().submit(WANTED), answer(made(usage=usage)))

    assert (value.outputs, value.billed.usd_micros) == ([Inline(b"a picture")], None)


@pytest.mark.parametrize("output_tokens", [-440, None, "many", 10**30, float("inf")])
def test_a_count_that_cannot_be_read_says_nothing_and_costs_no_picture(output_tokens: Any) -> None:
    _, value = held(OpenAI().submit(WANTED), answer(made(usage={**USAGE, "output_tokens": output_tokens})))

    assert (value.outputs, value.billed.usd_micros) == ([Inline(b"a picture")], None)


@pytest.mark.parametrize("broken", [{"b64_json": "AAAAA"}, {"b64_json": None}, {"url": "https://x/1"}])
def test_a_damaged_picture_is_corrupt_and_its_bill_is_known(broken: dict[str, Any]) -> None:
    with pytest.raises(Corrupt) as raised:
        held(OpenAI().submit(WANTED), answer(made(usage=USAGE, data=[broken])))

    assert raised.value.fields["billed"].usd_micros == 21_250


@pytest.mark.parametrize(
    "counts", [{}, {"usage": {}}, {"usage": {"input_tokens": 10, "output_tokens": None}}], ids=["none", "empty", "null"]
)
def test_words_that_nobody_counted_are_not_free(counts: dict[str, Any]) -> None:
    order = Order(
        "1:a:0", "write_text", "gpt-6-luna-write", {"prompt": "tea"}, makes=MediaInfo(Kind.TEXT, "text/plain")
    )
    content = [{"type": "output_text", "text": '{"texts": ["Tea."]}'}]
    body = {"id": "r1", "output": [{"type": "message", "content": content}], **counts}

    _, value = held(OpenAI().submit(purchase("openai/gpt-6-luna-write", order)), answer(body))

    assert value.billed.usd_micros is None


@pytest.mark.parametrize(
    ("status", "error", "trouble"),
    [
        (400, {"message": "no", "code": "moderation_blocked"}, Trouble.MODERATED),
        (400, {"message": "no", "code": "invalid_value"}, Trouble.INVALID),
        (401, {"message": "no", "code": "invalid_api_key"}, Trouble.KEY_REFUSED),
        (404, {"message": "no", "code": "model_not_found"}, Trouble.GONE),
        (429, {"message": "no", "code": "rate_limit_exceeded"}, Trouble.BUSY),
        (429, {"message": "no", "type": "insufficient_quota", "code": None}, Trouble.OUT_OF_CREDIT),
        (500, {"message": "no"}, Trouble.UNAVAILABLE),
        (503, {"message": "no"}, Trouble.BUSY),
    ],
)
def test_a_no_is_of_its_kind_and_in_its_words(status: int, error: dict[str, Any], trouble: Trouble) -> None:
    said = OpenAI().refusal(answer({"error": error}, status, {"retry-after": "3"}))

    assert (said.trouble, said.words, said.seconds) == (trouble, "no", 3.0)


def test_an_error_that_is_nothing_but_words_is_quoted() -> None:
    assert OpenAI().refusal(answer({"error": "bad size"}, 400)).words == "bad size"


def test_a_page_of_some_gateway_is_no_advice() -> None:
    assert OpenAI().refusal(answer(b"<html>", 502)).trouble is Trouble.UNAVAILABLE
