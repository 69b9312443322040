"""Where a person is likely to be, from the faces: what starts a cut-out of somebody who is cut off by the frame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pressroom.media.cutout.masks import Mask, bools
from pressroom.media.geometry import Region

# In widths of the face's box. Drawn narrow for what is surely the person, wide for what may still be (hair, sleeves, a hat).
HEAD_ACROSS, HEAD_DOWN = (0.62, 1.15), (0.72, 1.2)
SHOULDERS = (1.15, 2.4)


def likely_people(shape: tuple[int, int], faces: Sequence[Region], wide: bool = False) -> Mask:
    """Heads and, below them to the frame, shoulders and trunks. Boxes are in 0..1 of the picture."""
    height, width = shape
    canvas = np.zeros(shape, np.uint8)
    for x0, y0, x1, y1 in faces:
        across, down = (x1 - x0) * width, (y1 - y0) * height
        middle, chin = (x0 + x1) / 2 * width, y1 * height
        center = (round(middle), round((y0 + y1) / 2 * height - 0.12 * down))
        axes = (max(1, round(HEAD_ACROSS[wide] * across)), max(1, round(HEAD_DOWN[wide] * down)))
        cv2.ellipse(canvas, center, axes, 0, 0, 360, 1, -1)
        reach, neck, top = SHOULDERS[wide] * across, 0.35 * across * (1 + wide), chin + (-0.1 if wide else 0.35) * down
        trunk = [
            (middle - neck, chin - 0.2 * down),
            (middle + neck, chin - 0.2 * down),
            (middle + reach, top + 0.6 * down),
        ]
        trunk += [(middle + 1.2 * reach, height), (middle - 1.2 * reach, height), (middle - reach, top + 0.6 * down)]
        cv2.fillPoly(canvas, [np.round(np.array(trunk)).astype(np.int32)], 1)
    return bools(canvas)


def faces_kept(mask: Mask, faces: Sequence[Region]) -> float:
    """0..1: the share of the faces' boxes that the mask holds; the corners of a box are hair and backdrop."""
    if not faces:
        return 1.0
    height, width = mask.shape
    canvas = np.zeros(mask.shape, np.uint8)
    for x0, y0, x1, y1 in faces:
        center = (round((x0 + x1) / 2 * width), round((y0 + y1) / 2 * height))
        axes = (max(1, round((x1 - x0) * width * 0.45)), max(1, round((y1 - y0) * height * 0.45)))
        cv2.ellipse(canvas, center, axes, 0, 0, 360, 1, -1)
    return float(mask[canvas > 0].mean())
