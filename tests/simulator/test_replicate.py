"""Replicate's adapter against Replicate's simulated API, over real HTTP: what is bought, what is lost, what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from PIL import Image

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import (
    LostOrder,
    Order,
    Pending,
    Trouble,
    Unknowable,
    VendorFile,
    VendorJob,
    VendorState,
)
from pressroom.providers.replicate import Replicate
from tests.simulator.conftest import Market, Open
from tests.support.conversations import answer, held, purchase

OPENAPI = Path(__file__).parents[1] / "data" / "replicate-openapi.yaml"
KEY = {"Authorization": "Bearer r8_rehearsal"}
PORTRAIT = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
PARAMS = {"prompt": "a calm sea", "seed": 7}


def order(key: str = "1:a:0", model: str = "flux-schnell", **params: Any) -> Order:
    return Order(key, "generate_image", model, params or PARAMS, makes=PORTRAIT, callback_key="secret")


def placed(shop: Market, wanted: Order | None = None) -> VendorJob:
    answer = shop.vendor.submit(wanted or order())
    assert isinstance(answer, Pending)
    return VendorJob(answer.vendor_job_id, (wanted or order()).model)


def fetched(shop: Market, job: VendorJob) -> list[tuple[str, tuple[int, int]]]:
    found = []

    def sink(file: VendorFile) -> None:
        with Image.open(file.source) as picture:
            found.append((file.mime, picture.size))

    shop.vendor.fetch(job, sink)
    return found


def lost(wanted: Order, *, seconds_ago: float = 0, others: frozenset[str] = frozenset()) -> LostOrder:
    sent = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, sent, others)


def test_a_picture_is_ordered_made_and_fetched(market: Open) -> None:
    shop = market("replicate")

    job = placed(shop)

    status = shop.vendor.status(job)
    assert (status.state, status.billed.usd_micros) == (VendorState.SUCCEEDED, None)
    assert "metrics" in status.billed.evidence
    assert fetched(shop, job) == [("image/png", (896, 1152))]
    assert shop.billed() == 3_000
    sold = shop.world.books.of("replicate")[0]
    assert sold.fields == {
        "num_outputs": 1,
        "output_format": "png",
        "go_fast": False,
        "megapixels": "1",
        "aspect_ratio": "3:4",
        "prompt": "a calm sea",
        "seed": 7,
    }


def test_a_file_is_uploaded_and_the_result_is_of_it(market: Open, tmp_path: Path) -> None:
    shop = market("replicate")
    photo = tmp_path / "shoe.png"
    picture = Image.new("RGB", (300, 200), "white")
    picture.paste("navy", (100, 50, 200, 150))
    picture.save(photo)

    job = placed(
        shop, Order("k", "remove_background", "recraft-remove-background", {"image": "image"}, inputs={"image": photo})
    )

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    assert fetched(shop, job) == [("image/png", (300, 200))]


def test_a_community_model_is_ordered_by_its_version(market: Open, tmp_path: Path) -> None:
    shop = market("replicate")
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "in.png")

    job = placed(
        shop,
        Order("k", "upscale", "real-esrgan", {"image": "image", "scale": 4}, inputs={"image": tmp_path / "in.png"}),
    )

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    assert fetched(shop, job) == [("image/png", (160, 120))]


@pytest.mark.parametrize(("fault", "seconds"), [("busy", 1.0), ("unavailable", 5.0)])
def test_a_busy_vendor_says_when_to_ask_again(market: Open, fault: str, seconds: float) -> None:
    shop = market("replicate", **{fault: 1})

    with pytest.raises(Retryable) as raised:
        shop.vendor.submit(order())

    assert (raised.value.fields["retry_after_seconds"], shop.world.books.of("replicate")) == (seconds, [])
    placed(shop)


def test_a_key_is_tried_without_buying(market: Open) -> None:
    shop = market("replicate")

    assert shop.vendor.probe() == "rehearsal"
    with pytest.raises(Permanent, match="key refused"):
        market("replicate", with_key="wrong").vendor.probe()
    assert shop.billed() == 0


def test_after_an_hour_nobody_can_tell_any_more(market: Open) -> None:
    answer = market("replicate").vendor.look_up(lost(order(), seconds_ago=4_000))

    assert answer == Unknowable("it lists the orders of the last hour only")


@cache
def schemas() -> Any:
    return _as_json_schema(yaml.safe_load(OPENAPI.read_text(encoding="utf-8")))


def _as_json_schema(value: Any) -> Any:
    """What OpenAPI 3.0 says in words of its own; of `version`, whose choices overlap, any may hold."""
    if isinstance(value, list):
        return [_as_json_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {"anyOf" if name == "oneOf" else name: _as_json_schema(each) for name, each in value.items()}
    return {**found, "type": [found["type"], "null"]} if found.pop("nullable", False) else found


def valid(body: Any, name: str) -> Any:
    jsonschema.validate(body, {"$ref": f"#/components/schemas/{name}", **schemas()}, jsonschema.Draft202012Validator)
    return body


@pytest.mark.parametrize(
    ("faults", "seconds", "state"),
    [
        ({}, 0.0, "succeeded"),
        ({"fail": 1}, 0.0, "failed"),
        ({"moderated_after": 1}, 0.0, "failed"),
        ({}, 600.0, "canceled"),
    ],
)
def test_its_answers_are_those_of_its_document(
    market: Open, faults: dict[str, int], seconds: float, state: str
) -> None:
    shop = market("replicate", latency_seconds=seconds, **faults)
    with httpx.Client(base_url=f"http://127.0.0.1:{shop.address.port}/replicate/v1", headers=KEY) as client:
        asked = valid({"input": {"prompt": "sea"}}, "schemas_prediction_request")
        path = "/models/black-forest-labs/flux-schnell/predictions"
        taken = valid(client.post(path, json=asked).raise_for_status().json(), "schemas_prediction_response")
        if seconds:
            client.post(f"/predictions/{taken['id']}/cancel").raise_for_status()

        ended = valid(client.get(f"/predictions/{taken['id']}").json(), "schemas_prediction_response")
        listed = valid(client.get("/predictions").json(), "schemas_paginated_prediction_response")
        sent = client.post("/files", files={"content": ("a.txt", b"sea", "text/plain")})

        valid(sent.json(), "schemas_file_response")
        valid(client.get("/account").json(), "account")
    assert (ended["status"], [each["id"] for each in listed["results"]]) == (state, [taken["id"]])


def test_when_it_takes_orders_again_may_stand_in_its_words_alone() -> None:
    words = "Request was throttled. Your rate limit resets in ~30s."

    said = Replicate().refusal(answer({"detail": words}, 429))

    assert (said.trouble, said.words, said.seconds) == (Trouble.BUSY, words, 30.0)


def test_an_order_is_that_of_its_document(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "teal").save(tmp_path / "in.png")
    larger = Order("k", "upscale", "real-esrgan", {"image": "image"}, inputs={"image": tmp_path / "in.png"})
    callback, taken = "https://here.example/calls/replicate/secret", answer({"id": "p1"})
    sent = answer({"urls": {"get": "https://api.replicate.com/v1/files/f1"}})

    (of_name,), _ = held(Replicate().submit(purchase("replicate/flux-schnell", order(), callback)), taken)
    (_, of_version), _ = held(Replicate().submit(purchase("replicate/real-esrgan", larger, callback)), sent, taken)

    valid(of_name.json, "schemas_prediction_request")
    valid(of_version.json, "schemas_version_prediction_request")


def test_a_document_that_is_not_kept_to_is_noticed() -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid({"id": "x", "status": "done"}, "schemas_prediction_response")


def test_an_order_may_be_waited_for(market: Open) -> None:
    shop = market("replicate", latency_seconds=0.3)
    url = f"http://127.0.0.1:{shop.address.port}/replicate/v1/models/black-forest-labs/flux-schnell/predictions"
    asked = {"json": {"input": {"prompt": "sea"}}, "timeout": 60}

    waited = httpx.post(url, headers={**KEY, "Prefer": "wait"}, **asked).json()
    at_once = httpx.post(url, headers={**KEY, "Prefer": "wait=99"}, **asked).json()

    assert waited["status"] == "succeeded"
    assert at_once["status"] in ("starting", "processing")
