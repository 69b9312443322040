"""A printed page as PDF, known again: what it is, how large its picture is, and how it looks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.media_limits import MediaLimits

MIME = mime_of("pdf")
_SIGNATURE = b"%PDF-"


def is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def inspect_pdf(path: Path, limits: MediaLimits) -> MediaInfo:
    """Pixels of a one-page document's picture, decoded. Raises Corrupt for any other document."""
    picture = picture_of(path, limits)
    return MediaInfo(Kind.DOCUMENT, MIME, *picture.size, size_bytes=path.stat().st_size)


def picture_of(path: Path, limits: MediaLimits) -> Image:
    """The picture of a page as sRGB. Raises Corrupt when the file is not a page with one picture, or is damaged."""
    import pikepdf
    from PIL import Image

    from pressroom.media.files.guards import check_size
    from pressroom.media.files.meaning import by_profile
    from pressroom.media.files.profiles import to_srgb

    try:
        with pikepdf.open(path) as pdf:
            pages = list(pdf.pages)
            drawn = list(pages[0].obj.Resources.XObject.values()) if len(pages) == 1 else []
            pictures = [item for item in drawn if item.get("/Subtype") == "/Image"]
            if len(pictures) != 1 or pictures[0].get("/Filter") != "/DCTDecode":
                raise Corrupt(f"{path.name} is not a single page with one photo", path=str(path))
            check_size(path.name, int(pictures[0].Width), int(pictures[0].Height), limits)
            raw, space = pictures[0].read_raw_bytes(), pictures[0].ColorSpace
            # Others name a space of the device instead: an Array only where there is more to say.
            has_profile = isinstance(space, pikepdf.Array) and space[0] == "/ICCBased"
            profile = space[1].read_bytes() if has_profile else b""
        with Image.open(io.BytesIO(raw)) as image:
            image.load()
            return to_srgb(image, by_profile(profile))
    except (pikepdf.PdfError, OSError, ValueError, KeyError, AttributeError, TypeError) as exc:
        raise Corrupt(f"{path.name} is damaged: {exc}", path=str(path)) from exc
