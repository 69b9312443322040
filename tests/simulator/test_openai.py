"""OpenAI's simulated API: what it refuses in its own words, and what it counts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Open

KEY = {"Authorization": "Bearer sk-rehearsal"}
ASKED = {"model": "gpt-image-2.6-flare", "prompt": "a calm sea", "quality": "low", "size": "1024x1024"}


def asked(market: Open, **changes: Any) -> httpx.Response:
    url = f"http://127.0.0.1:{market('openai').address.port}/openai/v1/images/generations"
    return httpx.post(url, json={**ASKED, **changes}, headers=KEY, timeout=60)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model": "gpt-image-1"}, 404, "model_not_found"),
        ({"model": "gpt-image-1.5"}, 404, "model_not_found"),
        ({"seed": 7}, 400, "unknown_parameter"),
        ({"prompt": ""}, 400, "missing_required_parameter"),
        ({"size": "1000x1000"}, 400, "invalid_value"),
        ({"size": "256x256"}, 400, "invalid_value"),
        ({"quality": "hd"}, 400, "invalid_value"),
        ({"n": 11}, 400, "invalid_value"),
    ],
)
def test_what_it_does_not_take_is_refused(market: Open, changes: dict[str, Any], status: int, code: str) -> None:
    answer = asked(market, **changes)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_each_picture_of_an_order_is_another_and_is_counted(market: Open) -> None:
    found = asked(market, n=2).json()

    assert len({item["b64_json"] for item in found["data"]}) == 2
    assert found["usage"]["output_tokens"] == 2 * 200


def test_a_larger_picture_takes_more_tokens(market: Open) -> None:
    assert asked(market, size="2048x1024").json()["usage"]["output_tokens"] == 400


def test_models_name_the_day_on_which_they_end(market: Open) -> None:
    base = f"http://127.0.0.1:{market('openai').address.port}/openai/v1"

    listed = httpx.get(f"{base}/models", headers=KEY, timeout=60).json()["data"]

    ends = {item["id"]: item["shutdown_date"] for item in listed}
    assert ends["gpt-image-2.6-flare"] is None
    assert "gpt-image-1" not in ends
