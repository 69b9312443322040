"""What a picture looks like, in 64 bits and 256 numbers: to find the same one again after it was cropped or lettered.

The hash is a dHash (N. Krawetz, "Kind of Like That", 2013). The vector holds a soft layout of brightness and colour and
where edges of which direction lie; neither knows what a picture is of.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pressroom.domain.errors import PressroomError
from pressroom.domain.media import Kind, mime_of
from pressroom.media.color.srgb import LUMA_601

if TYPE_CHECKING:
    from pressroom.domain.media_limits import MediaLimits

Floats = npt.NDArray[np.float32]

VERSION: Final = 1
DIMENSIONS: Final = 256
SAME_HASH: Final = 8  # bits that may differ
SAME_VECTOR: Final = 0.95  # least cosine
SAME_PART: Final = 0.8  # least agreement of the parts that were not painted over
_SIDE: Final = 64
_GRID, _EDGE_GRID, _DIRECTIONS = 8, 4, 4
_LAYOUT: Final = _GRID * _GRID * 3
_EDGE_SHARE: Final = 0.45
_KEPT_SHARE, _ROUNDS = 0.7, 4
_FLAT_BORDER: Final = 12.0  # of 255: what compression makes of a bar of one colour
NOT_VIPS: Final = (mime_of("svg"), mime_of("bmp"), mime_of("heic"))  # of these its wheel reads none, or unguarded
_OPENED_WHOLE: Final = 512 * 512  # pixels up to which opening all of it takes a fifth of what setting libvips up does
_GREY: Final = 128  # what stands behind transparency
_FRAME_TIMEOUT_SECONDS: Final = 20.0
_LUMA: Final = np.array([LUMA_601], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`hash` is 64 bits as a signed number, as databases keep it; `vector` 256 float32 of length 1, as bytes."""

    hash: int
    vector: bytes


def fingerprint(
    path: Path, kind: Kind, limits: MediaLimits, ffmpeg: str, seconds: float | None = None
) -> Fingerprint | None:
    """Of a picture, or of the frame in the middle of a video; None for what shows nothing or cannot be opened."""
    found = small_picture(path, kind, limits, ffmpeg, seconds)
    return None if found is None else of_pixels(found)


def variants(
    path: Path, kind: Kind, limits: MediaLimits, ffmpeg: str, seconds: float | None = None
) -> list[Fingerprint]:
    """The picture as it is, mirrored, and without its bars: what a search asks for. Empty where there is no picture."""
    found = small_picture(path, kind, limits, ffmpeg, seconds, side=4 * _SIDE)
    if found is None:
        return []
    shapes = [found, found[:, ::-1]]
    inner = trimmed(found)
    if inner.shape != found.shape:
        shapes.append(inner)
    return [of_pixels(shape) for shape in shapes]


def mirrored(look: Fingerprint) -> Fingerprint:
    """Of the mirrored picture, without looking at it: up to rounding what `variants` makes of it."""
    vector = np.frombuffer(look.vector, dtype=np.float32)
    layout = vector[:_LAYOUT].reshape(_GRID, _GRID, 3)[:, ::-1]
    edges = vector[_LAYOUT:].reshape(_DIRECTIONS, _EDGE_GRID, _EDGE_GRID)[:, :, ::-1]
    # An edge that rises falls in a mirror: the directions change places but for level and upright.
    turned = edges[[-number % _DIRECTIONS for number in range(_DIRECTIONS)]]
    bits = np.unpackbits(np.frombuffer(look.hash.to_bytes(8, "big", signed=True), np.uint8)).reshape(_GRID, _GRID)
    # Brighter to the right is darker to the right.
    hash_ = int.from_bytes(np.packbits(1 - bits[:, ::-1]).tobytes(), "big", signed=True)
    return Fingerprint(hash_, np.concatenate([layout.ravel(), turned.ravel()]).tobytes())


def small_picture(
    path: Path, kind: Kind, limits: MediaLimits, ffmpeg: str, seconds: float | None, side: int = _SIDE
) -> Floats | None:
    """About `side` pixels square whatever its shape, RGB in 0..255, on grey where it is transparent."""
    import pyvips

    from pressroom.media.files.images import inspect_image, open_image, open_small

    try:
        if kind is Kind.VIDEO:
            with tempfile.TemporaryDirectory() as folder:
                return _squeezed(
                    pyvips.Image.new_from_file(str(_frame(path, Path(folder), limits, ffmpeg, seconds))), side
                )
        if kind is not Kind.IMAGE:
            return None
        small = open_small(path, limits, _OPENED_WHOLE)
        if small is not None:
            return _shrunk(np.asarray(small, dtype=np.float32), side)
        if inspect_image(path, limits).mime in NOT_VIPS:
            return _squeezed(pyvips.Image.new_from_array(open_image(path, limits)), side)
        # Shrinks while it reads: a JPEG of twelve megapixels takes a tenth of its decoding.
        return _squeezed(pyvips.Image.thumbnail(str(path), side, height=side, size="force"), side)
    except (PressroomError, pyvips.Error, OSError):
        return None


def _frame(path: Path, folder: Path, limits: MediaLimits, ffmpeg: str, seconds: float | None) -> Path:
    from pressroom.media.files.ffmpeg import input_arguments, run_ffmpeg

    target = folder / "frame.png"
    arguments = ["-y", "-v", "error", "-ss", f"{(seconds or 0) / 2:.3f}", *input_arguments(path, limits)]
    size = ["-frames:v", "1", "-vf", f"scale={4 * _SIDE}:{4 * _SIDE}:flags=area", str(target)]
    run_ffmpeg(ffmpeg, [*arguments, *size], _FRAME_TIMEOUT_SECONDS)
    return target


def _squeezed(picture: Any, side: int) -> Floats:
    if (picture.width, picture.height) != (side, side):
        picture = picture.thumbnail_image(side, height=side, size="force")
    if picture.interpretation not in ("srgb", "rgb"):
        picture = picture.colourspace("srgb")
    if picture.hasalpha():
        picture = picture.flatten(background=[_GREY])
    pixels = np.asarray(picture.cast("float").numpy(), dtype=np.float32).reshape(picture.height, picture.width, -1)
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels[:, :, :1], 3, axis=2)


def _shrunk(pixels: Floats, side: int) -> Floats:
    """Of RGB or RGBA in 0..255, as libvips makes it up to what nobody sees: means of the areas."""
    import cv2

    if pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:] / 255
        pixels = np.asarray(pixels[:, :, :3] * alpha + _GREY * (1 - alpha), dtype=np.float32)
    smaller = min(pixels.shape[:2]) < side
    small = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_CUBIC if smaller else cv2.INTER_AREA)
    return np.asarray(np.clip(small, 0, 255), dtype=np.float32)


def of_pixels(pixels: Floats) -> Fingerprint:
    """Of an RGB picture in 0..255, of any size."""
    return Fingerprint(_dhash(_luma(pixels)), _vector(_resized(pixels, _SIDE, _SIDE)).tobytes())


def _luma(pixels: Floats) -> Floats:
    import cv2

    return np.asarray(cv2.transform(pixels, _LUMA))


def _dhash(luma: Floats) -> int:
    """One bit for each of 8 x 8 neighbours: is it brighter to the right?"""
    small = _resized(luma[:, :, None], 9, 8)[:, :, 0]
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def _vector(pixels: Floats) -> Floats:
    import cv2

    luma = _luma(pixels)
    planes = np.stack([luma, pixels[:, :, 0] - luma, pixels[:, :, 2] - luma], axis=2)
    # Windows that overlap: a crop of a tenth moves little from one into the next.
    soft = cv2.GaussianBlur(planes, (0, 0), _SIDE / _GRID / 1.5)
    layout = _resized(soft, _GRID, _GRID)
    layout[:, :, 0] -= layout[:, :, 0].mean()
    edges = _edges(luma)
    joined = np.concatenate([_unit(layout.ravel()) * np.float32(1 - _EDGE_SHARE**2) ** 0.5, _unit(edges) * _EDGE_SHARE])
    return _unit(joined).astype(np.float32)


def _edges(luma: Floats) -> Floats:
    """How much of an edge there is in each of 4 x 4 fields and 4 directions, against the picture's own mean."""
    import cv2

    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    strength, angle = np.hypot(across, down), np.arctan2(down, across) % np.pi
    fields = []
    for number in range(_DIRECTIONS):
        away = np.abs((angle - number * np.pi / _DIRECTIONS + np.pi / 2) % np.pi - np.pi / 2)
        share = np.clip(1 - away / (np.pi / _DIRECTIONS), 0, 1)
        soft = cv2.GaussianBlur(strength * share, (0, 0), _SIDE / _EDGE_GRID / 2)
        fields.append(_resized(soft[:, :, None], _EDGE_GRID, _EDGE_GRID).ravel())
    found = np.sqrt(np.concatenate(fields))
    return np.asarray(found - found.mean(), dtype=np.float32)


def agreement(one: Floats, other: Floats) -> float:
    """How well two layouts agree where they agree best: the correlation over the seven tenths of fields that fit.

    Two pictures with a band of text on one of them agree; two different pictures on gradients, whose hashes are equal
    because a gradient rises everywhere, do not (at 6 of 3,486 pairs of unseen composed pictures without this, at none with it).
    """
    mine, theirs = (values[:_LAYOUT].reshape(-1, 3).astype(np.float64) for values in (one, other))
    kept = np.ones(len(mine), dtype=bool)
    for _ in range(_ROUNDS):
        a, b = mine - mine[kept].mean(axis=0), theirs - theirs[kept].mean(axis=0)
        scale = float((a[kept] * b[kept]).sum() / max(1e-9, float((a[kept] ** 2).sum())))
        errors = ((b - scale * a) ** 2).sum(axis=1)
        kept = errors <= np.quantile(errors, _KEPT_SHARE)
    a, b = mine[kept] - mine[kept].mean(axis=0), theirs[kept] - theirs[kept].mean(axis=0)
    return float((a * b).sum() / max(1e-9, float(np.sqrt((a**2).sum() * (b**2).sum()))))


def trimmed(pixels: Floats) -> Floats:
    """Without bars of one colour at its edges, as films and fitted pictures have them; what would be left thin stays whole."""
    top, bottom = _bar(pixels), _bar(pixels[::-1])
    left, right = _bar(pixels.transpose(1, 0, 2)), _bar(pixels.transpose(1, 0, 2)[::-1])
    height, width = pixels.shape[:2]
    inner = pixels[top : height - bottom, left : width - right]
    return inner if min(inner.shape[:2]) >= min(height, width) // 4 and inner.size else pixels


def _bar(rows: Floats) -> int:
    """How many rows from the first on have its one colour: where a picture begins, the colour jumps or is no longer one."""
    first = rows[0].mean(axis=0)
    far = np.abs(rows - first).max(axis=(1, 2)) > _FLAT_BORDER
    return int(np.argmax(far)) if far.any() else 0


def _resized(pixels: Any, width: int, height: int) -> Floats:
    import cv2

    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32).reshape(height, width, -1)


def _unit(values: Floats) -> Floats:
    length = float(np.linalg.norm(values))
    return values / np.float32(length) if length > 1e-6 else values
