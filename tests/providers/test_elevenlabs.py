"""What ElevenLabs is sent for speech and for a sound, what its answers come to, and what its history tells of a lost one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Answered, Inline
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Found,
    LostOrder,
    Order,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
    VendorState,
)
from pressroom.providers.elevenlabs import PAGE_SIZE, SETTLED_SECONDS, ElevenLabs
from tests.support.conversations import answer, held, model, purchase

VOICE, MODEL = "JBFqnCBsd6RMkjVDRZzb", "eleven_v4"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TEXT = "Grüße aus der Küche"


def speech(**params: Any) -> Order:
    return Order("1:a:0", "speak", "eleven-v4", {"text": TEXT, **params}, makes=MediaInfo(Kind.AUDIO, mime_of("mp3")))


def item(name: str, **changes: Any) -> dict[str, Any]:
    said = {"voice_id": VOICE, "model_id": MODEL, "text": TEXT, "date_unix": int(NOW.timestamp())}
    return {"history_item_id": name, "request_id": f"r-{name}", **said, **changes}


def looked_up(*items: dict[str, Any], age: float = 1.0, others: frozenset[str] = frozenset()) -> Any:
    wanted = speech()
    lost = LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, NOW, others)
    page = answer({"history": list(items), "last_history_item_id": None, "has_more": False})
    return held(ElevenLabs().look_up(lost, purchase("elevenlabs/eleven-v4", wanted), age), page)[1]


def test_everything_that_costs_money_is_said_and_it_is_said_once() -> None:
    order = speech(voice="Rachel/1", language="pt-BR", speed=1.1, stability=0.3, format="wav", seed=0)

    (request,), _ = held(ElevenLabs().submit(purchase("elevenlabs/eleven-v4", order)), answer(b"RIFF"))

    assert (request.method, request.path, request.spends) == ("POST", "/v1/text-to-speech/Rachel%2F1", True)
    assert request.query == {"output_format": "wav_24000"}
    assert request.json == {
        "model_id": MODEL,
        "text": TEXT,
        "language_code": "pt",
        "seed": 0,
        "voice_settings": {"speed": 1.1, "stability": 0.3},
    }


def test_a_voice_and_a_format_are_never_left_to_the_vendor() -> None:
    (request,), _ = held(ElevenLabs().submit(purchase("elevenlabs/eleven-v4", speech())), answer(b"ID3"))

    assert (request.path, request.query) == (f"/v1/text-to-speech/{VOICE}", {"output_format": "mp3_44100_128"})


def test_a_sound_has_its_length() -> None:
    makes = MediaInfo(Kind.AUDIO, mime_of("mp3"), duration_seconds=1.5)
    order = Order("1:a:0", "sound_effect", "sound-effects", {"prompt": "rain", "loop": True}, makes=makes)

    (request,), found = held(ElevenLabs().submit(purchase("elevenlabs/sound-effects", order)), answer(b"ID3"))

    assert (request.path, request.spends) == ("/v1/sound-generation", True)
    assert request.json == {
        "model_id": "eleven_text_to_sound_v2",
        "text": "rain",
        "duration_seconds": 1.5,
        "loop": True,
        "prompt_influence": 0.3,
    }
    assert found == Answered([Inline(b"ID3")], UNSAID)


def test_the_charged_characters_are_billed_and_the_request_is_its_name() -> None:
    headers = {"character-cost": "19", "request-id": "r-1", "history-item-id": "h-1"}

    _, found = held(ElevenLabs().submit(purchase("elevenlabs/eleven-v4", speech())), answer(b"ID3", headers=headers))

    assert (found.billed.usd_micros, found.billed.evidence, found.vendor_job_id) == (19 * 80, headers, "r-1@h-1")


@pytest.mark.parametrize(("cost", "usd_micros"), [("19.0", 1_520), ("9.5", 760)])
def test_half_a_character_counts(cost: str, usd_micros: int) -> None:
    answered = answer(b"ID3", headers={"character-cost": cost})

    _, found = held(ElevenLabs().submit(purchase("elevenlabs/eleven-v4", speech())), answered)

    assert found.billed.usd_micros == usd_micros


@pytest.mark.parametrize("cost", ["", "-19", "many", "9" * 30, "\u00b2"])
def test_characters_that_cannot_be_read_say_nothing(cost: str) -> None:
    answered = answer(b"ID3", headers={"character-cost": cost, "request-id": "r-1"})

    _, found = held(ElevenLabs().submit(purchase("elevenlabs/eleven-v4", speech())), answered)

    assert (found.billed.usd_micros, found.vendor_job_id) == (None, "r-1")


def test_what_was_said_is_found_by_voice_model_words_and_time() -> None:
    wanted = speech()
    lost = LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, NOW)
    others = [
        item("b", voice_id="other"),
        item("c", model_id="eleven_v3"),
        item("d", text="Hallo"),
        item("e", date_unix=1),
    ]
    page = {"history": [*others, item("a", text=f"  {TEXT}\n")], "last_history_item_id": "a", "has_more": True}
    last = {"history": [], "has_more": False}

    asked, found = held(
        ElevenLabs().look_up(lost, purchase("elevenlabs/eleven-v4", wanted), 1), answer(page), answer(last)
    )

    since = str(int(NOW.timestamp()) - 120)
    query = {"voice_id": VOICE, "date_after_unix": since, "page_size": str(PAGE_SIZE)}
    assert [request.query for request in asked] == [query, {**query, "start_after_history_item_id": "a"}]
    assert found == Found("r-a@a")


def test_two_that_look_the_same_are_nobodys_guess() -> None:
    assert looked_up(item("a"), item("b")) == Unknowable("several of its orders may be this one: r-a, r-b")


def test_one_that_is_known_already_is_not_taken_for_it() -> None:
    assert looked_up(item("a"), item("b"), others=frozenset({"r-a@a"})) == Found("r-b@b")


def test_an_item_without_a_request_has_its_own_name() -> None:
    assert looked_up(item("a", request_id=None)) == Found("a@a")


def test_an_item_without_its_words_may_be_it() -> None:
    assert isinstance(looked_up(item("a", text=None)), Unknowable)


def test_what_is_not_there_was_never_said_once_it_would_have_ended() -> None:
    assert isinstance(looked_up(age=SETTLED_SECONDS - 1), Undecided)
    assert looked_up(age=SETTLED_SECONDS) == Absent()


def test_a_sound_is_listed_nowhere() -> None:
    order = Order("1:a:0", "sound_effect", "sound-effects", {"prompt": "rain"})
    talk = ElevenLabs().look_up(
        LostOrder("k", "sound_effect", "sound-effects", {}, NOW), purchase("elevenlabs/sound-effects", order), 1
    )

    with pytest.raises(StopIteration) as ended:
        next(talk)
    assert isinstance(ended.value.value, Unknowable)


def test_what_the_history_has_is_fetched_and_billed_from_there() -> None:
    job, row = VendorJob("r-a@a", "eleven-v4"), model("elevenlabs/eleven-v4")
    counted = {**item("a"), "character_count_change_from": 100, "character_count_change_to": 119}

    _, status = held(ElevenLabs().status(job, row), answer(counted))
    (request,), outputs = held(ElevenLabs().outputs(job, row), answer(b"ID3"))

    assert (status.state, status.billed.usd_micros) == (VendorState.SUCCEEDED, 19 * 80)
    assert (request.path, outputs) == ("/v1/history/a/audio", [Inline(b"ID3")])


def test_all_that_was_said_is_on_record_with_its_characters() -> None:
    counted = {**item("a"), "character_count_change_from": 100, "character_count_change_to": 119}
    page = answer({"history": [counted], "has_more": False})

    (request,), found = held(ElevenLabs().charges(NOW, NOW + timedelta(days=1), []), page)

    assert (request.query["date_after_unix"], request.query["date_before_unix"]) == ("1795953600", "1796040000")
    (charge,) = found
    assert (charge.name, charge.product, charge.at) == ("r-a@a", MODEL, NOW)
    assert (charge.billed.usd_micros, charge.billed.meters) == (None, {"character": 19})


@pytest.mark.parametrize(
    ("status", "detail", "trouble", "words"),
    [
        (401, {"status": "invalid_api_key", "message": "no"}, Trouble.KEY_REFUSED, "no"),
        (401, {"status": "quota_exceeded", "message": "no"}, Trouble.OUT_OF_CREDIT, "no"),
        (400, {"status": "max_character_limit_exceeded", "message": "no"}, Trouble.INVALID, "no"),
        (400, {"status": "bad_prompt", "message": "no"}, Trouble.MODERATED, "no"),
        (404, {"status": "voice_not_found", "message": "no"}, Trouble.INVALID, "no"),
        (404, {"status": "history_item_not_found", "message": "no"}, Trouble.GONE, "no"),
        (422, [{"loc": ["body", "text"], "msg": "required", "type": "x"}], Trouble.INVALID, "required"),
        (422, "no", Trouble.INVALID, "no"),
        (429, {"status": "system_busy", "message": "no"}, Trouble.BUSY, "no"),
        (500, {"status": "something_went_wrong", "message": "no"}, Trouble.UNAVAILABLE, "no"),
    ],
)
def test_a_no_is_of_its_kind_and_in_its_words(status: int, detail: Any, trouble: Trouble, words: str) -> None:
    said = ElevenLabs().refusal(answer({"detail": detail}, status))

    assert (said.trouble, said.words) == (trouble, words)


def test_a_page_of_some_gateway_is_no_advice() -> None:
    assert ElevenLabs().refusal(answer(b"<html>", 502)).trouble is Trouble.UNAVAILABLE
