"""A picture on a sheet: its bleed, its ink through an ICC profile, and the TIFF."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image, ImageCms

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.media.geometry import Region, is_inside
from pressroom.media.printing.paper import MARK_GAP_MM, MARK_LENGTH_MM, MM_PER_INCH, Sheet
from pressroom.media.renditions.framing import Mode, compose, frame
from pressroom.media.subject.focal import find_focus

Bytes = NDArray[np.uint8]

_EDGES = {"mirror": cv2.BORDER_REFLECT_101, "extend": cv2.BORDER_REPLICATE}
_BUILT_IN = {"cmyk": "cmyk", "rgb": "srgb"}  # libvips's own: "Chemical proof" by Graeme Gill, public domain; sRGB
_SPACES = {"CMYK": 4, "RGB ": 3}
_MARK_POINTS = 0.25  # width of a hairline that every press holds


@dataclass(frozen=True, slots=True)
class Ink:
    """The profile that the sheet is printed through. `bands` is 4 for CMYK, 3 for RGB."""

    profile: bytes
    name: str
    bands: int


def ink_for(color: str, profile: Path | None) -> Ink:
    """The built-in profile of that colour space, or the file's. Raises Corrupt for a file that is no output profile."""
    if profile is None:
        data = bytes(pyvips.Operation.call("profile_load", _BUILT_IN[color]))
        return Ink(data, _description(data, color), 4 if color == "cmyk" else 3)
    data = profile.read_bytes()
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
        bands = _SPACES.get(opened.xcolor_space)
    except (OSError, ImageCms.PyCMSError) as exc:
        raise Corrupt(f"{profile.name} is not an ICC profile that can be read: {exc}", path=str(profile)) from exc
    if bands is None or opened.device_class not in ("prtr", "mntr", "spac"):
        raise Corrupt(
            f"{profile.name} is for {opened.xcolor_space}, a profile for CMYK or RGB output is needed",
            hint="ask the printer for the profile of the press and paper",
        )
    return Ink(data, _description(data, profile.stem), bands)


def _description(data: bytes, fallback: str) -> str:
    try:
        return str(ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(data)))).strip() or fallback
    except (OSError, ImageCms.PyCMSError):
        return fallback


@dataclass(frozen=True, slots=True)
class Page:
    """The picture with its bleed as RGB, how many of its own pixels an inch of paper gets, and whether the trim cuts words."""

    picture: Image.Image
    resolution: float
    cuts_words: bool = False


def laid_out(
    image: Image.Image, sheet: Sheet, mode: Mode, bleed: str, ground: str, words: Sequence[Region] = ()
) -> Page:
    """`words` are what stands on the picture, in shares of it."""
    fills = bleed == "picture"
    target = sheet.picture if fills else sheet.trim
    placed = frame(image.size, target, mode, find_focus(image, words=words))
    page = compose(image, placed, ground, ground).convert("RGB")
    if not fills and sheet.bleed:
        edge = sheet.bleed
        pixels = cv2.copyMakeBorder(np.asarray(page), edge, edge, edge, edge, _EDGES[bleed])
        page = Image.fromarray(np.asarray(pixels, dtype=np.uint8))
    edge = sheet.bleed if fills else 0
    trim = edge / target[0], edge / target[1], 1 - edge / target[0], 1 - edge / target[1]
    cuts = not all(is_inside(placed.place_of(word, image.size), trim) for word in words)
    return Page(page, sheet.dpi / placed.scale, cuts)


def printed(page: Image.Image, ink: Ink, intent: str, *, black_point: bool) -> Any:
    """The page through the profile, as a libvips image that carries it. Raises Permanent where the profile cannot."""
    pixels = pyvips.Image.new_from_memory(page.tobytes(), page.width, page.height, 3, "uchar").copy(
        interpretation="srgb"
    )
    with tempfile.NamedTemporaryFile(suffix=".icc") as file:  # libvips takes profiles by name
        file.write(ink.profile)
        file.flush()
        try:
            return pixels.icc_transform(
                file.name, input_profile="srgb", intent=intent, black_point_compensation=black_point, depth=8
            ).copy_memory()
        except pyvips.Error as exc:
            raise Permanent(
                f"the profile {ink.name!r} does not convert with intent {intent}: {str(exc).strip()}",
                hint="use another intent or profile",
            ) from exc


def most_ink(pixels: Any) -> int:
    """The largest sum of inks in percent: presses ask for at most 280 to 330."""
    if pixels.bands != 4:
        return 0
    total = pixels[0].cast("ushort") + pixels[1] + pixels[2] + pixels[3]
    return round(float(total.max()) / 255 * 100)


def write_tiff(pixels: Any, sheet: Sheet, ink: Ink, path: Path) -> None:
    """LZW, with resolution and profile; crop marks around the bleed where the sheet has room for them."""
    if sheet.slug:
        pixels = _with_marks(pixels, sheet)
    resolution = sheet.dpi / MM_PER_INCH
    pixels.set_type(pyvips.GValue.blob_type, "icc-profile-data", ink.profile)
    pixels.tiffsave(
        str(path),
        compression="lzw",
        predictor="horizontal",
        resunit="inch",
        xres=resolution,
        yres=resolution,
        keep="icc",
    )


def _with_marks(pixels: Any, sheet: Sheet) -> Any:
    """White paper around the bleed with a hairline towards each trimmed corner, in all inks."""
    is_ink = pixels.bands == 4
    blank, full = (0, 255) if is_ink else (255, 0)
    wide = pixels.embed(
        sheet.slug, sheet.slug, *sheet.whole, extend="background", background=[blank] * pixels.bands
    ).copy_memory()
    width = max(1, round(_MARK_POINTS / 72 * sheet.dpi))
    for x0, y0, x1, y1 in mark_lines(sheet):
        left, top = round(min(x0, x1)), round(min(y0, y1))
        across, down = max(width, round(abs(x1 - x0))), max(width, round(abs(y1 - y0)))
        wide = wide.draw_rect([full] * pixels.bands, left, top, across, down, fill=True)
    return wide


def mark_lines(sheet: Sheet) -> list[tuple[float, float, float, float]]:
    """Crop marks as x0, y0, x1, y1 in pixels of the whole sheet, from the top left."""
    inset = sheet.slug + sheet.bleed
    width, height = sheet.whole
    length = MARK_LENGTH_MM / (MARK_GAP_MM + MARK_LENGTH_MM) * sheet.slug
    lines: list[tuple[float, float, float, float]] = []
    for y in (inset, height - inset):
        lines += [(0.0, y, length, y), (width - length, y, width, y)]
    for x in (inset, width - inset):
        lines += [(x, 0.0, x, length), (x, height - length, x, height)]
    return lines
