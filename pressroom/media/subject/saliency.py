"""What a viewer takes for the subject: regions that stand out from, and hang together apart from, the picture's border.

After Zhu, Liang, Wei, Sun, "Saliency optimization from robust background detection" (2014): a region whose likes touch
much of the border is background, even if a subject that is cut off touches the border too.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SIDE = 200  # longest side that is looked at
REGIONS = 260
ROUNDS = 6  # of k-means; regions move little afterwards
COMPACTNESS = 12.0  # Lab units that count as much as one region's width
SAME_COLOR = 9.0  # Lab units; regions nearer than this belong together
NEARBY = 0.4  # share of the longer side within which contrast counts most


def saliency(lab: Floats) -> Floats:
    """0..1 per pixel of an H x W x 3 Lab picture: how surely it belongs to the subject."""
    height, width = lab.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    small = _floats(cv2.GaussianBlur(cv2.resize(lab, size, interpolation=cv2.INTER_AREA), (0, 0), 0.7))
    labels = _regions(small)
    share = _standing_out(small, labels)[labels]
    soft = cv2.GaussianBlur(_floats(share), (0, 0), 1.0)
    return _floats(np.clip(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1))


def _regions(lab: Floats) -> NDArray[np.int64]:
    """Small regions of even colour (SLIC): each pixel joins the best of the nine cells around it. Labels are dense."""
    height, width = lab.shape[:2]
    step = max(2.0, float(np.sqrt(height * width / REGIONS)))
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    values = np.dstack([lab, y * COMPACTNESS / step, x * COMPACTNESS / step]).reshape(-1, 5)
    cell_y, cell_x = (y * rows / height).astype(int).ravel(), (x * columns / width).astype(int).ravel()
    near_y = np.clip(cell_y[:, None] + np.repeat([-1, 0, 1], 3), 0, rows - 1)
    near_x = np.clip(cell_x[:, None] + np.tile([-1, 0, 1], 3), 0, columns - 1)
    near = near_y * columns + near_x
    labels = cell_y * columns + cell_x
    for _ in range(ROUNDS):
        centers = _means(values, labels, rows * columns)
        away = ((values[:, None, :] - centers[near]) ** 2).sum(axis=2)
        labels = near[np.arange(len(labels)), away.argmin(axis=1)]
    _, dense = np.unique(labels, return_inverse=True)
    return np.asarray(dense.reshape(height, width), np.int64)


def _standing_out(lab: Floats, labels: NDArray[np.int64]) -> Floats:
    """Per region, 0..1."""
    count = int(labels.max()) + 1
    height, width = labels.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
    flat = labels.ravel()
    color = _means(lab.reshape(-1, 3), flat, count)
    place = _means(np.dstack([y, x]).reshape(-1, 2), flat, count)
    apart = _distances(color)
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    beside = _beside(labels, count)
    behind = _background(apart, beside, rim)
    near = np.exp(-(_distances(place) ** 2) / (2 * NEARBY**2))
    contrast = (apart * near * behind[None, :]).sum(axis=1)
    contrast /= max(float(contrast.max()), 1e-6)
    return _settled(behind, contrast, apart, beside)


def _background(apart: Floats, beside: NDArray[np.bool_], rim: NDArray[np.int64]) -> Floats:
    """0..1 per region: how much of the border is reached over small colour steps, against the area reached."""
    linked = beside.copy()
    linked[np.ix_(rim, rim)] = True
    # A step that every region has towards its nearest neighbour is texture, not an outline.
    usual = float(np.where(beside, apart, np.inf).min(axis=1).mean())
    way = np.where(linked, np.maximum(apart - usual, 0), np.inf)
    np.fill_diagonal(way, 0)
    for middle in range(len(way)):
        np.minimum(way, way[:, middle, None] + way[None, middle], out=way)
    alike = np.exp(-(way**2) / (2 * SAME_COLOR**2))
    reach = alike[:, rim].sum(axis=1) / np.sqrt(alike.sum(axis=1))
    return _floats(1 - np.exp(-(reach**2) / 2))


def _settled(behind: Floats, contrast: Floats, apart: Floats, beside: NDArray[np.bool_]) -> Floats:
    """The least-squares agreement of background, contrast and likeness between neighbours."""
    likeness = np.where(beside, np.exp(-(apart**2) / (2 * SAME_COLOR**2)) + 0.1, 0)
    laplacian = np.diag(likeness.sum(axis=1)) - likeness
    # OpenCV solves this in one thread; numpy's threads take ten times as long where the cores are busy.
    system = np.diag(behind + contrast + 1e-4) + laplacian
    _, answer = cv2.solve(system.astype(np.float64), contrast.astype(np.float64)[:, None], flags=cv2.DECOMP_CHOLESKY)
    answer = answer[:, 0]
    return _floats(np.clip(answer / max(float(answer.max()), 1e-6), 0, 1))


def _beside(labels: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    found = np.zeros((count, count), np.bool_)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        found[one.ravel(), other.ravel()] = True
    found |= found.T
    np.fill_diagonal(found, False)
    return found


def _distances(points: Floats) -> Floats:
    return _floats(np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)))


def _means(values: Floats, labels: NDArray[np.int64], count: int) -> Floats:
    sizes = np.maximum(np.bincount(labels, minlength=count), 1)
    sums = [np.bincount(labels, weights=values[:, n], minlength=count) for n in range(values.shape[1])]
    return _floats(np.stack(sums, axis=1) / sizes[:, None])


def _floats(values: Any) -> Floats:
    return np.asarray(values).astype(np.float32)
