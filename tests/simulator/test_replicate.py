"""Replicate's adapter against Replicate's simulated API, over real HTTP: what is bought, what is lost, what it costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import (
    LostOrder,
    Order,
    Pending,
    Unknowable,
    VendorFile,
    VendorJob,
    VendorState,
)
from tests.simulator.conftest import Market, Open

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
