"""Small pictures for the contact sheet: made once per file, in memory, within a byte budget for the whole page."""

from __future__ import annotations

import json
import math
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pyvips

from pressroom.domain.errors import PressroomError
from pressroom.domain.media import PICTURED, Kind, data_uri, mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.processors import processors
from pressroom.media.files.ffmpeg import input_arguments, run_ffmpeg
from pressroom.media.files.fingerprint import NOT_VIPS
from pressroom.media.files.images import inspect_image, open_image
from pressroom.media.files.pdf import picture_of
from pressroom.reporting.model import AssetReport
from pressroom.reporting.solids import picture_of_model

_MIME = mime_of("webp")
# What an HTML page may weigh so that a phone still opens it; base64 makes 4 bytes of 3, and half of the page is text.
PAGE_BYTES = 16_000_000
MOST_THUMBNAILS = 1_200
MOST_BYTES = 40_000
_SIDES = ((120, 720), (400, 520), (MOST_THUMBNAILS, 340))  # up to so many pictures: longest side in pixels
_CHIP_SIDE = 112
_MODEL_SIDE = 520
_CHIP_BYTES = 4_000
_QUALITIES = (82, 50)
_EFFORT = 2  # WebP effort 4 takes twice as long for 3 % fewer bytes
_POSTER_SECOND = 0.5
_POSTER_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A WebP picture and a chip (the same, tiny, for chains), as data URIs. Sizes are the thumbnail's pixels."""

    picture: str
    chip: str
    width: int
    height: int
    transparent: bool


def make_thumbnails(
    assets: Iterable[AssetReport], *, ffmpeg: str, limits: MediaLimits, cache: Path | None = None
) -> Mapping[str, Thumbnail]:
    """SHA-256 -> thumbnail. What cannot be opened, and what is beyond the budget, has none.

    `cache` is a folder that keeps them for later runs; it may be deleted at any time.
    """
    chosen: dict[str, AssetReport] = {}
    for asset in assets:
        if asset.path is not None and asset.kind in PICTURED and len(chosen) < MOST_THUMBNAILS:
            chosen.setdefault(asset.sha256, asset)
    side = next(side for count, side in _SIDES if len(chosen) <= count)
    budget = min(MOST_BYTES, PAGE_BYTES // max(1, len(chosen)) - _CHIP_BYTES)

    def make(asset: AssetReport) -> Thumbnail | None:
        kept = None if cache is None else cache / f"{asset.sha256}-{side}-{budget}.json"
        found = _kept(kept)
        if found is None:
            found = _thumbnail(asset, side, budget, ffmpeg, limits)
            _keep(kept, found)
        return found

    with ThreadPoolExecutor(max_workers=processors()) as pool:
        made = zip(chosen, pool.map(make, chosen.values()), strict=True)
        return {sha256: thumbnail for sha256, thumbnail in made if thumbnail is not None}


def _kept(file: Path | None) -> Thumbnail | None:
    try:
        return None if file is None else Thumbnail(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _keep(file: Path | None, thumbnail: Thumbnail | None) -> None:
    if file is None or thumbnail is None:
        return
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(thumbnail)))
        temporary.replace(file)
    except OSError:
        # A disk that is full of other things: the next run makes the picture once more.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _thumbnail(asset: AssetReport, side: int, budget: int, ffmpeg: str, limits: MediaLimits) -> Thumbnail | None:
    assert asset.path is not None
    try:
        picture = small_picture(asset.path, asset.kind, asset.duration_seconds, side, ffmpeg, limits)
        data = webp_within(picture, budget)
        chip = data if _is_chip(picture, data) else webp_within(_chip(picture), _CHIP_BYTES)
    except (PressroomError, pyvips.Error, OSError):
        return None  # the sheet shows a placeholder: a report must not fail over one picture
    return Thumbnail(
        data_uri(data, _MIME), data_uri(chip, _MIME), picture.width, picture.height, _is_transparent(picture)
    )


def small_picture(
    path: Path, kind: Kind, seconds: float | None, side: int, ffmpeg: str, limits: MediaLimits
) -> pyvips.Image:
    """What shows a file of one of the kinds in PICTURED, its longest side `side` pixels at most, in sRGB.

    Raises PressroomError, pyvips.Error or OSError for a file that cannot be opened.
    """
    if kind is Kind.VIDEO:
        with tempfile.TemporaryDirectory() as folder:
            return _shrink(_poster(path, seconds, Path(folder), side, ffmpeg, limits), side)
    if kind is Kind.MODEL:
        return pyvips.Image.new_from_array(picture_of_model(path, limits, min(side, _MODEL_SIDE)))
    if kind is Kind.DOCUMENT:
        return _shrink(pyvips.Image.new_from_array(picture_of(path, limits)), side)
    if inspect_image(path, limits).mime in NOT_VIPS:
        return _shrink(pyvips.Image.new_from_array(open_image(path, limits)), side)
    return _shrink(path, side)


def _shrink(source: Path | pyvips.Image, side: int) -> pyvips.Image:
    if isinstance(source, Path):
        # Shrinks while it reads. Colour conversion costs more than all the rest, so only files that need it get it.
        options = {"output_profile": "srgb"} if _needs_conversion(source) else {}
        small = pyvips.Image.thumbnail(str(source), side, height=side, size="down", **options)
    else:
        small = source.thumbnail_image(side, height=side, size="down")
    return small.copy_memory()


def _needs_conversion(path: Path) -> bool:
    header = pyvips.Image.new_from_file(str(path), access="sequential")
    plain = header.interpretation in ("srgb", "b-w", "rgb")
    return not plain or header.get_typeof("icc-profile-data") != 0


def _poster(path: Path, lasts: float | None, folder: Path, side: int, ffmpeg: str, limits: MediaLimits) -> Path:
    target = folder / "poster.png"
    seconds = min(_POSTER_SECOND, (lasts or 0) / 2)
    scale = f"scale='min({side},iw)':'min({side},ih)':force_original_aspect_ratio=decrease"
    arguments = ["-y", "-v", "error", "-ss", f"{seconds:.3f}", *input_arguments(path, limits)]
    run_ffmpeg(ffmpeg, [*arguments, "-frames:v", "1", "-vf", scale, str(target)], _POSTER_TIMEOUT_SECONDS)
    return target


def webp_within(picture: pyvips.Image, budget: int) -> bytes:
    """WebP of at most `budget` bytes: first lower quality, then as many pixels fewer as it is too large."""
    for quality in _QUALITIES:
        data: bytes = picture.webpsave_buffer(Q=quality, effort=_EFFORT, keep="none")
        if len(data) <= budget:
            return data
    return webp_within(picture.resize(0.9 * math.sqrt(budget / len(data))).copy_memory(), budget)


def _chip(picture: pyvips.Image) -> pyvips.Image:
    return picture.thumbnail_image(_CHIP_SIDE, height=_CHIP_SIDE)


def _is_chip(picture: pyvips.Image, data: bytes) -> bool:
    return max(picture.width, picture.height) <= _CHIP_SIDE and len(data) <= _CHIP_BYTES


def _is_transparent(picture: pyvips.Image) -> bool:
    return bool(picture.hasalpha()) and picture[picture.bands - 1].min() < 255
