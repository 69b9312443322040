"""Three-dimensional models in one file (GLB): opened without drawing them, and measured.

Layout: glTF 2.0 specification, chapter 4 (Khronos Group, 2021): a header of three words, a chunk of JSON, a chunk of bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.media_limits import MediaLimits

SIGNATURE: Final = b"glTF"
VERSION: Final = 2
JSON_CHUNK, BYTES_CHUNK = 0x4E4F534A, 0x004E4942
_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<II")
_MOST_JSON_BYTES = 16_000_000
_TRIANGLES, _STRIP, _FAN = 4, 5, 6  # primitive.mode, 5.24.4; those below are points and lines


@dataclass(frozen=True, slots=True)
class Glb:
    """A file's description (`asset`, `meshes`, `accessors` and the like) and its bytes."""

    document: Mapping[str, Any]
    data: bytes


def read_glb(path: Path, limits: MediaLimits) -> Glb:
    """The parts of a file. Raises Corrupt where it is not what its header says."""
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise _corrupt(path, f"has {size:,} bytes, the limit is {limits.max_bytes:,}")
    content = path.read_bytes()
    if size < _HEADER.size or content[:4] != SIGNATURE:
        raise _corrupt(path, "is no GLB file")
    _, version, length = _HEADER.unpack_from(content)
    if version != VERSION:
        raise _corrupt(path, f"is GLB of version {version}, {VERSION} can be opened")
    if length != size:
        raise _corrupt(path, f"declares {length:,} bytes and has {size:,}")
    chunks = list(_chunks(path, content))
    if not chunks or chunks[0][0] != JSON_CHUNK:
        raise _corrupt(path, "does not begin with its description")
    data = chunks[1][1] if len(chunks) > 1 and chunks[1][0] == BYTES_CHUNK else b""
    return Glb(_document(path, chunks[0][1]), data)


def inspect_glb(path: Path, limits: MediaLimits) -> MediaInfo:
    """A model that holds at least one mesh, with everything it needs in the file. Raises Corrupt otherwise."""
    found = read_glb(path, limits)
    try:
        _check_within(path, found)
        triangles = sum(map(int, _triangles(found.document)))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as exc:
        raise _corrupt(path, f"describes itself wrongly: {type(exc).__name__} {exc}") from exc
    if triangles < 1:
        raise _corrupt(path, "holds no mesh")
    return MediaInfo(Kind.MODEL, mime_of("glb"), size_bytes=path.stat().st_size, triangles=triangles)


def _chunks(path: Path, content: bytes) -> Iterator[tuple[int, bytes]]:
    at = _HEADER.size
    while at < len(content):
        if at + _CHUNK.size > len(content):
            raise _corrupt(path, "is cut off")
        size, kind = _CHUNK.unpack_from(content, at)
        at += _CHUNK.size
        if at + size > len(content):
            raise _corrupt(path, "is cut off")
        yield kind, content[at : at + size]
        at += size


def _document(path: Path, text: bytes) -> Mapping[str, Any]:
    if len(text) > _MOST_JSON_BYTES:
        raise _corrupt(path, f"has a description of {len(text):,} bytes, the limit is {_MOST_JSON_BYTES:,}")
    try:
        document = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as exc:
        raise _corrupt(path, f"has a description that cannot be read: {exc}") from exc
    if not isinstance(document, dict) or not isinstance(document.get("asset"), dict):
        raise _corrupt(path, "has a description without an asset")
    return document


def _check_within(path: Path, found: Glb) -> None:
    """Everything that is referred to is in the file, and not beyond its end."""
    for part in (*found.document.get("buffers", ()), *found.document.get("images", ())):
        if not str(part.get("uri", "data:")).startswith("data:"):
            raise _corrupt(path, "refers to another file")
    buffers = found.document.get("buffers", [])
    if buffers and "uri" not in buffers[0] and buffers[0]["byteLength"] > len(found.data):
        raise _corrupt(path, "is cut off: its buffer is longer than its bytes")
    for view in found.document.get("bufferViews", ()):
        if view.get("byteOffset", 0) + view["byteLength"] > buffers[view["buffer"]]["byteLength"]:
            raise _corrupt(path, "is cut off: a view ends behind its buffer")


def _triangles(document: Mapping[str, Any]) -> Iterator[int]:
    accessors = document.get("accessors", [])
    for mesh in document.get("meshes", ()):
        for part in mesh["primitives"]:
            mode = part.get("mode", _TRIANGLES)
            corners = int(accessors[part["indices"] if "indices" in part else part["attributes"]["POSITION"]]["count"])
            yield corners // 3 if mode == _TRIANGLES else corners - 2 if mode in (_STRIP, _FAN) else 0


def _corrupt(path: Path, what: str) -> Corrupt:
    return Corrupt(f"{path.name} {what}", hint="make or export it again", path=str(path))
