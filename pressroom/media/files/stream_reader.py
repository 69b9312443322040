"""A program: says as JSON what is in a recording. It runs in a process of its own, for hostile files may end it.

    python -P stream_reader.py REQUEST

REQUEST is JSON: `path`, `demuxer` ("" finds it), `max_pixels`, `most_packets`, `memory_bytes`, `cpu_seconds`. The answer is
on standard output: `{"container", "pictures": [...], "sounds": [...]}`, or `{"error": KIND, "text": ...}` with status 1.
Times are in seconds from the container's start; None is not known.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

# Formats without an index: the duration that their demuxer tells is a guess from the bit rate.
_GUESSED = frozenset({"mp3", "aac", "amr", "amrnb", "amrwb", "ac3", "eac3"})
_LOOKED_AT = 60  # packets in which a first picture must be found; open groups start with some that cannot be decoded
_FRAMES = 3  # whose field flags are looked at
_FRAMES_OF_FILM = 12  # and whose lengths, where a codec can show some fields twice
_REPEATING = frozenset({"mpeg2video"})
_TICKS = 1_000_000  # of a container's clock in a second


class _TooManyPackets(Exception):
    """The clock cannot be read to its end."""


def facts_of(request: dict[str, Any]) -> dict[str, Any]:
    """What the file holds. Raises av.FFmpegError where its header cannot be read."""
    with _opened(request) as container:
        begin = (container.start_time or 0) / _TICKS
        length = None if container.duration is None else container.duration / _TICKS
        streams = [stream for stream in container.streams if stream.type in ("video", "audio")]
        clocks = {stream.index: _clock(stream, begin) for stream in streams}
        pictures = [_picture(container, stream) for stream in streams if stream.type == "video"]
        sounds = [_sound(stream) for stream in streams if stream.type == "audio"]
        is_guessed = container.format.name in _GUESSED
    covers = {found["index"] for found in pictures if found["is_cover"]}
    played = [index for index in clocks if index not in covers]
    if played and (is_guessed or any(clocks[index]["end"] is None for index in played)):
        clocks |= _clocks_read(request, played, begin)
    for found in (*pictures, *sounds):
        clock = clocks[found["index"]]
        found |= clock | {"end": length if clock["end"] is None else clock["end"]}
    return {"container": container.format.name, "pictures": pictures, "sounds": sounds}


def _opened(request: dict[str, Any]) -> Any:
    import av

    options = {"protocol_whitelist": "file", "max_pixels": str(request["max_pixels"])}
    name = f"file:{request['path']}"
    return av.open(name, format=request["demuxer"] or None, options=options, metadata_errors="ignore")


def _clock(stream: Any, begin: float) -> dict[str, Any]:
    """When a stream starts and ends, as its container tells."""
    start = 0.0 if stream.start_time is None else float(stream.start_time * stream.time_base) - begin
    end = None if stream.duration is None else start + float(stream.duration * stream.time_base)
    return {"start": start, "end": end, "frames": stream.frames}


def _clocks_read(request: dict[str, Any], indexes: Sequence[int], begin: float) -> dict[int, dict[str, Any]]:
    """The clocks as the packets tell them: all are read, none is decoded."""
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    ends: dict[int, float] = {}
    frames: dict[int, int] = {}
    with _opened(request) as container:
        for number, packet in enumerate(container.demux([container.streams[index] for index in indexes])):
            if number > request["most_packets"]:
                raise _TooManyPackets(f"more than {request['most_packets']:,} packets")
            if packet.pts is None:
                continue
            index, at = packet.stream_index, float(packet.pts * packet.time_base) - begin
            first[index], last[index] = min(at, first.get(index, at)), max(at, last.get(index, at))
            frames[index] = frames.get(index, 0) + 1
            if packet.duration:
                ends[index] = max(at + float(packet.duration * packet.time_base), ends.get(index, at))
    found = {}
    for index, start in first.items():
        # Where the last packet tells no length it lasts as long as the others do.
        end = last[index] + (last[index] - start) / max(1, frames[index] - 1)
        found[index] = {"start": start, "end": ends.get(index, end), "frames": frames[index]}
    return found


def _picture(container: Any, stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    found: dict[str, Any] = {"index": stream.index, "is_cover": _is_cover(stream), "is_default": _is_default(stream)}
    if context is None:
        return found | {"codec": ""}
    shape = stream.sample_aspect_ratio
    found |= {
        "codec": context.codec.canonical_name,
        "tag": context.codec_tag,
        "width": context.width,
        "height": context.height,
        "pixel_shape": [shape.numerator, shape.denominator] if shape else [1, 1],
        "mean_rate": _rate(stream.average_rate),
        "base_rate": _rate(stream.guessed_rate or stream.base_rate),
        "pixel_format": context.pix_fmt or "",
        "has_alpha": bool(context.format and any(part.is_alpha for part in context.format.components)),
        "primaries": int(context.color_primaries),
        "transfer": int(context.color_trc),
        "matrix": int(context.colorspace),
        "range": int(context.color_range),
        "field_order": int(context.field_order),
        "turned": 0,
        "interlaced": [],
        "frame_seconds": [],
    }
    if not found["is_cover"]:
        _look_at(container, stream, found)
    return found


def _look_at(container: Any, stream: Any, found: dict[str, Any]) -> None:
    """What only decoded pictures tell: how they are turned, and whether their lines are of two moments."""
    import av

    context = stream.codec_context
    context.thread_count = 1
    frames = _FRAMES_OF_FILM if found["codec"] in _REPEATING else _FRAMES
    for number, packet in enumerate(container.demux(stream)):
        with suppress(av.FFmpegError):
            for frame in packet.decode():
                found["turned"] = frame.rotation
                found["interlaced"].append(bool(frame.interlaced_frame))
                found["frame_seconds"].append(float((frame.duration or 0) * (frame.time_base or 0)))
                for name, value in (("primaries", frame.color_primaries), ("transfer", frame.color_trc)):
                    found[name] = int(value)
                found["matrix"], found["range"] = int(frame.colorspace), int(frame.color_range)
        if len(found["interlaced"]) >= frames or number > _LOOKED_AT:
            break


def _sound(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    found = {"index": stream.index, "is_default": _is_default(stream), "codec": ""}
    if context is None:
        return found
    return found | {
        "codec": context.codec.canonical_name,
        "sample_rate": context.sample_rate or 0,
        "channels": context.channels,
    }


def _is_cover(stream: Any) -> bool:
    from av.stream import Disposition

    covers = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
    return bool(stream.disposition & covers)


def _is_default(stream: Any) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.default)


def _rate(rate: Any) -> list[int] | None:
    return [rate.numerator, rate.denominator] if rate else None


def main() -> int:
    request = json.loads(sys.argv[1])
    # Before anything is opened: a file may ask for memory and time without end.
    for limit, most in ((resource.RLIMIT_AS, request["memory_bytes"]), (resource.RLIMIT_CPU, request["cpu_seconds"])):
        with suppress(ValueError, OSError):  # only lower than what is already in force
            resource.setrlimit(limit, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        import av
    except ImportError as exc:
        sys.stdout.write(json.dumps({"error": "library", "text": str(exc)}))
        return 1
    try:
        answer = facts_of(request)
    except MemoryError:
        answer = {"error": "memory", "text": ""}
    except _TooManyPackets as exc:
        answer = {"error": "packets", "text": str(exc)}
    except av.FFmpegError as exc:
        answer = {"error": type(exc).__name__, "text": exc.strerror or str(exc)}
    sys.stdout.write(json.dumps(answer))
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
