"""A clip at constant quality stays, is filled up or is brought under its limit, with as few encodings as that takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pressroom.media.encoding import h264
from pressroom.media.encoding.rates import LEAST_KBPS, settled

SECONDS = 4.0


class Encoder:
    """Writes a file as large as the rate that it is asked for makes it, times what it misses it by."""

    def __init__(self, path: Path, misses: Callable[[float], float] = lambda kbps: kbps) -> None:
        self.path, self.misses, self.asked = path, misses, []

    def __call__(self, rate: dict[str, Any]) -> None:
        self.asked.append(rate)
        if rate.get("pass") == 1:
            return
        kbps = int(rate["b:v"].removesuffix("k"))
        self.path.write_bytes(bytes(int(self.misses(kbps) * 1000 / 8 * SECONDS)))


def bytes_of(kbps: float) -> int:
    return int(kbps * 1000 / 8 * SECONDS)


def never() -> int:
    raise AssertionError("nobody needs the average")


@pytest.mark.parametrize("limit", [None, bytes_of(800), bytes_of(5000)])
def test_a_clip_within_its_limits_is_left_as_it_is(tmp_path: Path, limit: int | None) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path)

    assert settled(bytes_of(800), path, SECONDS, limit, 0, encoder, never) == {"rate_control": "quality"}
    assert encoder.asked == []


def test_a_clip_below_the_least_rate_is_filled_to_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path)

    found = settled(bytes_of(120), path, SECONDS, None, 500, encoder, never)

    assert found == {"rate_control": "filled", "kbps": 500}
    assert encoder.asked == [h264.filled(500)]


def test_a_large_clip_is_encoded_in_two_passes_under_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path)

    found = settled(bytes_of(2000), path, SECONDS, bytes_of(900), 0, encoder, lambda: 880)

    assert found == {"rate_control": "two passes", "kbps": 880}
    assert [rate["pass"] for rate in encoder.asked] == [1, 2]
    assert len({rate["passlogfile"] for rate in encoder.asked}) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["clip.mp4"]  # logs are gone


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(over=st.floats(1, 1.3), limit_kbps=st.integers(200, 900))
def test_an_encoder_that_overshoots_is_asked_again_for_less(tmp_path: Path, over: float, limit_kbps: int) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path, lambda kbps: kbps * over)

    found = settled(bytes_of(5000), path, SECONDS, bytes_of(limit_kbps), 0, encoder, lambda: limit_kbps)

    assert found is not None
    assert path.stat().st_size <= bytes_of(limit_kbps)
    assert path.stat().st_size >= bytes_of(limit_kbps) * 0.9
    asked = [int(rate["b:v"].removesuffix("k")) for rate in encoder.asked if rate["pass"] == 2]
    assert asked == sorted(asked, reverse=True)
    assert asked[-1] == found["kbps"]


def test_where_nothing_would_be_left_to_look_at_it_gives_up(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path, lambda kbps: kbps * 1.5)

    assert settled(bytes_of(2000), path, SECONDS, bytes_of(50), 0, encoder, lambda: LEAST_KBPS + 5) is None
    assert len(encoder.asked) == 2  # one try; the next would be below the least rate


def test_an_encoder_that_never_gets_there_is_not_asked_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path, lambda kbps: 4000)

    assert settled(bytes_of(5000), path, SECONDS, bytes_of(3900), 0, encoder, lambda: 3900) is None
    assert len(encoder.asked) < 10


def test_without_a_limit_no_clip_is_faster_than_every_platform_takes(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    encoder = Encoder(path)

    found = settled(bytes_of(40_000), path, SECONDS, None, 0, encoder, lambda: 24_000)

    assert found == {"rate_control": "two passes", "kbps": 24_000}
