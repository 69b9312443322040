"""Tones for words: as long as asked, the same for the same words, others for others."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from pressroom.domain.media_limits import MediaLimits
from pressroom.media.encoding.mp3 import write_mp3
from pressroom.providers.simulator.drawing.sounds import RATE_HZ, melody, write_wav
from tests.support.media import FFMPEG, described


@pytest.mark.parametrize("seconds", [0.5, 1.234, 7.0])
def test_a_melody_lasts_as_long_as_asked_to_the_sample(seconds: float) -> None:
    assert len(melody(["a", "few", "words", "more"], seconds)) == round(seconds * RATE_HZ)


def test_words_are_told_apart_and_repeat() -> None:
    one, same, other = (melody(text.split(), 1) for text in ("good morning", "good morning", "good evening"))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.abs(one).max() > 5_000


def test_no_words_are_one_tone() -> None:
    assert len(melody([], 0.5)) == RATE_HZ // 2


def test_other_readers_open_both_formats(tmp_path: Path) -> None:
    wav = write_wav(melody(["so", "it", "sounds"], 2), tmp_path / "tones.wav")
    mp3 = write_mp3(wav, tmp_path / "tones.mp3", MediaLimits(), FFMPEG)

    with wave.open(str(wav)) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE_HZ, 2 * RATE_HZ)
    assert "Audio: mp3" in described(mp3)
