"""The header of a picture, read by the one decoder that its format has."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from PIL import ImageFile

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.media.files.guards import check_size, not_opened
from pressroom.media.files.sniff import RAW_PHOTO, Format
from pressroom.settings import MediaLimits

# Constructing the plugin's class directly reads only the header and leaves out Image.open's process-wide pixel limit
# and its warning: ours come from the settings, may differ between threads, and are checked before pixels are decoded.
_PLUGINS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),  # also the first picture of an MPO
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
# Damaged metadata is no news to a user whose picture opens all the same; a damaged picture is refused by us.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.TiffImagePlugin")
ORIENTATION_TAG = 0x0112
_DNG_VERSION_TAG, _SUBFILE_TAG, _REDUCED = 50706, 254, 1  # TIFF 6.0 page 36, DNG 1.7.1 page 22
_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height


def opened(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> ImageFile.ImageFile:
    """The picture with its header read and its pixels not. Raises Corrupt for other media and for too many pixels."""
    if kind.kind is not Kind.IMAGE:
        raise Corrupt(f"{path.name} is {kind.mime}, a picture is needed", path=str(path))
    if kind.name == "webp":
        check_size(path.name, *_webp_size(file.read(30)), limits)  # its decoder allocates the canvas when it opens
        file.seek(0)
    module, name = _PLUGINS[kind.name]
    plugin = cast("Callable[[BinaryIO, str], ImageFile.ImageFile]", getattr(import_module(module), name))
    image = plugin(file, path.name)
    if kind.name == "tiff" and _is_raw(image):
        raise not_opened(path, RAW_PHOTO)
    check_size(path.name, *image.size, limits)
    return image


def _is_raw(image: ImageFile.ImageFile) -> bool:
    """Raw photos of most cameras (DNG, NEF, ARW, …) are TIFF files that begin with a preview."""
    return _DNG_VERSION_TAG in (tags := image.getexif()) or bool(tags.get(_SUBFILE_TAG, 0) & _REDUCED)


def frames_of(image: ImageFile.ImageFile, path: Path, limits: MediaLimits) -> int:
    """How many pictures the file holds. Raises Corrupt above the limit."""
    frames = int(getattr(image, "n_frames", 1))
    if frames > limits.max_frames:
        raise Corrupt(f"{path.name} has {frames} frames, the limit is {limits.max_frames}", hint="shorten it")
    return frames


def _webp_size(head: bytes) -> tuple[int, int]:
    """Canvas of a WebP from its first chunk; layouts: RFC 9649 section 2."""
    if head[12:16] == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return struct.unpack("<H", head[26:28])[0] & 0x3FFF, struct.unpack("<H", head[28:30])[0] & 0x3FFF


def upright_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    """Width and height as the picture is shown."""
    width, height = image.size
    return (height, width) if image.getexif().get(ORIENTATION_TAG) in _SIDEWAYS else (width, height)
