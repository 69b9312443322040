"""Google Gemini's simulated API: what it refuses in its own words, and what it counts."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.simulator.conftest import Open

KEY = {"x-goog-api-key": "AIza-rehearsal"}
TEXT = {"text": "a calm sea"}


def asked(
    market: Open, *parts: dict[str, Any], version: str = "v1", model: str = "gemini-nano-banana-2.1", **config: Any
) -> httpx.Response:
    base = f"http://127.0.0.1:{market('gemini').address.port}/gemini/{version}"
    body = {"contents": [{"role": "user", "parts": list(parts)}], "generationConfig": config}
    return httpx.post(f"{base}/models/{model}:generateContent", json=body, headers=KEY, timeout=60)


def png() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    ("parts", "config"),
    [
        ([], {}),
        ([TEXT], {"imageConfig": {"imageSize": "512"}}),
        ([TEXT], {"imageConfig": {"aspectRatio": "1:9"}}),
        ([TEXT], {"candidateCount": 2}),
        ([TEXT, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}], {}),
    ],
)
def test_what_it_does_not_take_is_refused(market: Open, parts: list[Any], config: dict[str, Any]) -> None:
    answer = asked(market, *parts, **config)

    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_pictures_are_taken_in_both_alphabets(market: Open, encode: Any) -> None:
    sent = {"inlineData": {"mimeType": "image/png", "data": encode(png()).decode()}}

    found = asked(market, TEXT, sent, version="v1beta").json()

    assert found["usageMetadata"]["promptTokenCount"] > 500


def test_a_larger_size_makes_more_pixels_of_more_tokens(market: Open) -> None:
    found = asked(market, TEXT, imageConfig={"imageSize": "2K", "aspectRatio": "16:9"}).json()

    data = base64.b64decode(found["candidates"][0]["content"]["parts"][0]["inlineData"]["data"])
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (2752, 1536)
    assert found["usageMetadata"]["candidatesTokenCount"] == 1_680


def test_thoughts_that_nobody_ruled_out_are_counted(market: Open) -> None:
    assert asked(market, TEXT).json()["usageMetadata"]["thoughtsTokenCount"] > 0


VOICES: dict[str, Any] = {"model": "gemini-3.8-flash-tts", "version": "v1beta", "responseModalities": ["AUDIO"]}


def test_speech_comes_as_samples_and_is_counted_by_its_seconds(market: Open) -> None:
    found = asked(market, {"text": "a" * 30}, **VOICES).json()

    sent = found["candidates"][0]["content"]["parts"][0]["inlineData"]
    assert sent["mimeType"] == "audio/L16;codec=pcm;rate=24000"
    assert len(base64.b64decode(sent["data"])) == 2 * 24_000 * 2
    assert found["usageMetadata"]["candidatesTokensDetails"] == [{"modality": "AUDIO", "tokenCount": 50}]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"responseModalities": ["TEXT"]}, "response modalities"),
        ({"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Rachel"}}}}, "Rachel"),
        ({"temperature": 1}, "temperature"),
    ],
)
def test_speech_that_it_does_not_make_is_refused(market: Open, config: dict[str, Any], words: str) -> None:
    answer = asked(market, TEXT, **{**VOICES, **config})

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]
