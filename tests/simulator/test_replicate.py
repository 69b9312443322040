"""Replicate's adapter against Replicate's simulated API, over real HTTP: what is bought, what is lost, what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    Absent,
    Found,
    LostOrder,
    Order,
    Pending,
    Trouble,
    Undecided,
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


def test_a_running_job_is_asked_again_and_can_be_cancelled(market: Open) -> None:
    shop = market("replicate", latency_seconds=60)
    job = placed(shop)
    assert shop.vendor.status(job).state is VendorState.RUNNING

    shop.vendor.cancel(job)

    assert shop.vendor.status(job).state is VendorState.CANCELLED


@pytest.mark.parametrize("fault", ["lost_answer", "error_taken"])
def test_an_order_whose_answer_was_lost_is_found_in_the_list(market: Open, fault: str) -> None:
    shop = market("replicate", **{fault: 1})
    wanted = order()
    with pytest.raises(AnswerLost):
        shop.vendor.submit(wanted)

    found = shop.vendor.look_up(lost(wanted))

    assert found == Found(shop.world.books.of("replicate")[0].id)


@pytest.mark.parametrize("fault", ["lost_order", "error"])
def test_an_order_that_never_arrived_is_absent_once_that_is_certain(market: Open, fault: str) -> None:
    shop = market("replicate", **{fault: 1})
    wanted = order()
    with pytest.raises(AnswerLost):
        shop.vendor.submit(wanted)

    assert isinstance(shop.vendor.look_up(lost(wanted, seconds_ago=5)), Undecided)
    assert shop.vendor.look_up(lost(wanted, seconds_ago=90)) == Absent()
    assert isinstance(shop.vendor.look_up(lost(wanted, seconds_ago=4_000)), Unknowable)


def test_two_orders_that_look_the_same_are_a_persons_decision(market: Open) -> None:
    shop = market("replicate")
    one, other = placed(shop), placed(shop)

    assert isinstance(shop.vendor.look_up(lost(order())), Unknowable)
    assert shop.vendor.look_up(lost(order(), others=frozenset({one.id}))) == Found(other.id)


def test_an_order_of_other_words_is_not_taken_for_it(market: Open) -> None:
    shop = market("replicate")
    placed(shop)

    assert shop.vendor.look_up(lost(order(prompt="a wild sea", seed=7), seconds_ago=90)) == Absent()


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("key", Trouble.KEY_REFUSED),
        ("credit", Trouble.OUT_OF_CREDIT),
        ("invalid", Trouble.INVALID),
    ],
)
def test_a_refusal_costs_nothing_and_quotes_the_vendor(market: Open, fault: str, trouble: Trouble) -> None:
    shop = market("replicate", **{fault: 1})

    with pytest.raises(Permanent, match=r'Replicate: .* it says "') as raised:
        shop.vendor.submit(order())

    assert (raised.value.fields["trouble"], raised.value.fields["billed"]) == (trouble, FREE_OF_CHARGE)
    assert shop.billed() == 0


@pytest.mark.parametrize(("fault", "seconds"), [("busy", 1.0), ("unavailable", 5.0)])
def test_a_busy_vendor_says_when_to_ask_again(market: Open, fault: str, seconds: float) -> None:
    shop = market("replicate", **{fault: 1})

    with pytest.raises(Retryable) as raised:
        shop.vendor.submit(order())

    assert (raised.value.fields["retry_after_seconds"], shop.world.books.of("replicate")) == (seconds, [])
    placed(shop)


def test_what_is_withheld_after_it_was_made_is_charged_and_not_our_advice(market: Open) -> None:
    shop = market("replicate", moderated_after=1)

    status = shop.vendor.status(placed(shop))

    assert (status.state, status.trouble) == (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS)
    assert shop.billed() == 3_000


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", Corrupt), ("empty", Corrupt), ("truncated", Retryable), ("gone", Permanent), ("forbidden", Corrupt)],
)
def test_a_file_that_cannot_be_had_is_said_to_be_so(market: Open, fault: str, error: type[Exception]) -> None:
    shop = market("replicate", **{fault: 1})
    job = placed(shop)
    assert shop.vendor.status(job).state is VendorState.SUCCEEDED

    with pytest.raises(error):
        fetched(shop, job)


def test_an_answer_that_is_no_json_is_asked_for_again(market: Open) -> None:
    shop = market("replicate", unreadable=1)
    job = placed(shop)

    with pytest.raises(Retryable):
        shop.vendor.status(job)

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED


def test_a_key_is_tried_without_buying(market: Open) -> None:
    shop = market("replicate")

    assert shop.vendor.probe() == "rehearsal"
    with pytest.raises(Permanent, match="key refused"):
        market("replicate", key="wrong").vendor.probe()
    assert shop.billed() == 0


def test_a_job_that_nobody_knows_is_gone(market: Open) -> None:
    with pytest.raises(Permanent, match="gone"):
        market("replicate").vendor.status(VendorJob("nothing", "flux-schnell"))


def test_what_the_model_cannot_make_is_refused_before_it_is_sent(market: Open) -> None:
    shop = market("replicate")
    banner = replace(order(), makes=MediaInfo(Kind.IMAGE, mime_of("png"), 3000, 400))

    with pytest.raises(Permanent, match="none of what it makes"):
        shop.vendor.submit(banner)

    assert shop.world.books.of("replicate") == []
