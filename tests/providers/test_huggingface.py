"""What Hugging Face is sent for a picture, and what its answers come to."""

from __future__ import annotations

from typing import Any

import pytest

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Answered, Denied, Inline, Said
from pressroom.providers.base import Billed, Order, Trouble
from pressroom.providers.huggingface import HUB, HuggingFace
from tests.support.conversations import answer, held, purchase

PORTRAIT = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
PARAMS = {"prompt": "a calm sea", "negative_prompt": "boats", "seed": 0, "steps": 20}
WANTED = purchase(
    "huggingface/stable-diffusion-xl",
    Order("1:a:0", "generate_image", "stable-diffusion-xl", PARAMS, makes=PORTRAIT),
)


def test_everything_that_costs_money_is_said_and_it_is_said_once() -> None:
    (request,), found = held(HuggingFace().submit(WANTED), answer(b"made", headers={"x-request-id": "r1"}))

    assert request.path == "/models/stabilityai/stable-diffusion-xl-base-1.0"
    assert (request.method, request.spends, request.headers) == ("POST", True, {"Accept": mime_of("png")})
    assert request.json == {
        "inputs": "a calm sea",
        "parameters": {
            "negative_prompt": "boats",
            "num_inference_steps": 20,
            "guidance_scale": 7.5,
            "width": 1080,
            "height": 1352,
            "seed": 0,
        },
    }
    assert found == Answered([Inline(b"made")], Billed(evidence={"x-request-id": "r1"}))


@pytest.mark.parametrize(
    ("status", "body", "trouble", "words", "seconds"),
    [
        (400, {"error": ["one", "two"]}, Trouble.INVALID, "one; two", None),
        (401, {"error": "no"}, Trouble.KEY_REFUSED, "no", None),
        (402, {"error": "no"}, Trouble.OUT_OF_CREDIT, "no", None),
        (404, {"error": "no"}, Trouble.GONE, "no", None),
        (422, {"error": "no"}, Trouble.INVALID, "no", None),
        (422, {"detail": [{"loc": ["seed"], "msg": "too large"}]}, Trouble.INVALID, "seed: too large", None),
        (500, {"error": {"code": 500, "message": "no"}}, Trouble.UNAVAILABLE, "no", None),
        (429, {"error": "no"}, Trouble.BUSY, "no", None),
        (500, {"message": "no"}, Trouble.UNAVAILABLE, "no", None),
        (503, {"error": "loading", "estimated_time": 20.5}, Trouble.BUSY, "loading", 20.5),
        (504, b"<html>", Trouble.TIMED_OUT, "", None),
    ],
)
def test_a_no_is_of_its_kind_and_in_its_words(
    status: int, body: Any, trouble: Trouble, words: str, seconds: float | None
) -> None:
    said = HuggingFace().refusal(answer(body, status))

    assert (said.trouble, said.words, said.seconds) == (trouble, words, seconds)


def test_an_error_in_place_of_the_picture_is_a_no_in_its_words() -> None:
    with pytest.raises(Denied) as raised:
        held(HuggingFace().submit(WANTED), answer({"error": "CUDA out of memory"}))

    assert raised.value.said == Said(Trouble.FAILED, "CUDA out of memory")


def test_the_hub_is_asked_whose_key_it_is() -> None:
    (request,), name = held(HuggingFace().probe(), answer({"type": "user", "name": "ada"}))

    assert (request.path, request.host, name) == ("/api/whoami-v2", HUB, "ada")
