"""What is true of every vendor's adapter against its simulated API, over real HTTP."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from fastapi.routing import APIRoute
from PIL import Image
from starlette.routing import Match

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
    name_at_vendor,
)
from pressroom.simulator.app import ROUTERS
from pressroom.simulator.serve import SPOKEN
from tests.simulator.conftest import APIS, Market, Open
from tests.simulator.test_at_once import ORDERS as AT_ONCE

SQUARE: Final = MediaInfo(Kind.IMAGE, mime_of("png"), 1024, 1024)


@dataclass(frozen=True)
class Habits:
    """What a vendor's contract lets it do; `usd_micros` is the price of one square picture of `model`."""

    model: str
    usd_micros: int
    lists: str = "nothing"  # or its orders, or their inputs as well
    cancels: bool = False
    settled_seconds: float = 0.0  # after which an order that is not listed never arrived
    any_size: bool = False


VENDORS: Final = {
    "bfl": Habits("flux-2-klein-4b", 14_000, any_size=True),
    "fal": Habits("flux-schnell", 3_000, "inputs", cancels=True, settled_seconds=340),
    "replicate": Habits("flux-schnell", 3_000, "inputs", cancels=True, settled_seconds=60),
    "runway": Habits("gen4_image", 80_000, cancels=True),
    "wavespeed": Habits("qwen-image-2.0", 30_000, "orders", settled_seconds=60),
}
every = pytest.mark.parametrize("name", VENDORS)
listing = pytest.mark.parametrize("name", [name for name, row in VENDORS.items() if row.lists != "nothing"])
telling = pytest.mark.parametrize("name", [name for name, row in VENDORS.items() if row.lists == "inputs"])


def order(name: str, prompt: str = "a calm sea") -> Order:
    params = {"prompt": prompt, "seed": 0}
    return Order("1:a:0", "generate_image", VENDORS[name].model, params, makes=SQUARE, callback_key="secret")


def placed(shop: Market) -> VendorJob:
    wanted = order(shop.vendor.name)
    answer = shop.vendor.submit(wanted)
    assert isinstance(answer, Pending)
    return VendorJob(answer.vendor_job_id, wanted.model)


def sizes(shop: Market, job: VendorJob) -> list[tuple[int, int]]:
    found = []

    def sink(file: VendorFile) -> None:
        with Image.open(file.source) as picture:
            found.append(picture.size)

    shop.vendor.fetch(job, sink)
    return found


def lost(shop: Market, *, seconds_ago: float = 0, others: frozenset[str] = frozenset()) -> LostOrder:
    wanted, sent = order(shop.vendor.name), datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, sent, others)


def test_every_vendor_that_is_played_is_tried() -> None:
    assert VENDORS.keys() | AT_ONCE.keys() == SPOKEN.keys() == APIS.keys()


def test_no_route_that_takes_any_name_stands_before_an_exact_one(market: Open) -> None:
    world = market("fal").world
    routes = [route for router in ROUTERS for route in router(world).routes if isinstance(route, APIRoute)]

    for route in routes:
        asked = {"type": "http", "path": re.sub(r"{[^}]*}", "any", route.path), "method": min(route.methods)}
        first = next(each for each in routes if each.matches(asked)[0] is Match.FULL)
        assert first is route, f"{first.path} shadows {route.path}"


@every
def test_a_picture_is_ordered_made_fetched_and_billed(market: Open, name: str) -> None:
    shop = market(name)

    job = placed(shop)

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    assert sizes(shop, job) == [(1024, 1024)]
    [sold] = shop.world.books.of(name)
    assert (shop.billed(), name_at_vendor(job.id)) == (VENDORS[name].usd_micros, sold.id)
    assert sold.fields["seed"] == 0


@every
def test_a_running_job_is_asked_again_and_cancelled_where_that_can_be(market: Open, name: str) -> None:
    shop = market(name, latency_seconds=600)
    job = placed(shop)
    assert shop.vendor.status(job).state is VendorState.RUNNING

    shop.vendor.cancel(job)

    cancelled = VendorState.CANCELLED if VENDORS[name].cancels else VendorState.RUNNING
    assert shop.vendor.status(job).state is cancelled


@every
def test_to_cancel_what_has_ended_changes_nothing(market: Open, name: str) -> None:
    shop = market(name)
    job = placed(shop)
    shop.vendor.status(job)

    shop.vendor.cancel(job)

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED
    assert sizes(shop, job) == [(1024, 1024)]


@every
@pytest.mark.parametrize("fault", ["lost_answer", "error_taken", "lost_order", "error"])
def test_what_may_have_arrived_is_a_lost_answer_and_is_sent_once(market: Open, name: str, fault: str) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(AnswerLost):
        shop.vendor.submit(order(name))

    assert len(shop.world.books.of(name)) == (fault in ("lost_answer", "error_taken"))


@listing
def test_a_lost_order_is_found_in_the_list(market: Open, name: str) -> None:
    shop = market(name, lost_answer=1)
    with pytest.raises(AnswerLost):
        shop.vendor.submit(order(name))

    found = shop.vendor.look_up(lost(shop))

    assert isinstance(found, Found)
    assert name_at_vendor(found.vendor_job_id) == shop.world.books.of(name)[0].id
    assert sizes(shop, VendorJob(found.vendor_job_id, VENDORS[name].model)) == [(1024, 1024)]


@listing
def test_an_order_that_never_arrived_is_absent_once_that_is_certain(market: Open, name: str) -> None:
    shop, settled = market(name), VENDORS[name].settled_seconds

    assert isinstance(shop.vendor.look_up(lost(shop, seconds_ago=settled - 20)), Undecided)
    assert shop.vendor.look_up(lost(shop, seconds_ago=settled + 20)) == Absent()


@listing
def test_two_orders_that_look_the_same_are_a_persons_decision(market: Open, name: str) -> None:
    shop = market(name)
    one, other = placed(shop), placed(shop)

    assert isinstance(shop.vendor.look_up(lost(shop, seconds_ago=VENDORS[name].settled_seconds + 20)), Unknowable)
    assert shop.vendor.look_up(lost(shop, others=frozenset({one.id}))) == Found(other.id)


@telling
def test_an_order_of_other_words_is_not_taken_for_it(market: Open, name: str) -> None:
    shop = market(name)
    shop.vendor.submit(order(name, "a wild sea"))

    assert isinstance(shop.vendor.look_up(lost(shop)), Undecided)


# What is ordered with a picture, of each vendor whose list has the inputs.
CUT_OUTS: Final = {"fal": "bria-background-remove", "replicate": "recraft-remove-background"}


def cut_out(name: str, photo: Path) -> tuple[Order, LostOrder]:
    params = {"image": "image"}
    wanted = Order("1:a:0", "remove_background", CUT_OUTS[name], params, inputs={"image": photo})
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    sent = datetime.now(UTC) - timedelta(seconds=VENDORS[name].settled_seconds + 20)
    return wanted, LostOrder("1:a:0", "remove_background", CUT_OUTS[name], params, sent, inputs={"image": digest})


def photos(folder: Path, *colors: str) -> list[Path]:
    for color in colors:
        Image.new("RGB", (60, 40), color).save(folder / f"{color}.png")
    return [folder / f"{color}.png" for color in colors]


@telling
def test_lost_orders_with_pictures_are_told_apart_by_them(market: Open, name: str, tmp_path: Path) -> None:
    shop, pictures = market(name, lost_answer=3), photos(tmp_path, "teal", "navy", "gold")
    wanted = [cut_out(name, photo) for photo in pictures]
    for one, _ in wanted:
        with pytest.raises(AnswerLost):
            shop.vendor.submit(one)

    found = [shop.vendor.look_up(replace(lost, rivals=2)) for _, lost in wanted]

    assert all(isinstance(each, Found) for each in found)
    assert [name_at_vendor(each.vendor_job_id) for each in found] == [sold.id for sold in shop.world.books.of(name)]


@telling
def test_an_order_of_another_picture_is_not_taken_for_it(market: Open, name: str, tmp_path: Path) -> None:
    shop, (one, other) = market(name), photos(tmp_path, "teal", "navy")
    shop.vendor.submit(cut_out(name, one)[0])

    assert shop.vendor.look_up(cut_out(name, other)[1]) == Absent()


@telling
def test_without_a_digest_only_an_order_alone_is_taken_for_it(market: Open, name: str, tmp_path: Path) -> None:
    shop, (photo, other) = market(name), photos(tmp_path, "teal", "navy")
    wanted, known = cut_out(name, photo)
    shop.vendor.submit(wanted)
    undigested = replace(known, inputs={"image": ""})

    assert isinstance(shop.vendor.look_up(undigested), Found)
    assert isinstance(shop.vendor.look_up(replace(undigested, rivals=1)), Unknowable)
    shop.vendor.submit(cut_out(name, other)[0])
    assert isinstance(shop.vendor.look_up(undigested), Unknowable)


@pytest.mark.parametrize("name", [name for name, row in VENDORS.items() if row.lists == "nothing"])
def test_nobody_can_tell_of_a_vendor_without_a_list(market: Open, name: str) -> None:
    shop = market(name)

    assert isinstance(shop.vendor.look_up(lost(shop, seconds_ago=5_000)), Unknowable)


@every
@pytest.mark.parametrize(
    ("fault", "trouble"),
    [("key", Trouble.KEY_REFUSED), ("credit", Trouble.OUT_OF_CREDIT), ("invalid", Trouble.INVALID)],
)
def test_a_refusal_costs_nothing_and_quotes_the_vendor(market: Open, name: str, fault: str, trouble: Trouble) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(Permanent, match='it says "') as raised:
        shop.vendor.submit(order(name))

    assert (raised.value.fields["trouble"], raised.value.fields["billed"]) == (trouble, FREE_OF_CHARGE)
    assert shop.billed() == 0


@every
@pytest.mark.parametrize("fault", ["busy", "unavailable"])
def test_a_busy_vendor_has_not_taken_the_order_and_takes_it_later(market: Open, name: str, fault: str) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(Retryable) as raised:
        shop.vendor.submit(order(name))

    assert (raised.value.fields["unsent"], shop.world.books.of(name)) == (True, [])
    assert raised.value.fields["retry_after_seconds"] > 0
    placed(shop)


@every
def test_what_is_withheld_after_it_was_made_is_charged(market: Open, name: str) -> None:
    shop = market(name, moderated_after=1)

    status = shop.vendor.status(placed(shop))

    assert (status.state, status.trouble) == (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS)
    assert status.billed != FREE_OF_CHARGE
    assert shop.billed() == VENDORS[name].usd_micros


@every
def test_a_model_that_fails_says_so_in_the_vendors_words(market: Open, name: str) -> None:
    shop = market(name, fail=1)

    status = shop.vendor.status(placed(shop))

    assert (status.state, status.trouble) == (VendorState.FAILED, Trouble.FAILED)
    assert status.reason


@every
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", Corrupt),
        ("empty", Corrupt),
        ("truncated", Corrupt),
        ("shortened", Corrupt),
        ("gone", Permanent),
        ("forbidden", Corrupt),
        ("noise", Corrupt),
        ("mislabelled", Corrupt),
        ("slow", Retryable),
    ],
)
def test_a_file_that_cannot_be_had_is_said_to_be_so(
    market: Open, name: str, fault: str, error: type[Exception]
) -> None:
    shop = market(name, download_seconds=1.0 if fault == "slow" else 20.0, **{fault: 1})
    job = placed(shop)
    assert shop.vendor.status(job).state is VendorState.SUCCEEDED

    with pytest.raises(error):
        sizes(shop, job)

    assert shop.billed() == VENDORS[name].usd_micros
    if fault != "forbidden":  # that stands in the order's answer
        assert sizes(shop, job)
    assert shop.billed() == VENDORS[name].usd_micros


@every
def test_what_is_no_word_on_the_job_is_asked_for_again(market: Open, name: str) -> None:
    """Given up, it would be bought twice."""
    faults = ("unreadable", "status_busy", "status_refused", "status_error", "status_lost")
    shop = market(name, **dict.fromkeys(faults, 1))
    job = placed(shop)

    for _ in faults:
        with pytest.raises(Retryable):
            shop.vendor.status(job)

    assert shop.vendor.status(job).state is VendorState.SUCCEEDED


@every
def test_a_key_is_tried_without_buying(market: Open, name: str) -> None:
    shop = market(name)

    shop.vendor.probe()

    with pytest.raises(Permanent, match="key refused"):
        market(name, with_key="wrong").vendor.probe()
    assert shop.billed() == 0


@every
def test_a_job_that_nobody_knows_is_gone(market: Open, name: str) -> None:
    job = VendorJob("00000000-0000-4000-8000-000000000000", VENDORS[name].model)

    with pytest.raises(Permanent, match="gone"):
        market(name).vendor.status(job)


@pytest.mark.parametrize("name", [name for name, row in VENDORS.items() if not row.any_size])
def test_what_the_model_cannot_make_is_refused_before_it_is_sent(market: Open, name: str) -> None:
    shop = market(name)
    ribbon = replace(order(name), makes=MediaInfo(Kind.IMAGE, mime_of("png"), 4_000, 200))

    with pytest.raises(Permanent, match="cannot make this"):
        shop.vendor.submit(ribbon)

    assert shop.world.books.of(name) == []
