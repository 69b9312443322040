"""Human faces in a picture, by the YuNet model that lies beside this file (232 kB, MIT) and OpenCV's own runtime.

Faces of type are in `faces.py`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pressroom.media.geometry import Region

MODEL = Path(__file__).parent / "face_detection_data" / "face_detection_yunet_2023mar.onnx"

SIDE = (
    512  # longest side that is looked at; a face of 1/50 of the picture is 10 pixels there, the least the model finds
)
_FAR_SIDE, _TURNED_SIDE = 192, 320
_SURE = 0.70  # real faces score 0.7 to 0.95; of 70 photos without any, one squirrel reached 0.63
_LIKELY = 0.60  # enough beside a sure one
_LARGE, _TOO_LARGE = 0.55, 1.3  # of the shorter side; trained on faces up to 300 pixels, larger ones are seen from afar
_SURE_TURNED = 0.88  # sideways the model takes a cat and a guitar for faces at up to 0.85
_LEAST = 0.03  # of the shorter side
_BESIDE_LARGEST = 0.45  # smaller faces than this share of the largest are passers-by
_OVERLAP = 0.3


@dataclass(frozen=True, slots=True)
class _Face:
    box: Region
    share: float  # height of the box over the picture's shorter side
    score: float


_lock = threading.Lock()  # a detector holds the picture that it works on


def find_faces(pixels: npt.NDArray[np.uint8]) -> tuple[Region, ...]:
    """The boxes from chin to forehead of the faces that matter in an H x W x 3 RGB picture, the largest first.

    Faces lean up to 60 degrees; lying ones are looked for where none stands. About 8 ms at 512 pixels.
    """
    found = _upright(pixels) or _lying(pixels)
    if not found:
        return ()
    found.sort(key=lambda box: box[1] - box[3])
    least = _BESIDE_LARGEST * (found[0][3] - found[0][1])
    return tuple(box for box in found if box[3] - box[1] >= least)


def _upright(pixels: npt.NDArray[np.uint8]) -> list[Region]:
    near = [face for face in _detected(pixels, SIDE, _LIKELY) if face.share <= _LARGE]
    far = [face for face in _detected(pixels, _FAR_SIDE, _SURE) if face.share > _LARGE]
    new = [face for face in far if not any(_overlap(face.box, other.box) > _OVERLAP for other in near)]
    found = near + new
    return [face.box for face in found] if any(face.score >= _SURE for face in found) else []


def _lying(pixels: npt.NDArray[np.uint8]) -> list[Region]:
    head_left = _detected(np.rot90(pixels, -1), _TURNED_SIDE, _SURE_TURNED)
    head_right = _detected(np.rot90(pixels), _TURNED_SIDE, _SURE_TURNED)
    return [(top, 1 - right, bottom, 1 - left) for left, top, right, bottom in (face.box for face in head_left)] + [
        (1 - bottom, left, 1 - top, right) for left, top, right, bottom in (face.box for face in head_right)
    ]


def _detected(pixels: npt.NDArray[np.uint8], side: int, least_score: float) -> list[_Face]:
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(16, round(width * scale)), max(16, round(height * scale))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    with _lock:
        detector = _detector()
        detector.setInputSize(size)
        rows = detector.detect(small)[1]
    found = []
    for x, y, across, down, score in [] if rows is None else rows[:, [0, 1, 2, 3, 14]].astype(float).tolist():
        share = down / min(size)
        if score >= least_score and _LEAST <= share <= _TOO_LARGE:
            box = _inside(x / size[0], y / size[1], across / size[0], down / size[1])
            found.append(_Face(box, share, score))
    return found


def _inside(x: float, y: float, width: float, height: float) -> Region:
    return max(0.0, x), max(0.0, y), min(1.0, x + width), min(1.0, y + height)


def _overlap(one: Region, other: Region) -> float:
    """Shared area over the smaller one's."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    least = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0.0, across) * max(0.0, down) / least if least > 0 else 0.0


@cache
def _detector() -> Any:
    level = cv2.utils.logging.getLogLevel()
    # OpenCV 5 says on every start that its new engine takes no target.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        return cv2.FaceDetectorYN.create(str(MODEL), "", (SIDE, SIDE), _LIKELY, 0.3, 500)
    finally:
        cv2.utils.logging.setLogLevel(level)
