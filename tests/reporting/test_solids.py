"""Thumbnails of models: in their place, in their colours, lit; what cannot be drawn says so."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.reporting.solids import picture_of_model

SQUARE = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], dtype="<f4")
CORNERS = np.array([0, 1, 2, 0, 2, 3], dtype="<u2")
RED = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}


def written(folder: Path, **changes: Any) -> Path:
    data = SQUARE.tobytes() + CORNERS.tobytes()
    document = {
        "asset": {"version": "2.0"},
        "nodes": [{"mesh": 0}],
        "scenes": [{"nodes": [0]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [RED],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
        ],
        "bufferViews": [{"buffer": 0, "byteLength": 48}, {"buffer": 0, "byteOffset": 48, "byteLength": 12}],
        "buffers": [{"byteLength": len(data)}],
    } | changes
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    path = folder / "model.glb"
    path.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    return path


def drawn(path: Path) -> np.ndarray:
    return picture_of_model(path, MediaLimits(), 64).astype(int)


def test_a_square_is_in_the_middle_in_its_colour_on_a_clear_ground(tmp_path: Path) -> None:
    pixels = drawn(written(tmp_path))

    assert pixels.shape == (64, 64, 4)
    assert pixels[0, 0, 3] == 0
    red, green, blue, alpha = pixels[32, 32]
    assert (red > 100, green, blue, alpha) == (True, 0, 0, 255)


def test_nodes_place_turn_and_stretch_what_they_hold(tmp_path: Path) -> None:
    flat = [{"children": [1]}, {"mesh": 0, "scale": [3, 1, 1], "translation": [50, 0, 0]}]
    turned = [{"mesh": 0, "scale": [3, 1, 1], "rotation": [0, 0, 0.5**0.5, 0.5**0.5]}]

    wide = drawn(written(tmp_path, nodes=flat))[..., 3] > 0
    tall = drawn(written(tmp_path, nodes=turned))[..., 3] > 0

    assert wide.any(axis=0).sum() > 1.5 * wide.any(axis=1).sum()
    assert tall.any(axis=1).sum() > 1.5 * tall.any(axis=0).sum()


@pytest.mark.parametrize(
    "changes",
    [
        {"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 0}]}]},
        {"bufferViews": [{"buffer": 0, "byteLength": 48, "byteOffset": 40}, {"buffer": 0, "byteLength": 12}]},
        {"nodes": [{"mesh": 7}]},
        {"nodes": [{"children": [0]}]},
        {"accessors": [{"componentType": 5126, "count": 4, "type": "VEC3"}] * 2},
    ],
)
def test_what_cannot_be_drawn_is_said(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(Corrupt, match="drawn"):
        drawn(written(tmp_path, **changes))
