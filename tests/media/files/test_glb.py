"""GLB files: what is whole is measured, everything else is refused for its reason."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.files.glb import inspect_glb, read_glb
from pressroom.media.files.probe import inspect, probe

LIMITS = MediaLimits()
TRIANGLE: dict[str, Any] = {
    "asset": {"version": "2.0"},
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
    "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
    "bufferViews": [{"buffer": 0, "byteLength": 36}],
    "buffers": [{"byteLength": 36}],
}


def glb(document: Mapping[str, Any] | bytes, data: bytes = bytes(36), version: int = 2, longer: int = 0) -> bytes:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    size = 12 + 8 + len(text) + 8 + len(data) + longer
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", version, size) + chunks


def written(folder: Path, content: bytes) -> Path:
    path = folder / "model.glb"
    path.write_bytes(content)
    return path


def test_a_whole_file_is_measured_by_every_way_to_look_at_one(tmp_path: Path) -> None:
    path = written(tmp_path, glb(TRIANGLE))

    found = inspect_glb(path, LIMITS)

    assert (found.kind, found.mime, found.triangles) == (Kind.MODEL, "model/gltf-binary", 1)
    assert inspect(path, LIMITS) == found
    assert probe(path, LIMITS, "").triangles == 1


@pytest.mark.parametrize(("mode", "corners", "triangles"), [(4, 9, 3), (5, 9, 7), (6, 9, 7)])
def test_triangles_are_counted_by_how_corners_are_joined(
    tmp_path: Path, mode: int, corners: int, triangles: int
) -> None:
    part = {"attributes": {"POSITION": 0}, "mode": mode}
    accessors = [{"count": corners, "componentType": 5126, "type": "VEC3"}]

    found = inspect_glb(
        written(tmp_path, glb(TRIANGLE | {"meshes": [{"primitives": [part]}], "accessors": accessors})), LIMITS
    )

    assert found.triangles == triangles


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"gltf" + bytes(40), "is no GLB file"),
        (b"glTF", "is no GLB file"),
        (glb(TRIANGLE, version=1), "version 1, 2 can be opened"),
        (glb(TRIANGLE)[:-4], "declares .* bytes and has"),
        (glb(TRIANGLE, longer=4) + bytes(4), "is cut off"),
        (struct.pack("<4sII", b"glTF", 2, 12), "does not begin with its description"),
        (glb(b"{"), "cannot be read"),
        (glb(b"\xff\xfe  "), "cannot be read"),
        (glb(b"[]"), "without an asset"),
        (glb({"asset": {"version": "2.0"}}), "holds no mesh"),
        (glb(TRIANGLE | {"meshes": []}), "holds no mesh"),
        (glb(TRIANGLE | {"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 0}]}]}), "holds no mesh"),
        (glb(TRIANGLE | {"accessors": []}), "describes itself wrongly"),
        (glb(TRIANGLE | {"meshes": [5]}), "describes itself wrongly"),
        (glb(TRIANGLE, bytes(8)), "buffer is longer than its bytes"),
        (glb(TRIANGLE | {"bufferViews": [{"buffer": 0, "byteLength": 40}]}), "ends behind its buffer"),
        (glb(TRIANGLE | {"images": [{"uri": "https://example.org/skin.png"}]}), "refers to another file"),
        (glb(TRIANGLE | {"buffers": [{"uri": "mesh.bin", "byteLength": 36}]}), "refers to another file"),
    ],
)
def test_what_is_not_whole_is_refused_for_its_reason(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(Corrupt, match=said):
        inspect_glb(written(tmp_path, content), LIMITS)


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(Corrupt, match="the limit is 100"):
        read_glb(written(tmp_path, glb(TRIANGLE)), MediaLimits(max_bytes=100))
