"""fal's contract, answer by answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pressroom.domain.errors import Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Link
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Absent,
    Billed,
    Found,
    LostOrder,
    Order,
    Pending,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.fal import Fal
from tests.support.conversations import answer, held, model, purchase

SCHNELL = "fal/flux-schnell"
MAKES = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1440)
ORDER = Order("1:a:0", "generate_image", "flux-schnell", {"prompt": "a calm sea", "seed": 0}, makes=MAKES)
JOB = VendorJob("abc@fal-ai/flux/schnell", "flux-schnell")
SENT = datetime(2026, 11, 30, 12, tzinfo=UTC)
COMPLETED = answer({"status": "COMPLETED", "request_id": "abc"})


def item(name: str = "abc", **more: Any) -> dict[str, Any]:
    said = {"prompt": "a calm sea", "seed": 0, "image_size": "portrait_4_3", **model(SCHNELL).fixed}
    return {"request_id": name, "sent_at": "2026-11-30T12:00:01Z", "json_input": said, **more}


def looked_up(age_seconds: float, *items: dict[str, Any], others: frozenset[str] = frozenset()) -> Any:
    lost = LostOrder("1:a:0", "generate_image", "flux-schnell", ORDER.params, SENT, others)
    asked, found = held(
        Fal().look_up(lost, purchase(SCHNELL, ORDER), age_seconds), answer({"items": items, "has_more": False})
    )
    assert (asked[0].host, asked[0].query["start"]) == ("platform", "2026-11-30T11:00:00Z")
    return found


def test_an_order_is_sent_once_with_everything_that_costs_and_its_id_carries_the_endpoint() -> None:
    asked, pending = held(
        Fal().submit(purchase(SCHNELL, ORDER, "https://press.example/c/fal/key")), answer({"request_id": "abc"})
    )

    [sent] = asked
    assert (sent.method, sent.path, sent.spends) == ("POST", "/fal-ai/flux/schnell", True)
    assert sent.query == {"fal_webhook": "https://press.example/c/fal/key"}
    assert sent.json == item()["json_input"]
    assert pending == Pending("abc@fal-ai/flux/schnell", 1.0)


@pytest.mark.parametrize("state", ["IN_QUEUE", "IN_PROGRESS"])
def test_a_job_is_asked_for_below_its_app(state: str) -> None:
    asked, status = held(Fal().status(JOB, model(SCHNELL)), answer({"status": state}, 202))

    assert asked[0].path == "/fal-ai/flux/requests/abc/status"
    assert status.state is VendorState.RUNNING


def test_a_job_of_which_only_the_name_is_known_is_asked_for_at_its_models_endpoint() -> None:
    asked, _ = held(Fal().status(VendorJob("abc", "flux-schnell"), model(SCHNELL)), answer({"status": "IN_QUEUE"}, 202))

    assert asked[0].path == "/fal-ai/flux/requests/abc/status"


def test_a_made_job_is_billed_by_the_units_that_it_counts() -> None:
    made = answer({"images": [{"url": "https://v3.fal.media/a.png"}]}, headers={"x-fal-billable-units": "0.79"})

    _, status = held(Fal().status(JOB, model(SCHNELL)), COMPLETED, made)
    _, outputs = held(Fal().outputs(JOB, model(SCHNELL)), made)

    billed = Billed(2_370, evidence={"request": "abc", "billable_units": "0.79"})
    assert (status.state, status.billed) == (VendorState.SUCCEEDED, billed)
    assert outputs == [Link("https://v3.fal.media/a.png")]


@pytest.mark.parametrize(("name", "units"), [("fal/bria-background-remove", "1"), ("fal/flux-schnell", "many")])
def test_units_that_are_not_the_catalogs_name_no_amount(name: str, units: str) -> None:
    made = answer({"images": [{"url": "https://v3.fal.media/a.png"}]}, headers={"x-fal-billable-units": units})

    _, status = held(Fal().status(JOB, model(name)), COMPLETED, made)

    assert (status.state, status.billed.usd_micros) == (VendorState.SUCCEEDED, None)


def test_a_picture_that_is_withheld_is_no_picture() -> None:
    made = answer({"images": [{"url": "https://v3.fal.media/a.png"}], "has_nsfw_concepts": [True]})

    _, status = held(Fal().status(JOB, model(SCHNELL)), COMPLETED, made)

    assert (status.state, status.trouble) == (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS)


@pytest.mark.parametrize(
    ("status", "kind", "trouble", "billed"),
    [
        (422, "content_policy_violation", Trouble.MODERATED_AFTERWARDS, UNSAID),
        (422, "value_error", Trouble.INVALID, UNSAID),
        (500, "internal_error", Trouble.FAILED, FREE_OF_CHARGE),
        (504, "startup_timeout", Trouble.TIMED_OUT, FREE_OF_CHARGE),
    ],
)
def test_a_job_that_ended_badly_is_completed_with_an_error(
    status: int, kind: str, trouble: Trouble, billed: object
) -> None:
    said = answer({"status": "COMPLETED", "error": "it did not work", "error_type": kind})
    result = answer({"detail": [{"loc": ["body"], "msg": "no", "type": kind}]}, status)

    _, found = held(Fal().status(JOB, model(SCHNELL)), said, result)

    assert (found.state, found.trouble, found.billed, found.reason) == (VendorState.FAILED, trouble, billed, "no")


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504])
def test_a_result_that_cannot_be_had_now_is_no_failure_of_the_job(status: int) -> None:
    with pytest.raises(Retryable):
        held(Fal().status(JOB, model(SCHNELL)), COMPLETED, answer({"detail": "try again"}, status))


def test_what_names_no_file_hands_out_none() -> None:
    assert held(Fal().outputs(JOB, model(SCHNELL)), answer({"images": [], "seed": 1}))[1] == []


def test_a_lost_order_is_found_by_its_inputs_and_others_are_left_alone() -> None:
    assert looked_up(2, item("one"), item("two"), others=frozenset({"one@fal-ai/flux/schnell"})) == Found(
        "two@fal-ai/flux/schnell"
    )


@pytest.mark.parametrize(
    "items", [[item("one"), item("two")], [item(json_input=None)]], ids=["two alike", "one without its inputs"]
)
def test_what_might_be_it_is_a_persons_decision(items: list[dict[str, Any]]) -> None:
    assert isinstance(looked_up(1_000, *items), Unknowable)


def test_an_order_that_is_not_listed_waits_until_it_must_have_ended_and_is_looked_for_meanwhile() -> None:
    waits = [looked_up(age, item(sent_at="2026-11-30T11:30:00Z")) for age in (0, 10, 40, 200, 335)]

    assert waits == [Undecided(5.0), Undecided(10.0), Undecided(40.0), Undecided(60.0), Undecided(6.0)]
    assert looked_up(341) == Absent()


def test_a_list_that_goes_on_is_followed_and_not_without_end() -> None:
    lost = LostOrder("1:a:0", "generate_image", "flux-schnell", ORDER.params, SENT)
    page = answer({"items": [item(json_input={})], "has_more": True, "next_cursor": "c1"})

    asked, found = held(Fal().look_up(lost, purchase(SCHNELL, ORDER), 5), *[page] * 5)

    assert [request.query.get("cursor") for request in asked] == [None, "c1", "c1", "c1", "c1"]
    assert isinstance(found, Unknowable)


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (401, {"detail": "Authentication is required"}, Trouble.KEY_REFUSED),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, Trouble.OUT_OF_CREDIT),
        (403, {"detail": "Forbidden"}, Trouble.KEY_REFUSED),
        (404, {"status": "NOT_FOUND"}, Trouble.GONE),
        (422, {"detail": [{"msg": "no", "type": "content_policy_violation"}]}, Trouble.MODERATED),
        (429, {"detail": "slow down"}, Trouble.BUSY),
        (503, {"detail": "later"}, Trouble.BUSY),
        (502, {}, Trouble.UNAVAILABLE),
    ],
)
def test_each_no_is_of_a_kind(status: int, body: Any, trouble: Trouble) -> None:
    assert Fal().refusal(answer(body, status)).trouble is trouble
