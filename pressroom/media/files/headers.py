"""The header of a picture: its size, its colours, which way up it is, and who decodes it."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, cast

from PIL import Image, ImageFile

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.bmp import read_bmp
from pressroom.media.files.gif import Corners, read_gif
from pressroom.media.files.guards import check_size, decoding, not_opened
from pressroom.media.files.heif import HEVC, code_points, read_still
from pressroom.media.files.jpeg import read_jpeg
from pressroom.media.files.meaning import Meaning, adobe_rgb, by_code_points, by_measures, by_profile
from pressroom.media.files.orientation import UPRIGHT, orientation_of, orientation_told
from pressroom.media.files.png import check_pixels, read_png
from pressroom.media.files.sniff import RAW_PHOTO, Format, format_named
from pressroom.media.files.tiff import Tiff, read_tiff
from pressroom.media.files.truncation import check_ends

if TYPE_CHECKING:
    import pyvips

# Constructing the plugin's class directly reads only the header and leaves out Image.open's process-wide pixel limit
# and its warning: ours come from the settings, may differ between threads, and are checked before pixels are decoded.
_PLUGINS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),  # also the first picture of an MPO
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
# Damaged metadata is no news to a user whose picture opens all the same; a damaged picture is refused by us.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.(?:Tiff|Png|Jpeg|Mpo)ImagePlugin|PIL\.Image")
Told: TypeAlias = Callable[[Image.Image], int]
_INTEROPERABILITY, _INDEX, _ADOBE = 0xA005, 1, "R03"  # Exif 3.0, 4.6.7; DCF 2.0


@dataclass(frozen=True, slots=True)
class Header:
    """A picture that is open but not decoded; `size` is as it is stored.

    `image` is Pillow's, None where libvips decodes: then `deep` gives the picture. `check` raises for pixels that are
    damaged without decoding them. `first` is the part of the canvas that the first frame covers, where it is not all.
    `can_shrink` says that a JPEG can be decoded at a fraction of its size.
    """

    size: tuple[int, int]
    frames: int
    has_alpha: bool
    orientation: int
    meaning: Meaning
    image: ImageFile.ImageFile | None = None
    deep: Callable[[], pyvips.Image] | None = None
    check: Callable[[], None] | None = None
    first: Corners | None = None
    can_shrink: bool = True


@contextmanager
def header(path: Path, kind: Format, limits: MediaLimits) -> Iterator[Header]:
    """Read the header; the file stays open for decoding. Raises Corrupt for other media and for too many pixels."""
    with decoding(path), path.open("rb") as file:
        if kind.kind is not Kind.IMAGE:
            raise Corrupt(f"{path.name} is {kind.mime}, a picture is needed", path=str(path))
        read = _READERS.get(kind.name, _plain)
        found = read(file, kind, path, limits)
        check_size(path.name, *found.size, limits)
        if found.frames > limits.max_frames:
            raise Corrupt(f"{path.name} has {found.frames} frames, the limit is {limits.max_frames}", hint="shorten it")
        yield found


def _plain(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits, told: Told = orientation_of) -> Header:
    module, name = _PLUGINS[kind.name]
    plugin = cast("Callable[[BinaryIO, str], ImageFile.ImageFile]", getattr(import_module(module), name))
    image = plugin(file, path.name)
    check_size(path.name, *image.size, limits)
    return Header(
        size=image.size,
        frames=int(getattr(image, "n_frames", 1)),
        has_alpha=image.has_transparency_data,
        orientation=told(image),
        meaning=by_profile(image.info.get("icc_profile")),
        image=image,
    )


def _png(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    png = read_png(file.read())
    # Without Exif before the pixels Pillow decodes them to look behind.
    told: Told = partial(orientation_of, xmp=png.xmp) if png.has_exif else lambda _: orientation_told(None, png.xmp)
    found = _plain(io.BytesIO(png.sound), kind, path, limits, told)
    found = replace(found, meaning=png.meaning, check=partial(check_pixels, png))
    if not png.needs_depth and png.meaning.transfer is None:
        return found

    def deep() -> pyvips.Image:
        from pressroom.media.files.deep import from_png

        return from_png(png.sound)

    return replace(found, image=None, deep=deep)


def _jpeg(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    jpeg = read_jpeg(file)
    if jpeg.kind:
        raise not_opened(path, f"a {jpeg.kind}")
    found = _plain(file if jpeg.sound is None else io.BytesIO(jpeg.sound), kind, path, limits)
    assert found.image is not None
    meaning = found.meaning if found.meaning.profile or not _is_adobe_rgb(found.image) else adobe_rgb()
    return replace(found, meaning=meaning, frames=1, can_shrink=not jpeg.is_lossless)  # previews do not move


def _is_adobe_rgb(image: Image.Image) -> bool:
    try:
        return image.mode == "RGB" and str(image.getexif().get_ifd(_INTEROPERABILITY).get(_INDEX, "")) == _ADOBE
    except Exception:  # noqa: BLE001 - Pillow raises whatever comes over damaged Exif, and none of it harms the pixels
        return False


def _webp(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    check_size(path.name, *_webp_size(file.read(30)), limits)  # its decoder allocates the canvas when it opens
    file.seek(0)
    return _plain(file, kind, path, limits)


def _avif(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    found = _plain(file, kind, path, limits)
    points = code_points(path)
    if found.meaning.profile is not None or points is None:
        return found
    found = replace(found, meaning=by_code_points(*points))
    if found.meaning.transfer is None:
        return found

    def deep() -> pyvips.Image:
        from pressroom.media.files.deep import from_heif

        return from_heif(path)

    return replace(found, image=None, deep=deep)


def _heic(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    check_ends(path, kind)
    still = read_still(file)
    if still is None:
        raise Corrupt(
            f"{path.name} holds no still picture: sequences of HEIC pictures are not opened",
            hint="export one of them as JPEG, or all of them as MP4",
            path=str(path),
        )
    if others := sorted(still.codings - HEVC):
        raise ValueError(f"unsupported: its pixels are coded as {b', '.join(others).decode(errors='replace')}")
    check_size(path.name, *still.coded, limits)

    def deep() -> pyvips.Image:
        from pressroom.media.files.heic import from_heic

        return from_heic(path, still)

    return Header(
        size=still.shown,
        frames=1,
        has_alpha=still.has_alpha,
        orientation=UPRIGHT,  # the boxes have turned it: Exif repeats what they say, or is older than they are
        meaning=by_profile(still.profile) if still.profile or not still.points else by_code_points(*still.points),
        deep=deep,
    )


def _tiff(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    tiff = read_tiff(file, path.stat().st_size, limits.max_frames)
    if tiff.is_raw:
        raise not_opened(path, RAW_PHOTO)

    def deep() -> pyvips.Image:
        from pressroom.media.files.deep import from_tiff

        return from_tiff(path, tiff)

    return Header(
        size=(tiff.width, tiff.height),
        frames=tiff.pages,
        has_alpha=tiff.alpha is not None,
        orientation=orientation_told(tiff.orientation, tiff.xmp),
        meaning=_meaning_of(tiff),
        deep=deep,
    )


def _gif(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    gif = read_gif(file)
    file.seek(0)
    found = _plain(file, kind, path, limits)
    return replace(
        found, meaning=by_profile(gif.profile), first=gif.first, has_alpha=found.has_alpha or gif.first is not None
    )


def _bmp(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> Header:
    bmp = read_bmp(file, path.stat().st_size)
    if bmp.kind in ("jpeg", "png"):
        file.seek(bmp.offset)
        read = _png if bmp.kind == "png" else _plain
        return replace(read(io.BytesIO(file.read()), format_named(bmp.kind), path, limits), frames=1)
    check_size(path.name, bmp.width, bmp.height, limits)
    bmp.check_length(path.stat().st_size)

    def deep() -> pyvips.Image:
        from pressroom.media.files.bmp_pixels import pixels_of

        return pixels_of(path, bmp)

    return Header((bmp.width, bmp.height), 1, bmp.has_alpha, UPRIGHT, bmp.meaning, deep=deep)


def _meaning_of(tiff: Tiff) -> Meaning:
    if tiff.is_lab:
        return Meaning()  # it is told by the numbers themselves
    return by_profile(tiff.profile) if tiff.profile or tiff.is_inks else by_measures(None, tiff.points)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Canvas of a WebP from its first chunk; layouts: RFC 9649 section 2."""
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return struct.unpack("<H", head[26:28])[0] & 0x3FFF, struct.unpack("<H", head[28:30])[0] & 0x3FFF


_READERS: Final = {
    "png": _png,
    "jpeg": _jpeg,
    "tiff": _tiff,
    "webp": _webp,
    "avif": _avif,
    "heic": _heic,
    "gif": _gif,
    "bmp": _bmp,
}
