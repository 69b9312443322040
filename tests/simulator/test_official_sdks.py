"""The vendors' own clients complete their calls against the simulator: what one does not understand is played wrongly.

They talk to this machine alone: whatever else one of them connects to is refused, and fails its test.
"""

from __future__ import annotations

import base64
import io
import ipaddress
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from PIL import Image

from pressroom.catalog.load import load_catalog
from pressroom.domain.media import mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.ffmpeg import ffmpeg_program
from pressroom.media.files.sniff import HEAD_BYTES, sniff
from pressroom.operations import OPERATIONS
from pressroom.simulator.app import apis
from pressroom.simulator.faults import Faults
from pressroom.simulator.serve import Address, serving
from pressroom.simulator.workshop import Workshop
from pressroom.simulator.world import World
from tests.support.https_server import serve_app

# Not every client can be closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
WORDS: Final = "A calm sea, and nobody on it."
LATENCY_SECONDS: Final = 0.2  # long enough that a client which does not wait sees an order that runs
QUIET: Final = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "FAL_KEY": "rehearsal:secret",
    "NO_PROXY": "127.0.0.1",
}


class Watch:
    """Refuses this process every connection off the machine while it is on, and remembers what was tried."""

    def __init__(self) -> None:
        self.on = threading.Event()
        self.tried: list[str] = []
        sys.addaudithook(self._heard)

    def _heard(self, event: str, values: tuple[Any, ...]) -> None:
        if event not in ("socket.connect", "socket.getaddrinfo") or not self.on.is_set():
            return
        host = values[0] if event == "socket.getaddrinfo" else values[1][0]
        if not _is_here(host):
            self.tried.append(str(host))
            raise ConnectionRefusedError(f"{host} is not this machine")


def _is_here(host: Any) -> bool:
    try:
        return host in (None, "localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()  # a hook cannot be taken away again, so there is one


@pytest.fixture(autouse=True)
def only_here(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    watch.tried.clear()
    watch.on.set()
    try:
        yield
    finally:
        watch.on.clear()
    assert watch.tried == []


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[Address, World]]:
    def world(folder: Path) -> World:
        workshop = Workshop(folder, load_catalog(), OPERATIONS, MediaLimits(), ffmpeg_program(""))
        return World(workshop, Faults(), LATENCY_SECONDS)

    with serving(world) as found:
        yield found


@pytest.fixture
def base(played: tuple[Address, World]) -> str:
    return f"http://127.0.0.1:{played[0].port}"


def photo() -> bytes:
    written = io.BytesIO()
    picture = Image.new("RGB", (96, 64), "white")
    picture.paste("navy", (30, 16, 66, 52))
    picture.save(written, "PNG")
    return written.getvalue()


def kind(data: bytes) -> str:
    found = sniff(data[:HEAD_BYTES])
    return "" if found is None else found.mime


def fetched(url: str) -> bytes:
    return httpx.get(url, timeout=60).raise_for_status().content


def test_the_watch_refuses_what_is_not_here(watch: Watch) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://192.0.2.1/", timeout=1, trust_env=False)

    assert watch.tried == ["192.0.2.1"]
    watch.tried.clear()


def test_replicate_waits_for_a_picture_and_uploads_one(base: str) -> None:
    from replicate.client import Client

    client = Client(api_token="r8_rehearsal", base_url=f"{base}/replicate")

    made = client.run("black-forest-labs/flux-schnell", input={"prompt": WORDS})
    cut = client.run("recraft-ai/recraft-remove-background", input={"image": io.BytesIO(photo())})

    assert [kind(fetched(url)) for url in (made[0], cut)] == [mime_of("png")] * 2


def test_replicate_polls_lists_and_cancels(base: str) -> None:
    from replicate.client import Client

    client = Client(api_token="r8_rehearsal", base_url=f"{base}/replicate")
    made = client.models.predictions.create("black-forest-labs/flux-schnell", input={"prompt": WORDS}, wait=False)
    assert made.status in ("starting", "processing")
    stopped = client.models.predictions.create("black-forest-labs/flux-schnell", input={"prompt": WORDS}, wait=False)
    stopped.cancel()

    made.wait()
    stopped.reload()

    assert (made.status, stopped.status) == ("succeeded", "canceled")
    assert {made.id, stopped.id} <= {each.id for each in client.predictions.list().results}


def test_runway_uploads_a_picture_and_makes_a_clip_of_it(base: str) -> None:
    from runwayml import RunwayML

    client = RunwayML(api_key="key_rehearsal", base_url=f"{base}/runway", max_retries=0)
    uri = client.uploads.create_ephemeral(file=("photo.png", photo())).uri
    task = client.image_to_video.create(
        model="gen4_turbo", prompt_image=uri, prompt_text=WORDS, ratio="1280:720", duration=2
    )

    found: Any = _ended(lambda: client.tasks.retrieve(task.id), ("PENDING", "THROTTLED", "RUNNING"))

    assert (found.status, found.cost.credits) == ("SUCCEEDED", 10)
    assert kind(fetched(found.output[0])) == mime_of("mp4")
    assert client.organization.retrieve().credit_balance > 0
    client.tasks.delete(task.id)


def _ended(ask: Any, running: tuple[str, ...]) -> Any:
    """The client's own waiting takes six seconds at least."""
    wait = threading.Event()
    while (found := ask()).status in running:
        wait.wait(0.1)
    return found


def test_wavespeed_polls_waits_and_uploads(base: str) -> None:
    from wavespeed.api import Client

    client = Client(api_key="ws_rehearsal", base_url=f"{base}/wavespeed")
    model = "wavespeed-ai/qwen-image-2.0/text-to-image"

    polled = client.run(model, {"prompt": WORDS}, poll_interval=0.05)
    at_once = client.run(model, {"prompt": WORDS}, enable_sync_mode=True)
    sent = client.upload(io.BytesIO(photo()))
    cut = client.run("wavespeed-ai/image-background-remover", {"image": sent}, poll_interval=0.05)

    assert [kind(fetched(each["outputs"][0])) for each in (polled, at_once, cut)] == [mime_of("png")] * 3


def test_elevenlabs_speaks_makes_a_sound_and_knows_what_it_said(base: str) -> None:
    from elevenlabs.client import ElevenLabs

    client = ElevenLabs(api_key="sk_rehearsal", base_url=f"{base}/elevenlabs")

    said = client.text_to_speech.convert("JBFqnCBsd6RMkjVDRZzb", text=WORDS, model_id="eleven_v4")
    heard = client.text_to_sound_effects.convert(text="rain", duration_seconds=1.0)
    speech, sound = b"".join(said), b"".join(heard)

    assert (kind(speech), kind(sound)) == (mime_of("mp3"), mime_of("mp3"))
    (item,) = client.history.list(voice_id="JBFqnCBsd6RMkjVDRZzb").history
    assert (item.text, item.character_count_change_to - item.character_count_change_from) == (WORDS, len(WORDS))
    assert b"".join(client.history.get_audio(item.history_item_id)) == speech


def test_openai_makes_a_picture_and_edits_one(base: str) -> None:
    from openai import OpenAI

    client = OpenAI(api_key="sk-rehearsal", base_url=f"{base}/openai/v1", max_retries=0)

    found = client.images.generate(model="gpt-image-2.6-flare", prompt=WORDS, quality="low", size="1024x1024")
    sent = ("photo.png", photo(), mime_of("png"))
    edited = client.images.edit(model="gpt-image-2.6-flare", image=sent, prompt=WORDS, quality="low", size="1024x1024")

    assert [kind(_unwritten(each.data[0].b64_json)) for each in (found, edited)] == [mime_of("png")] * 2
    assert found.usage is not None
    assert found.usage.output_tokens == 200
    assert "gpt-image-2.6-flare" in {model.id for model in client.models.list()}


def _unwritten(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def test_google_sends_a_picture_and_gets_one(base: str) -> None:
    from google import genai
    from google.genai import types

    client = genai.Client(api_key="AIza-rehearsal", http_options=types.HttpOptions(base_url=f"{base}/gemini"))
    sent = types.Part.from_bytes(data=photo(), mime_type="image/png")
    config = types.GenerateContentConfig(image_config=types.ImageConfig(aspect_ratio="4:5"))

    found = client.models.generate_content(model="gemini-nano-banana-2.1", contents=[WORDS, sent], config=config)

    pictures = [part.inline_data.data for part in found.parts or () if part.inline_data]
    assert [kind(data or b"") for data in pictures] == [mime_of("png")]
    assert found.usage_metadata is not None
    assert (found.usage_metadata.prompt_token_count or 0) > 500


def test_gemini_speaks(base: str) -> None:
    from google import genai
    from google.genai import types

    client = genai.Client(api_key="AIza-rehearsal", http_options=types.HttpOptions(base_url=f"{base}/gemini"))
    voice = types.VoiceConfig(prebuilt_voice_config=types.PrebuiltVoiceConfig(voice_name="Puck"))
    speech = types.SpeechConfig(voice_config=voice, language_code="en-GB")
    config = types.GenerateContentConfig(response_modalities=["AUDIO"], speech_config=speech)

    found = client.models.generate_content(model="gemini-3.8-flash-tts", contents=WORDS, config=config)

    (sound,) = [part.inline_data for part in found.parts or () if part.inline_data]
    assert sound.mime_type == "audio/L16;codec=pcm;rate=24000"
    assert len(sound.data or b"") == 2 * round(24_000 * len(WORDS) / 15)
    assert found.usage_metadata is not None
    (counted,) = found.usage_metadata.candidates_tokens_details or ()
    assert (counted.modality, counted.token_count) == (types.MediaModality.AUDIO, round(25 * len(WORDS) / 15))


def test_hugging_face_makes_a_picture(base: str) -> None:
    from huggingface_hub import InferenceClient

    client = InferenceClient(token="hf_rehearsal")
    model = f"{base}/huggingface/hf-inference/models/black-forest-labs/FLUX.1-schnell"

    picture = client.text_to_image(WORDS, model=model, width=512, height=256, num_inference_steps=4, seed=0)

    assert picture.size == (512, 256)


def test_fal_waits_in_the_queue(played: tuple[Address, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client takes another host from the environment alone, when it is imported, and only by https."""
    with serve_app(apis(played[1]), tmp_path) as server:
        monkeypatch.setenv("FAL_QUEUE_RUN_HOST", f"{server.authority}/fal")
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
        import fal_client

        client = fal_client.SyncClient(key="rehearsal:secret")
        handle = client.submit("fal-ai/flux/schnell", {"prompt": WORDS})
        assert isinstance(handle.status(), fal_client.InProgress | fal_client.Queued)
        found = handle.get()

    assert kind(fetched(found["images"][0]["url"])) == mime_of("png")
