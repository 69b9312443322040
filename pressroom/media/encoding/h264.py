"""How Pressroom writes video: H.264 4:2:0 and AAC in MP4, index first, closed groups, bt709, the same bytes every time."""

from __future__ import annotations

from typing import Any

# x264 at constant quality. `veryfast` reaches real time for 1080p on two cores; crf 19 keeps it visually clean.
_PRESET, _CRF = "veryfast", 19
_GROUP_SECONDS = 2
# A fixed count: the number of threads changes x264's decisions, and with them the bytes.
_THREADS = 4
# Closed groups; and the lookahead in step with the encoder: as a thread of its own it sees now more, now fewer frames ahead when
# the machine is busy, and of four encodings of one 1080p clip three came out different.
_GROUPS = "open-gop=0:sync-lookahead=0"
# Meta's upper bound for reels and stories, the lowest that any platform names (Instagram Platform API, IG User Media).
_MOST_KBPS = 25_000
AUDIO_KBPS, SMALL_AUDIO_KBPS = 160, 64
_AUDIO_RATE = 48_000
_AUDIO_BLOCK = 1024  # samples in one AAC frame
_CONTAINER_SHARE = 0.98  # what the index and the interleaving leave for pictures and sound

COLOR_FILTER = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "range": "tv"}


def limit_bytes(max_bytes: int | None, seconds: float) -> int:
    """The most that a clip may weigh: its own limit, or that of the highest rate that every platform takes."""
    fastest = int(_MOST_KBPS * 125 * seconds)
    return fastest if max_bytes is None else min(max_bytes, fastest)


def video_kbps_for(limit: int, seconds: float, audio_kbps: int) -> int:
    """The average picture bit rate with which a clip stays under a byte limit; may be 0 or less when nothing is left."""
    return int(limit * 8 / 1000 * _CONTAINER_SHARE / seconds - audio_kbps)


def audio_seconds(seconds: float) -> float:
    """How much sound fills a clip: AAC writes whole blocks, and one of them more than the pictures would lengthen it."""
    return max(_AUDIO_BLOCK / _AUDIO_RATE, seconds - _AUDIO_BLOCK / _AUDIO_RATE)


# No ceiling on the rate (`maxrate`): with one, x264's threads look at what the others have just done, and the same pictures
# give other bytes from run to run. What comes out too large is encoded again in two passes.
QUALITY: dict[str, Any] = {"crf": _CRF}


def averaged(kbps: int, number: int, log: str) -> dict[str, Any]:
    """Pass `number`, 1 or 2, of two that meet an average; `log` is the path on which they share what they learn."""
    return {"b:v": f"{kbps}k", "pass": number, "passlogfile": log}


def filled(kbps: int) -> dict[str, Any]:
    """A constant rate with filler, for placements that refuse clips below a size or rate."""
    rate = f"{kbps}k"
    return {
        "b:v": rate, "minrate": rate, "maxrate": rate, "bufsize": rate,
        "x264-params": f"{_GROUPS}:nal-hrd=cbr:filler=1",
        "threads": 1,  # this one needs the ceiling; alone, no thread depends on others
    }  # fmt: skip


def mp4_options(fps: float, rate: dict[str, Any]) -> dict[str, Any]:
    """ffmpeg output options for the pictures and the container."""
    return {
        "vcodec": "libx264", "preset": _PRESET, "profile:v": "high", "pix_fmt": "yuv420p", "x264-params": _GROUPS,
        "g": round(fps * _GROUP_SECONDS), "threads": _THREADS, "fps_mode": "cfr", **rate,
        "map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact", "flags:v": "+bitexact", "flags:a": "+bitexact",
        # No edit lists (Meta asks for none): decoding offsets are written signed instead.
        "movflags": "+faststart+negative_cts_offsets", "use_editlist": 0, "f": "mp4",
    }  # fmt: skip


def audio_options(kbps: int) -> dict[str, Any]:
    return {"acodec": "aac", "b:a": f"{kbps}k", "ar": _AUDIO_RATE, "ac": 2}
