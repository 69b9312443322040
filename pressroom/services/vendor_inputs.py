"""The files of an order as vendors take them: none says that it reads HEIC, the photos of phones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pressroom.domain.content_hash import file_digest
from pressroom.domain.media import suffix_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.sniff import sniff_file

_NOT_READ: Final = "heic"
_QUALITY: Final = 95  # nothing of the photo's own compression is lost again that could be seen


def for_vendors(
    inputs: Mapping[str, Path], sha256s: Mapping[str, str], folder: Path, limits: MediaLimits
) -> tuple[dict[str, Path], dict[str, str]]:
    """The inputs and their digests, with each HEIC as a JPEG in `folder`, or as a PNG where it is transparent.

    Raises Corrupt for damaged ones.
    """
    sent, digests = dict(inputs), dict(sha256s)
    for number, (name, path) in enumerate(inputs.items()):
        sent[name] = _readable(path, folder / f"sent-{number}", limits)
        if sent[name] != path:
            digests[name] = file_digest(sent[name])
    return sent, digests


def _readable(path: Path, target: Path, limits: MediaLimits) -> Path:
    found = sniff_file(path)
    if found is None or found.name != _NOT_READ:
        return path
    from pressroom.media.encoding import codecs  # pixel libraries load slowly
    from pressroom.media.files.images import open_image, save_png

    image = open_image(path, limits)
    if image.mode == "RGBA":
        target = target.with_suffix(suffix_of("png"))
        save_png(image, target)
    else:
        target = target.with_suffix(suffix_of("jpeg"))
        target.write_bytes(codecs.jpeg(image, _QUALITY, full_colour=True))
    return target
