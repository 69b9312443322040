"""Put a run's deliverables where a person looks for them: readable names in one folder, replaced as a whole.

The new delivery is built beside the old one and takes its place by renaming, so an earlier delivery is never half
overwritten. Files that Pressroom did not put there are carried over.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from pressroom.assets import Asset
from pressroom.canonical import file_digest
from pressroom.planning.values import Node
from pressroom.ports import ObjectStore

MANIFEST = ".pressroom.json"
SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "video/quicktime": ".mov",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/x-wav": ".wav",
}


def delivery_name(node: Node, asset: Asset) -> str:
    """`posts-beach-2.instagram.feed_square.jpg`: step, variant, then placement or label."""
    stem = "-".join([node.step, *(name for _, name in node.variant)])
    tail = asset.placement or asset.label
    suffix = SUFFIXES.get(asset.mime) or "." + asset.mime.partition("/")[2].removeprefix("x-")
    # A kept source beside its picture differs by its suffix alone.
    return f"{stem}.{tail}{suffix}" if tail and f".{tail}" != suffix else f"{stem}{suffix}"


def deliver(
    store: ObjectStore,
    folder: Path,
    files: Mapping[str, str],
    extra: Callable[[Path], Iterable[Path]] = lambda folder: (),
) -> None:
    """Make `folder` hold these files (name -> SHA-256), what `extra(new folder)` writes, and what others put there."""
    recover(folder)
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    before = _manifest(folder)
    for name, sha256 in files.items():
        # Hashed, not believed: somebody may have edited the file that was delivered.
        if before.get(name) == sha256 and (folder / name).is_file() and file_digest(folder / name) == sha256:
            _link(folder / name, new / name)
        else:
            store.get(sha256, new / name)
    written = [path.name for path in extra(new)]
    (new / MANIFEST).write_text(json.dumps({"files": dict(files), "written": written}, indent=1) + "\n")
    ours = {*before, *_written(folder), MANIFEST}
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name not in ours and not (new / path.name).exists():
                _carry(path, new / path.name)
    _swap(folder, new)


def recover(folder: Path) -> None:
    """Put an earlier delivery back that a crash left set aside."""
    old = folder.with_name(f".{folder.name}.old")
    if old.is_dir() and not folder.exists():
        old.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _swap(folder: Path, new: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    if folder.exists():
        folder.replace(old)
    new.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _carry(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=lambda a, b: _link(Path(a), Path(b)))
    else:
        with suppress(FileNotFoundError):
            _link(source, target)


def _read(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _manifest(folder: Path) -> dict[str, str]:
    files = _read(folder).get("files", {})
    return files if isinstance(files, dict) else {}


def _written(folder: Path) -> list[str]:
    names = _read(folder).get("written", [])
    return names if isinstance(names, list) else []
