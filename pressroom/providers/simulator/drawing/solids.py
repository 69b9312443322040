"""image_to_3d: a real GLB, a box with the picture on its faces and as many corners as asked.

Layout: glTF 2.0 specification, chapters 3 and 4 (Khronos Group, 2021).
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageOps

from pressroom.domain.media import Made, mime_of
from pressroom.media.files.images import flatten, open_image
from pressroom.providers.simulator.drawing.commission import Commission

_DEPTH = 0.6  # of the picture's shorter side
_FACES = 6
_USUAL_VERTICES = 600
_FLOAT, _UNSIGNED, _ARRAY, _ELEMENTS = 5126, 5125, 34962, 34963
_SIDES = (
    (0, 1, 2, 1),
    (0, 1, 2, -1),
    (2, 1, 0, -1),
    (2, 1, 0, 1),
    (0, 2, 1, 1),
    (0, 2, 1, -1),
)  # across, up, out, sign


def modelled(order: Commission) -> Sequence[Made]:
    """A box as wide and high as the picture, which is its texture."""
    params = order.params
    picture = flatten(open_image(order.work.inputs[params.image], order.work.limits), "#ffffff")
    texture = io.BytesIO()
    ImageOps.fit(picture, (params.texture, params.texture)).save(texture, "JPEG", quality=85)
    cells = max(1, int(((params.vertices or _USUAL_VERTICES) / _FACES) ** 0.5) - 1)
    mesh = _box(picture.width / max(picture.size), picture.height / max(picture.size), cells)
    path = order.work.folder / "model.glb"
    path.write_bytes(_glb(*mesh, texture.getvalue()))
    return [Made(path, mime_of("glb"), details={"vertices": len(mesh[0]), "texture": params.texture})]


def _box(
    width: float, height: float, cells: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.uint32]]:
    """Places (n, 3), normals (n, 3), places in the texture (n, 2), corners of triangles (m, 3)."""
    half = np.array([width, height, _DEPTH * min(width, height)]) / 2
    u, v = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 1, cells + 1), np.linspace(0, 1, cells + 1)))
    places, normals, corners = [], [], []
    for number, (across, up, out, sign) in enumerate(_SIDES):
        spots, outward = np.zeros((len(u), 3)), np.zeros(3)
        spots[:, across], spots[:, up], spots[:, out] = u * 2 - 1, 1 - v * 2, sign
        outward[out] = sign
        places.append(spots * half)
        normals.append(np.tile(outward, (len(u), 1)))
        corners.append(_triangles(cells, outward, across, up) + number * len(u))
    texture = np.tile(np.stack([u, v], axis=1), (_FACES, 1))
    return (
        np.concatenate(places).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        texture.astype(np.float32),
        np.concatenate(corners).astype(np.uint32),
    )


def _triangles(cells: int, outward: NDArray[Any], across: int, up: int) -> NDArray[np.int64]:
    """Corners of a grid's triangles, counter-clockwise as seen from outside."""
    row = cells + 1
    first = (np.arange(cells)[:, None] * row + np.arange(cells)).ravel()
    quads = np.stack([first, first + row, first + 1, first + 1, first + row, first + row + 1], axis=1).reshape(-1, 3)
    facing = np.cross(np.eye(3)[across], np.eye(3)[up]) @ outward
    return quads if facing > 0 else quads[:, ::-1]


def _glb(
    places: NDArray[np.float32],
    normals: NDArray[np.float32],
    texture: NDArray[np.float32],
    corners: NDArray[np.uint32],
    image: bytes,
) -> bytes:
    parts = [places.tobytes(), normals.tobytes(), texture.tobytes(), corners.tobytes(), image]
    padded = [part + b"\0" * (-len(part) % 4) for part in parts]
    starts = np.cumsum([0, *map(len, padded)])
    views = [
        {"buffer": 0, "byteOffset": int(start), "byteLength": len(part), **({"target": target} if target else {})}
        for start, part, target in zip(starts, parts, (_ARRAY, _ARRAY, _ARRAY, _ELEMENTS, 0), strict=False)
    ]
    described = json.dumps(_document(places, corners, views, int(starts[-1]))).encode()
    described += b" " * (-len(described) % 4)
    data = b"".join(padded)
    size = 12 + 8 + len(described) + 8 + len(data)
    head = struct.pack("<4sII", b"glTF", 2, size) + struct.pack("<I4s", len(described), b"JSON")
    return head + described + struct.pack("<I4s", len(data), b"BIN\0") + data


def _document(places: NDArray[Any], corners: NDArray[Any], views: list[dict[str, Any]], size: int) -> dict[str, Any]:
    low, high = (edge.tolist() for edge in (places.min(axis=0), places.max(axis=0)))
    floats: list[dict[str, Any]] = [
        {"bufferView": number, "componentType": _FLOAT, "count": len(places), "type": kind}
        for number, kind in enumerate(("VEC3", "VEC3", "VEC2"))
    ]
    floats[0] |= {"min": low, "max": high}
    indices = {"bufferView": 3, "componentType": _UNSIGNED, "count": corners.size, "type": "SCALAR"}
    attributes = {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2}
    surface = {"baseColorTexture": {"index": 0}, "metallicFactor": 0, "roughnessFactor": 0.8}
    return {
        "asset": {"version": "2.0", "generator": "Pressroom's simulated vendor"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "indices": 3, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": surface}],
        "textures": [{"source": 0}],
        "images": [{"bufferView": 4, "mimeType": mime_of("jpeg")}],
        "accessors": [*floats, indices],
        "bufferViews": views,
        "buffers": [{"byteLength": size}],
    }
