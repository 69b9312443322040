"""Bare samples become a file that says what they are."""

from __future__ import annotations

import io
import wave

from pressroom.media.encoding.wav import as_wav


def test_the_samples_and_their_rate_come_back() -> None:
    samples = bytes(range(200)) * 3

    with wave.open(io.BytesIO(as_wav(samples, 24_000))) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 24_000)
        assert read.readframes(read.getnframes()) == samples
