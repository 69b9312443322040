"""Runway's adapter against Runway's simulated API: clips, sound, uploads, and what only Runway does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.media.files.probe import probe
from pressroom.providers.base import Order, Pending, VendorFile, VendorJob, VendorState
from pressroom.providers.runway import MOST_INLINE_BYTES, VERSION
from tests.simulator.conftest import Market, Open

KEY = {"Authorization": "Bearer key_rehearsal", "X-Runway-Version": VERSION}
CLIP = MediaInfo(Kind.VIDEO, mime_of("mp4"), 1280, 720, 2.0)
PICTURE = {"model": "gen4_image", "promptText": "sea", "ratio": "720:720"}
SOUND = Order(
    "k",
    "sound_effect",
    "eleven_text_to_sound_v2",
    {"prompt": "rain"},
    makes=MediaInfo(Kind.AUDIO, mime_of("mp3"), duration_seconds=1.5),
)


def placed(shop: Market, order: Order) -> VendorJob:
    answer = shop.vendor.submit(order)
    assert isinstance(answer, Pending)
    return VendorJob(answer.vendor_job_id, order.model)


def made(shop: Market, order: Order, folder: Path) -> MediaInfo:
    job = placed(shop, order)
    status = shop.vendor.status(job)
    assert (status.state, status.billed.usd_micros) == (VendorState.SUCCEEDED, shop.billed())
    found: list[MediaInfo] = []

    def sink(file: VendorFile) -> None:
        assert isinstance(file.source, Path)
        found.append(probe(file.source, MediaLimits(), ffmpeg_program("")))

    shop.vendor.fetch(job, sink)
    [info] = found
    return info


def base(shop: Market) -> str:
    return f"http://127.0.0.1:{shop.address.port}/runway/v1"


def sold_as(shop: Market, job: VendorJob) -> Any:
    return shop.world.books.find("runway", job.id)


@pytest.mark.parametrize("bytes_more", [0, MOST_INLINE_BYTES], ids=["inside the order", "uploaded first"])
def test_a_picture_becomes_a_clip(market: Open, tmp_path: Path, bytes_more: int) -> None:
    shop, photo = market("runway"), tmp_path / "shoe.png"
    Image.new("RGB", (64, 36), "teal").save(photo)
    with photo.open("ab") as file:
        file.write(bytes(bytes_more))
    params = {"image": "image", "prompt": "waves"}

    info = made(shop, Order("k", "image_to_video", "gen4_turbo", params, inputs={"image": photo}, makes=CLIP), tmp_path)

    assert (info.mime, info.width, info.height, info.duration_seconds) == (mime_of("mp4"), 1280, 720, 2.0)
    assert shop.billed() == 100_000


def test_sound_doubles_the_price_of_a_clip(market: Open) -> None:
    shop = market("runway")
    quiet = Order("k", "text_to_video", "veo3.1-text", {"prompt": "waves"}, makes=replace(CLIP, duration_seconds=4.0))
    loud = replace(quiet, params={"prompt": "waves", "generate_audio": True})

    assert [shop.world.price(sold_as(shop, placed(shop, order))) for order in (quiet, loud)] == [800_000, 1_600_000]


def test_speech_is_charged_by_started_fifty_characters(market: Open, tmp_path: Path) -> None:
    shop = market("runway")
    order = Order(
        "k", "speak", "eleven_multilingual_v2", {"text": "x" * 51}, makes=MediaInfo(Kind.AUDIO, mime_of("mp3"))
    )

    assert made(shop, order, tmp_path).mime == mime_of("mp3")
    assert shop.billed() == 20_000


def test_a_sound_is_as_long_as_was_asked(market: Open, tmp_path: Path) -> None:
    shop = market("runway")

    info = made(shop, SOUND, tmp_path)

    assert (info.mime, shop.billed()) == (mime_of("mp3"), 20_000)
    assert info.duration_seconds == pytest.approx(1.5, abs=0.1)


def test_more_tasks_than_run_at_once_are_throttled_and_given_back_when_they_are_stopped(market: Open) -> None:
    shop = market("runway", latency_seconds=600)
    jobs = [placed(shop, SOUND) for _ in range(3)]
    states = [httpx.get(f"{base(shop)}/tasks/{job.id}", headers=KEY, timeout=60).json()["status"] for job in jobs]
    assert states == ["PENDING", "PENDING", "THROTTLED"]

    shop.vendor.cancel(jobs[2])

    status = shop.vendor.status(jobs[2])
    assert (status.state, status.billed.usd_micros) == (VendorState.CANCELLED, 0)


def test_a_task_that_runs_is_charged_all_the_same_when_it_is_stopped(market: Open) -> None:
    shop = market("runway", latency_seconds=600)
    job = placed(shop, SOUND)
    sold = sold_as(shop, job)
    shop.world.books.change(sold, lambda each: replace(each, created_at=each.created_at - 300))

    shop.vendor.cancel(job)

    status = shop.vendor.status(job)
    assert (status.state, status.billed.usd_micros, shop.billed()) == (VendorState.CANCELLED, 20_000, 20_000)


def test_to_delete_what_has_ended_loses_it(market: Open) -> None:
    shop = market("runway")
    url = f"{base(shop)}/tasks/{placed(shop, SOUND).id}"
    assert httpx.get(url, headers=KEY, timeout=60).json()["status"] == "SUCCEEDED"

    assert httpx.delete(url, headers=KEY, timeout=60).status_code == 204

    assert httpx.get(url, headers=KEY, timeout=60).status_code == 404


def test_credits_that_are_left_are_told(market: Open) -> None:
    assert market("runway").vendor.probe() == "1000 credits left there"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("text_to_image", {**PICTURE, "model": "gen5_image"}, "model"),
        ("text_to_image", {**PICTURE, "ratio": "1:1"}, "ratio"),
        ("text_to_image", {**PICTURE, "promptText": "\N{ROCKET}" * 501}, "promptText"),
        ("text_to_image", {**PICTURE, "promptText": ""}, "promptText"),
        ("text_to_image", {**PICTURE, "steps": 3}, "body"),
        ("text_to_video", {"model": "gen4.5", "promptText": "sea", "ratio": "1280:720", "duration": 11}, "duration"),
        ("image_to_video", {"model": "gen4_turbo", "ratio": "1280:720"}, "promptImage"),
        ("image_to_video", {"model": "gen3a_turbo", "promptImage": "runway://x", "ratio": "1280:720"}, "model"),
        ("text_to_speech", {"model": "eleven_multilingual_v2", "promptText": "Hi"}, "voice"),
    ],
)
def test_what_it_does_not_take_is_refused(market: Open, path: str, body: dict[str, Any], field: str) -> None:
    answer = httpx.post(f"{base(market('runway'))}/{path}", json=body, headers=KEY, timeout=60)

    assert (answer.status_code, answer.json()["issues"][0]["path"]) == (400, [field])


def test_a_request_names_the_version(market: Open) -> None:
    shown = {**KEY, "X-Runway-Version": "2023-01-01"}

    answer = httpx.post(f"{base(market('runway'))}/text_to_image", json=PICTURE, headers=shown, timeout=60)

    assert answer.status_code == 400
