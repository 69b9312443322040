"""What vendors make in sizes and formats of their own becomes what the plan promises, before it is signed and checked."""

from __future__ import annotations

from dataclasses import replace

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.media.files.probe import probe
from pressroom.services.context import Context


def conformed(context: Context, made: Made, wanted: MediaInfo | None) -> Made:
    """The file as it was promised, with what was done to it on record; as it is where that cannot be done.

    What is damaged stays so: the check of what was delivered says it.
    """
    if wanted is None or wanted.kind is not Kind.IMAGE or not wanted.width or not wanted.height:
        return made
    try:
        info = probe(made.path, context.settings.limits, context.ffmpeg)
        if (info.mime, info.width, info.height) == (wanted.mime, wanted.width, wanted.height):
            return made
        return _picture(context, made, info, wanted)
    except Corrupt:
        return made


def _picture(context: Context, made: Made, info: MediaInfo, wanted: MediaInfo) -> Made:
    from pressroom.media.editing.conform import conform_picture  # pixel libraries load slowly

    if info.kind is not Kind.IMAGE or wanted.mime != mime_of("png"):
        return made
    target = made.path.with_name(f"{made.path.stem}-conformed.png")
    size = conform_picture(made.path, (wanted.width or 0, wanted.height or 0), target, context.settings.limits)
    if size is None:
        return made
    details = {**made.details, "made_as": {"size": list(size), "type": info.mime}}
    return replace(made, path=target, mime=wanted.mime, details=details)
