"""ElevenLabs' adapter against ElevenLabs' simulated API: what was said is in its history, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from pressroom.domain.errors import AnswerLost, Permanent, Retryable
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.base import (
    Delivered,
    Found,
    LostOrder,
    NoRecord,
    Order,
    Undecided,
    Unknowable,
    VendorFile,
    VendorJob,
    VendorState,
)
from tests.simulator.conftest import Market, Open

KEY = {"xi-api-key": "sk_rehearsal"}
TEXT = "A calm sea, and nobody on it."
SPEECH = Order("1:a:0", "speak", "eleven-v4", {"text": TEXT}, makes=MediaInfo(Kind.AUDIO, mime_of("mp3")))


def lost(order: Order, others: frozenset[str] = frozenset()) -> LostOrder:
    return LostOrder(order.order_key, order.operation, order.model, order.params, datetime.now(UTC), others)


def said(shop: Market, order: Order = SPEECH) -> Delivered:
    answer = shop.vendor.submit(order)
    assert isinstance(answer, Delivered)
    return answer


def asked(market: Open, path: str, **body: Any) -> httpx.Response:
    base = f"http://127.0.0.1:{market('elevenlabs').address.port}/elevenlabs/v1"
    return httpx.post(f"{base}/{path}", json=body, headers=KEY, timeout=60)


@pytest.mark.parametrize(("model", "usd_micros"), [("eleven-v4", 29 * 80), ("eleven-v4-turbo", 15 * 80)])
def test_the_characters_that_it_counts_are_billed(market: Open, model: str, usd_micros: int) -> None:
    shop = market("elevenlabs")

    answer = said(shop, replace(SPEECH, model=model))

    assert (answer.billed.usd_micros, shop.billed()) == (usd_micros, usd_micros)
    assert [file.mime for file in answer.files] == [mime_of("mp3")]


def test_speech_whose_answer_got_lost_is_found_fetched_and_billed(market: Open) -> None:
    shop = market("elevenlabs", lost_answer=1, unreadable=1)
    with pytest.raises(AnswerLost):
        shop.vendor.submit(SPEECH)

    found = shop.vendor.look_up(lost(SPEECH))

    assert isinstance(found, Found)
    job = VendorJob(found.vendor_job_id, SPEECH.model)
    with pytest.raises(Retryable):
        shop.vendor.status(job)
    status, files = shop.vendor.status(job), list[VendorFile]()
    shop.vendor.fetch(job, files.append)
    assert (status.state, status.billed.usd_micros) == (VendorState.SUCCEEDED, shop.billed())
    assert [file.mime for file in files] == [mime_of("mp3")]


def test_other_words_another_voice_and_another_model_are_not_it(market: Open) -> None:
    shop = market("elevenlabs")
    said(shop, replace(SPEECH, params={"text": "Something else."}))
    said(shop, replace(SPEECH, params={"text": TEXT, "voice": "21m00Tcm4TlvDq8ikWAM"}))
    said(shop, replace(SPEECH, model="eleven-v4-turbo"))

    assert isinstance(shop.vendor.look_up(lost(SPEECH)), Undecided)


def test_one_that_was_delivered_is_not_taken_for_a_lost_one(market: Open) -> None:
    shop = market("elevenlabs")
    one, other = said(shop), said(shop)

    assert isinstance(shop.vendor.look_up(lost(SPEECH)), Unknowable)
    known = frozenset(filter(None, [one.vendor_job_id]))
    assert isinstance(shop.vendor.look_up(lost(SPEECH, known)), Found)
    both = frozenset(filter(None, [one.vendor_job_id, other.vendor_job_id]))
    assert isinstance(shop.vendor.look_up(lost(SPEECH, both)), Undecided)


def test_what_was_said_is_on_record_with_its_characters_and_sounds_are_not(market: Open) -> None:
    shop, until = market("elevenlabs"), datetime.now(UTC) + timedelta(days=1)
    answer = said(shop)
    said(shop, Order("2", "sound_effect", "sound-effects", {"prompt": "rain"}))

    found = shop.vendor.charges(until - timedelta(days=2), until, [])

    assert not isinstance(found, NoRecord)
    assert [(charge.name, charge.product, charge.billed.meters) for charge in found] == [
        (answer.vendor_job_id, "eleven_v4", {"character": len(TEXT)})
    ]
    assert shop.vendor.charges(until, until + timedelta(days=2), []) == []


def test_what_the_history_does_not_have_is_gone(market: Open) -> None:
    with pytest.raises(Permanent, match="gone"):
        market("elevenlabs").vendor.status(VendorJob("nothing", SPEECH.model))


def test_a_file_is_of_the_format_that_is_asked_for(market: Open) -> None:
    order = replace(SPEECH, params={"text": TEXT, "format": "wav", "speed": 1.2, "seed": 7, "language": "en"})

    (file,) = said(market("elevenlabs"), order).files

    assert file.mime == mime_of("wav")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("text-to-speech/JBFqnCBsd6RMkjVDRZzb", {"model_id": "eleven_v4"}, 422, "Field required"),
        ("text-to-speech/Rachel", {"model_id": "eleven_v4", "text": "Hi"}, 404, "voice_not_found"),
        ("text-to-speech/JBFqnCBsd6RMkjVDRZzb", {"model_id": "eleven_v9", "text": "Hi"}, 400, "model_not_found"),
        (
            "text-to-speech/JBFqnCBsd6RMkjVDRZzb",
            {"model_id": "eleven_v4", "text": "x" * 10_001},
            400,
            "character_limit",
        ),
        (
            "text-to-speech/JBFqnCBsd6RMkjVDRZzb",
            {"model_id": "eleven_v4", "text": "Hi", "pace": 1},
            422,
            "Extra inputs",
        ),
        ("text-to-speech/JBFqnCBsd6RMkjVDRZzb?output_format=opus_48000_32", {"text": "Hi"}, 422, "output_format"),
        ("sound-generation", {"text": "rain", "duration_seconds": 31}, 422, "between 0.5 and 30"),
    ],
)
def test_what_it_does_not_take_is_refused(
    market: Open, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    answer = asked(market, path, **body)

    assert answer.status_code == status
    assert words in answer.text


def test_the_history_has_pages_and_no_sounds(market: Open) -> None:
    shop = market("elevenlabs")
    base = f"http://127.0.0.1:{shop.address.port}/elevenlabs/v1"
    asked = {"json": {"text": "Hi"}, "headers": KEY, "timeout": 60}
    for path in ("text-to-speech/JBFqnCBsd6RMkjVDRZzb", "sound-generation", "text-to-speech/JBFqnCBsd6RMkjVDRZzb"):
        assert httpx.post(f"{base}/{path}", **asked).status_code == 200

    first = httpx.get(f"{base}/history", params={"page_size": 1}, headers=KEY, timeout=60).json()
    after = {"page_size": 1, "start_after_history_item_id": first["last_history_item_id"]}
    second = httpx.get(f"{base}/history", params=after, headers=KEY, timeout=60).json()

    assert [len(page["history"]) for page in (first, second)] == [1, 1]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert first["history"][0]["history_item_id"] != second["history"][0]["history_item_id"]
