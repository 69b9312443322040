"""Speech and effects: tones in place of words, in the format and of the length that the order says."""

from __future__ import annotations

from collections.abc import Sequence

from pressroom.domain.media import Made, mime_of
from pressroom.media.encoding.mp3 import write_mp3
from pressroom.operations.params.spoken import usual_seconds
from pressroom.providers.simulator.drawing.commission import Commission
from pressroom.providers.simulator.drawing.sounds import melody, write_wav

_LEAST_SECONDS = 0.4


def spoken(order: Commission) -> Sequence[Made]:
    """speak: as long as the characters take to say."""
    params = order.params
    seconds = max(_LEAST_SECONDS, usual_seconds(params.text, params.speed))
    return _written(order, params.text, seconds)


def effect(order: Commission) -> Sequence[Made]:
    """sound_effect: exactly as long as asked."""
    return _written(order, order.params.prompt, order.params.duration)


def _written(order: Commission, words: str, seconds: float) -> Sequence[Made]:
    path = write_wav(melody(words.split(), seconds), order.work.folder / "sound.wav")
    if order.params.format == "mp3":
        path = write_mp3(path, path.with_suffix(".mp3"), order.work.limits, order.work.ffmpeg)
    return [Made(path, mime_of(order.params.format))]
