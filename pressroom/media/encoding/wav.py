"""Bare samples as a WAV file."""

from __future__ import annotations

import io
import wave


def as_wav(samples: bytes, rate_hz: int) -> bytes:
    """The file of one channel of 16 bits, the low byte first."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
    return written.getvalue()
