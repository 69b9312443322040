"""What people do with the vendors' own clients beside what Pressroom asks for: streams, lists, two at a time, plain words."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from pressroom.domain.media import mime_of
from tests.simulator.test_official_sdks import WORDS, base, kind, only_here, photo, played, watch

__all__ = ["base", "only_here", "played", "watch"]  # fixtures

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
VOICE = "JBFqnCBsd6RMkjVDRZzb"
PICTURE: dict[str, Any] = {"model": "gpt-image-2.6-flare", "prompt": WORDS, "quality": "low", "size": "1024x1024"}


class Texts(BaseModel):
    """What a model that writes is to fill in."""

    title: str
    lines: list[str]


@pytest.fixture
def openai(base: str) -> Any:
    from openai import OpenAI

    return OpenAI(api_key="sk-x", base_url=f"{base}/openai/v1", max_retries=0)


def test_openai_streams_what_a_picture_is_to_become(openai: Any) -> None:
    found = list(openai.images.generate(**PICTURE, stream=True, partial_images=2))

    assert [event.type for event in found] == [*["image_generation.partial_image"] * 2, "image_generation.completed"]
    assert kind(base64.b64decode(found[-1].b64_json)) == mime_of("png")
    assert found[-1].usage.output_tokens > 0


def test_openai_says_what_auto_came_to(openai: Any) -> None:
    found = openai.images.generate(**{**PICTURE, "quality": "auto", "size": "auto"}, background="auto")

    assert (found.size, found.quality, found.background) == ("1024x1024", "medium", "opaque")


def test_openai_takes_words_as_they_are_and_streams_its_own(openai: Any) -> None:
    answered = openai.responses.create(model="gpt-6-luna", input=WORDS)
    events = list(openai.responses.create(model="gpt-6-luna", input=WORDS, instructions="Be brief.", stream=True))

    assert WORDS in answered.output_text
    assert (answered.status, answered.usage.output_tokens > 0) == ("completed", True)
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[-1].response.status == "completed"


def test_openai_fills_in_a_form_of_ones_own_and_breaks_off_at_the_limit(openai: Any) -> None:
    filled = openai.responses.parse(model="gpt-6-luna", input=WORDS, text_format=Texts)
    cut = openai.responses.create(model="gpt-6-luna", input=WORDS * 20, max_output_tokens=16)

    assert WORDS in filled.output_parsed.title
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert cut.usage.output_tokens == 16
    assert openai.models.retrieve("gpt-6-luna").id == "gpt-6-luna"


def test_openai_makes_two_pictures_at_a_time(base: str) -> None:
    from openai import AsyncOpenAI

    async def both() -> list[Any]:
        async with AsyncOpenAI(api_key="sk-x", base_url=f"{base}/openai/v1") as client:
            return await asyncio.gather(*(client.images.generate(**PICTURE) for _ in range(2)))

    assert all(kind(base64.b64decode(found.data[0].b64_json)) == mime_of("png") for found in asyncio.run(both()))


@pytest.fixture
def google(base: str) -> Any:
    from google import genai
    from google.genai import types

    return genai.Client(api_key="AIza-x", http_options=types.HttpOptions(base_url=f"{base}/gemini"))


def test_google_writes_in_words_in_a_form_in_a_stream_and_to_a_limit(google: Any) -> None:
    asked = {"model": "gemini-3.1-flash-lite", "contents": WORDS}
    form = {"response_mime_type": mime_of("json"), "response_schema": Texts}

    assert WORDS in google.models.generate_content(**asked).text
    assert WORDS in "".join(part.text for part in google.models.generate_content_stream(**asked))
    assert WORDS in google.models.generate_content(**asked, config=form).parsed.title
    (cut,) = google.models.generate_content(**asked, config={"max_output_tokens": 5}).candidates
    assert cut.finish_reason == "MAX_TOKENS"
    assert google.models.count_tokens(**asked).total_tokens > 0
    assert google.models.get(model="gemini-3.1-flash-lite").name == "models/gemini-3.1-flash-lite"


def test_google_makes_a_clip_in_the_background(google: Any) -> None:
    form = {"type": "video", "delivery": "uri", "aspect_ratio": "16:9", "resolution": "360p", "duration": "3s"}
    asked = {"model": "gemini-omni-1.2-flash", "input": WORDS, "background": True, "response_format": form}
    made = google.interactions.create(**asked)
    until = time.monotonic() + 60
    while (found := google.interactions.get(made.id)).status not in ("completed", "failed"):
        assert time.monotonic() < until
        time.sleep(0.1)

    assert found.status == "completed"
    google.interactions.delete(made.id)


def test_elevenlabs_streams_times_its_characters_and_tells_of_voices_and_of_the_account(base: str) -> None:
    from elevenlabs import ElevenLabs

    client = ElevenLabs(api_key="sk_x", base_url=f"{base}/elevenlabs")
    streamed = b"".join(client.text_to_speech.stream(VOICE, text=WORDS, model_id="eleven_v4"))
    timed = client.text_to_speech.convert_with_timestamps(VOICE, text=WORDS, model_id="eleven_v4")

    assert kind(streamed) == kind(base64.b64decode(timed.audio_base_64)) == mime_of("mp3")
    assert timed.alignment is not None
    assert "".join(timed.alignment.characters) == WORDS
    assert VOICE in {voice.voice_id for voice in client.voices.search().voices}
    assert client.voices.get(VOICE).name == client.voices.get_all().voices[0].name
    assert client.user.subscription.get().character_count >= 2 * len(WORDS)
    assert client.user.get().subscription.tier == "creator"


def test_replicate_lists_models_and_files_and_forgets_one(base: str) -> None:
    from replicate.client import Client

    client = Client(api_token="r8_x", base_url=f"{base}/replicate")
    kept = client.files.create(io.BytesIO(photo()))

    assert "flux-schnell" in {model.name for model in client.models.list().results}
    assert kept.id in {file.id for file in client.files.list()}
    assert client.files.delete(kept.id)
    assert kept.id not in {file.id for file in client.files.list()}


def test_runway_tells_what_was_used_by_day_and_model(base: str) -> None:
    from runwayml import RunwayML

    client = RunwayML(api_key="key_x", base_url=f"{base}/runway")
    task = client.text_to_image.create(model="gen4_image", prompt_text=WORDS, ratio="1080:1080")
    assert task.wait_for_task_output(timeout=60).output

    (day,) = client.organization.retrieve_usage().results

    assert {used.model: used.amount > 0 for used in day.used_credits} == {"gen4_image": True}


def test_hugging_face_knows_whose_the_key_is(base: str) -> None:
    from huggingface_hub import HfApi

    assert HfApi(endpoint=f"{base}/huggingface", token="hf_x").whoami()["name"] == "rehearsal"


def test_wavespeed_takes_files_as_older_clients_send_them(base: str) -> None:
    address, headers = f"{base}/wavespeed/api/v3", {"Authorization": "Bearer ws_rehearsal"}
    with httpx.Client(headers=headers, timeout=60) as client:
        sent = client.post(
            f"{address}/media/upload/binary", files={"file": ("photo.png", photo(), mime_of("png"))}
        ).json()
        asked = {"image": sent["data"]["download_url"], "enable_sync_mode": True}
        made = client.post(f"{address}/wavespeed-ai/image-background-remover", json=asked).json()
        nothing = client.post(f"{address}/media/upload/binary", data={"file": "photo"})

    assert (sent["data"]["type"], sent["data"]["size"]) == ("image", len(photo()))
    assert kind(httpx.get(made["data"]["outputs"][0], timeout=60).content) == mime_of("png")
    assert nothing.json()["code"] == 400
