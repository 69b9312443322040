"""Finding the product: what is part of it, and what only lies behind or within its outline."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pressroom.media.cutout.network import bundled
from pressroom.media.cutout.segmentation import segment
from tests.support.scenes import Floats, iou

SIDE = 320


def _disc(x: float, y: float, radius: float) -> Floats:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1).astype(np.float32)


def _box(columns: NDArray[np.int64], rows: NDArray[np.int64], box: tuple[int, int, int, int]) -> Floats:
    x0, y0, x1, y1 = box
    return ((columns >= x0) & (columns < x1) & (rows >= y0) & (rows < y1)).astype(np.float32)


def _photo(*layers: tuple[Floats, tuple[float, float, float]]) -> NDArray[np.uint8]:
    """Layers over a light backdrop, with camera noise."""
    picture = np.full((SIDE, SIDE, 3), (0.88, 0.86, 0.83), np.float32)
    for share, color in layers:
        picture = picture * (1 - share[..., None]) + np.array(color, np.float32) * share[..., None]
    noise = np.random.default_rng(5).normal(0, 0.008, picture.shape)
    return np.rint(np.clip(picture + noise, 0, 1) * 255).astype(np.uint8)


def _found(photo: NDArray[np.uint8], with_network: bool = False) -> Floats:
    segmentation = segment(photo, bundled() if with_network else None)
    assert segmentation is not None
    return segmentation.mask.astype(np.float32)


def test_shapes_out_of_focus_behind_the_product_are_backdrop() -> None:
    product, behind = _disc(170, 190, 70), cv2.GaussianBlur(_disc(110, 110, 60), (0, 0), 7)

    mask = _found(_photo((behind, (0.85, 0.5, 0.55)), (product, (0.15, 0.3, 0.5))))

    assert iou(mask, product) > 0.95


def test_an_eye_that_shows_the_backdrop_is_open() -> None:
    ring = _disc(160, 160, 100) - _disc(160, 160, 70)

    assert iou(_found(_photo((ring, (0.2, 0.35, 0.3)))), ring) > 0.93


def test_an_eye_is_open_where_shapes_out_of_focus_carry_on_behind_it() -> None:
    ring, behind = _disc(160, 160, 100) - _disc(160, 160, 84), cv2.GaussianBlur(_disc(250, 160, 110), (0, 0), 8)

    mask = _found(_photo((behind, (0.5, 0.7, 0.55)), (ring, (0.25, 0.1, 0.15))))

    assert iou(mask, ring) > 0.9


def test_a_lid_nearly_in_the_backdrops_colour_stays_part_of_the_product() -> None:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    jar = _box(columns, rows, (90, 150, 230, 280))
    lid = _box(columns, rows, (80, 80, 240, 150))
    shade = (columns / SIDE * 0.12)[..., None].astype(np.float32)

    photo = _photo((lid, (0.79, 0.8, 0.72)), (jar, (0.35, 0.2, 0.25)))
    mask = _found(np.rint(photo * (1 - shade)).astype(np.uint8))

    assert iou(mask, np.maximum(jar, lid)) > 0.95


def test_a_label_near_the_backdrops_colour_stays_part_of_the_product() -> None:
    product, label = _disc(160, 160, 110), _disc(160, 160, 45)

    mask = _found(_photo((product, (0.2, 0.35, 0.3)), (label, (0.97, 0.9, 0.74))))

    assert iou(mask, product) > 0.95


def test_people_that_the_frame_cuts_off_keep_their_face_and_their_hair() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image IS NOT INSTALLED")
    photo = np.asarray(data.astronaut())

    mask = _found(photo)

    height, width = mask.shape
    face = mask[int(0.14 * height) : int(0.32 * height), int(0.39 * width) : int(0.5 * width)]
    wall = mask[: int(0.3 * height), int(0.62 * width) : int(0.7 * width)]
    assert face.mean() > 0.95
    assert mask[int(0.06 * height) : int(0.1 * height), int(0.4 * width) : int(0.48 * width)].mean() > 0.9
    assert wall.mean() < 0.05


def test_an_animal_that_fills_the_frame_stays_whole() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image IS NOT INSTALLED")
    photo = np.asarray(data.chelsea())

    mask = _found(photo, with_network=True)

    height, width = mask.shape
    assert mask[int(0.1 * height) : int(0.85 * height), int(0.2 * width) : int(0.65 * width)].mean() > 0.97
    assert mask[: int(0.3 * height), : int(0.05 * width)].mean() < 0.1


def test_what_a_person_holds_stays_with_them() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image IS NOT INSTALLED")

    mask = _found(np.asarray(data.astronaut()), with_network=True)

    height, width = mask.shape
    assert mask[int(0.72 * height) : int(0.98 * height), int(0.6 * width) : int(0.9 * width)].mean() > 0.95
