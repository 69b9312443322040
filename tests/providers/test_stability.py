"""What Stability AI is sent, and what its answers come to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Answered, Denied, Inline
from pressroom.providers.base import FREE_OF_CHARGE, Billed, Order, Pending, Status, Trouble, VendorJob, VendorState
from pressroom.providers.http.messages import Request, Upload
from pressroom.providers.stability import POLL_SECONDS, Stability
from tests.support.conversations import answer, held, model, purchase

JOB = VendorJob("a1", "relight")
SEA = {"prompt": "a calm sea", "negative_prompt": "boats"}


def asked(params: dict[str, Any], reason: str = "SUCCESS") -> tuple[Request, Any]:
    wanted = Order("1:a:0", "generate_image", "core", params, makes=MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350))
    made = answer(b"made", headers={"finish-reason": reason, "x-request-id": "r1", "seed": "7"})
    (request,), value = held(Stability().submit(purchase("stability/core", wanted)), made)
    return request, value


def status(body: Any, code: int = 200, reason: str = "SUCCESS") -> Status:
    headers = {"finish-reason": reason, "content-type": mime_of("png")}
    _, found = held(Stability().status(JOB, model("stability/relight")), answer(body, code, headers))
    return found


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (80, 60), "teal").save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_form_says_everything_once() -> None:
    request, _ = asked({**SEA, "seed": 7})

    assert (request.method, request.path, request.spends) == ("POST", "/v2beta/stable-image/generate/core", True)
    assert request.headers == {"Accept": "image/*"}
    assert request.form == {
        "prompt": "a calm sea",
        "negative_prompt": "boats",
        "seed": "7",
        "aspect_ratio": "4:5",
        "output_format": "png",
    }


def test_seed_zero_which_means_any_there_becomes_a_seed() -> None:
    request, _ = asked({**SEA, "seed": 0})

    assert request.form is not None
    assert request.form["seed"] == "4294967294"


def test_a_style_goes_into_its_parameter_and_one_that_it_does_not_know_behind_the_prompt() -> None:
    named, _ = asked({**SEA, "preset": "anime"})
    other, _ = asked({**SEA, "preset": "photorealistic"})

    assert named.form is not None
    assert other.form is not None
    assert (named.form["prompt"], named.form["style_preset"]) == ("a calm sea", "anime")
    assert str(other.form["prompt"]).startswith("a calm sea, ")
    assert "style_preset" not in other.form


def test_the_file_is_in_the_answer() -> None:
    evidence = {"x-request-id": "r1", "seed": "7", "finish-reason": "SUCCESS"}

    assert asked(SEA)[1] == Answered([Inline(b"made")], Billed(evidence=evidence))


def test_what_is_filtered_is_moderated_and_may_have_been_charged() -> None:
    with pytest.raises(Denied) as raised:
        asked(SEA, "CONTENT_FILTERED")

    said = raised.value.said
    assert (said.trouble, said.billed.usd_micros) == (Trouble.MODERATED_AFTERWARDS, None)


def test_a_new_background_is_polled_for_by_its_id(photo: Path) -> None:
    params = {"image": "image", "prompt": "a beach", "light": "left"}
    wanted = Order("k", "replace_background", "relight", params, inputs={"image": photo})

    (request,), value = held(Stability().submit(purchase("stability/relight", wanted)), answer({"id": "a1"}))

    assert value == Pending("a1", POLL_SECONDS)
    assert request.form is not None
    assert request.form["subject_image"] == Upload(photo, mime_of("png"), "photo.png")
    assert (request.form["background_prompt"], request.form["light_source_direction"]) == ("a beach", "left")


def test_a_job_is_running_done_or_withheld() -> None:
    running = status({"id": "a1", "status": "in-progress"}, 202)
    withheld = status(b"blurred", reason="CONTENT_FILTERED")

    assert (running.state, running.retry_after_seconds) == (VendorState.RUNNING, POLL_SECONDS)
    assert status(b"made").state is VendorState.SUCCEEDED
    assert (withheld.state, withheld.trouble) == (VendorState.FAILED, Trouble.MODERATED_AFTERWARDS)


@pytest.mark.parametrize(
    ("code", "name", "trouble"),
    [
        (400, "bad_request", Trouble.INVALID),
        (401, "unauthorized", Trouble.KEY_REFUSED),
        (402, "payment_required", Trouble.OUT_OF_CREDIT),
        (403, "permission_denied", Trouble.KEY_REFUSED),
        (404, "generation_not_found", Trouble.GONE),
        (413, "payload_too_large", Trouble.INVALID),
        (422, "invalid_language", Trouble.INVALID),
        (500, "internal_error", Trouble.UNAVAILABLE),
    ],
)
def test_a_no_is_of_its_kind_and_in_its_words(code: int, name: str, trouble: Trouble) -> None:
    said = Stability().refusal(answer({"id": "x", "name": name, "errors": ["one", "two"]}, code))

    assert (said.trouble, said.words) == (trouble, "one; two")


def test_a_moderated_prompt_is_not_charged() -> None:
    said = Stability().refusal(answer({"id": "x", "name": "content_moderation", "errors": ["flagged"]}, 403))

    assert (said.trouble, said.billed) == (Trouble.MODERATED, FREE_OF_CHARGE)


def test_who_asked_too_often_waits_a_minute() -> None:
    assert Stability().refusal(answer({"errors": ["slow down"]}, 429)).seconds == 60.0
