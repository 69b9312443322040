"""Histories to sign, and the manifests that came of them."""

from __future__ import annotations

import json
from pathlib import Path

import c2pa

from pressroom.domain.content_hash import file_digest
from pressroom.provenance.history import Ancestor, History

MIMES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".tiff": "image/tiff",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".pdf": "application/pdf",
}


def drawn(**changes: object) -> History:
    values = {"operation": "generate_image", "version": 1, "maker": "local/vector", "params_digest": "0" * 64}
    return History(**(values | changes))  # type: ignore[arg-type]


def ancestor(path: Path, **more: object) -> Ancestor:
    digest = file_digest(path)
    return Ancestor(f"a{digest[:20]}", digest, path, MIMES[path.suffix], **more)  # type: ignore[arg-type]


def resized(*ancestors: Ancestor) -> History:
    return drawn(operation="resize", maker="local/renditions", ancestors=ancestors)


def manifests_of(path: Path) -> dict[str, object]:
    with c2pa.Reader(MIMES[path.suffix], path.open("rb")) as reader:
        return dict(json.loads(reader.json()))
