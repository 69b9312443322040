"""Pictures of few colours: a palette of 256 by libimagequant, and every smaller one by merging its nearest colours.

Each smaller palette comes out of the next larger one, so that the size of a file falls evenly with the number of colours
and a search under a byte limit costs one look-up and one compression a try.
"""

from __future__ import annotations

import io
from typing import TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from pressroom.media.encoding.codecs import saved
from pressroom.media.encoding.ssim import luma
from pressroom.media.encoding.vips import Pixels, from_array

Colours: TypeAlias = npt.NDArray[np.float64]  # n x 4: red, green, blue, alpha, 0 to 255
Labels: TypeAlias = npt.NDArray[np.intp]  # for every colour of the base its index in a smaller palette

MOST, LEAST = 256, 16  # fewer spoil a photograph for publication
_EFFORT = 4  # of libimagequant: 0.1 dB below its best in a quarter of the time
_SMOOTH = 10  # levels between the lightest and darkest pixel of a neighbourhood in which steps would show as bands
_AREA = 5  # pixels a side of that neighbourhood
_PACKED = 16  # a palette of so many colours needs four bits a pixel
_OPAQUE_FROM = 128  # GIF pixels are either there or not


class Indexed:
    """A picture by its best 256 colours, and how to do with fewer."""

    def __init__(self, image: Image.Image, most: int = MOST) -> None:
        self._image = image
        base = _quantized(image)
        self._base = np.asarray(base)
        self._colours = _palette(base)
        self._mass = np.bincount(self._base.ravel(), minlength=len(self._colours)).astype(np.float64)
        self._merges = _merges(self._colours, self._mass)
        self._activity = activity(image)
        self.most = min(most, len(self._colours))
        self.least = min(LEAST, self.most)

    def with_colours(self, setting: float) -> tuple[Pixels, Colours]:
        """Indices and palette for a number of colours; a fraction keeps one more in that share of the picture, the calmest."""
        count = min(int(setting), self.most)
        share = setting - count
        labels = self._labels(count)
        colours = self._means(labels, count)
        indices = self._mapped(labels, colours)
        if share <= 0 or count == self.most:
            return indices, colours
        gone = self._merges[len(self._colours) - count - 1][1]
        fine = np.where(self._roots(count + 1) == gone, count, labels)
        finer = np.vstack([colours, self._means(fine, count + 1)[count:]])
        calm = self._activity <= np.quantile(self._activity, share)
        return np.where(calm, self._mapped(fine, finer), indices), finer

    def _roots(self, count: int) -> Labels:
        """For every colour of the base the one that stands for it when `count` are left."""
        roots = np.arange(len(self._colours))
        for keep, gone in self._merges[: len(self._colours) - count]:
            roots[roots == gone] = keep
        return roots

    def _labels(self, count: int) -> Labels:
        return np.unique(self._roots(count), return_inverse=True)[1]

    def _means(self, labels: Labels, count: int) -> Colours:
        mass = np.maximum(self._mass, 1e-9)
        total = np.bincount(labels, mass, count)
        weighed = [np.bincount(labels, mass * channel, count) / total for channel in _weighed(self._colours).T]
        alpha = np.maximum(weighed[3], 1e-9) / 255
        return np.column_stack([*(np.clip(channel / alpha, 0, 255) for channel in weighed[:3]), weighed[3]])

    def _mapped(self, labels: Labels, colours: Colours) -> Pixels:
        plain = labels.astype(np.uint8)[self._base]
        smooth = self._activity <= _SMOOTH
        if self._image.mode != "RGB" or not smooth.any():
            return cast("Pixels", plain)
        # Error diffusion where gradients would turn into bands; in lively parts it would only add noise.
        palette = Image.new("P", (1, 1))
        palette.putpalette(np.rint(colours[:, :3]).astype(np.uint8).tobytes())
        dithered = np.asarray(self._image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
        return np.where(smooth, dithered, plain)


def activity(image: Image.Image) -> npt.NDArray[np.float32]:
    """How lively the surroundings of each pixel are: the range of luma around it, 0 to 255."""
    grey = luma(image)
    kernel = np.ones((_AREA, _AREA), np.uint8)
    spread = (cv2.dilate(grey, kernel) - cv2.erode(grey, kernel)).astype(np.float32)
    return cast("npt.NDArray[np.float32]", cv2.blur(spread, (_AREA, _AREA)))


def png(indices: Pixels, colours: Colours) -> bytes:
    image = _image(indices, colours)
    alpha = np.rint(colours[:, 3]).astype(np.uint8)
    options = {} if (alpha == 255).all() else {"transparency": alpha.tobytes()}
    whole = saved(image, "PNG", compress_level=9, bits=8, **options)
    if len(colours) > _PACKED:
        return whole
    # Two or more pixels in a byte: half the size to begin with, but zlib finds less in it.
    return min(whole, saved(image, "PNG", compress_level=9, **options), key=len)


def gif(indices: Pixels, colours: Colours, hole: npt.NDArray[np.bool_] | None) -> bytes:
    """A GIF; pixels in `hole` are transparent, by an index of their own."""
    if hole is None:
        return saved(_image(indices, colours), "GIF")
    free = len(colours)
    pierced = np.where(hole, np.uint8(free), indices)
    padded = np.vstack([colours, [[255, 255, 255, 0]]])
    return saved(_image(pierced, padded), "GIF", transparency=free)


def hole_of(image: Image.Image) -> npt.NDArray[np.bool_] | None:
    """Which pixels a format with on-off transparency leaves out."""
    return np.asarray(image.getchannel("A")) < _OPAQUE_FROM if image.mode == "RGBA" else None


def _image(indices: Pixels, colours: Colours) -> Image.Image:
    image = Image.fromarray(indices, "P")
    image.putpalette(np.rint(colours[:, :3]).astype(np.uint8).tobytes())
    return image


def _quantized(image: Image.Image) -> Image.Image:
    pixels = from_array(np.asarray(image))
    data = pixels.pngsave_buffer(palette=True, bitdepth=8, dither=0.0, effort=_EFFORT, compression=1, keep="none")
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


def _palette(image: Image.Image) -> Colours:
    if image.mode != "P":  # libvips writes grey pictures of few shades without a palette
        shades = np.arange(256, dtype=np.float64)
        return np.column_stack([shades, shades, shades, np.full(256, 255.0)])
    colours = np.array(image.getpalette(), dtype=np.float64).reshape(-1, 3)
    used = int(np.asarray(image).max()) + 1
    alpha = np.full(len(colours), 255.0)
    listed = image.info.get("transparency", b"")
    if isinstance(listed, int):
        alpha[listed] = 0
    else:
        alpha[: len(listed)] = np.frombuffer(listed, np.uint8)[: len(alpha)]
    return np.column_stack([colours, alpha])[:used]


def _merges(colours: Colours, weights: Colours) -> list[tuple[int, int]]:
    """Which colour goes into which, step by step, so that each step adds least squared error (Ward 1963)."""
    points = _weighed(colours)
    mass = np.maximum(weights, 1e-9)
    alive = np.ones(len(points), dtype=bool)
    cost = _costs(points, mass, points, mass)
    np.fill_diagonal(cost, np.inf)
    steps = []
    for _ in range(len(points) - 1):
        keep, gone = divmod(int(np.argmin(cost)), len(points))
        steps.append((keep, gone))
        total = mass[keep] + mass[gone]
        points[keep] = (points[keep] * mass[keep] + points[gone] * mass[gone]) / total
        mass[keep], alive[gone] = total, False
        cost[gone, :] = cost[:, gone] = np.inf
        row = _costs(points[keep : keep + 1], mass[keep : keep + 1], points, mass)[0]
        row[~alive] = np.inf
        row[keep] = np.inf
        cost[keep, :] = cost[:, keep] = row
    return steps


def _weighed(colours: Colours) -> Colours:
    """Colours as far apart as they look: faint where they are transparent."""
    alpha = colours[:, 3:] / 255
    return np.hstack([colours[:, :3] * alpha, colours[:, 3:]])


def _costs(a: Colours, a_mass: Colours, b: Colours, b_mass: Colours) -> Colours:
    distance = ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)
    return cast("Colours", distance * (a_mass[:, None] * b_mass[None, :] / (a_mass[:, None] + b_mass[None, :])))
