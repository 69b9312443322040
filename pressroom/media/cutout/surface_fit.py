"""A quadratic colour surface through samples of a background, by least squares re-weighted so that strangers are ignored."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from pressroom.media.cutout.masks import Floats

RIDGE = np.diag([0.0, 1, 1, 4, 4, 4])  # a little of it keeps what no sample touches from running away


def quadratic_terms(height: int, width: int) -> Floats:
    """H x W x 6: what the surface is a weighted sum of, over places in -1..1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width * 2 - 1, y / height * 2 - 1
    return np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=2)


def fitted(terms: Floats, colors: Floats, rounds: int, ridge: float, usual: float) -> tuple[Floats, Floats]:
    """The 6 x 3 weights of the surface through N samples, and how far each sample counts, 0..1.

    `usual` is the error, in the colours' unit, that every sample may have.
    """
    trust = np.ones(len(terms), np.float32)
    for _ in range(rounds):
        weighted = terms * trust[:, None]
        normal = product(weighted, terms, flags=cv2.GEMM_1_T) + RIDGE * (float(trust.sum()) * ridge) + np.eye(6) * 1e-3
        answer = np.linalg.solve(normal, product(weighted, colors, flags=cv2.GEMM_1_T)).astype(np.float32)
        error = np.linalg.norm(colors - product(terms, answer), axis=1)
        trust = (1 / (1 + (error / (usual + 1.5 * np.median(error))) ** 2)).astype(np.float32)
    return answer, trust


def product(one: Any, other: Any, flags: int = 0) -> Any:
    """Of two matrices, in one thread: numpy's own wait for each other where the cores are busy."""
    nothing_added = np.empty((0, 0), np.float32)
    return cv2.gemm(np.ascontiguousarray(one), np.ascontiguousarray(other), 1, nothing_added, 0, flags=flags)
