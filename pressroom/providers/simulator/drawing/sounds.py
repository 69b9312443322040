"""Sounds that can be told apart: a tone for each word, as long as it takes to say it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pressroom.media.encoding.wav import as_wav

RATE_HZ = 24_000
_LOWEST_HZ, _NOTES = 220.0, 15
_LOUDNESS = 0.3
_EDGE_SECONDS = 0.012  # a tone that begins at once clicks
_PAUSE = 0.12  # of a word's time


def melody(words: Sequence[str], seconds: float) -> NDArray[np.int16]:
    """Samples of so many seconds: the same words give the same tones, each as long as its share of the letters."""
    words = words or ("…",)
    letters = sum(len(word) + 1 for word in words)
    total = round(seconds * RATE_HZ)
    ends = np.cumsum([round(total * (len(word) + 1) / letters) for word in words])
    ends[-1] = total
    starts = [0, *ends[:-1]]
    tones = [_tone(word, int(end - start)) for word, start, end in zip(words, starts, ends, strict=True)]
    return np.concatenate(tones)


def _tone(word: str, count: int) -> NDArray[np.int16]:
    pitch = _LOWEST_HZ * 2 ** (hashlib.sha256(word.lower().encode()).digest()[0] % _NOTES / 7)
    at = np.arange(max(0, count)) / RATE_HZ
    length = count / RATE_HZ * (1 - _PAUSE)
    envelope = np.clip(np.minimum(at, length - at) / _EDGE_SECONDS, 0, 1)
    wanted = np.sin(2 * np.pi * pitch * at) + 0.4 * np.sin(4 * np.pi * pitch * at)
    return np.asarray(np.rint(wanted * envelope * _LOUDNESS * 32_767 / 1.4), dtype=np.int16)


def write_wav(samples: NDArray[np.int16], path: Path) -> Path:
    path.write_bytes(as_wav(samples.tobytes(), RATE_HZ))
    return path
