"""Black Forest Labs' contract, answer by answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Link
from pressroom.providers.base import UNSAID, LostOrder, Order, Trouble, Unknowable, VendorJob, VendorState
from pressroom.providers.bfl import BlackForestLabs
from tests.support.conversations import answer, held, model, purchase

PRO = "bfl/flux-2-pro"
MAKES = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
ORDER = Order(
    "1:a:0", "generate_image", "flux-2-pro", {"prompt": "a calm sea", "seed": 0}, makes=MAKES, callback_key="key"
)
TAKEN = {"id": "abc", "polling_url": "https://api.eu1.bfl.ai/v1/get_result?id=abc", "cost": 4.5, "output_mp": 1.5}
JOB = VendorJob("abc@https://api.eu1.bfl.ai/v1/get_result", "flux-2-pro")


def test_the_answer_to_an_order_says_where_it_is_asked_for_and_what_it_costs() -> None:
    asked, pending = held(BlackForestLabs().submit(purchase(PRO, ORDER)), answer(TAKEN))

    [sent] = asked
    assert (sent.path, sent.spends) == ("/flux-2-pro", True)
    assert sent.json == {"prompt": "a calm sea", "seed": 0, "width": 1088, "height": 1360, **model(PRO).fixed}
    assert pending.vendor_job_id == JOB.id
    assert (pending.billed.usd_micros, pending.billed.meters) == (45_000, {"output_mp": 1.5})


@pytest.mark.parametrize("price", [{}, {"cost": -4.5}, {"cost": 1e30}, {"cost": float("nan")}, {"cost": "4.5"}])
def test_an_answer_without_a_price_is_no_bill(price: dict[str, Any]) -> None:
    _, pending = held(BlackForestLabs().submit(purchase(PRO, ORDER)), answer({"id": "abc", **price}))

    assert (pending.vendor_job_id, pending.billed) == ("abc", UNSAID)


def test_where_to_call_goes_with_a_secret_of_the_order() -> None:
    asked, _ = held(BlackForestLabs().submit(purchase(PRO, ORDER, "https://press.example/c/bfl/key")), answer(TAKEN))

    assert asked[0].json["webhook_url"] == "https://press.example/c/bfl/key"
    assert asked[0].json["webhook_secret"] == "key"


@pytest.mark.parametrize(
    ("job", "path", "query"),
    [
        (JOB, "https://api.eu1.bfl.ai/v1/get_result?id=abc", {}),
        (VendorJob("abc", "flux-2-pro"), "/get_result", {"id": "abc"}),
    ],
    ids=["as it said", "of which a call told"],
)
def test_a_job_is_asked_for_where_its_answer_said(job: VendorJob, path: str, query: dict[str, str]) -> None:
    ready = answer({"id": "abc", "status": "Ready", "result": {"sample": "https://delivery-eu1.bfl.ai/a.png"}})

    asked, outputs = held(BlackForestLabs().outputs(job, model(PRO)), ready)

    assert (asked[0].path, asked[0].query) == (path, query)
    assert outputs == [Link("https://delivery-eu1.bfl.ai/a.png")]


@pytest.mark.parametrize(
    ("said", "state", "trouble"),
    [
        ("Pending", VendorState.RUNNING, None),
        ("a new word", VendorState.RUNNING, None),
        ("Ready", VendorState.SUCCEEDED, None),
        ("Request Moderated", VendorState.FAILED, Trouble.MODERATED),
        ("Content Moderated", VendorState.FAILED, Trouble.MODERATED_AFTERWARDS),
        ("Error", VendorState.FAILED, Trouble.FAILED),
        ("Task not found", VendorState.FAILED, Trouble.GONE),
    ],
)
def test_each_status_is_of_a_kind(said: str, state: VendorState, trouble: Trouble | None) -> None:
    _, found = held(BlackForestLabs().status(JOB, model(PRO)), answer({"id": "abc", "status": said}))

    assert (found.state, found.trouble) == (state, trouble)


def test_nobody_can_tell_of_a_lost_order() -> None:
    lost = LostOrder("1:a:0", "generate_image", "flux-2-pro", ORDER.params, datetime.now(UTC))

    with pytest.raises(StopIteration) as ended:
        next(BlackForestLabs().look_up(lost, purchase(PRO, ORDER), 10))

    assert isinstance(ended.value.value, Unknowable)


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (402, {"error": "insufficient_credits", "message": "Insufficient credits."}, Trouble.OUT_OF_CREDIT),
        (403, {"detail": "Not authenticated"}, Trouble.KEY_REFUSED),
        (422, {"detail": [{"msg": "field required"}]}, Trouble.INVALID),
        (422, {"message": "The request was moderated."}, Trouble.MODERATED),
        (429, {"error": "rate_limit_exceeded", "retry_after": 2}, Trouble.BUSY),
        (500, {}, Trouble.UNAVAILABLE),
    ],
)
def test_each_no_is_of_a_kind(status: int, body: Any, trouble: Trouble) -> None:
    said = BlackForestLabs().refusal(answer(body, status))

    assert (said.trouble, said.seconds) == (trouble, 2.0 if status == 429 else None)
