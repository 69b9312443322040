"""Faces are found in real photos, small, turned and several, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

from pressroom.media.geometry import Region
from pressroom.media.subject.face_detection import MODEL, find_faces

# Eyes and mouth of the astronaut, by eye: shares of the 512 x 512 picture.
FEATURES = [(0.395, 0.215), (0.475, 0.215), (0.44, 0.295)]


@pytest.fixture(scope="module")
def astronaut() -> Any:
    return data.astronaut()


def holds(box: Region, points: list[tuple[float, float]]) -> bool:
    return all(box[0] - 0.01 < x < box[2] + 0.01 and box[1] - 0.01 < y < box[3] + 0.01 for x, y in points)


def test_a_face_is_found_where_it_is(astronaut: Any) -> None:
    faces = find_faces(astronaut)

    assert len(faces) == 1
    assert holds(faces[0], FEATURES)
    assert faces[0][3] - faces[0][1] < 0.3


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_lying_face_is_found_where_it_is(astronaut: Any, quarters: int) -> None:
    turned = FEATURES
    for _ in range(quarters):
        turned = [(y, 1 - x) for x, y in turned]

    faces = find_faces(np.rot90(astronaut, quarters))

    assert len(faces) == 1
    assert holds(faces[0], turned)


@pytest.mark.parametrize("degrees", [-35, -15, 15, 35])
def test_a_leaning_face_is_found(astronaut: Any, degrees: float) -> None:
    matrix = cv2.getRotationMatrix2D((256, 256), degrees, 1)
    turned = [tuple(matrix @ (x * 512, y * 512, 1) / 512) for x, y in FEATURES]

    faces = find_faces(cv2.warpAffine(astronaut, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE))

    assert len(faces) == 1
    assert holds(faces[0], turned)


def test_a_face_of_eighteen_pixels_and_one_that_fills_the_picture_are_found(astronaut: Any) -> None:
    far = np.full((512, 512, 3), 120, np.uint8)
    far[200:280, 300:380] = cv2.resize(astronaut, (80, 80), interpolation=cv2.INTER_AREA)
    near = cv2.resize(astronaut[55:185, 165:280], (453, 512), interpolation=cv2.INTER_CUBIC)

    assert len(find_faces(far)) == 1
    assert find_faces(near)[0][3] - find_faces(near)[0][1] > 0.7


def test_several_faces_are_found_the_largest_first_and_passers_by_are_left_out(astronaut: Any) -> None:
    group = np.full((420, 900, 3), 90, np.uint8)
    for left, side in ((0, 256), (280, 400), (690, 200), (620, 50)):
        group[10 : 10 + side, left : left + side] = cv2.resize(astronaut, (side, side), interpolation=cv2.INTER_AREA)

    faces = find_faces(group)

    assert [round(box[0] * 900 / 100) for box in faces] == [4, 1, 8]


@pytest.mark.parametrize(
    "name", ["chelsea", "coffee", "rocket", "coins", "hubble_deep_field", "brick", "text", "horse"]
)
def test_cats_cups_and_walls_are_no_faces(name: str) -> None:
    picture = np.asarray(getattr(data, name)())
    picture = picture.astype(np.uint8) * (255 if picture.dtype == bool else 1)
    picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB) if picture.ndim == 2 else picture

    for _ in range(4):
        picture = np.ascontiguousarray(np.rot90(picture))
        assert find_faces(picture) == ()


def test_pictures_of_any_size_and_shape_are_looked_at() -> None:
    for height, width in ((2, 2), (1, 40), (700, 3), (3, 700), (33, 512)):
        assert find_faces(np.zeros((height, width, 3), np.uint8)) == ()


def test_threads_do_not_disturb_each_other(astronaut: Any) -> None:
    pictures = [astronaut, np.ascontiguousarray(astronaut[:, ::-1]), astronaut[:300, 100:400]] * 4
    alone = [find_faces(picture) for picture in pictures]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_faces, pictures)) == alone


def test_the_model_is_the_published_one() -> None:
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()

    assert digest in (MODEL.parent / "yunet-MIT.txt").read_text()
