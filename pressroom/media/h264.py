"""How Pressroom writes video: H.264 4:2:0 and AAC in MP4, index first, closed groups, bt709, the same bytes every time."""

from __future__ import annotations

from typing import Any

# x264's capped quality mode. `veryfast` reaches real time for 1080p on two cores; crf 19 keeps it visually clean.
_PRESET, _CRF = "veryfast", 19
_GROUP_SECONDS = 2
# A fixed count: the number of threads changes x264's decisions, and with them the bytes.
_THREADS = 4
# Meta's upper bound for reels and stories, the lowest that any platform names (Instagram Platform API, IG User Media).
MAX_VIDEO_KBPS = 25_000
AUDIO_KBPS, SMALL_AUDIO_KBPS = 160, 64
_AUDIO_RATE = 48_000
_AUDIO_BLOCK = 1024  # samples in one AAC frame
_BUFFER_SECONDS = 1.0
_CONTAINER_SHARE = 0.98  # what the index and the interleaving leave for pictures and sound

COLOR_FILTER = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "range": "tv"}


def video_kbps_for(max_bytes: int | None, seconds: float, audio_kbps: int) -> int:
    """The highest picture bit rate with which a clip stays under a byte limit; may be 0 or less when nothing is left."""
    if max_bytes is None:
        return MAX_VIDEO_KBPS
    # The rate control may spend its buffer once on top of the rate.
    budget = max_bytes * 8 / 1000 * _CONTAINER_SHARE / (seconds + _BUFFER_SECONDS)
    return min(MAX_VIDEO_KBPS, int(budget - audio_kbps))


def audio_seconds(seconds: float) -> float:
    """How much sound fills a clip: AAC writes whole blocks, and one of them more than the pictures would lengthen it."""
    return max(_AUDIO_BLOCK / _AUDIO_RATE, seconds - _AUDIO_BLOCK / _AUDIO_RATE)


def capped(kbps: int) -> dict[str, Any]:
    """Constant quality under a ceiling."""
    return {"crf": _CRF, **_ceiling(kbps)}


def averaged(kbps: int) -> dict[str, Any]:
    """A fixed average, for the two passes that meet a tight byte limit."""
    return {"b:v": f"{kbps}k", **_ceiling(kbps)}


def filled(kbps: int) -> dict[str, Any]:
    """A constant rate with filler, for placements that refuse clips below a size or rate."""
    return {
        "b:v": f"{kbps}k",
        "minrate": f"{kbps}k",
        **_ceiling(kbps),
        "x264-params": "open-gop=0:nal-hrd=cbr:filler=1",
    }


def mp4_options(fps: float, rate: dict[str, Any]) -> dict[str, Any]:
    """ffmpeg output options for the pictures and the container."""
    return {
        "vcodec": "libx264", "preset": _PRESET, "profile:v": "high", "pix_fmt": "yuv420p", "x264-params": "open-gop=0",
        **rate,
        "g": round(fps * _GROUP_SECONDS), "threads": _THREADS, "fps_mode": "cfr",
        "map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact", "flags:v": "+bitexact", "flags:a": "+bitexact",
        # No edit lists (Meta asks for none): decoding offsets are written signed instead.
        "movflags": "+faststart+negative_cts_offsets", "use_editlist": 0, "f": "mp4",
    }  # fmt: skip


def audio_options(kbps: int) -> dict[str, Any]:
    return {"acodec": "aac", "b:a": f"{kbps}k", "ar": _AUDIO_RATE, "ac": 2}


def _ceiling(kbps: int) -> dict[str, Any]:
    return {"maxrate": f"{kbps}k", "bufsize": f"{round(kbps * _BUFFER_SECONDS)}k"}
