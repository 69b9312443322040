"""Clips: a camera move over a picture, with tones where sound is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pressroom.domain.media import Made
from pressroom.media.files.probe import inspect
from pressroom.providers.simulator.drawing.commission import Commission
from pressroom.providers.simulator.drawing.sounds import melody, write_wav

_SLIMMEST = 3.9
MOTIONS = ("zoom_in", "pan_right", "zoom_out", "pan_left", "diagonal")


def from_words(order: Commission) -> Sequence[Made]:
    """text_to_video: the camera over a picture of the prompt; the seed chooses its move."""
    params = order.params
    shape = {name: getattr(params, name) for name in ("duration", "resolution", "ratio", "placement")}
    inputs = {"image": order.picture(params.prompt, order.size, params.seed)}
    if params.generate_audio:
        inputs["audio"] = _sound(order, params.prompt)
    return order.made_by(
        "image_to_video",
        inputs,
        image="image",
        audio="audio" if "audio" in inputs else None,
        motion=MOTIONS[params.seed % len(MOTIONS)],
        **shape,
    )


def from_pictures(order: Commission) -> Sequence[Made]:
    """image_to_video: as this machine makes it; an end frame is faded to, and sound is a tone for each word."""
    params, inputs = order.params, dict(order.work.inputs)
    values = params.model_dump(exclude={"prompt", "negative_prompt", "seed", "generate_audio", "end_image"})
    if params.generate_audio and params.audio is None:
        inputs["sound"], values["audio"] = _sound(order, params.prompt), "sound"
    if params.end_image is not None:
        values["image"] = [*params.images, params.end_image]
        values["motion"] = [*(params.motion_of(number) for number in range(len(params.images))), "hold"]
    return order.made_by("image_to_video", inputs, **values)


def _sound(order: Commission, prompt: str) -> Path:
    return write_wav(melody(prompt.split(), order.params.duration), order.work.folder / "tones.wav")


def talking(order: Commission) -> Sequence[Made]:
    """talking_avatar: the portrait with a breath of movement, as long as the sound, which is heard."""
    params = order.params
    known = inspect(order.work.inputs[params.image], order.work.limits)
    shape = min(_SLIMMEST, max(1 / _SLIMMEST, (known.width or 1) / (known.height or 1)))
    return order.made_by(
        "image_to_video",
        order.work.inputs,
        image=params.image,
        audio=params.audio,
        audio_fade_out=0,
        duration=order.promised[""].duration_seconds,
        resolution=params.resolution,
        ratio=f"{shape:.2f}:1",
        intensity="subtle",
    )
