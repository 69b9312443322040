"""What Google Gemini is sent for a picture or a clip, and what its answers come to."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.providers.api import Answered, Denied, Inline, Link
from pressroom.providers.base import UNSAID, Order, Pending, Trouble, VendorJob, VendorState
from pressroom.providers.gemini import Gemini
from tests.support.conversations import answer, held, model, purchase

PORTRAIT = MediaInfo(Kind.IMAGE, mime_of("png"), 1080, 1350)
ORDER = Order("1:a:0", "generate_image", "gemini-nano-banana-2.1", {"prompt": "a calm sea"}, makes=PORTRAIT)
WANTED = purchase("gemini/gemini-nano-banana-2.1", ORDER)
USAGE = {
    "promptTokenCount": 8,
    "candidatesTokenCount": 1_150,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1_120}],
    "thoughtsTokenCount": 10,
}


def picture(data: bytes, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": base64.urlsafe_b64encode(data).decode()}, **more}


def answered(*parts: dict[str, Any], reason: str = "STOP", **more: Any) -> Any:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": reason}
    return held(Gemini().submit(WANTED), answer({"candidates": [candidate], **more}))[1]


def test_everything_that_costs_money_is_said_and_it_is_said_once() -> None:
    made = answer({"candidates": [{"content": {"parts": [picture(b"made")]}}]})

    (request,), _ = held(Gemini().submit(WANTED), made)

    assert request.path == "/v1beta/models/gemini-nano-banana-2.1:generateContent"
    assert (request.method, request.spends) == ("POST", True)
    assert request.json == {
        "contents": [{"role": "user", "parts": [{"text": "a calm sea"}]}],
        "generationConfig": {
            "candidateCount": 1,
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "4:5", "imageSize": "1K"},
            "thinkingConfig": {"thinkingLevel": "MINIMAL"},
        },
    }


def test_the_last_picture_that_is_no_thought_is_the_result() -> None:
    found = answered(picture(b"draft", thought=True), {"text": "here"}, picture(b"one"), picture(b"made"))

    assert found == Answered([Inline(b"made")], UNSAID)


def test_the_counted_tokens_are_billed_at_their_prices() -> None:
    found = answered(picture(b"made"), usageMetadata=USAGE, responseId="r1")

    assert found.billed.usd_micros == 8 * 1.5 + 1_120 * 30 + (30 + 10) * 7.5
    assert (found.billed.evidence["response"], found.billed.evidence["usage"]) == ("r1", USAGE)


def test_tokens_of_no_known_kind_are_billed_as_pictures() -> None:
    found = answered(picture(b"made"), usageMetadata={"candidatesTokenCount": 1_120})

    assert found.billed.usd_micros == 33_600


@pytest.mark.parametrize(
    "usage",
    [
        {"promptTokenCount": 8, "candidatesTokenCount": -5},
        {"promptTokenCount": 8, "candidatesTokenCount": 10**30},
        {"promptTokenCount": 8, "candidatesTokenCount": float("nan")},
        {"promptTokenCount": 8, "candidatesTokenCount": float("inf")},
        {"promptTokenCount": 8, "candidatesTokenCount": None},
        {"promptTokenCount": 8, "candidatesTokenCount": 9, "candidatesTokensDetails": ["?"]},
        {"prompt_token_count": 8, "candidates_token_count": 1_120},
        ["?"],
    ],
    ids=["negative", "huge", "nan", "infinite", "null", "details", "names", "list"],
)
def test_a_count_that_cannot_be_read_says_nothing_and_costs_no_picture(usage: Any) -> None:
    found = answered(picture(b"made"), usageMetadata=usage)

    assert (found.outputs, found.billed.usd_micros) == ([Inline(b"made")], None)


@pytest.mark.parametrize("modality", ["HOLOGRAM", "MODALITY_UNSPECIFIED"])
def test_tokens_of_a_kind_that_nobody_knows_are_billed_as_pictures(modality: str) -> None:
    details = [{"modality": modality, "tokenCount": 1_120}]

    found = answered(
        picture(b"made"), usageMetadata={"candidatesTokenCount": 1_120, "candidatesTokensDetails": details}
    )

    assert found.billed.usd_micros == 33_600


def test_a_damaged_file_is_corrupt_and_its_bill_is_known() -> None:
    broken = {"inlineData": {"mimeType": "image/png", "data": "A" * 5}}

    with pytest.raises(Corrupt, match="base64") as raised:
        answered(broken, usageMetadata={"candidatesTokenCount": 1_120})

    assert raised.value.fields["billed"].usd_micros == 33_600


def test_an_answer_with_nothing_but_a_count_is_a_no_with_its_bill() -> None:
    counts = answer({"candidates": [], "usageMetadata": {"promptTokenCount": 100}})

    with pytest.raises(Denied) as raised:
        held(Gemini().submit(WANTED), counts)

    assert (raised.value.said.trouble, raised.value.said.billed.usd_micros) == (Trouble.FAILED, 150)


@pytest.mark.parametrize(
    ("reason", "trouble"),
    [
        ("ESCALATION", Trouble.MODERATED_AFTERWARDS),
        ("IMAGE_SAFETY", Trouble.MODERATED_AFTERWARDS),
        ("NO_IMAGE", Trouble.FAILED),
        ("OTHER", Trouble.FAILED),
    ],
)
def test_an_answer_without_a_picture_is_a_no_with_its_bill(reason: str, trouble: Trouble) -> None:
    with pytest.raises(Denied) as raised:
        answered({"text": "I cannot"}, reason=reason, usageMetadata={"promptTokenCount": 100})

    found = raised.value.said
    assert (found.trouble, found.words, found.billed.usd_micros) == (trouble, f"{reason} I cannot", 150)


def test_a_blocked_prompt_is_a_no_before_anything_is_made() -> None:
    blocked = answer({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})

    with pytest.raises(Denied) as raised:
        held(Gemini().submit(WANTED), blocked)

    found = raised.value.said
    assert (found.trouble, found.words.strip()) == (Trouble.MODERATED, "PROHIBITED_CONTENT")


@pytest.mark.parametrize(
    ("status", "error", "trouble", "seconds"),
    [
        (400, {"message": "no"}, Trouble.INVALID, None),
        (400, {"message": "no", "details": [{"reason": "API_KEY_INVALID"}]}, Trouble.KEY_REFUSED, None),
        (403, {"message": "no"}, Trouble.KEY_REFUSED, None),
        (403, {"message": "no", "details": [{"reason": "BILLING_DISABLED"}]}, Trouble.OUT_OF_CREDIT, None),
        (404, {"message": "no"}, Trouble.GONE, None),
        (429, {"message": "no", "details": [{"retryDelay": "30s"}]}, Trouble.BUSY, 30.0),
        (429, {"message": "Your prepayment credits are depleted."}, Trouble.OUT_OF_CREDIT, None),
        (500, {"message": "no"}, Trouble.UNAVAILABLE, None),
        (503, {"message": "no"}, Trouble.BUSY, None),
    ],
)
def test_a_no_is_of_its_kind(status: int, error: dict[str, Any], trouble: Trouble, seconds: float | None) -> None:
    said = Gemini().refusal(answer({"error": error}, status))

    assert (said.trouble, said.words, said.seconds) == (trouble, error["message"], seconds)


def test_a_no_to_a_clip_comes_in_a_list() -> None:
    error = {"message": "busy", "details": [{"retryDelay": "8s"}]}

    said = Gemini().refusal(answer([{"error": error}], 429))

    assert (said.trouble, said.words, said.seconds) == (Trouble.BUSY, "busy", 8.0)


WORDS = purchase(
    "gemini/gemini-3.1-flash-lite-write",
    Order("1:a:0", "write_text", "gemini-3.1-flash-lite-write", {"prompt": "a calm sea"}),
)


def written(*parts: Any, reason: str = "STOP") -> Any:
    candidate = {"content": {"parts": list(parts)}, "finishReason": reason}
    body = {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 1_000}}
    return held(Gemini().submit(WORDS), answer(body))[1]


@pytest.mark.parametrize("parts", [[{"text": '{"texts": ["A calm'}], []], ids=["in a sentence", "before a word"])
def test_a_text_that_is_cut_off_is_said_to_be_so_and_its_bill_is_known(parts: list[Any]) -> None:
    with pytest.raises(Denied) as raised:
        written(*parts, reason="MAX_TOKENS")

    said = raised.value.said
    assert (said.trouble, said.why, said.billed.usd_micros) == (Trouble.CUT_OFF, "", 1_502)


def test_a_text_that_ends_at_the_limit_and_is_whole_is_taken() -> None:
    assert written({"text": '{"texts": ["A calm sea."]}'}, reason="MAX_TOKENS").outputs[0].data == b"A calm sea.\n"


def test_a_part_that_is_nothing_does_not_spoil_the_others() -> None:
    assert written(None, {"text": '{"texts": ["A calm sea."]}'}, "?").outputs[0].data == b"A calm sea.\n"
    assert answered(None, picture(b"made"), {"inlineData": None}).outputs == [Inline(b"made")]


def test_tokens_that_are_said_to_be_of_no_picture_are_of_the_one_that_was_made() -> None:
    usage = {"candidatesTokenCount": 1_120, "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 0}]}

    assert answered(picture(b"made"), usageMetadata=usage).billed.usd_micros == 33_600


SPEECH = purchase(
    "gemini/gemini-3.8-flash-tts",
    Order(
        "1:a:0",
        "speak",
        "gemini-3.8-flash-tts",
        {"text": "Good morning.", "voice": "Puck", "language": "en-GB", "format": "wav"},
        makes=MediaInfo(Kind.AUDIO, mime_of("wav")),
    ),
)
SAMPLES = b"\x01\x02" * 240


def said(data: bytes, mime: str, **more: Any) -> tuple[Any, Any]:
    part = {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}
    body = {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}], **more}
    (request,), found = held(Gemini().submit(SPEECH), answer(body))
    return request, found


def test_words_are_said_by_the_voice_and_in_the_language_that_are_asked_for() -> None:
    request, _ = said(SAMPLES, "audio/L16;codec=pcm;rate=24000")

    assert request.path == "/v1beta/models/gemini-3.8-flash-tts:generateContent"
    assert request.json == {
        "contents": [{"role": "user", "parts": [{"text": "Good morning."}]}],
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {
                "voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Puck"}},
                "languageCode": "en-GB",
            },
        },
    }


@pytest.mark.parametrize(
    ("mime", "rate"),
    [("audio/L16;codec=pcm;rate=24000", 24_000), ("audio/L16; rate=16000", 16_000), ("audio/pcm", 24_000)],
)
def test_samples_become_a_file_of_the_rate_that_their_type_names(mime: str, rate: int) -> None:
    _, found = said(SAMPLES, mime)

    (output,) = found.outputs
    with wave.open(io.BytesIO(output.data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (rate, 1, 2)
        assert sound.readframes(sound.getnframes()) == SAMPLES


def test_samples_that_come_in_parts_are_one_file() -> None:
    halves = [SAMPLES[:200], SAMPLES[200:]]
    parts = [
        {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": base64.b64encode(half).decode()}} for half in halves
    ]

    _, found = held(Gemini().submit(SPEECH), answer({"candidates": [{"content": {"parts": parts}}]}))

    with wave.open(io.BytesIO(found.outputs[0].data)) as sound:
        assert sound.readframes(sound.getnframes()) == SAMPLES


def test_speech_that_breaks_off_at_the_limit_is_no_speech() -> None:
    part = {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": base64.b64encode(SAMPLES).decode()}}
    body = {"candidates": [{"content": {"parts": [part]}, "finishReason": "MAX_TOKENS"}]}

    with pytest.raises(Denied) as raised:
        held(Gemini().submit(SPEECH), answer(body))

    assert raised.value.said.trouble is Trouble.CUT_OFF


@pytest.mark.parametrize(("data", "mime"), [(b"RIFF....WAVE", "audio/wav"), (b"", "audio/L16;rate=24000")])
def test_what_is_a_file_already_or_nothing_stays_as_it_is(data: bytes, mime: str) -> None:
    _, found = said(data, mime)

    assert found.outputs == [Inline(data)]


@pytest.mark.parametrize("details", [{}, {"candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 50}]}])
def test_speech_is_billed_by_the_tokens_of_its_seconds(details: dict[str, Any]) -> None:
    usage = {"promptTokenCount": 4, "candidatesTokenCount": 50, **details}

    _, found = said(SAMPLES, "audio/L16;rate=24000", usageMetadata=usage)

    assert found.billed.usd_micros == 50 * 9 + 4 / 2


FILM = VendorJob("v1_a", "gemini-omni-1.2-flash-t2v")
COUNTED = {"output_tokens_by_modality": [{"modality": "video", "tokens": 17_376}]}
UNKNOWN = {"error": {"message": "Invalid interaction name."}}


def film(*content: dict[str, str]) -> dict[str, object]:
    return {"status": "completed", "steps": [{"type": "model_output", "content": list(content)}]}


@pytest.mark.parametrize(
    ("body", "status", "state", "trouble"),
    [
        ({"status": "queued"}, 200, VendorState.RUNNING, None),
        ({"status": "in_progress"}, 200, VendorState.RUNNING, None),
        ({"status": "dreaming"}, 200, VendorState.RUNNING, None),
        ({"status": "incomplete"}, 200, VendorState.FAILED, Trouble.FAILED),
        (film({"type": "video", "data": "AAAA"}), 200, VendorState.SUCCEEDED, None),
        ({"error": {"message": "Bad request."}}, 400, VendorState.RUNNING, None),
        (UNKNOWN, 400, VendorState.FAILED, Trouble.GONE),
        ({"status": "failed", "error": {"message": "no"}}, 200, VendorState.FAILED, Trouble.FAILED),
        ({"status": "budget_exceeded"}, 200, VendorState.FAILED, Trouble.FAILED),
        ({"status": "cancelled"}, 200, VendorState.CANCELLED, None),
        (film({"type": "video", "uri": "https://x/1"}), 200, VendorState.SUCCEEDED, None),
        (film({"type": "text", "text": "I cannot."}), 200, VendorState.FAILED, Trouble.MODERATED_AFTERWARDS),
        ({"status": "completed", "steps": None, "usage": COUNTED}, 200, VendorState.SUCCEEDED, None),
    ],
)
def test_a_clip_is_where_its_interaction_is(
    body: dict[str, object], status: int, state: VendorState, trouble: Trouble | None
) -> None:
    _, found = held(Gemini().status(FILM, model("gemini/gemini-omni-1.2-flash-t2v")), answer(body, status))

    assert (found.state, found.trouble) == (state, trouble)


@pytest.mark.parametrize(
    ("modality", "tokens", "usd_micros"),
    [
        ("video", 17_376, 212_856),
        ("text", 12, 0),
        ("VIDEO", 5_792, 70_952),
        ("hologram", 5_792, 70_952),
        ("video", -1, None),
    ],
)
def test_a_clip_is_billed_by_the_tokens_of_what_was_made(modality: str, tokens: int, usd_micros: int | None) -> None:
    usage = {"total_input_tokens": 40, "output_tokens_by_modality": [{"modality": modality, "tokens": tokens}]}
    part = {"type": "text", "text": "I cannot."} if modality == "text" else {"type": "video", "uri": "https://x/1"}
    body = film(part) | {"usage": usage}

    _, found = held(Gemini().status(FILM, model("gemini/gemini-omni-1.2-flash-t2v")), answer(body))

    assert (found.billed.usd_micros, found.billed.evidence["usage"]) == (usd_micros, usage)


@pytest.mark.parametrize(
    ("part", "output"),
    [
        ({"uri": "https://x/1"}, Link("https://x/1?alt=media", keyed=True)),
        ({"uri": "https://x/1?a=b"}, Link("https://x/1?a=b&alt=media", keyed=True)),
        ({"uri": "https://x/1:download?alt=media"}, Link("https://x/1:download?alt=media", keyed=True)),
        ({"data": "AAAA"}, Inline(b"\0\0\0")),
    ],
)
def test_a_clip_is_fetched_with_the_key(part: dict[str, str], output: object) -> None:
    body = film({"type": "video", "uri": "https://x/0"}, {"type": "video", **part})

    _, found = held(Gemini().outputs(FILM, model("gemini/gemini-omni-1.2-flash-t2v")), answer(body))

    assert found == [output]


def test_a_clip_is_ordered_in_the_background_with_its_length_in_words() -> None:
    makes = MediaInfo(Kind.VIDEO, mime_of("mp4"), 1280, 720, 5.0)
    order = Order("k", "text_to_video", "gemini-omni-1.2-flash-t2v", {"prompt": "a calm sea"}, makes=makes)

    (asked,), found = held(Gemini().submit(purchase("gemini/gemini-omni-1.2-flash-t2v", order)), answer({"id": "v1_a"}))

    assert found == Pending("v1_a", 5.0)
    assert (asked.path, asked.json["background"]) == ("/v1beta/interactions", True)
    form = {"type": "video", "delivery": "uri", "resolution": "720p", "aspect_ratio": "16:9", "duration": "5s"}
    assert asked.json["response_format"] == form
