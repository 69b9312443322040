"""What vendors make in sizes, lengths and formats of their own becomes what the plan promises, before it is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.near_size import is_near
from pressroom.services.check_outputs import PROMISE_TOLERANCE_SECONDS
from pressroom.services.context import Context


def conformed(context: Context, made: Made, wanted: MediaInfo | None, *, silent: bool = False) -> Made:
    """The file as it was promised, with what was done to it on record; as it is where that cannot be done.

    A `silent` clip loses the sound that its model makes in any case. What is damaged stays so: the check of what was delivered
    says it.
    """
    if wanted is None or wanted.kind not in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO):
        return made
    from pressroom.media.files.probe import probe  # pixel libraries load slowly

    try:
        info = probe(made.path, context.settings.limits, context.ffmpeg)
        if info.kind is not wanted.kind:
            return made
        if wanted.kind is Kind.VIDEO:
            return _clip(context, made, info, wanted, silent=silent)
        if wanted.kind is Kind.AUDIO:
            return _recording(context, made, info, wanted)
        return _picture(context, made, info, wanted)
    except Corrupt:
        return made


def _picture(context: Context, made: Made, info: MediaInfo, wanted: MediaInfo) -> Made:
    same = (info.mime, info.width, info.height) == (wanted.mime, wanted.width, wanted.height)
    if same or wanted.mime != mime_of("png") or not wanted.width or not wanted.height:
        return made
    from pressroom.media.editing.conform import conform_picture  # pixel libraries load slowly

    target = made.path.with_name(f"{made.path.stem}-conformed.png")
    size = conform_picture(made.path, (wanted.width, wanted.height), target, context.settings.limits)
    if size is None:
        return made
    return replace(made, path=target, mime=wanted.mime, details=_made_as(made, size=list(size), type=info.mime))


def _recording(context: Context, made: Made, info: MediaInfo, wanted: MediaInfo) -> Made:
    if (info.mime, wanted.mime) != (mime_of("wav"), mime_of("mp3")):
        return made
    from pressroom.media.encoding.mp3 import write_mp3

    target = made.path.with_name(f"{made.path.stem}-conformed.mp3")
    write_mp3(made.path, target, context.settings.limits, context.ffmpeg)
    return replace(made, path=target, mime=wanted.mime, details=_made_as(made, type=info.mime))


def _clip(context: Context, made: Made, info: MediaInfo, wanted: MediaInfo, *, silent: bool) -> Made:
    """Cut and cropped; a clip that is too short stays so, and so does one of another shape."""
    size, seconds = (info.width or 0, info.height or 0), info.duration_seconds or 0.0
    promised = (wanted.width or size[0], wanted.height or size[1])
    kept = min(seconds, wanted.duration_seconds or seconds)
    fits = size == promised and info.mime == wanted.mime and seconds - kept <= PROMISE_TOLERANCE_SECONDS
    heard = silent and wanted.mime == mime_of("mp4") and _has_sound(context, made)
    if (fits and not heard) or wanted.mime != mime_of("mp4") or not is_near(size, promised):
        return made
    from pressroom.media.motion.conform import conform_clip, without_sound

    target = made.path.with_name(f"{made.path.stem}-conformed.mp4")
    if fits:
        without_sound(made.path, target, context.settings.limits, context.ffmpeg)
    else:
        conform_clip(made.path, info, promised, kept, target, context.settings.limits, context.ffmpeg, sound=not heard)
    sound = {"sound": True} if heard else {}
    details = _made_as(made, size=list(size), seconds=round(seconds, 3), type=info.mime, **sound)
    return replace(made, path=target, mime=wanted.mime, details=details)


def _has_sound(context: Context, made: Made) -> bool:
    from pressroom.media.files.recording import read_recording

    return read_recording(made.path, context.settings.limits, "mov").sounds is not None


def _made_as(made: Made, **said: Any) -> dict[str, Any]:
    return {**made.details, "made_as": said}
