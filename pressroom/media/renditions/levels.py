"""One decoded master, ready to be shrunk many times: with halves of itself, so that small renditions need not read it all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pressroom.media.encoding.vips import Pixels, from_array, to_array

Size = tuple[int, int]
Part = tuple[float, float, float, float]  # left, top, right, bottom in pixels of the master

# A rendition is taken from the smallest level that is still this much larger. Over photographs the way over a Lanczos half
# stays within 49 to 54 dB of the direct way; libvips' own shortcut for large factors, a box filter first, within 47 to 50
# dB. Of a page of type the half has clipped the overshoot at the edges: 37 to 40 dB, as against 39 to 44 from the master,
# all of it below what a JPEG loses. At 1.25 small sizes would lose 6 dB more, at 1.75 everything would take 7 % longer.
_REST = 1.5
_SMALLEST_SIDE = 512
_REDUCING_GAP = 3.0  # Pillow's documented value for results that cannot be told from the slow way


class Levels:
    """A master and its halves. Thread-safe once built; holds 3 (RGB) or 4 (RGBA) bytes a pixel and a third more."""

    def __init__(self, master: Image.Image | Pixels, threads: int = 1) -> None:
        if isinstance(master, Image.Image) and master.mode not in ("RGB", "RGBA"):
            master = master.convert("RGB")
        # Pillow weighs colours by their alpha when it resizes, libvips is three times as fast where there is none.
        self._alpha = master if isinstance(master, Image.Image) and master.mode == "RGBA" else None
        self._levels = [] if self._alpha else _halves(np.asarray(master), threads)
        self.mode = "RGBA" if self._alpha else "RGB"
        self.size: Size = self._alpha.size if self._alpha else (self._levels[0].shape[1], self._levels[0].shape[0])

    def shown(self, parts: Sequence[tuple[Part, Size]]) -> list[Image.Image]:
        """Each part in its box, as many pixels large as asked, by a Lanczos filter.

        All parts have one scale. What several show is worked out once, and each lies on whole pixels of the result.
        """
        around, size = _around(parts)
        if len(parts) == 1 or size[0] * size[1] > sum(width * height for _, (width, height) in parts):
            return [self._shown(*part) for part in parts]
        whole = self._shown(around, size)
        across, down = size[0] / (around[2] - around[0]), size[1] / (around[3] - around[1])
        shown = []
        for (left, top, _, _), (width, height) in parts:
            x = min(round((left - around[0]) * across), size[0] - width)
            y = min(round((top - around[1]) * down), size[1] - height)
            shown.append(whole.crop((x, y, x + width, y + height)))
        return shown

    def _shown(self, box: Part, size: Size) -> Image.Image:
        """The box is rounded to whole pixels where it shrinks."""
        width, height = box[2] - box[0], box[3] - box[1]
        shrink = min(width / size[0], height / size[1])
        if self._alpha is not None:
            return self._alpha.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=_REDUCING_GAP)
        if shrink < 1:
            return Image.fromarray(self._levels[0]).resize(size, Image.Resampling.LANCZOS, box=box)
        return Image.fromarray(self._reduced(box, size, shrink))

    def sample(self, side: int) -> Image.Image:
        """`side` x `side` pixels spread over the picture, taken as they are: what colours it has."""
        if self._alpha is not None:
            return self._alpha.resize((side, side), Image.Resampling.NEAREST).convert("RGB")
        height, width = self._levels[0].shape[:2]
        down, across = (((np.arange(side) + 0.5) * length / side).astype(int) for length in (height, width))
        return Image.fromarray(self._levels[0][down[:, np.newaxis], across])

    def whole(self) -> Image.Image:
        """The master itself, a copy where it has no alpha."""
        return self._alpha if self._alpha is not None else Image.fromarray(self._levels[0])

    def small(self, side: int) -> Image.Image:
        """The whole picture from the smallest level whose longer side is at least `side`."""
        if self._alpha is not None:
            return self._alpha
        return Image.fromarray(
            next((level for level in reversed(self._levels) if max(level.shape) >= side), self._levels[0])
        )

    def _reduced(self, box: Part, size: Size, shrink: float) -> Pixels:
        number = sum(shrink / 2**n >= _REST for n in range(1, len(self._levels)))
        level = self._levels[number]
        across, down = level.shape[1] / self.size[0], level.shape[0] / self.size[1]
        left, top = round(box[0] * across), round(box[1] * down)
        right, bottom = max(left + 1, round(box[2] * across)), max(top + 1, round(box[3] * down))
        part = from_array(level).crop(left, top, right - left, bottom - top)
        return to_array(part.resize(size[0] / (right - left), vscale=size[1] / (bottom - top), kernel="lanczos3"))


def _around(parts: Sequence[tuple[Part, Size]]) -> tuple[Part, Size]:
    """The box around all boxes, and its size at their scale: no smaller than any of them."""
    boxes, sizes = zip(*parts, strict=True)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    left, top, right, bottom = min(lefts), min(tops), max(rights), max(bottoms)
    across, down = sizes[0][0] / (boxes[0][2] - boxes[0][0]), sizes[0][1] / (boxes[0][3] - boxes[0][1])
    widest, highest = (max(side) for side in zip(*sizes, strict=True))
    size = max(widest, round((right - left) * across)), max(highest, round((bottom - top) * down))
    return (left, top, right, bottom), size


def _halves(pixels: Pixels, threads: int) -> list[Pixels]:
    levels = [pixels]
    while min(levels[-1].shape[:2]) >= 2 * _SMALLEST_SIDE:
        height, width = levels[-1].shape[:2]
        half = from_array(levels[-1]).resize((width // 2) / width, vscale=(height // 2) / height, kernel="lanczos3")
        levels.append(to_array(half, threads))
    return levels
