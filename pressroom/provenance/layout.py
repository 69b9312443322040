"""A file as it is going to be: XMP among its pieces, and a gap of known size for the manifest that is signed over the rest."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeAlias

from pressroom.domain.errors import Corrupt

Data: TypeAlias = bytes | mmap.mmap
Piece: TypeAlias = bytes | memoryview

C2PA_BOX: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
# Nothing in these boxes is shown or played; the first is the manifest's own (C2PA specification 2.3, 18.6.2).
_UNBOUND: Final = (b"ftyp", b"mfra", b"free", b"skip")
_EXCLUDED: Final = [
    {"xpath": "/uuid", "data": [{"offset": 8, "value": list(C2PA_BOX)}]},
    *({"xpath": f"/{kind.decode()}"} for kind in _UNBOUND),
]
# The numbers of a data hash take one to nine bytes each; the padding makes up for it, so that the size is known before.
_PADDING: Final = 48


@dataclass(frozen=True, slots=True)
class Gap:
    """Room for a manifest store of `store_bytes`, zero for none, and how the format wraps one."""

    store_bytes: int
    wrap: Callable[[bytes], bytes]

    @property
    def size(self) -> int:
        return len(self.wrap(bytes(self.store_bytes))) if self.store_bytes else 0


@dataclass(frozen=True, slots=True)
class Layout:
    """All pieces of a file in their order. Those of ISO media (`boxed`) are one top-level box each."""

    before: Sequence[Piece]
    gap: Gap
    after: Sequence[Piece]
    boxed: bool = False

    @property
    def size(self) -> int:
        return sum(map(len, self.before)) + self.gap.size + sum(map(len, self.after))

    def pieces(self, store: bytes = b"") -> list[Piece]:
        """The file with this manifest store. Raises Corrupt for one of another size than the gap is for."""
        if len(store) != self.gap.store_bytes:
            raise Corrupt(f"a manifest of {len(store)} bytes does not fit a gap for {self.gap.store_bytes}")
        return [*self.before, self.gap.wrap(store) if store else b"", *self.after]

    def binding(self) -> dict[str, Any]:
        """The assertion that binds a manifest in the gap to everything around it."""
        return _box_hash(self._bound_boxes()) if self.boxed else self._data_hash()

    def _data_hash(self) -> dict[str, Any]:
        digest = sha256()
        for piece in (*self.before, *self.after):
            digest.update(piece)
        return _data_hash(sum(map(len, self.before)), self.gap.size, digest.digest())

    def _bound_boxes(self) -> bytes:
        digest, at = sha256(), 0
        for piece in self.pieces(bytes(self.gap.store_bytes)):
            if _is_bound(bytes(piece[4:24])):
                digest.update(struct.pack(">Q", at))
                digest.update(piece)
            at += len(piece)
        return digest.digest()


def _is_bound(head: bytes) -> bool:
    """Whether the box whose kind and first bytes these are takes part in the hash."""
    return head[:4] not in _UNBOUND and head != b"uuid" + C2PA_BOX


def blank_binding(*, boxed: bool) -> dict[str, Any]:
    """One of the same size that binds to nothing, to measure with."""
    return _box_hash(bytes(32)) if boxed else _data_hash(0, 0, bytes(32))


def _data_hash(start: int, length: int, digest: bytes) -> dict[str, Any]:
    """C2PA specification 2.3, 18.5."""
    padding = _PADDING - _number_bytes(start) - _number_bytes(length)
    return {
        "label": "c2pa.hash.data",
        "data": {
            "exclusions": [{"start": start, "length": length}],
            "name": "jumbf manifest",
            "alg": "sha256",
            "hash": list(digest),
            "pad": [0] * padding,
        },
    }


def _number_bytes(value: int) -> int:
    """What CBOR needs for a number (RFC 8949, 3)."""
    return next(
        size for size, limit in ((1, 24), (2, 1 << 8), (3, 1 << 16), (5, 1 << 32), (9, 1 << 64)) if value < limit
    )


def _box_hash(digest: bytes) -> dict[str, Any]:
    """C2PA specification 2.3, 18.6: every box with its offset before it."""
    data = {"exclusions": _EXCLUDED, "alg": "sha256", "hash": list(digest), "name": "jumbf manifest"}
    return {"label": "c2pa.hash.bmff.v3", "data": data}


def mapped(path: Path) -> Data:
    """The bytes of a file without copying them. It may be replaced meanwhile, not changed."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""


def holds_any(data: Data, marks: Iterable[bytes]) -> bool:
    return any(data.find(mark) >= 0 for mark in marks)
