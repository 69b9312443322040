"""A small picture of a three-dimensional model: seen from above its right side, lit from above, in its own colours.

Nodes, accessors and textures as in the glTF 2.0 specification, chapter 3 (Khronos Group, 2021). It is a thumbnail: textures are
read in the middle of each triangle, and what is compressed by extensions has none.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pressroom.domain.errors import Corrupt
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.glb import Glb, read_glb

Floats = NDArray[np.float64]

_TYPES: Final = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}  # 3.6.2.2
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_MOST_TRIANGLES: Final = 60_000
_MOST_DEPTH: Final = 32
_TURN, _TILT = math.radians(-30), math.radians(22)
_LIGHT: Final = np.array([0.35, 0.75, 0.55]) / math.sqrt(0.35**2 + 0.75**2 + 0.55**2)
_AMBIENT, _MARGIN, _FINER = 0.45, 0.08, 2
_GREY = 0.75
_MOST_TEXTURE_PIXELS: Final = 8192 * 8192


@dataclass(frozen=True, slots=True)
class _Part:
    """Triangles: corners (n, 3, 3) in space, colours (n, 3) from 0 to 1."""

    corners: Floats
    colors: Floats


def picture_of_model(path: Path, limits: MediaLimits, side: int) -> NDArray[np.uint8]:
    """RGBA of `side` x `side` pixels. Raises Corrupt where there is nothing that can be drawn."""
    found = read_glb(path, limits)
    try:
        parts = list(_parts(found))
    except (AttributeError, IndexError, KeyError, OSError, RecursionError, TypeError, ValueError) as exc:
        raise Corrupt(f"{path.name} cannot be drawn: {type(exc).__name__} {exc}", path=str(path)) from exc
    corners = np.concatenate([part.corners for part in parts]) if parts else np.empty((0, 3, 3))
    if not 0 < len(corners) <= _MOST_TRIANGLES or not np.isfinite(corners).all():
        raise Corrupt(f"{path.name} has no triangles that can be drawn", path=str(path))
    return _drawn(_Part(corners, np.concatenate([part.colors for part in parts])), side)


def _drawn(part: _Part, side: int) -> NDArray[np.uint8]:
    """The far triangles first, so that near ones cover them."""
    turned = part.corners @ _view().T
    low, high = turned.reshape(-1, 3).min(axis=0), turned.reshape(-1, 3).max(axis=0)
    canvas = side * _FINER
    scale = canvas * (1 - 2 * _MARGIN) / max(float((high - low)[:2].max()), 1e-9)
    places = (turned - (low + high) / 2) * scale * np.array([1, -1, 1]) + np.array([canvas / 2, canvas / 2, 0])
    normals = np.cross(turned[:, 1] - turned[:, 0], turned[:, 2] - turned[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    shade = _AMBIENT + (1 - _AMBIENT) * np.abs(normals @ _LIGHT)
    colors = np.clip(np.rint(part.colors * shade[:, None] * 255), 0, 255).astype(int)
    image = Image.new("RGBA", (canvas, canvas), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for number in np.argsort(turned[:, :, 2].mean(axis=1)):
        draw.polygon([(x, y) for x, y, _ in places[number]], fill=(*map(int, colors[number]), 255))
    return np.asarray(image.resize((side, side), Image.Resampling.BOX))


def _view() -> Floats:
    """Turned around the upright axis, then tilted towards the viewer."""
    turn = [[math.cos(_TURN), 0, math.sin(_TURN)], [0, 1, 0], [-math.sin(_TURN), 0, math.cos(_TURN)]]
    tilt = [[1, 0, 0], [0, math.cos(_TILT), -math.sin(_TILT)], [0, math.sin(_TILT), math.cos(_TILT)]]
    found: Floats = np.array(tilt) @ np.array(turn)
    return found


def _parts(found: Glb) -> Iterator[_Part]:
    document = found.document
    scenes = document.get("scenes", [])
    nodes = document.get("nodes", [])
    first = scenes[document.get("scene", 0)].get("nodes", []) if scenes else range(len(nodes))
    placed = [(number, np.eye(4), 0) for number in first]
    meshes = [(index, np.eye(4)) for index in range(len(document.get("meshes", [])))] if not nodes else []
    while placed:
        number, above, depth = placed.pop()
        node, here = nodes[number], above @ _matrix(nodes[number])
        if "mesh" in node:
            meshes.append((node["mesh"], here))
        if depth < _MOST_DEPTH:
            placed += [(child, here, depth + 1) for child in node.get("children", [])]
    for index, matrix in meshes:
        for primitive in document["meshes"][index]["primitives"]:
            if primitive.get("mode", 4) == 4:
                yield _part(found, primitive, matrix)


def _matrix(node: Mapping[str, Any]) -> Floats:
    """4 x 4: its matrix, or its scale, then its rotation, then its translation."""
    if "matrix" in node:
        return np.array(node["matrix"], dtype=float).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0, 0, 0, 1))
    found = np.eye(4)
    found[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    found[:3, :3] *= np.array(node.get("scale", (1, 1, 1)), dtype=float)
    found[:3, 3] = node.get("translation", (0, 0, 0))
    return found


def _part(found: Glb, primitive: Mapping[str, Any], matrix: Floats) -> _Part:
    places = _values(found, primitive["attributes"]["POSITION"])
    corners = _values(found, primitive["indices"]).ravel() if "indices" in primitive else np.arange(len(places))
    triangles = corners.astype(int)[: len(corners) // 3 * 3].reshape(-1, 3)
    there = places @ matrix[:3, :3].T + matrix[:3, 3]
    return _Part(there[triangles], _colors(found, primitive, triangles))


def _values(found: Glb, accessor: int) -> Floats:
    row = found.document["accessors"][accessor]
    view = found.document["bufferViews"][row["bufferView"]]
    kind, width, count = np.dtype(_TYPES[row["componentType"]]), _WIDTHS[row["type"]], row["count"]
    start = view.get("byteOffset", 0) + row.get("byteOffset", 0)
    stride = view.get("byteStride", kind.itemsize * width)
    strides = (stride, kind.itemsize)
    needed = (count - 1) * stride + kind.itemsize * width
    if count < 1 or start < 0 or start + needed > len(found.data):
        raise ValueError("an accessor ends behind its bytes")
    return np.ndarray((count, width), kind, found.data, start, strides).astype(float)


def _colors(found: Glb, primitive: Mapping[str, Any], triangles: NDArray[Any]) -> Floats:
    """(n, 3): the material's colour, times its texture in the middle of each triangle."""
    materials: Sequence[Mapping[str, Any]] = found.document.get("materials", ())
    material = materials[primitive["material"]] if "material" in primitive else {}
    surface = material.get("pbrMetallicRoughness", {})
    factor = np.array(surface.get("baseColorFactor", [_GREY] * 3 if not surface else [1, 1, 1])[:3], dtype=float)
    colors = np.tile(factor, (len(triangles), 1))
    texture = surface.get("baseColorTexture")
    name = f"TEXCOORD_{texture.get('texCoord', 0)}" if texture else ""
    if name not in primitive["attributes"]:
        return colors
    pixels = _texture(found, texture["index"])
    middles = _values(found, primitive["attributes"][name])[triangles].mean(axis=1) % 1
    height, width = pixels.shape[:2]
    columns, rows = (middles[:, 0] * (width - 1)).astype(int), (middles[:, 1] * (height - 1)).astype(int)
    colors *= pixels[rows, columns] / 255
    return colors


def _texture(found: Glb, index: int) -> NDArray[np.uint8]:
    image = found.document["images"][found.document["textures"][index]["source"]]
    view = found.document["bufferViews"][image["bufferView"]]
    start = view.get("byteOffset", 0)
    with Image.open(
        io.BytesIO(found.data[start : start + view["byteLength"]]), formats=("PNG", "JPEG", "WEBP")
    ) as opened:
        if opened.width * opened.height > _MOST_TEXTURE_PIXELS:
            raise ValueError(f"a texture of {opened.width} x {opened.height} pixels")
        opened.draft("RGB", (512, 512))
        return np.asarray(opened.convert("RGB"))
