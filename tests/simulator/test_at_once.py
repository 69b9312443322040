"""What holds for every vendor that answers with the files, against its simulated API, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PIL import Image

from pressroom.buying import journal
from pressroom.buying.job import Job
from pressroom.domain.errors import AnswerLost, Permanent, Refused, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import FREE_OF_CHARGE, Delivered, LostOrder, Order, Trouble, Unknowable, VendorFile
from pressroom.services.jobs import Reconciled, find_job, reconcile
from tests.simulator.conftest import Market, Open
from tests.support.studio import Studio

PORTRAIT = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
EFFECT = MediaInfo(Kind.AUDIO, mime_of("mp3"), duration_seconds=1.5)


def picture(model: str) -> Order:
    return Order("1:a:0", "generate_image", model, {"prompt": "a calm sea"}, makes=PORTRAIT)


# Vendor -> an order, and what it makes of it: a type, and the pixels of a portrait.
ORDERS = {
    "elevenlabs": (
        Order("1:a:0", "sound_effect", "sound-effects", {"prompt": "a calm sea"}, makes=EFFECT),
        (mime_of("mp3"), None),
    ),
    "gemini": (picture("gemini-nano-banana-2.1"), (mime_of("png"), (928, 1152))),
    "huggingface": (picture("flux-schnell"), (mime_of("png"), (1088, 1360))),
    "openai": (picture("gpt-image-2.6-flare"), (mime_of("png"), (1024, 1280))),
    "stability": (picture("core"), (mime_of("png"), (896, 1088))),
}
SILENT = ("huggingface",)  # where moderation says nothing
VENDORS = pytest.mark.parametrize("name", ORDERS)


def order(name: str) -> Order:
    return ORDERS[name][0]


def unknown(studio: Studio, name: str, model: str) -> Job:
    """An order of which nobody knows whether the vendor has it."""
    run = studio.begin(studio.plan("name: lost\nsteps:\n  scene: {uses: draw}\n"))
    key, now = "1:a:0", studio.context.now()
    with studio.context.database.write() as conn:
        journal.open_job(
            conn,
            run.account_id,
            order_key=key,
            node_key="a",
            run_id=run.id,
            provider=name,
            model=model,
            now=now,
            hold_id=run.hold_id,
        )
        return journal.mark_unknown(conn, key, "the line broke", now)


def seen(file: VendorFile) -> tuple[str, tuple[int, int] | None]:
    if not file.mime.startswith(Kind.IMAGE):
        return file.mime, None
    with Image.open(file.source) as made:
        return file.mime, made.size


def delivered(shop: Market, name: str) -> Delivered:
    answer = shop.vendor.submit(order(name))
    assert isinstance(answer, Delivered)
    return answer


@VENDORS
def test_the_file_is_in_the_answer_and_costs_what_the_vendor_charges(market: Open, name: str) -> None:
    shop = market(name)

    (file,) = (answer := delivered(shop, name)).files

    assert seen(file) == ORDERS[name][1]
    assert shop.billed() > 0
    assert answer.billed.usd_micros in (None, shop.billed())
    assert answer.billed.evidence


@VENDORS
def test_more_is_charged_than_was_expected(market: Open, name: str) -> None:
    answer = delivered(shop := market(name, overcharge=1), name)

    assert answer.billed.usd_micros in (None, shop.billed())


@VENDORS
@pytest.mark.parametrize("fault", ["lost_answer", "error_taken", "lost_order", "error"])
def test_nobody_can_say_what_became_of_a_lost_answer(market: Open, name: str, fault: str) -> None:
    shop = market(name, **{fault: 1})
    wanted = order(name)
    with pytest.raises(AnswerLost):
        shop.vendor.submit(wanted)

    lost = LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, datetime.now(UTC))

    assert isinstance(shop.vendor.look_up(lost), Unknowable)
    assert len(shop.world.books.of(name)) == (fault in ("lost_answer", "error_taken"))


@VENDORS
@pytest.mark.parametrize(
    ("fault", "trouble"),
    [("key", Trouble.KEY_REFUSED), ("credit", Trouble.OUT_OF_CREDIT), ("invalid", Trouble.INVALID)],
)
def test_a_refusal_costs_nothing_and_quotes_the_vendor(market: Open, name: str, fault: str, trouble: Trouble) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(Permanent, match=r': .* it says "') as raised:
        shop.vendor.submit(order(name))

    assert (raised.value.fields["trouble"], raised.value.fields["billed"]) == (trouble, FREE_OF_CHARGE)
    assert shop.billed() == 0


@pytest.mark.parametrize("name", [name for name in ORDERS if name not in SILENT])
@pytest.mark.parametrize("fault", ["moderated", "moderated_after"])
def test_what_is_moderated_is_a_definite_no(market: Open, name: str, fault: str) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(Permanent, match="change the prompt") as raised:
        shop.vendor.submit(order(name))

    assert raised.value.fields["trouble"] in (Trouble.MODERATED, Trouble.MODERATED_AFTERWARDS)
    assert (shop.billed() > 0) == (fault == "moderated_after")


@VENDORS
@pytest.mark.parametrize("fault", ["busy", "unavailable"])
def test_a_busy_vendor_has_taken_nothing_and_says_when_to_ask_again(market: Open, name: str, fault: str) -> None:
    shop = market(name, **{fault: 1})

    with pytest.raises(Retryable) as raised:
        shop.vendor.submit(order(name))

    assert raised.value.fields["retry_after_seconds"] >= 1
    assert shop.world.books.of(name) == []
    delivered(shop, name)


@VENDORS
@pytest.mark.parametrize("fault", ["html", "empty"])
def test_bytes_that_are_no_media_are_not_ordered_again(market: Open, name: str, fault: str) -> None:
    with pytest.raises(AnswerLost):
        market(name, **{fault: 1}).vendor.submit(order(name))


@pytest.mark.parametrize(
    ("name", "model"), [*((name, order(name).model) for name in ORDERS), ("gemini", "gemini-omni-1.2-flash-t2v")]
)
def test_what_a_vendor_does_not_know_is_not_adopted_by_hand(
    market: Open, studio: Studio, name: str, model: str
) -> None:
    seller = studio.with_vendor(market(name).vendor)
    job = unknown(seller, name, model)

    with pytest.raises(Refused, match=f"{name} does not know 'made-up'.*--billed USD, or --absent"):
        reconcile(seller.principal, seller.context, job.order_key, Reconciled(vendor_job_id="made-up"))

    assert find_job(seller.principal, seller.context, job.order_key) == job


@VENDORS
def test_a_key_is_tried_without_buying(market: Open, name: str) -> None:
    shop = market(name)

    shop.vendor.probe()
    with pytest.raises(Permanent, match="key refused"):
        market(name, with_key="wrong").vendor.probe()
    assert shop.billed() == 0
