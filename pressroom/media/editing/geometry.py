"""Crop, turn and straighten: what is cut, how large the result is, and the pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from pressroom.media.editing.sizes import Edges, rotated_size
from pressroom.media.geometry import Bounds

Bytes = NDArray[np.uint8]

_QUARTERS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
ANCHORS: dict[str, tuple[float, float]] = {
    "center": (0.5, 0.5), "top": (0.5, 0.0), "bottom": (0.5, 1.0), "left": (0.0, 0.5), "right": (1.0, 0.5),
    "top_left": (0.0, 0.0), "top_right": (1.0, 0.0), "bottom_left": (0.0, 1.0), "bottom_right": (1.0, 1.0),
}  # fmt: skip


def placed(size: tuple[int, int], inner: tuple[int, int], at: tuple[float, float]) -> Bounds:
    """A box of size `inner`, its middle as near to the point `at` (shares) as `size` allows."""
    left = min(max(0, round(at[0] * size[0] - inner[0] / 2)), size[0] - inner[0])
    top = min(max(0, round(at[1] * size[1] - inner[1] / 2)), size[1] - inner[1])
    return left, top, left + inner[0], top + inner[1]


def border(image: Image.Image, tolerance: int) -> Bounds | None:
    """The box without an even border: transparent, or within `tolerance` (0..255) of the top left pixel.

    None when nothing would be left.
    """
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 0:
        return image.getchannel("A").point(lambda value: 255 if value > tolerance else 0).getbbox()
    rgb = image.convert("RGB")
    flat = Image.new("RGB", image.size, rgb.getpixel((0, 0)))
    difference = ImageChops.difference(rgb, flat)
    strongest = np.asarray(difference).max(axis=2)
    # A lone speck of noise or a sensor's dead pixel is no content.
    calm = cv2.medianBlur(strongest, 3) if min(image.size) > 2 else strongest
    rows, columns = np.flatnonzero((calm > tolerance).any(axis=1)), np.flatnonzero((calm > tolerance).any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grown(box: Bounds, share: float, size: tuple[int, int]) -> Bounds:
    """The box with room around it, a share of its longer side, as far as there is any."""
    room = round(share * max(box[2] - box[0], box[3] - box[1]))
    return max(0, box[0] - room), max(0, box[1] - room), min(size[0], box[2] + room), min(size[1], box[3] + room)


def rotated(image: Image.Image, degrees: float, edges: Edges, ground: str | None) -> Image.Image:
    """Turn clockwise. Quarter turns move whole pixels; others are resampled (Lanczos, 8 x 8), edges smooth.

    Corners show `ground` (#rrggbb), or are transparent where it is None.
    """
    turn = degrees % 360 % 360  # a trace below zero is 360 after the first
    if turn % 90 == 0:
        return image.transpose(_QUARTERS[int(turn)]) if turn else image.copy()
    size = rotated_size(image.size, degrees, edges)
    if edges == "crop":
        return _warped(image, turn, size, cv2.BORDER_REPLICATE)
    # Four pixels of the picture's own edge and then nothing: the filter finds no dark frame to mix in.
    turned = _warped(_rimmed(image), turn, size, cv2.BORDER_CONSTANT)
    turned.putalpha(ImageChops.multiply(turned.getchannel("A"), _coverage(image.size, turn, size)))
    if ground is None:
        return turned
    if image.mode == "RGBA":
        return _under(turned, ground)
    return _under(turned, ground).convert("RGB")


def _under(image: Image.Image, ground: str) -> Image.Image:
    sheet = Image.new("RGBA", image.size, ground)
    sheet.alpha_composite(image)
    return sheet


def _rimmed(image: Image.Image) -> Image.Image:
    pixels = cv2.copyMakeBorder(np.asarray(image.convert("RGBA")), 4, 4, 4, 4, cv2.BORDER_REPLICATE)
    return Image.fromarray(pixels)


def _warped(image: Image.Image, turn: float, size: tuple[int, int], outside: int) -> Image.Image:
    matrix = _matrix(image.size, turn, size)
    pixels = np.asarray(image)
    if image.mode == "RGBA":
        pixels = _premultiplied(pixels)
    found = np.asarray(
        cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LANCZOS4, borderMode=outside), dtype=np.uint8
    )
    return Image.fromarray(_straight(found) if image.mode == "RGBA" else found)


def _coverage(source: tuple[int, int], turn: float, size: tuple[int, int]) -> Image.Image:
    """How much of every pixel the turned rectangle covers: from the distance to its sides."""
    sine, cosine = math.sin(math.radians(turn)), math.cos(math.radians(turn))
    x = np.arange(size[0], dtype=np.float32) - (size[0] - 1) / 2
    y = (np.arange(size[1], dtype=np.float32) - (size[1] - 1) / 2)[:, None]
    across = source[0] / 2 + 0.5 - np.abs(x * cosine + y * sine)
    down = source[1] / 2 + 0.5 - np.abs(y * cosine - x * sine)
    return Image.fromarray(np.rint(np.clip(np.minimum(across, down), 0, 1) * 255).astype(np.uint8))


def _matrix(source: tuple[int, int], turn: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Affine matrix of a clockwise turn around the middle; OpenCV counts counter-clockwise, pixels from their middles."""
    centre = ((source[0] - 1) / 2, (source[1] - 1) / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, -turn, 1.0), dtype=np.float64)
    matrix[:, 2] += np.array([(size[0] - 1) / 2 - centre[0], (size[1] - 1) / 2 - centre[1]])
    return matrix


def _premultiplied(pixels: Bytes) -> Bytes:
    alpha = pixels[..., 3]
    planes = [cv2.multiply(pixels[..., channel], alpha, scale=1 / 255) for channel in range(3)]
    return np.asarray(cv2.merge([*planes, alpha]))


def _straight(pixels: Bytes) -> Bytes:
    alpha = np.maximum(pixels[..., 3], 1)
    planes = [cv2.divide(pixels[..., channel], alpha, scale=255) for channel in range(3)]
    return np.asarray(cv2.merge([*planes, pixels[..., 3]]))
