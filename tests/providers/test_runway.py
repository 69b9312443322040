"""What Runway is sent for clips, pictures and sound, and what its tasks come to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Link
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Billed,
    Charge,
    Order,
    Pending,
    Status,
    Trouble,
    VendorJob,
    VendorState,
)
from pressroom.providers.http.messages import Upload
from pressroom.providers.runway import MOST_INLINE_BYTES, POLL_SECONDS, VERSION, Runway
from tests.support.conversations import answer, held, model, purchase

JOB = VendorJob("t1", "gen4_turbo")
CLIP = MediaInfo(Kind.VIDEO, mime_of("mp4"), 1280, 720, 5.0)
TAKEN = answer({"id": "t1", "estimatedCost": {"credits": 25}})
HEADERS = {"X-Runway-Version": VERSION}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (80, 60), "teal").save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def film(photo: Path) -> Order:
    params = {"image": "image", "prompt": "waves", "seed": 0}
    return Order("1:a:0", "image_to_video", "gen4_turbo", params, inputs={"image": photo}, makes=CLIP)


def status(body: dict[str, Any]) -> Status:
    _, found = held(Runway().status(JOB, model("runway/gen4_turbo")), answer({"id": "t1", **body}))
    return found


def test_everything_that_costs_money_is_said_and_it_is_said_once(photo: Path) -> None:
    (request,), pending = held(Runway().submit(purchase("runway/gen4_turbo", film(photo))), TAKEN)

    assert (request.method, request.path, request.spends) == ("POST", "/v1/image_to_video", True)
    assert request.headers == HEADERS
    assert request.json.pop("promptImage").startswith("data:image/png;base64,")
    assert request.json == {"model": "gen4_turbo", "promptText": "waves", "seed": 0, "ratio": "1280:720", "duration": 5}
    assert pending == Pending("t1", POLL_SECONDS, Billed(evidence={"task": "t1", "estimated_credits": 25}))


def test_a_large_file_is_uploaded_first(photo: Path) -> None:
    with photo.open("ab") as file:
        file.write(bytes(MOST_INLINE_BYTES))
    ticket = answer({"uploadUrl": "https://up.example/x", "fields": {"key": "k"}, "runwayUri": "runway://k"})
    done = answer(b"", 204)

    asked, _ = held(Runway().submit(purchase("runway/gen4_turbo", film(photo))), ticket, done, TAKEN)

    assert [(request.method, request.path, request.spends) for request in asked] == [
        ("POST", "/v1/uploads", False),
        ("POST", "https://up.example/x", False),
        ("POST", "/v1/image_to_video", True),
    ]
    assert asked[0].json == {"filename": "photo.png", "type": "ephemeral"}
    assert asked[1].form == {"key": "k", "file": Upload(photo, mime_of("png"), "photo.png")}
    assert asked[2].json["promptImage"] == "runway://k"


def test_sound_is_silent_unless_it_is_asked_for() -> None:
    order = Order(
        "1:a:0", "text_to_video", "veo3.1-text", {"prompt": "waves"}, makes=MediaInfo(Kind.VIDEO, "", 1920, 1080, 6.0)
    )

    (request,), _ = held(Runway().submit(purchase("runway/veo3.1-text", order)), answer({"id": "t1"}))

    assert request.path == "/v1/text_to_video"
    assert request.json == {
        "model": "veo3.1",
        "promptText": "waves",
        "audio": False,
        "ratio": "1920:1080",
        "duration": 6,
        "seed": 0,
    }


def test_a_voice_is_a_preset() -> None:
    order = Order(
        "1:a:0", "speak", "eleven_multilingual_v2", {"text": "Hello"}, makes=MediaInfo(Kind.AUDIO, mime_of("mp3"))
    )

    (request,), pending = held(Runway().submit(purchase("runway/eleven_multilingual_v2", order)), answer({"id": "t1"}))

    assert request.path == "/v1/text_to_speech"
    assert request.json["voice"] == {"type": "runway-preset", "presetId": "Maya"}
    assert pending.billed == UNSAID


def test_a_sound_has_its_length() -> None:
    makes = MediaInfo(Kind.AUDIO, mime_of("mp3"), duration_seconds=1.5)
    order = Order("1:a:0", "sound_effect", "eleven_text_to_sound_v2", {"prompt": "rain"}, makes=makes)

    (request,), _ = held(Runway().submit(purchase("runway/eleven_text_to_sound_v2", order)), answer({"id": "t1"}))

    assert request.path == "/v1/sound_effect"
    assert request.json == {"model": "eleven_text_to_sound_v2", "promptText": "rain", "loop": False, "duration": 1.5}


@pytest.mark.parametrize("state", ["PENDING", "THROTTLED", "RUNNING"])
def test_a_task_that_waits_or_runs_is_not_asked_for_too_often(state: str) -> None:
    assert status({"status": state}) == Status(VendorState.RUNNING, retry_after_seconds=POLL_SECONDS)


@pytest.mark.parametrize(("credits", "usd_micros"), [(25, 250_000), (0, 0)])
def test_what_has_ended_says_what_it_cost(credits: int, usd_micros: int) -> None:
    billed = Billed(usd_micros, evidence={"task": "t1", "credits": credits})

    assert status({"status": "SUCCEEDED", "cost": {"credits": credits}, "output": []}).billed == billed
    assert status({"status": "FAILED", "cost": {"credits": credits}, "failure": "no"}).billed == billed
    cancelled = status({"status": "CANCELLED", "cost": {"credits": credits}})
    assert (cancelled.state, cancelled.billed) == (VendorState.CANCELLED, billed)


def test_what_tasks_cost_is_asked_of_each() -> None:
    made = {"id": "t1", "status": "SUCCEEDED", "createdAt": "2026-11-29T12:00:00Z", "cost": {"credits": 25}}
    running = {"id": "t2", "status": "RUNNING", "createdAt": "2026-11-29T12:00:00Z"}
    jobs = [VendorJob(name, "gen4_turbo") for name in ("t1", "t2", "t3")]
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)

    _, found = held(Runway().charges(now, now, jobs), answer(made), answer(running), answer({"error": "no"}, 404))

    billed = Billed(250_000, evidence={"task": "t1", "credits": 25})
    assert found == [Charge("t1", "gen4_turbo", now, billed)]


@pytest.mark.parametrize(
    "cost", [{}, {"cost": None}, {"cost": {}}, {"cost": {"credits": None}}, {"cost": {"credits": -5}}]
)
def test_a_bill_that_is_not_said_is_not_guessed(cost: dict[str, Any]) -> None:
    assert status({"status": "SUCCEEDED", "output": [], **cost}).billed == UNSAID != FREE_OF_CHARGE


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("SAFETY.INPUT.TEXT", Trouble.MODERATED),
        ("SAFETY.OUTPUT.VIDEO", Trouble.MODERATED_AFTERWARDS),
        ("ASSET.INVALID", Trouble.INVALID),
        ("INTERNAL.BAD_OUTPUT.CODE01", Trouble.FAILED),
        ("", Trouble.FAILED),
    ],
)
def test_a_failure_is_of_its_kind(code: str, trouble: Trouble) -> None:
    found = status({"status": "FAILED", "failure": "no", "failureCode": code})

    assert (found.state, found.trouble) == (VendorState.FAILED, trouble)
    assert found.reason == (f"no ({code})" if code else "no")


def test_files_are_named_by_the_task() -> None:
    body = {"id": "t1", "status": "SUCCEEDED", "output": ["https://a.example/1", "https://a.example/2"]}

    _, outputs = held(Runway().outputs(JOB, model("runway/gen4_turbo")), answer(body))

    assert outputs == [Link("https://a.example/1"), Link("https://a.example/2", "1")]


def test_what_has_not_ended_is_stopped() -> None:
    asked, _ = held(Runway().cancel(JOB, model("runway/gen4_turbo")), answer({"status": "THROTTLED"}), answer(b"", 204))

    assert [(request.method, request.path) for request in asked] == [
        ("GET", "/v1/tasks/t1"),
        ("DELETE", "/v1/tasks/t1"),
    ]


def test_what_has_ended_is_not_deleted() -> None:
    (request,), _ = held(Runway().cancel(JOB, model("runway/gen4_turbo")), answer({"status": "SUCCEEDED"}))

    assert request.method == "GET"


@pytest.mark.parametrize(
    ("code", "body", "trouble", "words"),
    [
        (400, {"error": "You do not have enough credits to run this task."}, Trouble.OUT_OF_CREDIT, "You do not have"),
        (400, {"error": "It did not pass moderation."}, Trouble.MODERATED, "It did not"),
        (
            400,
            {"error": "Invalid", "issues": [{"path": ["duration"], "message": "too big"}]},
            Trouble.INVALID,
            "Invalid; duration: too big",
        ),
        (401, {"error": "no"}, Trouble.KEY_REFUSED, "no"),
        (404, {"error": "no"}, Trouble.GONE, "no"),
        (429, {"error": "no"}, Trouble.BUSY, "no"),
        (502, {"error": "no"}, Trouble.UNAVAILABLE, "no"),
        (503, {"error": "no"}, Trouble.BUSY, "no"),
        (504, b"<html>", Trouble.TIMED_OUT, ""),
    ],
)
def test_a_no_is_of_its_kind_and_in_its_words(code: int, body: Any, trouble: Trouble, words: str) -> None:
    said = Runway().refusal(answer(body, code))

    assert said.trouble is trouble
    assert said.words.startswith(words)
