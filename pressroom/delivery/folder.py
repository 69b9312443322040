"""Put a run's deliverables where a person looks for them: readable names in one folder, replaced as a whole.

The new delivery is built beside the old one and takes its place by renaming, so an earlier delivery is never half
overwritten. Files that Pressroom did not put there are carried over.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pressroom.domain.content_hash import file_digest
from pressroom.domain.errors import Corrupt
from pressroom.storage.base import ObjectStore

MANIFEST = ".pressroom.json"


def deliver(
    store: ObjectStore,
    folder: Path,
    files: Mapping[str, str],
    extra: Callable[[Path], Iterable[Path]] = lambda folder: (),
) -> None:
    """Make `folder` hold these files (name -> SHA-256), what `extra(new folder)` writes, and what others put there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder.parent):
        recover(folder)
        new = folder.with_name(f".{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        try:
            _fill(store, folder, new, files, extra)
            _swap(folder, new)
        finally:
            shutil.rmtree(new, ignore_errors=True)


@contextmanager
def _alone_in(parent: Path) -> Iterator[None]:
    """Two runs of one campaign deliver one after the other; the lock ends with its process."""
    descriptor = os.open(parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fill(
    store: ObjectStore,
    folder: Path,
    new: Path,
    files: Mapping[str, str],
    extra: Callable[[Path], Iterable[Path]],
) -> None:
    """Put these files into `new`, and from `folder` what did not change and what others put there."""
    before = _manifest(folder)
    for name, sha256 in files.items():
        # Hashed, not believed: somebody may have edited the file that was delivered.
        if before.get(name) == sha256 and (folder / name).is_file() and file_digest(folder / name) == sha256:
            _link(folder / name, new / name)
        else:
            _fetch(store, sha256, new / name)
    written = [path.name for path in extra(new)]
    (new / MANIFEST).write_text(json.dumps({"files": dict(files), "written": written}, indent=1) + "\n")
    ours = {*before, *_written(folder), MANIFEST}
    if folder.is_dir():
        for path in folder.iterdir():
            if path.name not in ours and not (new / path.name).exists():
                _carry(path, new / path.name)


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


def _fetch(store: ObjectStore, sha256: str, target: Path) -> None:
    try:
        store.get(sha256, target)
    except KeyError as exc:
        raise lost(target.name, sha256) from exc


def lost(name: str, sha256: str) -> Corrupt:
    """What to say of a file whose bytes the store does not have."""
    return Corrupt(
        f"{name} is in the library, but its media ({sha256[:12]}) is not in the store",
        hint='make it again with --refresh STEP, or --refresh "*"',
    )


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
