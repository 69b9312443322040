"""Pictures as the planes that video stores: BT.709 in limited range, chroma at half size, sited where decoders expect it.

Moving the planes themselves instead of RGB halves the work of a frame and saves ffmpeg the conversion. Values are kept
DEEP times finer than video's 8 bits and rounded once, at the end: soft gradients rounded twice move in jerks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels: TypeAlias = npt.NDArray[np.uint8]
Plane: TypeAlias = npt.NDArray[np.uint16]
Floats: TypeAlias = npt.NDArray[np.float32]
Weights: TypeAlias = npt.NDArray[np.float64]
Affine: TypeAlias = npt.NDArray[np.float64]  # 2 x 3, from points of the frame to points of the picture

DEEP = 256
# Rec. ITU-R BT.709-6, 3.2 to 3.5, for 8 bits: rows are Y, Cb, Cr of R, G, B from 0 to 255.
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_LUMA, _CHROMA = 219 / 255, 224 / 255
_MATRIX = np.array([
    [_KR * _LUMA, _KG * _LUMA, _KB * _LUMA, 16 * DEEP],
    [-_KR / (1 - _KB) / 2 * _CHROMA, -_KG / (1 - _KB) / 2 * _CHROMA, 0.5 * _CHROMA, 128 * DEEP],
    [0.5 * _CHROMA, -_KG / (1 - _KR) / 2 * _CHROMA, -_KB / (1 - _KR) / 2 * _CHROMA, 128 * DEEP],
])  # fmt: skip
# Luma is kept at twice the resolution that the frame needs: reading between two of its pixels along a straight line is
# then as sharp as a long filter between pixels at single resolution, at a third of its cost.
OVERSAMPLING = 2
# What reading along straight lines loses, given back beforehand: over five photos at ten offsets the mean sharpness is then
# that of pictures scaled from the master (0.997, without 0.965; a cubic filter at single resolution 0.979), at 50.8 dB.
_CRISP = np.array([-0.02, 1.04, -0.02])
# Lanczos' filter of four lobes, half a pixel on.
_HALF_STEP = np.sinc(np.arange(8) - 3.5) * np.sinc((np.arange(8) - 3.5) / 4)
_HALF_STEP /= _HALF_STEP.sum()
_SMOOTH, _PAIR, _AS_IT_IS = np.array([0.25, 0.5, 0.25]), np.array([0.5, 0.5]), np.array([1.0])
CLEAR = 65_535
_AROUND, _FINEST = 4, 4096  # pixels repeated around sorted planes (even); parts of a pixel that are told apart
_READ = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
# H.264's default (chroma_sample_loc_type 0): in line with the left one of two luma columns, between two luma rows.
_CHROMA_AT = (0.5, 1.0)


class Frame:
    """One frame in 4:2:0: fine planes to draw on, and `data`, which `finish` fills with what ffmpeg calls yuv420p."""

    __slots__ = ("blue", "data", "deep", "luma", "red")

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        self.data: Pixels = np.empty(width * height * 3 // 2, np.uint8)
        self.deep: Plane = np.empty(width * height * 3 // 2, np.uint16)
        self.luma = self.deep[: width * height].reshape(height, width)
        halves = self.deep[width * height :].reshape(2, height // 2, width // 2)
        self.blue, self.red = halves[0], halves[1]

    def finish(self) -> None:
        cv2.convertScaleAbs(self.deep, dst=self.data, alpha=1 / DEEP)


@dataclass(frozen=True, slots=True)
class Still:
    """A picture to be filmed: luma at OVERSAMPLING times its size, chroma at its size."""

    luma: Plane
    blue: Plane
    red: Plane


def still_of(picture: Image.Image) -> Still:
    """The planes of an RGB picture."""
    luma, blue, red = split(picture)
    return Still(oversampled(luma), _smoothed(blue), _smoothed(red))


def split(picture: Image.Image) -> tuple[Plane, Plane, Plane]:
    """Y, Cb and Cr of every pixel of an RGB picture."""
    luma, blue, red = (np.asarray(plane, dtype=np.uint16) for plane in cv2.split(to_ycc(np.asarray(picture))))
    return luma, blue, red


def to_ycc(rgb: Pixels) -> Plane:
    """Y, Cb and Cr of every pixel, H x W x 3, DEEP times finer than 8 bits."""
    return np.asarray(cv2.transform(rgb.astype(np.uint16) * DEEP, _MATRIX), dtype=np.uint16)


def oversampled(plane: Plane) -> Plane:
    """Pixel i of the plane is pixel OVERSAMPLING * i of the result."""
    tall, wide = plane.shape
    large = np.empty((tall * OVERSAMPLING, wide * OVERSAMPLING), np.uint16)
    for y, row in enumerate(between(plane)):
        for x, part in enumerate(row):
            large[y::OVERSAMPLING, x::OVERSAMPLING] = part
    return large


def between(plane: Plane) -> list[list[Plane]]:
    """The plane [0][0], half a pixel to the right [0][1], further down [1][0], and both [1][1]."""
    crisp = _filtered(plane, _CRISP, _CRISP, 1)
    return [
        [crisp, _filtered(crisp, _HALF_STEP, _AS_IT_IS, 3)],
        [_filtered(crisp, _AS_IT_IS, _HALF_STEP, 3), _filtered(crisp, _HALF_STEP, _HALF_STEP, 3)],
    ]


def _filtered(plane: Plane, across: Weights, down: Weights, anchor: int) -> Plane:
    anchors = min(anchor, len(across) - 1), min(anchor, len(down) - 1)
    made = cv2.sepFilter2D(plane, -1, across, down, anchor=anchors, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(made, dtype=np.uint16)


def _smoothed(plane: Plane) -> Plane:
    """Without what half resolution cannot hold."""
    return _filtered(plane, _SMOOTH, _SMOOTH, 1)


def look(still: Still, view: Affine, into: Frame) -> None:
    """Fill a frame with what of the picture falls into it. `view` takes points, not indices: pixel 0 covers 0 to 1."""
    read(still.luma, luma_indices(view), into.luma)
    for plane, part in ((still.blue, into.blue), (still.red, into.red)):
        read(plane, chroma_indices(view), part)


def luma_indices(view: Affine) -> Affine:
    """From indices of a frame's luma to indices of a still's."""
    return _between_indices(view, 1, (0.5, 0.5), OVERSAMPLING)


def chroma_indices(view: Affine) -> Affine:
    return _between_indices(view, 2, _CHROMA_AT, 1)


def _between_indices(view: Affine, pitch: int, middle: tuple[float, float], density: int) -> Affine:
    """`pitch` is how far the frame's pixels lie apart, `density` how many pixels of the plane make one of the picture."""
    matrix = view.copy()
    matrix[:, 2] += view[:, 0] * middle[0] + view[:, 1] * middle[1]
    matrix[:, :2] *= pitch
    matrix[:, 2] -= 0.5
    return np.asarray(matrix * density)


def read(plane: Plane, matrix: Affine, into: Plane) -> None:
    size = into.shape[1], into.shape[0]
    cv2.warpAffine(plane, matrix, size, dst=into, flags=_READ, borderMode=cv2.BORDER_REPLICATE)


def luma_phases(plane: Plane) -> Phases:
    """Of the oversampled luma, without making it."""
    return Phases(between(_surrounded(plane, _AROUND // OVERSAMPLING)))


def chroma_phases(plane: Plane) -> Phases:
    around = _surrounded(_smoothed(plane), _AROUND)
    return Phases([[np.ascontiguousarray(around[y::2, x::2]) for x in (0, 1)] for y in (0, 1)])


def _surrounded(plane: Plane, by: int) -> Plane:
    return np.asarray(cv2.copyMakeBorder(plane, by, by, by, by, cv2.BORDER_REPLICATE), dtype=np.uint16)


class Phases:
    """A plane from which every second pixel is read, sorted for that: what `read` does without scaling, in a tenth of its time.

    Between two pixels of a line lies a mixture of two sorted planes, each taken whole and at an offset of whole pixels.
    """

    def __init__(self, parts: list[list[Plane]]) -> None:
        """`parts[y][x]` holds every second pixel of the lines y, y + 2 … of a plane with _AROUND pixels around it."""
        self._sorted = parts

    def read(self, left: float, top: float, into: Plane) -> None:
        """The pixels at `left`, `left` + 2 … of the lines `top`, `top` + 2 …"""
        x, share_x = _whole_and_rest(left)
        y, share_y = _whole_and_rest(top)
        if share_y == 0:
            self._line(x, share_x, y, into)
        elif share_x == 0:
            _mix(self._part(x, y, into), self._part(x, y + 1, into), share_y, into)
        else:
            below = np.empty_like(into)
            self._line(x, share_x, y + 1, below)
            self._line(x, share_x, y, into)
            _mix(into, below, share_y, into)

    def _line(self, x: int, share: float, y: int, into: Plane) -> None:
        if share == 0:
            np.copyto(into, self._part(x, y, into))
        else:
            _mix(self._part(x, y, into), self._part(x + 1, y, into), share, into)

    def _part(self, x: int, y: int, like: Plane) -> Plane:
        chosen = self._sorted[y % 2][x % 2]
        return chosen[y // 2 : y // 2 + like.shape[0], x // 2 : x // 2 + like.shape[1]]


def _whole_and_rest(place: float) -> tuple[int, float]:
    """Rests that change no pixel count as none."""
    fine = round((place + _AROUND) * _FINEST)
    return fine // _FINEST, fine % _FINEST / _FINEST


def _mix(one: Plane, other: Plane, share: float, into: Plane) -> None:
    cv2.addWeighted(one, 1 - share, other, share, 0, dst=into)


@dataclass(frozen=True, slots=True)
class Cover:
    """A drawing to be laid over frames: planes times their own opacity, and how much they let through.

    `left` and `top` are even, so that the planes of half size lie on whole pixels.
    """

    left: int
    top: int
    planes: tuple[Plane, Plane, Plane]
    clear: Plane
    clear_half: Plane

    def lay(self, frame: Frame, opacity: float = 1.0) -> None:
        tall, wide = self.clear.shape
        box = slice(self.top, self.top + tall), slice(self.left, self.left + wide)
        half = tuple(slice(side.start // 2, side.stop // 2) for side in box)
        parts = frame.luma[box], frame.blue[half], frame.red[half]
        for part, plane, clear in zip(parts, self.planes, (self.clear, *[self.clear_half] * 2), strict=True):
            lay(part, plane, clear, opacity)


def lay(part: Plane, plane: Plane, clear: Plane, opacity: float = 1.0) -> None:
    """Lay a plane times its opacity over part of a frame. `clear` is what it lets through, CLEAR where that is all."""
    if opacity < 1:
        plane = np.asarray(cv2.addWeighted(plane, opacity, plane, 0, 0), dtype=np.uint16)
        clear = np.asarray(cv2.addWeighted(clear, opacity, clear, 0, CLEAR * (1 - opacity)), dtype=np.uint16)
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
    planes = to_plane(luma), to_plane(halved(blue)), to_plane(halved(red))
    return Cover(left, top, planes, to_plane((1 - alpha) * CLEAR), to_plane((1 - halved(alpha)) * CLEAR))


def halved(plane: Floats) -> Floats:
    """Half size, sited as chroma is: three columns around every second one, rows in pairs."""
    soft = cv2.sepFilter2D(plane, -1, _SMOOTH, _PAIR, anchor=(1, 0), borderType=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(soft[::2, ::2], dtype=np.float32)


def to_plane(values: npt.NDArray[np.floating]) -> Plane:
    return np.asarray(np.rint(values), dtype=np.uint16)
