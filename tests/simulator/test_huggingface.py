"""Hugging Face's adapter against its simulated inference: what only it does."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from PIL import Image

from pressroom.domain.errors import Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import Delivered, Order
from tests.simulator.conftest import Open

KEY = {"Authorization": "Bearer hf_rehearsal"}
MODEL = "black-forest-labs/FLUX.1-schnell"
ORDER = Order(
    "1:a:0",
    "generate_image",
    "flux-schnell",
    {"prompt": "a calm sea"},
    makes=MediaInfo(Kind.IMAGE, mime_of("png"), 512, 256),
)


def asked(market: Open, model: str, **body: Any) -> httpx.Response:
    base = f"http://127.0.0.1:{market('huggingface').address.port}/huggingface/hf-inference"
    return httpx.post(f"{base}/models/{model}", json=body, headers=KEY, timeout=60)


def test_a_model_that_is_loaded_says_how_long_that_takes(market: Open) -> None:
    with pytest.raises(Retryable, match="currently loading") as raised:
        market("huggingface", unavailable=1).vendor.submit(ORDER)

    assert (raised.value.fields["retry_after_seconds"], raised.value.fields["unsent"]) == (20.0, True)


def test_what_its_safety_checker_withholds_is_black_and_charged(market: Open) -> None:
    shop = market("huggingface", moderated_after=1)

    answer = shop.vendor.submit(ORDER)

    assert isinstance(answer, Delivered)
    with Image.open(answer.files[0].source) as picture:
        assert (picture.size, picture.getextrema()) == ((512, 256), ((0, 0), (0, 0), (0, 0)))
    assert shop.billed() == 5_000


def test_whose_key_it_is_is_told(market: Open) -> None:
    assert market("huggingface").vendor.probe() == "rehearsal"


@pytest.mark.parametrize(
    ("model", "body", "status", "words"),
    [
        ("nobody/nothing", {"inputs": "sea"}, 404, "not supported"),
        (MODEL, {}, 422, "inputs is required"),
        (MODEL, {"inputs": "sea", "parameters": {"steps": 4}}, 422, "steps is not allowed"),
    ],
)
def test_what_it_does_not_take_is_refused(
    market: Open, model: str, body: dict[str, Any], status: int, words: str
) -> None:
    answer = asked(market, model, **body)

    assert answer.status_code == status
    assert words in answer.json()["error"]
