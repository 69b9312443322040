"""Pictures in and out: guarded opening, one colour space (sRGB), two modes (RGB and RGBA), upright."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageColor, ImageFile

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.gif import Corners
from pressroom.media.files.guards import check_file
from pressroom.media.files.headers import Header, header
from pressroom.media.files.meaning import Meaning
from pressroom.media.files.modes import plain
from pressroom.media.files.orientation import UPRIGHT, upright_size
from pressroom.media.files.png import without_density
from pressroom.media.files.profiles import bare, means_srgb
from pressroom.media.files.sniff import Format

_SMALL = 128 * 128  # pixels up to which Pillow has written a PNG before libvips is set up
_EFFORT = 4  # of zlib's nine
_PREVIEW = (1, 1)  # the smallest draft: libjpeg decodes 1/8, reading all entropy-coded data at a fraction of the cost


def open_image(path: Path, limits: MediaLimits) -> Image.Image:
    """The picture in `path`, upright, in sRGB, mode RGB or (where any pixel is not opaque) RGBA; the first of several.

    Raises Corrupt for what is not a picture, is damaged, or declares more than `limits` allow.
    """
    return open_still(path, limits)[0]


def open_still(path: Path, limits: MediaLimits) -> tuple[Image.Image, int]:
    """`open_image`, and how many frames the file has."""
    kind = check_file(path, limits)
    if kind.name == "svg":
        return _open_svg(path, limits), 1
    with header(path, kind, limits) as found:
        return _pixels(found), 1 if kind.name == "tiff" else found.frames  # pages do not move


def open_small(path: Path, limits: MediaLimits, most_pixels: int) -> Image.Image | None:
    """`open_image` of a picture of at most so many pixels; None for a larger one and for a drawing."""
    kind = check_file(path, limits)
    if kind.name == "svg":
        return None
    with header(path, kind, limits) as found:
        return _pixels(found) if math.prod(found.size) <= most_pixels else None


def is_plain_jpeg(path: Path, limits: MediaLimits) -> bool:
    """Whether a file is a JPEG whose pixels need nothing done to them: three colours, upright, sRGB.

    Only its header is read. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    if kind.name != "jpeg":
        return False
    with header(path, kind, limits) as found:
        image = _image(found)
        return found.can_shrink and image.mode == "RGB" and found.orientation == UPRIGHT and means_srgb(found.meaning)


def open_draft(path: Path, limits: MediaLimits, side: int) -> Image.Image:
    """A JPEG for which `is_plain_jpeg` holds, halved while decoding as long as it stays larger than `side` pixels.

    All of its bytes are read. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    with header(path, kind, limits) as found:
        image = _image(found)
        image.draft("RGB", (side, side))
        image.load()
        return bare(image)


def inspect_image(path: Path, limits: MediaLimits, *, thorough: bool = False) -> MediaInfo:
    """Measure a picture and look for damage, cheaply enough for planning; `thorough` decodes every frame.

    Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    if kind.name == "svg":
        return _inspect_svg(path, kind, limits, thorough)
    with header(path, kind, limits) as found:
        seconds = _read_through(found, kind, thorough)
        size, frames = upright_size(found.size, found.orientation), found.frames
        size_bytes = path.stat().st_size
        return MediaInfo(Kind.IMAGE, kind.mime, *size, seconds, size_bytes, has_alpha=found.has_alpha, frames=frames)


def open_written(path: Path, limits: MediaLimits) -> tuple[MediaInfo, Image.Image]:
    """Measure a picture as it is stored and decode it, a JPEG as luma only, in one reading of every entropy-coded byte.

    For files of our own, which have no orientation, no profile and one frame. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    with header(path, kind, limits) as found:
        if kind.name == "jpeg":
            _image(found).draft("L", found.size)  # leaves the colours undecoded; they are read through all the same
        image: Image.Image = _pixels(found) if found.image is None else found.image
        image.load()
        size_bytes, alpha = path.stat().st_size, found.has_alpha
        info = MediaInfo(
            Kind.IMAGE, kind.mime, *found.size, size_bytes=size_bytes, has_alpha=alpha, frames=found.frames
        )
        return info, image.convert("RGBA") if alpha else image


def save_png(image: Image.Image, path: Path) -> None:
    """Write RGB, RGBA or grey pixels as PNG without any metadata: the same pixels give the same bytes."""
    if image.width * image.height <= _SMALL:
        bare(image.copy()).save(path, "PNG", compress_level=_EFFORT)
        return
    # libvips with one filter: a photo of 12 megapixels takes 0.4 s, Pillow's choice of filters 6 s for 8 % less.
    import pyvips

    pixels = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, len(image.getbands()), "uchar")
    path.write_bytes(without_density(pixels.pngsave_buffer(compression=_EFFORT, filter="sub", keep="none")))


def flatten(image: Image.Image, color: str) -> Image.Image:
    """The picture on a ground of `color` (#rgb or #rrggbb), mode RGB."""
    if image.mode == "RGB":
        return image
    source = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, (*ImageColor.getrgb(color)[:3], 255))
    return Image.alpha_composite(ground, source).convert("RGB")


def _image(found: Header) -> ImageFile.ImageFile:
    assert found.image is not None, "a JPEG is always Pillow's"
    return found.image


def _pixels(found: Header) -> Image.Image:
    """Decoded, upright, in sRGB."""
    if found.deep is None:
        image = _image(found)
        image.load()
        return plain(image if found.first is None else _alone(image, found.first), found.meaning, found.orientation)
    from pressroom.media.files.deep import shown

    decoded, is_srgb = shown(found.deep(), found.meaning)
    return plain(decoded, Meaning() if is_srgb else found.meaning, found.orientation)


def _alone(image: Image.Image, frame: Corners) -> Image.Image:
    """A frame with nothing around it, as browsers show it: Pillow fills the canvas with a colour."""
    alone = Image.new("RGBA", image.size)
    alone.paste(image.convert("RGBA").crop(frame), frame[:2])
    return alone


def _read_through(found: Header, kind: Format, thorough: bool) -> float | None:
    """Read the picture so that damage shows; returns the seconds of an animation, None for a still."""
    frames = found.frames if kind.name != "tiff" else 1
    if found.check is not None:
        found.check()
        if not thorough and frames == 1:
            return None
    if found.image is None:
        _pixels(found)
        return None
    image = found.image
    if kind.name == "jpeg" and found.can_shrink and not thorough:
        image.draft("RGB", _PREVIEW)
    milliseconds = 0.0
    for number in range(frames):
        image.seek(number)
        if thorough or number == 0:
            image.load()
        milliseconds += float(image.info.get("duration", 0))
    return milliseconds / 1000 if frames > 1 and milliseconds else None


def _inspect_svg(path: Path, kind: Format, limits: MediaLimits, thorough: bool) -> MediaInfo:
    from pressroom.media.vector.render import read_svg_file

    if thorough:
        _open_svg(path, limits)
    drawing, size_bytes = read_svg_file(path, limits), path.stat().st_size
    size = drawing.width, drawing.height
    return MediaInfo(Kind.IMAGE, kind.mime, *size, size_bytes=size_bytes, has_alpha=True, notes=drawing.notes)


def _open_svg(path: Path, limits: MediaLimits) -> Image.Image:
    from pressroom.media.vector.render import rasterize_svg_file

    return plain(rasterize_svg_file(path, limits), Meaning(), UPRIGHT)
