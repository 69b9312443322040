"""ffmpeg at arm's length: find it, run it with a time limit, let it decode a file to its end."""

from __future__ import annotations

import re
import resource
import subprocess
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media_limits import MediaLimits

# What a file may make it take: 4K with the threads of 64 cores stays far below. Counted is what is written to, not reserved.
_MOST_MEMORY_BYTES = 6 << 30
_QUIET = ("-hide_banner", "-nostdin")
_ERROR_LINES = 3
_ERROR_RATE = "0.02"  # share of frames that may fail: real recordings have glitches, a damaged file has far more
_CHILDREN: weakref.WeakSet[subprocess.Popen[bytes]] = weakref.WeakSet()
_CUT_OFF = ("moov atom not found", "partial file", "corrupt input packet", "End of file", "Truncated")


def ffmpeg_program(settings_value: str = "") -> str:
    """The ffmpeg to run: the one named in the settings, else the one that comes with imageio-ffmpeg."""
    if settings_value:
        return settings_value
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as exc:
        raise Permanent("there is no ffmpeg", hint="install imageio-ffmpeg or set PRESSROOM_FFMPEG") from exc


def input_options(limits: MediaLimits, demuxer: str = "") -> dict[str, Any]:
    """Options of every input: nothing is fetched or followed, and no decoder allocates more than the limits allow.

    A container may declare another size than the pictures in it have; only the decoder sees the true one.
    """
    forced = {"f": demuxer} if demuxer else {}
    return {"protocol_whitelist": "file,pipe", "max_pixels": limits.max_pixels, **forced}


def input_arguments(path: Path, limits: MediaLimits, demuxer: str = "") -> list[str]:
    """`-i` for a local file that cannot be taken for an option, a URL or a playlist."""
    options = input_options(limits, demuxer)
    return [
        *(str(part) for name, value in options.items() for part in (f"-{name}", value)),
        "-i",
        output_argument(path),
    ]


def output_argument(path: Path) -> str:
    return f"file:{path.absolute()}"


def run_ffmpeg(ffmpeg: str, arguments: Sequence[str], timeout_seconds: float) -> str:
    """Run ffmpeg to its end and return what it logged. Raises Permanent when it fails, is missing or takes too long."""
    return _log(_succeeded(_run(ffmpeg, arguments, timeout_seconds)))


def read_ffmpeg(ffmpeg: str, arguments: Sequence[str], timeout_seconds: float) -> bytes:
    """Run ffmpeg and return what it wrote to its standard output. Raises as `run_ffmpeg` does."""
    return _succeeded(_run(ffmpeg, ["-v", "error", *arguments], timeout_seconds)).stdout


def _succeeded(completed: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
    if completed.returncode != 0:
        raise Permanent(f"ffmpeg failed ({completed.returncode}): {last_lines(_log(completed))}")
    return completed


def decode_all(path: Path, ffmpeg: str, limits: MediaLimits, demuxer: str, streams: Sequence[int]) -> tuple[float, int]:
    """Decode every frame of some streams; returns (seconds, video frames). Raises Corrupt at the first damage."""
    arguments = ["-v", "error", "-max_error_rate", _ERROR_RATE, *input_arguments(path, limits, demuxer)]
    arguments += [part for index in streams for part in ("-map", f"0:{index}")]
    arguments += ["-f", "null", "-progress", "pipe:1", "-nostats", "-"]
    completed = _run(ffmpeg, arguments, limits.timeout_seconds)
    log, progress = completed.stderr.decode(errors="replace"), completed.stdout.decode(errors="replace")
    if any(sign in log for sign in _CUT_OFF):
        raise Corrupt(f"{path.name} is cut off", hint="copy or export it again", path=str(path))
    if completed.returncode != 0:
        raise Corrupt(f"{path.name} is damaged: {last_lines(log) or completed.returncode}", path=str(path))
    return _last_number(progress, "out_time_us") / 1e6, int(_last_number(progress, "frame"))


def last_lines(log: str, count: int = _ERROR_LINES) -> str:
    """The end of a log as one line, without the names of ffmpeg's own parts."""
    lines = [re.sub(r"^(?:\[[^\]]* @ 0x[0-9a-f]+\] ?)+", "", line.strip()) for line in log.splitlines() if line.strip()]
    return "; ".join(lines[-count:])


def _run(ffmpeg: str, arguments: Sequence[str], timeout_seconds: float) -> subprocess.CompletedProcess[bytes]:
    command = [ffmpeg, *_QUIET, *arguments]
    with started(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            out, err = child.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired as exc:
            raise Permanent(
                f"ffmpeg did not finish within {timeout_seconds:g} s",
                hint="use a shorter file or raise limits.timeout_seconds",
            ) from exc
        finally:
            child.kill()
    return subprocess.CompletedProcess(command, child.returncode, out, err)


def started(command: Sequence[str], **streams: Any) -> subprocess.Popen[bytes]:
    """A running ffmpeg that may take so much memory and no more. Raises Permanent when it cannot be started."""
    try:
        child = subprocess.Popen(command, **streams)
    except OSError as exc:
        hint = "check the setting `ffmpeg`"
        raise Permanent(f"ffmpeg cannot be started: {exc}", hint=hint, program=command[0]) from exc
    _CHILDREN.add(child)
    with suppress(AttributeError, ProcessLookupError, PermissionError):  # where the system has this, and it still runs
        resource.prlimit(child.pid, resource.RLIMIT_DATA, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    return child


def end_children() -> None:
    """End what was started here and still runs, for a process that goes: it would compute on without it."""
    for child in list(_CHILDREN):
        child.kill()


def _log(completed: subprocess.CompletedProcess[bytes]) -> str:
    return completed.stderr.decode(errors="replace")


def _last_number(progress: str, name: str) -> float:
    values = re.findall(rf"^{name}=(-?\d+)", progress, re.M)
    return float(values[-1]) if values else 0.0
