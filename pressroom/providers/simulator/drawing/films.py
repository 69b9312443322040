"""Clips: a camera move over a picture, with tones where sound is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from pressroom.domain.media import Made, mime_of
from pressroom.domain.near_size import even
from pressroom.media.encoding import h264
from pressroom.media.files.ffmpeg import input_options, output_argument, run_ffmpeg
from pressroom.media.files.probe import inspect
from pressroom.providers.simulator.drawing.commission import Commission
from pressroom.providers.simulator.drawing.sounds import melody, write_wav

_SLIMMEST = 3.9
_USUAL_RATE = 25.0  # frames a second, of a clip that does not say
_MOUTH = 0.12, 0.7  # height and top of the line that is drawn of the sound, as shares
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


def synced(order: Commission) -> Sequence[Made]:
    """lip_sync: the clip with the sound in place of its own, which is also seen as a line where a mouth may be.

    Whichever ends first is held or silent until the other does; where the sound gives the length the clip begins anew.
    """
    params, work = order.params, order.work
    clip, sound = (inspect(work.inputs[name], work.limits) for name in (params.video, params.audio))
    by_sound = params.length == "sound"
    shown, heard = clip.duration_seconds or 0.0, sound.duration_seconds or 0.0
    seconds = heard if by_sound else max(shown, heard)
    width, height = even(clip.width or 2), even(clip.height or 2)
    again = {"stream_loop": -1} if by_sound else {}
    film = ffmpeg.input(output_argument(work.inputs[params.video]), **again, **input_options(work.limits))["v:0"]
    voice = ffmpeg.input(output_argument(work.inputs[params.audio]), **input_options(work.limits))["a:0"]
    voices = voice.filter("apad", whole_dur=f"{seconds:.6f}").filter_multi_output("asplit")
    rate, (share, top) = clip.fps or _USUAL_RATE, _MOUTH
    mouth = voices[0].filter("showwaves", s=f"{width}x{even(height * share)}", mode="cline", rate=f"{rate:.3f}")
    film = film.filter("scale", width, height).filter("setsar", 1)
    film = film.filter("tpad", stop_mode="clone", stop_duration=f"{max(0.0, seconds - shown):.6f}")
    film = ffmpeg.overlay(film, mouth, x=0, y=even(height * top), eof_action="pass")
    target = work.folder / "synced.mp4"
    options = h264.mp4_options(rate, h264.QUALITY) | h264.audio_options(h264.AUDIO_KBPS)
    graph = ffmpeg.output(film, voices[1], output_argument(target), t=f"{seconds:.6f}", **options)
    run_ffmpeg(work.ffmpeg, ["-y", *ffmpeg.get_args(graph)], work.limits.timeout_seconds)
    return [Made(target, mime_of("mp4"))]
