"""A picture as bytes of one format, as good as it can be under a byte limit that is never exceeded."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from pressroom.errors import Permanent, Refused
from pressroom.media.images import flatten

# From no visible loss down to where artefacts spoil a picture for publication.
_BEST, _WORST = 90, 10
_COLOURS = (256, 192, 128, 96, 64, 48, 32, 24, 16)
_OPAQUE_FROM = 128  # GIF pixels are either there or not
_TRANSPARENT_INDEX = 255
_MIMES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "bmp": "image/bmp"}
FORMATS = tuple(_MIMES)
KEEPS_ALPHA = frozenset({"png", "webp", "gif"})
_SUFFIXES = {"jpeg": ".jpg"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded picture. `quality` is 1..100 for lossy formats, `colors` the palette's size where one was needed."""

    data: bytes
    format: str
    quality: int | None = None
    colors: int | None = None

    @property
    def is_best(self) -> bool:
        """No limit has lowered it."""
        return self.quality in (None, _BEST) and self.colors in (None, _COLOURS[0] if self.format == "gif" else None)

    @property
    def mime(self) -> str:
        return _MIMES[self.format]

    @property
    def suffix(self) -> str:
        return suffix_of(self.format)


def mime_of(name: str) -> str:
    return _MIMES[name]


def suffix_of(name: str) -> str:
    return _SUFFIXES.get(name, f".{name}")


def encode(image: Image.Image, name: str, max_bytes: int | None = None, *, ground: str = "#ffffff") -> Encoded:
    """Encode an RGB or RGBA picture as jpeg, png, webp, gif or bmp, without metadata; same pixels, same bytes.

    Pixels that are not opaque lie on `ground` where the format has no transparency. Raises Refused when the limit
    cannot be met, Permanent for a format that is not written.
    """
    if name not in _MIMES:
        raise Permanent(f"pictures cannot be written as {name!r}", hint=f"use one of {', '.join(FORMATS)}")
    if name not in KEEPS_ALPHA:
        image = flatten(image, ground)
    if name in ("jpeg", "webp"):
        return _lossy(image, name, max_bytes)
    if name == "png":
        return _png(image, max_bytes)
    return _gif(image, max_bytes) if name == "gif" else _checked(Encoded(_bytes(image, "BMP"), "bmp"), image, max_bytes)


def _lossy(image: Image.Image, name: str, max_bytes: int | None) -> Encoded:
    write = _jpeg_bytes if name == "jpeg" else _webp_bytes
    best = Encoded(write(image, _BEST), name, quality=_BEST)
    if max_bytes is None or len(best.data) <= max_bytes:
        return best
    return _search(image, name, write, max_bytes)


def _search(image: Image.Image, name: str, write: Callable[[Image.Image, int], bytes], max_bytes: int) -> Encoded:
    """The highest quality below the best that fits, by halving: size grows with quality nearly everywhere."""
    found, low, high = None, _WORST, _BEST - 1
    while low <= high:
        middle = (low + high) // 2
        attempt = Encoded(write(image, middle), name, quality=middle)
        if len(attempt.data) <= max_bytes:
            found, low = attempt, middle + 1
        else:
            smallest, high = len(attempt.data), middle - 1
    if found is None:
        raise _too_large(image, name, smallest, max_bytes)
    return found


def _png(image: Image.Image, max_bytes: int | None) -> Encoded:
    exact = Encoded(_bytes(image, "PNG", compress_level=6), "png")
    if max_bytes is None or len(exact.data) <= max_bytes:
        return exact
    exact = Encoded(_bytes(image, "PNG", optimize=True), "png")
    if len(exact.data) <= max_bytes:
        return exact
    for colors in _COLOURS:
        attempt = Encoded(_bytes(_palette(image, colors), "PNG", optimize=True), "png", colors=colors)
        if len(attempt.data) <= max_bytes:
            return attempt
    raise _too_large(image, "png", len(attempt.data), max_bytes)


def _gif(image: Image.Image, max_bytes: int | None) -> Encoded:
    for colors in _COLOURS:
        attempt = Encoded(_gif_bytes(image, colors), "gif", colors=colors)
        if max_bytes is None or len(attempt.data) <= max_bytes:
            return attempt
    raise _too_large(image, "gif", len(attempt.data), max_bytes or 0)


def _checked(encoded: Encoded, image: Image.Image, max_bytes: int | None) -> Encoded:
    if max_bytes is not None and len(encoded.data) > max_bytes:
        raise _too_large(image, encoded.format, len(encoded.data), max_bytes)
    return encoded


def _too_large(image: Image.Image, name: str, smallest: int, max_bytes: int) -> Refused:
    return Refused(
        f"{image.width} x {image.height} pixels as {name} need at least {smallest:,} bytes, the limit is {max_bytes:,}",
        hint="raise max_bytes, take another format or a calmer picture",
        max_bytes=max_bytes,
        smallest_bytes=smallest,
    )


def _jpeg_bytes(image: Image.Image, quality: int) -> bytes:
    # libvips, because Pillow's buffer for progressive files is too small for noise ("broken data stream"). It is imported
    # here: a plan needs no encoder.
    import pyvips

    pixels = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, len(image.getbands()), "uchar")
    # Full colour resolution at the top keeps red lettering crisp; below it the bytes are better spent on detail.
    subsampling = "off" if quality >= _BEST else "on"
    return bytes(
        pixels.jpegsave_buffer(Q=quality, interlace=True, optimize_coding=True, subsample_mode=subsampling, keep="none")
    )


def _webp_bytes(image: Image.Image, quality: int) -> bytes:
    return _bytes(image, "WEBP", quality=quality, method=4)


def _gif_bytes(image: Image.Image, colors: int) -> bytes:
    if image.mode != "RGBA":
        return _bytes(_palette(image, colors), "GIF")
    # One palette entry is kept free for "nothing here"; half-transparent edges are mixed with white first.
    indexed = _palette(flatten(image, "#ffffff"), min(colors, _TRANSPARENT_INDEX))
    hole = image.getchannel("A").point(lambda value: 255 if value < _OPAQUE_FROM else 0)
    indexed.paste(_TRANSPARENT_INDEX, mask=hole)
    return _bytes(indexed, "GIF", transparency=_TRANSPARENT_INDEX)


def _palette(image: Image.Image, colors: int) -> Image.Image:
    if image.mode == "RGBA":
        return image.quantize(colors, method=Image.Quantize.FASTOCTREE)
    palette = image.quantize(colors, method=Image.Quantize.MEDIANCUT)
    return image.quantize(colors, palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


def _bytes(image: Image.Image, name: str, **options: object) -> bytes:
    out = io.BytesIO()
    bare = image if not image.info else image.copy()
    bare.info = {}
    bare.save(out, name, **options)
    return out.getvalue()
