"""Open any media file and measure it: what it is, how large, how long, whole or damaged."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of, suffix_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.captions import FORMATS, parse_captions
from pressroom.media.files.ffmpeg import decode_all
from pressroom.media.files.glb import inspect_glb
from pressroom.media.files.guards import check_file, check_size
from pressroom.media.files.images import inspect_image
from pressroom.media.files.pdf import inspect_pdf, is_pdf
from pressroom.media.files.recording import Recording, read_recording
from pressroom.media.files.sniff import Format
from pressroom.media.files.truncation import check_ends
from pressroom.media.files.words import MIMES, inspect_words

# Containers that hold sound only are named after it.
_SOUND_ONLY = {"mp4": "m4a", "mov": "m4a", "webm": "weba", "wmv": "wma", "mpegts": "aac", "mxf": "wav"}
_WITH_PICTURES = {"ogg": "ogv", "m4a": "mp4"}
_CAPTIONS = {suffix_of(name): mime_of(name) for name in FORMATS}
TEXT_MIMES = {**_CAPTIONS, **MIMES}  # by suffix
_MOST_CAPTION_BYTES = 1_000_000
_MOST_FPS = 1000  # high-speed cameras of phones and action cameras record up to 960
_LEAST_FRAMES = 0.5  # durations are rounded
_MISSING_SHARE, _MISSING_SECONDS = 0.01, 0.25  # what rounding and the last frame's length may lack


def probe(path: Path, limits: MediaLimits, ffmpeg: str) -> MediaInfo:
    """Measure a picture, video, sound, model or text and decode all of it. Raises Corrupt when it is damaged or too large."""
    if path.suffix in TEXT_MIMES:
        return inspect_text(path)
    # Documents are only made, never taken in: they are known here and nowhere else.
    found = None if path.is_file() and is_pdf(path) else check_file(path, limits)
    if found is None:
        info = inspect_pdf(path, limits)
    elif found.kind is Kind.IMAGE:
        info = inspect_image(path, limits, thorough=True)
    elif found.kind is Kind.PROFILE:
        info = MediaInfo(found.kind, found.mime, size_bytes=path.stat().st_size)
    elif found.kind is Kind.MODEL:
        info = inspect_glb(path, limits)
    else:
        info = _decoded(path, found, limits, ffmpeg)
    return _with_hash(path, info)


def inspect_text(path: Path) -> MediaInfo:
    """Measure a file of words or captions, which its suffix tells. Raises Corrupt for what cannot be read to its end."""
    return _captions(path) if path.suffix in _CAPTIONS else _with_hash(path, inspect_words(path))


def _with_hash(path: Path, info: MediaInfo) -> MediaInfo:
    with path.open("rb") as file:
        return replace(info, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _decoded(path: Path, found: Format, limits: MediaLimits, ffmpeg: str) -> MediaInfo:
    """Measured by decoding all of it."""
    recording = _opened(path, found, limits)
    streams = [stream.index for stream in (recording.pictures, recording.sounds) if stream]
    seconds, frames = decode_all(path, ffmpeg, limits, found.demuxer, streams)
    if recording.pictures and frames == 0:
        raise Corrupt(f"{path.name} holds no frame that can be decoded", path=str(path))
    _check_whole(path, recording.last_second, seconds)
    info = _measured(path, found, recording)
    return replace(info, frames=max(1, frames), duration_seconds=info.duration_seconds or seconds)


def _captions(path: Path) -> MediaInfo:
    """Captions that can be read to their end."""
    if path.stat().st_size > _MOST_CAPTION_BYTES:
        raise Corrupt(f"{path.name} is too large for captions", path=str(path))
    data = path.read_bytes()
    try:
        parse_captions(data.decode("utf-8"))
    except ValueError as exc:
        raise Corrupt(f"{path.name} holds no captions: {exc}", path=str(path)) from exc
    return MediaInfo(Kind.TEXT, _CAPTIONS[path.suffix], size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def _check_whole(path: Path, declared_seconds: float, seconds: float) -> None:
    """A file cut off after its index still declares its full length."""
    if seconds < declared_seconds * (1 - _MISSING_SHARE) - _MISSING_SECONDS:
        raise Corrupt(
            f"{path.name} is cut off: {seconds:.1f} s of the declared {declared_seconds:.1f} s can be decoded",
            hint="copy or export it again",
            path=str(path),
        )


def inspect(path: Path, limits: MediaLimits) -> MediaInfo:
    """Measure a file quickly, for planning: pictures are checked cheaply, of recordings nothing is decoded but a start."""
    found = check_file(path, limits)
    if found.kind is Kind.PROFILE:
        return MediaInfo(found.kind, found.mime, size_bytes=path.stat().st_size)
    if found.kind is Kind.IMAGE:
        return inspect_image(path, limits)
    if found.kind is Kind.MODEL:
        return inspect_glb(path, limits)
    return _measured(path, found, _opened(path, found, limits))


def _opened(path: Path, found: Format, limits: MediaLimits) -> Recording:
    """What a recording holds, within the limits."""
    check_ends(path, found)
    recording = read_recording(path, limits, found.demuxer)
    _check_limits(path, recording, limits)
    return recording


def _measured(path: Path, found: Format, recording: Recording) -> MediaInfo:
    size_bytes, seconds, pictures = path.stat().st_size, recording.duration_seconds, recording.pictures
    if pictures is None:
        mime = mime_of(_SOUND_ONLY.get(found.name, found.name))
        return MediaInfo(Kind.AUDIO, mime, duration_seconds=seconds, size_bytes=size_bytes)
    return MediaInfo(
        Kind.VIDEO,
        mime_of(_WITH_PICTURES.get(found.name, found.name)),
        pictures.width,
        pictures.height,
        seconds,
        size_bytes,
        frames=max(1, round((seconds or 0) * pictures.fps)),
        has_alpha=pictures.has_alpha,
        fps=float(pictures.fps) or None,
        video_codec=pictures.codec,
    )


def _check_limits(path: Path, recording: Recording, limits: MediaLimits) -> None:
    pictures, seconds = recording.pictures, recording.last_second
    fps = float(pictures.fps) if pictures else 0.0
    if pictures is None and recording.sounds is None:
        raise Corrupt(f"{path.name} holds neither pictures nor sound", path=str(path))
    if pictures:
        check_size(path.name, pictures.width, pictures.height, limits)
        if fps > _MOST_FPS or (pictures.end is not None and fps and pictures.end * fps < _LEAST_FRAMES):
            raise Corrupt(f"{path.name} declares {fps:g} frames a second for {seconds:g} s, which is no video")
    if seconds > limits.max_seconds:
        raise Corrupt(
            f"{path.name} lasts {seconds:,.1f} s, the limit is {limits.max_seconds:,.0f} s",
            hint="cut it or raise limits.max_seconds",
        )
    if seconds * fps > limits.max_frames * 1.001:
        raise Corrupt(
            f"{path.name} has about {seconds * fps:,.0f} frames, the limit is {limits.max_frames:,}",
            hint="cut it or raise limits.max_frames",
        )
