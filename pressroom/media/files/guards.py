"""What a file must be before anything decodes it, and one word for what goes wrong in decoders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pressroom.domain.errors import Corrupt, PressroomError
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.polyglot import check_single_meaning
from pressroom.media.files.sniff import HEAD_BYTES, Format, export_as, foreign_name, sniff

# How decoders tell a file that they cannot read from one that is cut off, and both from a damaged one.
_UNSUPPORTED = (
    "unsupported",
    "not supported",
    "cannot handle",
    "unknown pixel mode",
    "not implemented",
    "not configured",
    "unknown compression",
)
_CUT_OFF = ("truncated", "cut off", "unexpected end", "not enough", "broken png", "eof", "end of file", "premature end")


def check_file(path: Path, limits: MediaLimits) -> Format:
    """The format of a file that exists, is not empty and not too large. Raises Corrupt otherwise."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise Corrupt(f"{path.name} is not a file")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as exc:
        raise Corrupt(f"{path.name} cannot be read: {exc.strerror or exc}", path=str(path)) from exc
    if size == 0:
        raise Corrupt(f"{path.name} is empty", path=str(path))
    if size > limits.max_bytes:
        raise Corrupt(
            f"{path.name} has {size:,} bytes, the limit is {limits.max_bytes:,}",
            hint="use a smaller file or raise limits.max_bytes",
            path=str(path),
        )
    found = sniff(head)
    if found is None:
        if foreign := foreign_name(head):
            raise not_opened(path, foreign)
        raise Corrupt(f"{path.name} is not a picture, video or sound that can be opened", path=str(path))
    check_single_meaning(path)
    return found


def check_size(name: str, width: int, height: int, limits: MediaLimits) -> None:
    """Raises Corrupt where the declared size is not one that may be decoded."""
    if width < 1 or height < 1:
        raise Corrupt(f"{name} declares {width} x {height} pixels, which is no picture")
    if width * height > limits.max_pixels or max(width, height) > limits.max_side:
        raise Corrupt(
            f"{name} declares {width:,} x {height:,} pixels, more than may be decoded "
            f"({limits.max_pixels:,} pixels, {limits.max_side:,} a side)",
            hint="use a smaller picture or raise limits.max_pixels and limits.max_side",
            width=width,
            height=height,
        )


def not_opened(path: Path, foreign: str) -> Corrupt:
    return Corrupt(f"{path.name} is {foreign}", hint=f"export it as {export_as(foreign)}", path=str(path))


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Whatever a decoder raises over damaged bytes becomes Corrupt."""
    try:
        yield
    except PressroomError:
        raise
    except Exception as exc:
        said = str(exc).strip().splitlines()[-1][:200] if str(exc).strip() else type(exc).__name__
        text = str(exc).lower()
        if any(word in text for word in _UNSUPPORTED):
            raise Corrupt(
                f"{path.name} is stored in a way that is not opened ({said.removeprefix('unsupported: ')})",
                hint="export it as JPEG, PNG or TIFF (with LZW or ZIP), as RGB, grey or CMYK with 8 or 16 bits a channel",
                path=str(path),
            ) from exc
        if any(word in text for word in _CUT_OFF):
            raise Corrupt(f"{path.name} is cut off", hint="copy or export it again", path=str(path)) from exc
        raise Corrupt(f"{path.name} is damaged: {said}", path=str(path)) from exc
