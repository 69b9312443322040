"""Raw frames into an MP4: ffmpeg is fed through a pipe, watched by a clock, and never left running."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from pressroom.domain.errors import Permanent, Refused
from pressroom.domain.operation import limit_text
from pressroom.media.encoding import h264
from pressroom.media.encoding.loudness import Level
from pressroom.media.encoding.rates import LEAST_KBPS, settled
from pressroom.media.encoding.soundtrack import Sound, level_of, sound_stream
from pressroom.media.encoding.yuv import Pixels
from pressroom.media.files.ffmpeg import last_lines, output_argument, started

_PIPE_BYTES = 1 << 20  # the most that Linux grants everyone: a frame passes in 3 turns instead of 48

FrameSource = Callable[[], Iterator[Pixels]]


@dataclass(frozen=True, slots=True)
class Film:
    """What is to be written."""

    target: tuple[int, int]
    fps: int
    count: int
    sound: Sound | None = None
    max_bytes: int | None = None
    fill_kbps: int = 0

    @property
    def seconds(self) -> float:
        return self.count / self.fps


def write_film(film: Film, source: FrameSource, path: Path, program: str, timeout_seconds: float) -> dict[str, Any]:
    """Write the film and return how its bit rate was chosen; `source` is asked again for each attempt.

    Raises Permanent when ffmpeg fails or is too slow, Refused when the byte limit cannot be met.
    """
    limit = h264.limit_bytes(film.max_bytes, film.seconds)
    kbps = h264.video_kbps_for(limit, film.seconds, h264.AUDIO_KBPS if film.sound else 0)
    if kbps < LEAST_KBPS:
        raise _too_large(film, limit)
    level = level_of(film.sound, film.seconds, program, timeout_seconds) if film.sound else None
    loudness = {"loudness": level.details()} if level else {}

    def encode(rate: dict[str, Any]) -> None:
        feed(_command(film, level, path, rate, program), source(), timeout_seconds)

    encode(h264.QUALITY)
    chosen = settled(path.stat().st_size, path, film.seconds, film.max_bytes, film.fill_kbps, encode, lambda: kbps)
    if chosen is None:
        raise _too_large(film, limit)
    return chosen | loudness


def _too_large(film: Film, limit: int) -> Refused:
    width, height = film.target
    return Refused(
        f"{film.seconds:.1f} s of {width} x {height} pixels do not fit into the limit of {limit_text(limit)} bytes",
        hint="raise max_bytes, shorten the clip or take a lower resolution",
    )


def feed(command: list[str], frames: Iterable[Pixels], timeout_seconds: float) -> None:
    """Run a command that reads raw frames from its standard input. Raises Permanent when it fails or is too slow."""
    with tempfile.TemporaryFile() as log:
        child = started(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, bufsize=0)
        expired = threading.Event()
        # A pipe that nobody reads blocks forever; killing the reader is what wakes the writer.
        clock = threading.Timer(timeout_seconds, _expire, (child, expired))
        clock.start()
        try:
            _write_all(child, frames)
            child.wait()
        finally:
            clock.cancel()
            _end(child)
        if expired.is_set():
            raise Permanent(
                f"ffmpeg did not finish within {timeout_seconds:g} s",
                hint="make a shorter or smaller clip, or raise limits.timeout_seconds",
            )
        if child.returncode != 0:
            log.seek(0)
            reason = last_lines(log.read().decode(errors="replace"))
            raise Permanent(f"ffmpeg failed ({child.returncode}): {reason}")


def _write_all(child: subprocess.Popen[bytes], frames: Iterable[Pixels]) -> None:
    assert child.stdin is not None
    pipe = child.stdin.fileno()
    with suppress(OSError):  # only speed: where the system grants less, the pipe stays as it is
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    try:
        for frame in frames:
            rest = frame.data
            while rest:
                rest = rest[os.write(pipe, rest) :]
        child.stdin.close()
    except BrokenPipeError:
        return  # ffmpeg has ended early; its status and log say why


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
    # Only now: closing flushes, and would wait for a reader that does not read.
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _expire(child: subprocess.Popen[bytes], expired: threading.Event) -> None:
    expired.set()
    child.kill()


def _command(film: Film, level: Level | None, path: Path, rate: dict[str, Any], program: str) -> list[str]:
    width, height = film.target
    picture = ffmpeg.input(
        "pipe:0",
        f="rawvideo",
        pix_fmt="yuv420p",
        s=f"{width}x{height}",
        framerate=film.fps,
        protocol_whitelist="file,pipe",
    )
    streams = [picture.filter("setparams", **h264.COLOR_FILTER)]
    options = h264.mp4_options(film.fps, rate)
    if film.sound and level:
        streams.append(sound_stream(film.sound, film.seconds, level))
        options |= h264.audio_options(h264.AUDIO_KBPS)
    graph = ffmpeg.output(*streams, output_argument(path), **options)
    return [program, "-hide_banner", "-y", "-v", "error", *ffmpeg.get_args(graph)]
