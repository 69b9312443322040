"""A picture as bytes of one format, as good as it can be under a byte limit that is never exceeded."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from pressroom.domain.errors import Permanent, Refused
from pressroom.domain.media import mime_of, suffix_of
from pressroom.domain.operation import limit_text
from pressroom.media.encoding import codecs, indexed
from pressroom.media.encoding.byte_limit import Fitted, largest_that_fits
from pressroom.media.encoding.indexed import MOST, Indexed, hole_of
from pressroom.media.encoding.reduced import COARSEST, FINEST, Reduced, step_of
from pressroom.media.encoding.ssim import luma, ssim
from pressroom.media.files.images import flatten

# No visible loss: AVIF counts differently, its 80 looks like the others' 90.
_BEST = {"jpeg": 90, "webp": 90, "avif": 80}
_WORST = 10  # artefacts spoil a picture for publication below this
_FULL_COLOUR_FROM = 90  # full colour resolution keeps red lettering crisp; below, the bytes are better spent on detail
_COARSEST_COLOUR = 60  # of the colour planes at full resolution; below, half the resolution looks better
FORMATS = ("jpeg", "png", "webp", "avif", "gif", "bmp")
KEEPS_ALPHA = frozenset({"png", "webp", "avif", "gif"})
LOSSY = frozenset(_BEST)


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded picture. `quality` is 1..100 for lossy formats, `colors` the palette's size where one was needed.

    `step` is the coarsest rounding of colour values where a png was reduced; `is_best` says that no limit lowered it.
    """

    data: bytes
    format: str
    quality: float | None = None
    colors: int | None = None
    step: int | None = None
    is_best: bool = True

    @property
    def mime(self) -> str:
        return mime_of(self.format)

    @property
    def suffix(self) -> str:
        return suffix_of(self.format)


def encode(
    image: Image.Image,
    name: str,
    max_bytes: int | None = None,
    *,
    ground: str = "#ffffff",
    quality: int | None = None,
) -> Encoded:
    """Encode an RGB or RGBA picture as one of FORMATS, without metadata; same pixels, same bytes.

    Pixels that are not opaque lie on `ground` where the format has no transparency. `quality` (1..100) is the best that
    lossy formats start from. Raises Refused when the limit cannot be met, Permanent for a format that is not written.
    """
    if name not in FORMATS:
        raise Permanent(f"pictures cannot be written as {name!r}", hint=f"use one of {', '.join(FORMATS)}")
    if name not in KEEPS_ALPHA:
        image = flatten(image, ground)
    if name in LOSSY:
        found = _lossy(image, name, quality or _BEST[name], max_bytes)
    elif name == "png":
        found = _png(image, max_bytes)
    elif name == "gif":
        found = _gif(image, max_bytes)
    else:
        found = Encoded(codecs.bmp(image), name)
    if isinstance(found, Encoded) and (max_bytes is None or len(found.data) <= max_bytes):
        return found
    raise _too_large(image, name, found if isinstance(found, int) else len(found.data), max_bytes or 0)


def _lossy(image: Image.Image, name: str, best: int, max_bytes: int | None) -> Encoded | int:
    write = _writer(image, name, full_colour=best >= _FULL_COLOUR_FROM)
    whole = Encoded(write(best), name, quality=best)
    if max_bytes is None or len(whole.data) <= max_bytes:
        return whole
    if name == "jpeg" and best >= _FULL_COLOUR_FROM:
        # Three ways down: coarser colours, then half their resolution, then all of it coarser.
        top = codecs.jpeg(image, best, full_colour=False)
        if len(top) <= max_bytes:
            return _between(image, best, top, max_bytes)
    step = 1.0 if name == "avif" else 0.05
    lowest = min(_WORST, best)
    found = largest_that_fits(_writer(image, name), lowest, best, max_bytes, step=step)
    return (
        found if isinstance(found, int) else Encoded(found.data, name, quality=round(found.setting, 1), is_best=False)
    )


def _between(image: Image.Image, quality: int, half_colour: bytes, max_bytes: int) -> Encoded:
    """A JPEG larger than the one with half the colour resolution: full resolution, coarser colours, if that fits."""

    def write(colour_quality: float) -> bytes:
        return codecs.jpeg(image, quality, full_colour=True, colour_quality=colour_quality)

    found = largest_that_fits(write, _COARSEST_COLOUR, quality, max_bytes)
    keeps_colour = isinstance(found, Fitted) and len(found.data) > len(half_colour)
    data = found.data if isinstance(found, Fitted) and keeps_colour else half_colour
    return Encoded(data, "jpeg", quality=quality, is_best=False)


def _writer(image: Image.Image, name: str, *, full_colour: bool = False) -> Callable[[float], bytes]:
    if name == "jpeg":
        return lambda quality: codecs.jpeg(image, quality, full_colour=full_colour)
    write = codecs.webp if name == "webp" else codecs.avif
    return lambda quality: write(image, quality)


def _png(image: Image.Image, max_bytes: int | None) -> Encoded | int:
    exact = Encoded(codecs.png(image), "png")
    if max_bytes is None or len(exact.data) <= max_bytes:
        return exact
    image = _without_hidden_colours(image)
    exact = Encoded(codecs.png(image, 9), "png")
    if len(exact.data) <= max_bytes:
        return exact
    few = Indexed(image)
    best = indexed.png(*few.with_colours(few.most))
    if len(best) > max_bytes:
        found = largest_that_fits(lambda n: indexed.png(*few.with_colours(n)), few.least, few.most, max_bytes)
        if isinstance(found, int):
            return found
        return Encoded(found.data, "png", colors=math.ceil(found.setting), is_best=False)
    palette = Encoded(best, "png", colors=few.most, is_best=False)
    fine = largest_that_fits(Reduced(image).png, -COARSEST, FINEST, max_bytes)
    if isinstance(fine, int):
        return palette
    rounded = Encoded(fine.data, "png", step=step_of(fine.setting), is_best=False)
    return max((rounded, palette), key=lambda made: _likeness(made.data, image))


def _without_hidden_colours(image: Image.Image) -> Image.Image:
    """Pixels that are wholly transparent become black: nobody sees them, and they can take most of a file."""
    if image.mode != "RGBA":
        return image
    cleared = Image.new("RGBA", image.size)
    cleared.paste(image, mask=image.getchannel("A").point(lambda value: 255 if value else 0))
    return cleared


def _likeness(data: bytes, image: Image.Image) -> float:
    with Image.open(io.BytesIO(data)) as found:
        return ssim(luma(image), luma(found.convert(image.mode)))


def _gif(image: Image.Image, max_bytes: int | None) -> Encoded | int:
    hole = hole_of(image)
    # Half-transparent edges are mixed with white; one entry is kept free for "nothing here".
    few = Indexed(flatten(image, "#ffffff"), MOST if hole is None else MOST - 1)
    best = indexed.gif(*few.with_colours(few.most), hole)
    if max_bytes is None or len(best) <= max_bytes:
        return Encoded(best, "gif", colors=few.most)
    found = largest_that_fits(lambda n: indexed.gif(*few.with_colours(n), hole), few.least, few.most, max_bytes)
    if isinstance(found, int):
        return found
    return Encoded(found.data, "gif", colors=math.ceil(found.setting), is_best=False)


def _too_large(image: Image.Image, name: str, smallest: int, max_bytes: int) -> Refused:
    return Refused(
        f"{image.width} x {image.height} pixels as {name} need at least {smallest:,} bytes, the limit is {limit_text(max_bytes)}",
        hint="raise max_bytes, take another format or a calmer picture",
        max_bytes=max_bytes,
        smallest_bytes=smallest,
    )
