"""ffmpeg at arm's length: every way it can fail ends in one clear error, and no process stays behind."""

from __future__ import annotations

import resource
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pressroom.domain.errors import Permanent
from pressroom.media.encoding.frame_encoder import feed
from pressroom.media.files.ffmpeg import ffmpeg_program, last_lines, run_ffmpeg
from tests.support.media import FFMPEG


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def blank(count: int) -> Iterator[np.ndarray]:
    for _ in range(count):
        yield np.zeros((200, 200, 3), dtype=np.uint8)


def test_the_setting_names_the_program_and_the_bundled_one_is_the_default() -> None:
    assert ffmpeg_program("/opt/ffmpeg") == "/opt/ffmpeg"
    assert Path(ffmpeg_program("")).is_file()


def test_a_failure_is_permanent_and_quotes_ffmpeg() -> None:
    with pytest.raises(Permanent, match="No such file"):
        run_ffmpeg(FFMPEG, ["-i", "file:/no/such/file.mp4", "-f", "null", "-"], 30)


def test_a_missing_program_is_permanent_and_says_which_setting(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="setting `ffmpeg`"):
        run_ffmpeg(str(tmp_path / "no-ffmpeg"), ["-version"], 5)
    with pytest.raises(Permanent, match="setting `ffmpeg`"):
        feed([str(tmp_path / "no-ffmpeg")], blank(1), 5)


def test_a_program_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"did not finish within 0\.3 s"):
        run_ffmpeg(script(tmp_path / "hang", "exec sleep 600"), [], 0.3)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="NEEDS Linux: limits on another process")
def test_a_program_that_takes_memory_without_end_is_refused_it(tmp_path: Path) -> None:
    limited = "until [ $(ulimit -d) != unlimited ]; do :; done"
    program = script(tmp_path / "greedy", f"{limited}; exec {sys.executable} -c 'bytearray(7 << 30)'")

    with pytest.raises(Permanent, match="MemoryError"):
        run_ffmpeg(program, [], 60)


def test_a_reader_that_never_reads_cannot_block_the_writer(tmp_path: Path) -> None:
    began = time.monotonic()

    with pytest.raises(Permanent, match=r"did not finish within 0\.5 s"):
        feed([script(tmp_path / "deaf", "exec sleep 600")], blank(10_000), 0.5)

    assert time.monotonic() - began < 300


def test_a_reader_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match=r"failed \(7\): no room on the disk"):
        feed([script(tmp_path / "dying", "echo no room on the disk >&2; exit 7")], blank(10_000), 30)


def test_an_error_while_drawing_stops_the_child(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    def failing() -> Iterator[np.ndarray]:
        while not pid_file.exists() or not pid_file.read_text().strip():
            time.sleep(0.01)
        yield np.zeros((10, 10, 3), dtype=np.uint8)
        raise ValueError("cannot draw")

    with pytest.raises(ValueError, match="cannot draw"):
        feed([script(tmp_path / "waiting", f"echo $$ > '{pid_file}'; exec sleep 600")], failing(), 60)

    assert not Path(f"/proc/{pid_file.read_text().strip()}").exists()


def test_log_lines_lose_the_names_of_ffmpegs_parts() -> None:
    log = "[mov,mp4 @ 0x55d0] moov atom not found\n\n[in#0 @ 0x1] Error opening input: x\n"

    assert last_lines(log) == "moov atom not found; Error opening input: x"
