"""ffmpeg at arm's length: find it, ask it about a file, run it with a time limit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.settings import MediaLimits

_QUIET = ("-hide_banner", "-nostdin")
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.M)
_STREAM = re.compile(r"^  Stream #0:\d+\S*: (Video|Audio): (.*(?:\n {4}(?! ?Stream).*)*)", re.M)
_SIZE = re.compile(r"\b(\d{1,6})x(\d{1,6})\b(?: \[SAR (\d+):(\d+))?")
_FPS = re.compile(r"([\d.]+k?) fps")
_TBR = re.compile(r"([\d.]+k?) tbr")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_RATE = re.compile(r"(\d+) Hz")
_MATRIX = re.compile(r"[(, /](?:bt709|bt470bg|smpte170m|smpte240m|bt2020n?c|fcc|gbr)[), /]")
_UNUSABLE = re.compile(r"Could not find codec parameters for stream \d+ \((Video|Audio): .*\): (.+)")
_HD_LINES = 720
_ERROR_LINES = 3
_ERROR_RATE = "0.02"  # share of frames that may fail: real recordings have glitches, a damaged file has far more
_CUT_OFF = ("moov atom not found", "partial file", "corrupt input packet", "End of file", "Truncated")


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a container says of itself; width and height are as shown (rotation and pixel shape applied)."""

    container: str
    duration_seconds: float | None
    width: int = 0
    height: int = 0
    fps: float = 0.0
    video_codec: str = ""
    pixel_format: str = ""
    square_pixels: bool = True
    has_matrix: bool = True
    audio_codec: str = ""
    sample_rate: int = 0

    @property
    def usual_matrix(self) -> str:
        """The colour matrix that players assume for pictures of this size when the file names none."""
        return "bt709" if min(self.width, self.height) >= _HD_LINES else "bt601"

    @property
    def has_picture(self) -> bool:
        return bool(self.video_codec)

    @property
    def has_sound(self) -> bool:
        return bool(self.audio_codec)


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


def video_facts(path: Path, ffmpeg: str, limits: MediaLimits, demuxer: str = "") -> VideoFacts:
    """Read the header of a video or sound file. Raises Corrupt when there is none that can be read."""
    # Without an output ffmpeg prints what it found and ends with status 1, so the status says nothing here.
    log = _log(_run(ffmpeg, input_arguments(path, limits, demuxer), limits.timeout_seconds))
    if "Input #0, " not in log:
        cut = any(sign in log for sign in _CUT_OFF)
        raise Corrupt(
            f"{path.name} is cut off" if cut else f"{path.name} is damaged: {last_lines(log)}", path=str(path)
        )
    if unusable := _UNUSABLE.search(log):
        raise Corrupt(
            f"{path.name} has a {unusable[1].lower()} stream that cannot be decoded: {unusable[2]}",
            hint="export it again, within the limits on pixels",
            path=str(path),
        )
    return _facts(log)


def decode_all(path: Path, ffmpeg: str, limits: MediaLimits, demuxer: str = "") -> tuple[float, int]:
    """Decode every frame; returns (seconds, video frames). Raises Corrupt at the first damage."""
    arguments = ["-v", "error", "-max_error_rate", _ERROR_RATE, *input_arguments(path, limits, demuxer)]
    arguments += ["-map", "0:V?", "-map", "0:a?", "-f", "null", "-progress", "pipe:1", "-nostats", "-"]
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
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise Permanent(
            f"ffmpeg did not finish within {timeout_seconds:g} s",
            hint="use a shorter file or raise limits.timeout_seconds",
        ) from exc
    except OSError as exc:
        raise Permanent(f"ffmpeg cannot be started: {exc}", hint="check the setting `ffmpeg`", program=ffmpeg) from exc


def _log(completed: subprocess.CompletedProcess[bytes]) -> str:
    return completed.stderr.decode(errors="replace")


def _last_number(progress: str, name: str) -> float:
    values = re.findall(rf"^{name}=(-?\d+)", progress, re.M)
    return float(values[-1]) if values else 0.0


def _facts(log: str) -> VideoFacts:
    container = log.partition("Input #0, ")[2].partition(", from")[0]
    streams = [(kind, text) for kind, text in _STREAM.findall(log) if "(attached pic)" not in text]
    video = next((text for kind, text in streams if kind == "Video"), "")
    audio = next((text for kind, text in streams if kind == "Audio"), "")
    width, height, square = _shown_size(video)
    rate = _RATE.search(audio)
    return VideoFacts(
        container=container,
        duration_seconds=_seconds(log),
        width=width,
        height=height,
        fps=_frame_rate(video),
        video_codec=video.split(" ", 1)[0].rstrip(",") if video else "",
        pixel_format=_pixel_format(video),
        square_pixels=square,
        has_matrix=_MATRIX.search(video) is not None,
        audio_codec=audio.split(" ", 1)[0].rstrip(",") if audio else "",
        sample_rate=int(rate.group(1)) if rate else 0,
    )


def _seconds(log: str) -> float | None:
    match = _DURATION.search(log)
    if match is None:
        return None
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _shown_size(video: str) -> tuple[int, int, bool]:
    match = _SIZE.search(video)
    if match is None:
        return 0, 0, True
    width, height = int(match.group(1)), int(match.group(2))
    across, down = int(match.group(3) or 1), int(match.group(4) or 1)
    square = across == down or not across or not down
    if not square:
        width = max(1, round(width * across / down))
    turned = _ROTATION.search(video)
    if turned and round(float(turned.group(1))) % 180 == 90:
        return height, width, square
    return width, height, square


def _frame_rate(video: str) -> float:
    match = _FPS.search(video) or _TBR.search(video)
    if match is None:
        return 0.0
    text = match.group(1)
    return float(text[:-1]) * 1000 if text.endswith("k") else float(text)


def _pixel_format(video: str) -> str:
    match = re.search(r", ([a-z0-9]+)(?:\([^)]*\))?, \d+x\d+", video)
    return match.group(1) if match else ""
