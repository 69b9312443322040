"""Pictures that Pillow would flatten or misread, decoded by libvips: every TIFF, 16 bits, transparent greys."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyvips
from PIL import Image

from pressroom.media.color.primaries import D65
from pressroom.media.color.tone_mapping import to_sdr
from pressroom.media.files.meaning import Meaning
from pressroom.media.files.old_jpeg import from_old_jpeg
from pressroom.media.files.profiles import to_srgb
from pressroom.media.files.tiff import Tiff
from pressroom.media.files.tiff_directory import Tag
from pressroom.media.files.tiff_samples import unpacked

# Its warnings are told as refusals, or they are about metadata.
logging.getLogger("pyvips").addHandler(logging.NullHandler())
_WHOLE: Final = {"uchar": 255, "ushort": 65_535, "uint": 4_294_967_295}
_FLOATS: Final = ("float", "double")
_DEEP: Final = (*_FLOATS, "uint")
_SAME_WHITE: Final = 0.005
_COLOURS: Final = {"cmyk": 4, "b-w": 1, "grey16": 1, "multiband": 1}
_OPTIONS: Final[dict[str, Any]] = {"access": "sequential", "fail_on": "error"}
# libvips remembers files by their names: what is behind one may have changed.
_AFRESH: Final[dict[str, Any]] = {**_OPTIONS, "revalidate": True}


def from_tiff(path: Path, tiff: Tiff) -> pyvips.Image:
    """The picture without a channel that is not transparency; colours that were multiplied by it are divided."""
    image = _decoded(path, tiff)
    is_read_twice = tiff.has_guessed_alpha or (tiff.alpha is not None and image.format in _FLOATS)
    image = image.copy_memory() if is_read_twice else image
    colours = 3 if tiff.is_lab else _colours(image)
    color = image.extract_band(0, n=colours)
    alpha = None if tiff.alpha is None else image.extract_band(colours + tiff.alpha - tiff.colours)
    if alpha is not None and tiff.has_guessed_alpha and alpha.max() == 0:
        alpha = None  # nothing would be seen: it is a filler
    if tiff.is_lab:
        color = _lab_shown(color, tiff)
        alpha = (
            None if alpha is None else _eight_bits(_sixteen_bits(alpha.cast("uchar" if tiff.bits == 8 else "ushort")))
        )
    return color if alpha is None else color.bandjoin(alpha)


def _decoded(path: Path, tiff: Tiff) -> pyvips.Image:
    if tiff.is_old_jpeg:
        return from_old_jpeg(path, tiff)
    return unpacked(path, tiff) if tiff.is_unpacked_here else _by_libvips(path, tiff)


def _by_libvips(path: Path, tiff: Tiff) -> pyvips.Image:
    under = {} if tiff.place.sub is None else {"subifd": tiff.place.sub}
    image = pyvips.Image.tiffload(str(path), page=tiff.place.page, **under, **_AFRESH)
    if tiff.is_inks:
        return image.copy(interpretation="cmyk")
    # It leaves open what deep numbers are.
    return image.copy(interpretation="srgb") if tiff.is_rgb and image.format in _DEEP else image


def _lab_shown(image: pyvips.Image, tiff: Tiff) -> pyvips.Image:
    """CIELAB is seen under D50 where nothing else is told; programs that work it out from sRGB tell D65."""
    lab = image.colourspace("lab")
    white = tiff.directory.fractions.get(Tag.WHITE_POINT, ())
    if len(white) == len(D65) and all(abs(a - b) < _SAME_WHITE for a, b in zip(white, D65, strict=True)):
        return lab.colourspace("srgb")
    return lab.icc_export(output_profile="srgb", pcs="lab", intent="relative", depth=8)


def from_png(data: bytes) -> pyvips.Image:
    return pyvips.Image.pngload_buffer(data, **_OPTIONS)


def from_heif(path: Path) -> pyvips.Image:
    """The primary picture of an AVIF with all of its bits, as 16."""
    return pyvips.Image.heifload(str(path), **_AFRESH)


def shown(image: pyvips.Image, meaning: Meaning) -> tuple[Image.Image, bool]:
    """The picture with 8 bits a channel, and whether its colours are sRGB by now.

    Modes are L, RGB, with A where there is transparency, and CMYK. Raises pyvips.Error for damage.
    """
    colours = _colours(image)
    alpha = image.extract_band(colours) if image.bands > colours else None
    color = image.extract_band(0, n=colours)
    if meaning.transfer is not None:
        return _tone_mapped(color, alpha, meaning), True
    if image.format == "uchar":
        return _together(color, alpha, meaning, is_srgb=False)
    if color.format in _FLOATS and colours > 1 and meaning.profile is None:
        raise ValueError("unsupported: it holds floating point numbers and does not say what they mean")
    color, is_srgb = _through_profile(_sixteen_bits(color), meaning)
    color = color if color.format == "uchar" else _eight_bits(color)
    return _together(color, None if alpha is None else _eight_bits(_sixteen_bits(alpha)), meaning, is_srgb=is_srgb)


def _colours(image: pyvips.Image) -> int:
    most: int = image.bands
    return min(most, _COLOURS.get(image.interpretation, 1 if most < 3 else 3))


def _sixteen_bits(image: pyvips.Image) -> pyvips.Image:
    if image.format == "ushort":
        return image
    if image.format in _FLOATS:
        # Numbers that are none become black. White is 1, though some shine more, or it is that of 8 bits.
        known = (image == image).ifthenelse(image, 0)
        top = known.copy_memory()
        scale = 65_535 if top.avg() <= 1 else 257
        return (top * scale + 0.5).cast("ushort")
    if image.format in _WHOLE:
        return (image * (65_535 / _WHOLE[image.format]) + 0.5).cast("ushort")
    raise ValueError(f"unsupported: it holds numbers of the kind {image.format}")


def _eight_bits(image: pyvips.Image) -> pyvips.Image:
    return (image / 257 + 0.5).cast("uchar")


def _through_profile(color: pyvips.Image, meaning: Meaning) -> tuple[pyvips.Image, bool]:
    """16-bit colours through the profile; one that is broken or for other colours is left out, as browsers do."""
    if meaning.profile is None:
        return color, False
    whole = color.bandjoin([color, color]) if meaning.is_made and color.bands == 1 else color
    space = {1: "grey16", 3: "rgb16", 4: "cmyk"}[whole.bands]
    tagged = whole.copy(interpretation=space)
    tagged.set_type(pyvips.GValue.blob_type, "icc-profile-data", meaning.profile)
    try:
        found = tagged.icc_transform("srgb", embedded=True, intent="relative", black_point_compensation=True, depth=8)
        return found, True
    except pyvips.Error:
        return color, False


def _tone_mapped(color: pyvips.Image, alpha: pyvips.Image | None, meaning: Meaning) -> Image.Image:
    assert meaning.transfer is not None
    whole = color.bandjoin([color, color]) if color.bands == 1 else color
    codes = _sixteen_bits(whole if alpha is None else whole.bandjoin(alpha)).numpy()
    mapped = to_sdr(codes[:, :, :3], meaning.transfer, meaning.primaries)
    if alpha is not None:
        mapped = np.dstack([mapped, (codes[:, :, 3] / 257 + 0.5).astype(np.uint8)])
    return Image.fromarray(mapped)


def _together(
    color: pyvips.Image, alpha: pyvips.Image | None, meaning: Meaning, *, is_srgb: bool
) -> tuple[Image.Image, bool]:
    """8-bit colours with their transparency. No mode has it beside inks: these become sRGB here."""
    if alpha is not None and color.bands == _COLOURS["cmyk"]:
        pixels = color.bandjoin(alpha).numpy()  # at once: it is read from top to bottom
        found = to_srgb(Image.fromarray(np.ascontiguousarray(pixels[:, :, :4]), "CMYK"), meaning)
        found.putalpha(Image.fromarray(np.ascontiguousarray(pixels[:, :, 4])))
        return found, True
    return _plain(color if alpha is None else color.bandjoin(alpha)), is_srgb


def _plain(image: pyvips.Image) -> Image.Image:
    pixels = image.numpy()
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    if image.interpretation == "cmyk" and image.bands == _COLOURS["cmyk"]:
        return Image.fromarray(np.ascontiguousarray(pixels), "CMYK")
    bands = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    return Image.frombuffer(
        bands[image.bands], (image.width, image.height), pixels.tobytes(), "raw", bands[image.bands], 0, 1
    )
