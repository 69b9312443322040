"""Pictures in and out: guarded opening, one colour space (sRGB), two modes (RGB and RGBA), upright."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from PIL import Image, ImageCms, ImageColor, ImageFile, ImageOps

from pressroom.domain.errors import Corrupt, PressroomError
from pressroom.domain.media import Kind, MediaInfo
from pressroom.media.files.polyglot import check_single_meaning
from pressroom.media.files.sniff import HEAD_BYTES, RAW_PHOTO, Format, foreign_name, sniff
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
_ORIENTATION_TAG = 0x0112
_DNG_VERSION_TAG, _SUBFILE_TAG, _REDUCED = 50706, 254, 1  # TIFF 6.0 page 36, DNG 1.7.1 page 22
_SIDEWAYS = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNK_FRAME = 12  # bytes around a chunk's data: length, type, checksum
_PREVIEW = (1, 1)  # the smallest draft: libjpeg decodes 1/8, reading all entropy-coded data at a fraction of the cost
_SAME_LEVELS = 2  # of 255: sRGB profiles of different makers differ by rounding


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
    with _decoding(path), path.open("rb") as file:
        image = _opened(file, kind, path, limits)
        if kind.name == "png":
            _check_png(path)
        frames = _frames(image, path, limits)
        image.load()
        return _plain(image), 1 if kind.name in ("tiff", "jpeg") else frames  # pages and previews do not move


def is_plain_jpeg(path: Path, limits: MediaLimits) -> bool:
    """Whether a file is a JPEG whose pixels need nothing done to them: three colours, upright, sRGB.

    Only its header is read. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    if kind.name != "jpeg":
        return False
    with _decoding(path), path.open("rb") as file:
        image = _opened(file, kind, path, limits)
        is_upright = image.getexif().get(_ORIENTATION_TAG, 1) == 1
        return image.mode == "RGB" and is_upright and _means_srgb(image.info.get("icc_profile"))


def open_draft(path: Path, limits: MediaLimits, side: int) -> Image.Image:
    """A JPEG for which `is_plain_jpeg` holds, halved while decoding as long as it stays larger than `side` pixels.

    All of its bytes are read. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    with _decoding(path), path.open("rb") as file:
        image = _opened(file, kind, path, limits)
        image.draft("RGB", (side, side))
        image.load()
        return _bare(image)


def inspect_image(path: Path, limits: MediaLimits, *, thorough: bool = False) -> MediaInfo:
    """Measure a picture and look for damage, cheaply enough for planning; `thorough` decodes every frame.

    Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    size_bytes = path.stat().st_size
    if kind.name == "svg":
        width, height = _svg_size(path, limits)
        return MediaInfo(Kind.IMAGE, kind.mime, width, height, size_bytes=size_bytes, has_alpha=True)
    with _decoding(path), path.open("rb") as file:
        image = _opened(file, kind, path, limits)
        has_exif = kind.name != "png" or _check_png(path)
        alpha, frames = image.has_transparency_data, _frames(image, path, limits)
        width, height = _upright_size(image) if has_exif else image.size
        seconds = _read_through(image, kind, frames, thorough)
        return MediaInfo(Kind.IMAGE, kind.mime, width, height, seconds, size_bytes, has_alpha=alpha, frames=frames)


def open_written(path: Path, limits: MediaLimits) -> tuple[MediaInfo, Image.Image]:
    """Measure a picture as it is stored and decode it, a JPEG as luma only, in one reading of every entropy-coded byte.

    For files of our own, which have no orientation, no profile and one frame. Raises Corrupt as `open_image` does.
    """
    kind = check_file(path, limits)
    with _decoding(path), path.open("rb") as file:
        image = _opened(file, kind, path, limits)
        if kind.name == "png":
            _check_png(path)
        alpha, frames = image.has_transparency_data, _frames(image, path, limits)
        if kind.name == "jpeg":
            image.draft("L", image.size)  # leaves the colours undecoded; they are read through all the same
        image.load()
        info = MediaInfo(
            Kind.IMAGE, kind.mime, *image.size, size_bytes=path.stat().st_size, has_alpha=alpha, frames=frames
        )
        return info, image.convert("RGBA") if alpha else image


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
            raise _not_opened(path, foreign)
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


def save_png(image: Image.Image, path: Path) -> None:
    """Write RGB, RGBA or grey pixels as PNG without any metadata: the same pixels give the same bytes."""
    # libvips with one filter: a photo of 12 megapixels takes 0.4 s, Pillow's choice of filters 6 s for 8 % less.
    import pyvips

    pixels = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, len(image.getbands()), "uchar")
    pixels.pngsave(str(path), compression=4, filter="sub", keep="none")


def flatten(image: Image.Image, color: str) -> Image.Image:
    """The picture on a ground of `color` (#rgb or #rrggbb), mode RGB."""
    if image.mode == "RGB":
        return image
    source = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, (*ImageColor.getrgb(color)[:3], 255))
    return Image.alpha_composite(ground, source).convert("RGB")


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Whatever a decoder raises over damaged bytes becomes Corrupt."""
    try:
        yield
    except PressroomError:
        raise
    except Exception as exc:
        text = str(exc).lower()
        if "unknown pixel mode" in text:
            raise Corrupt(
                f"{path.name} holds its colours in a way that is not opened (floating point, CIELAB of 16 bits or the like)",
                hint="export it as RGB or CMYK with 8 or 16 bits a channel",
                path=str(path),
            ) from exc
        if any(word in text for word in ("truncated", "cut off", "unexpected end", "not enough", "broken png", "eof")):
            raise Corrupt(f"{path.name} is cut off", hint="copy or export it again", path=str(path)) from exc
        raise Corrupt(f"{path.name} is damaged: {exc or type(exc).__name__}", path=str(path)) from exc


def _opened(file: BinaryIO, kind: Format, path: Path, limits: MediaLimits) -> ImageFile.ImageFile:
    if kind.kind is not Kind.IMAGE:
        raise Corrupt(f"{path.name} is {kind.mime}, a picture is needed", path=str(path))
    if kind.name == "webp":
        check_size(path.name, *_webp_size(file.read(30)), limits)  # its decoder allocates the canvas when it opens
        file.seek(0)
    module, name = _PLUGINS[kind.name]
    plugin = cast("Callable[[BinaryIO, str], ImageFile.ImageFile]", getattr(import_module(module), name))
    image = plugin(file, path.name)
    if kind.name == "tiff" and _is_raw(image):
        raise _not_opened(path, RAW_PHOTO)
    check_size(path.name, *image.size, limits)
    return image


def _not_opened(path: Path, foreign: str) -> Corrupt:
    return Corrupt(f"{path.name} is {foreign}", hint="export it as JPEG, PNG or TIFF", path=str(path))


def _is_raw(image: ImageFile.ImageFile) -> bool:
    """Raw photos of most cameras (DNG, NEF, ARW, …) are TIFF files that begin with a preview."""
    return _DNG_VERSION_TAG in (tags := image.getexif()) or bool(tags.get(_SUBFILE_TAG, 0) & _REDUCED)


def _frames(image: ImageFile.ImageFile, path: Path, limits: MediaLimits) -> int:
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


def _upright_size(image: ImageFile.ImageFile) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if image.getexif().get(_ORIENTATION_TAG) in _SIDEWAYS else (width, height)


def _check_png(path: Path) -> bool:
    """Check length and checksum of every chunk; returns whether there is EXIF (it may follow the pixels)."""
    data, position, has_exif, has_pixels = path.read_bytes(), len(_PNG_SIGNATURE), False, False
    while True:
        size, name = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + size + _PNG_CHUNK_FRAME
        if end > len(data):
            raise OSError("image file is truncated")
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise OSError(f"checksum of chunk {name!r} at byte {position} is wrong")
        has_exif = has_exif or name == b"eXIf"
        has_pixels = has_pixels or (name == b"IDAT" and size > 0)
        if name == b"IEND":
            if not has_pixels:
                raise OSError("it holds no pixels")
            return has_exif
        position = end


def _read_through(image: ImageFile.ImageFile, kind: Format, frames: int, thorough: bool) -> float | None:
    """Read the picture so that damage shows; returns the seconds of an animation, None for a still."""
    if kind.name == "png" and not thorough and frames == 1:
        return None  # _check_png has read it
    if kind.name == "jpeg" and not thorough:
        image.draft("RGB", _PREVIEW)
    milliseconds = 0.0
    for number in range(frames if kind.name != "tiff" else 1):
        image.seek(number)
        if thorough or number == 0:
            image.load()
        milliseconds += float(image.info.get("duration", 0))
    return milliseconds / 1000 if frames > 1 and milliseconds else None


def _plain(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    turned = image.getexif().get(_ORIENTATION_TAG, 1) != 1
    upright = (ImageOps.exif_transpose(image) or image) if turned else image  # it copies what is upright already
    if upright.mode.startswith("I") or upright.mode == "F":
        return _eight_bits(upright).convert("RGB")
    if upright.has_transparency_data:
        alpha = upright.convert("RGBA").getchannel("A")
        if alpha.getextrema() != (255, 255):
            colour = _srgb(_without_alpha(upright), profile)
            colour.putalpha(alpha)
            return colour
    return _srgb(_without_alpha(upright), profile)


def _without_alpha(image: Image.Image) -> Image.Image:
    if image.mode in ("CMYK", "LAB", "L", "RGB"):
        return image
    if image.mode in ("RGBA", "P", "PA", "RGBa", "RGBX"):
        return image.convert("RGBA").convert("RGB")
    return image.convert("L" if image.mode in ("1", "LA", "La") else "RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert through the embedded ICC profile; one that is broken or for another mode is left out, as browsers do."""
    if image.mode == "LAB":
        transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        return cast("Image.Image", ImageCms.applyTransform(image, transform))
    if profile:
        try:
            return _through_profile(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return _bare(_as_rgb(image))


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _to_srgb(profile, image.mode)
    if image.mode == "RGB" and _changes_nothing(transform):
        return _bare(image)
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise ValueError("the profile gave no picture")
    return _bare(converted)


def _to_srgb(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        # The blackest ink becomes black, not dark grey: what viewers do and what prints of photographs are judged by.
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _means_srgb(profile: bytes | None) -> bool:
    """Whether RGB pixels with this profile are shown as they are: as `_srgb` has it, one that is broken says nothing."""
    if not profile:
        return True
    try:
        return _changes_nothing(_to_srgb(profile, "RGB"))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """The profile is one of the many sRGBs, whatever it is called: colours all over the cube stay within a level or two."""
    steps = range(0, 256, 51)
    cube = bytes(value for red in steps for green in steps for blue in steps for value in (red, green, blue))
    colours = Image.frombytes("RGB", (len(cube) // 3, 1), cube)
    changed = cast("Image.Image", ImageCms.applyTransform(colours, transform)).tobytes()
    return max(abs(a - b) for a, b in zip(cube, changed, strict=True)) <= _SAME_LEVELS


def _as_rgb(image: Image.Image) -> Image.Image:
    return image if image.mode == "RGB" else image.convert("RGB")  # which copies what is RGB already


def _bare(image: Image.Image) -> Image.Image:
    image.info = {}
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or floats as 8 bits: whole 16-bit range, floats from 0 to 1."""
    _low, high = cast("tuple[float, float]", image.getextrema())
    wide = image if image.mode in ("I", "F") else image.convert("I")
    if image.mode == "F":
        scale = 255.0 if high <= 1 else 1.0
    else:
        scale = 1 / 257 if high > 255 or image.mode.startswith("I;16") else 1.0
    return wide.point(lambda value: value * scale + 0.5).convert("L")


def _svg_size(path: Path, limits: MediaLimits) -> tuple[int, int]:
    from pressroom.media.vector.render import check_svg

    return check_svg(path.read_bytes(), limits)


def _open_svg(path: Path, limits: MediaLimits) -> Image.Image:
    from pressroom.media.vector.render import rasterize_svg_file

    return _plain(rasterize_svg_file(path, limits))
