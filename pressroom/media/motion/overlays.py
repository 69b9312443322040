"""Drawings laid over frames of video: titles, captions, subjects before their background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from pressroom.media.encoding.yuv import Floats, Frame, Pixels, rounded, to_ycc

CLEAR = 255
_SMOOTH, _PAIR = np.array([0.25, 0.5, 0.25]), np.array([0.5, 0.5])


@dataclass(frozen=True, slots=True)
class Cover:
    """A drawing to be laid over frames: planes times their own opacity, and how much they let through.

    `left` and `top` are even, so that the planes of half size lie on whole pixels.
    """

    left: int
    top: int
    planes: tuple[Pixels, Pixels, Pixels]
    clear: Pixels
    clear_half: Pixels

    def lay(self, frame: Frame, opacity: float = 1.0) -> None:
        tall, wide = self.clear.shape
        box = slice(self.top, self.top + tall), slice(self.left, self.left + wide)
        half = tuple(slice(side.start // 2, side.stop // 2) for side in box)
        parts = frame.luma[box], frame.blue[half], frame.red[half]
        for part, plane, clear in zip(parts, self.planes, (self.clear, *[self.clear_half] * 2), strict=True):
            lay(part, plane, clear, opacity)


def lay(part: Pixels, plane: Pixels, clear: Pixels, opacity: float = 1.0) -> None:
    """Lay a plane times its opacity over part of a frame. `clear` is what it lets through, CLEAR where that is all."""
    if opacity < 1:
        plane = np.asarray(cv2.addWeighted(plane, opacity, plane, 0, 0), dtype=np.uint8)
        clear = np.asarray(cv2.addWeighted(clear, opacity, clear, 0, CLEAR * (1 - opacity)), dtype=np.uint8)
    cv2.multiply(part, clear, dst=part, scale=1 / CLEAR)
    cv2.add(part, plane, dst=part)


def cover_of(drawing: Image.Image) -> Cover | None:
    """A drawing as large as the frame, mode RGBA; None when nothing of it can be seen."""
    box = drawing.getchannel("A").getbbox()
    if box is None:
        return None
    left, top = box[0] // 2 * 2, box[1] // 2 * 2
    part = np.asarray(drawing.crop((left, top, -(-box[2] // 2) * 2, -(-box[3] // 2) * 2)))
    alpha = np.asarray(part[..., 3] / 255, dtype=np.float32)
    colors = to_ycc(np.ascontiguousarray(part[..., :3]))
    luma, blue, red = (np.asarray(colors[..., index] * alpha, dtype=np.float32) for index in range(3))
    planes = rounded(luma), rounded(halved(blue)), rounded(halved(red))
    return Cover(left, top, planes, rounded((1 - alpha) * CLEAR), rounded((1 - halved(alpha)) * CLEAR))


def halved(plane: Floats) -> Floats:
    """Half size, sited as chroma is: three columns around every second one, rows in pairs."""
    soft = cv2.sepFilter2D(plane, -1, _SMOOTH, _PAIR, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(soft[::2, ::2], dtype=np.float32)
