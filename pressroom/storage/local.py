"""ObjectStore in a folder: `ab/cd/<sha256>`, read-only files.

Bytes arrive in `.incoming` on the same file system, are synced, and get their final name by one rename.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pressroom.domain.media import UNKNOWN_MIME
from pressroom.storage.streams import (
    copy_hashed,
    disk_errors,
    make_folder,
    object_name,
    opened,
    require_same,
    sync_file,
    sync_folder,
    written_whole,
)

INCOMING = ".incoming"
_NAME = re.compile("[0-9a-f]{64}")
_SWEPT_AT_ONCE = 500
LEFTOVER_SECONDS = 86_400  # nobody writes one object for a day without adding a byte: its writer was killed
_WRITE_BITS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class LocalStore:
    """Opening touches nothing: the folder is made, and leftovers of killed writers are removed, with the first put."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._swept = False

    def put(self, source: Path | BinaryIO, mime: str = UNKNOWN_MIME) -> str:
        """As in ObjectStore. `mime` is not kept: the library knows it."""
        with disk_errors(self._root), opened(source) as stream, self._arriving() as temporary:
            with temporary.open("xb") as sink:
                sha256, _ = copy_hashed(stream, sink)
                sync_file(sink)
            self._publish(temporary, self._path(sha256))
        return sha256

    def get(self, sha256: str, target: Path) -> None:
        with self._reading(sha256) as source, written_whole(target) as sink:
            found, _ = copy_hashed(source, sink)
            require_same(sha256, found, str(self._root))

    def has(self, sha256: str) -> bool:
        path = self._path(sha256)
        with disk_errors(self._root):
            return path.is_file()

    def size_bytes(self, sha256: str) -> int:
        with self._reading(sha256) as source:
            return os.fstat(source.fileno()).st_size

    def local_path(self, sha256: str) -> Path | None:
        """The object's file (read-only: link or copy it, never write it), or None when it is not there."""
        return self._path(sha256) if self.has(sha256) else None

    def delete(self, sha256: str) -> None:
        path = self._path(sha256)
        with disk_errors(self._root):
            path.unlink(missing_ok=True)

    def sweep(self, used: Callable[[Sequence[str]], Collection[str]], now: float) -> tuple[int, int]:
        """As in SweepableStore.

        A put gives an object a new file, so that one of today is never old. Each is moved aside before it is looked at for
        the last time: one that was put again meanwhile has its name back.
        """
        removed, size_bytes = 0, 0
        with disk_errors(self._root):
            old = self._old(now - LEFTOVER_SECONDS)
            while names := list(islice(old, _SWEPT_AT_ONCE)):
                for name in set(names) - set(used(names)):
                    freed = self._discard(self._path(name), now - LEFTOVER_SECONDS)
                    removed, size_bytes = removed + (freed > 0), size_bytes + freed
        return removed, size_bytes

    def _old(self, oldest: float) -> Iterator[str]:
        for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):
                if _NAME.fullmatch(path.name) and path.stat().st_mtime < oldest:
                    yield path.name

    def _discard(self, path: Path, oldest: float) -> int:
        """The bytes that this frees."""
        with self._arriving() as aside:
            try:
                path.rename(aside)
            except FileNotFoundError:
                return 0
            found = aside.stat()
            if found.st_mtime >= oldest:
                aside.replace(path)
                return 0
            return found.st_size

    def check(self) -> str:
        probe = f"pressroom check {secrets.token_hex(16)}".encode()
        sha256 = self.put(BytesIO(probe))
        try:
            with self._reading(sha256) as source:
                require_same(sha256, copy_hashed(source, None)[0], str(self._root))
        finally:
            self.delete(sha256)
        with disk_errors(self._root):
            free_bytes = shutil.disk_usage(self._root).free
        return f"folder {self._root}: written and read back, {free_bytes / 1e9:.1f} GB free"

    def _path(self, sha256: str) -> Path:
        name = object_name(sha256)
        return self._root / name[:2] / name[2:4] / name

    @contextmanager
    def _reading(self, sha256: str) -> Iterator[BinaryIO]:
        path = self._path(sha256)
        with disk_errors(self._root):
            try:
                file = path.open("rb")
            except FileNotFoundError:
                raise KeyError(sha256) from None
            with file:
                yield file

    @contextmanager
    def _arriving(self) -> Iterator[Path]:
        folder = self._root / INCOMING
        make_folder(folder)
        if not self._swept:
            _sweep(folder)
            self._swept = True
        temporary = folder / secrets.token_hex(16)
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _publish(self, temporary: Path, path: Path) -> None:
        make_folder(path.parent)
        temporary.chmod(stat.S_IMODE(temporary.stat().st_mode) & ~_WRITE_BITS)
        # Replaces an object of the same name: equal bytes do no harm, and a damaged one is mended.
        temporary.replace(path)
        sync_folder(path.parent)


def _sweep(folder: Path) -> None:
    oldest = time.time() - LEFTOVER_SECONDS
    for entry in os.scandir(folder):
        try:
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                Path(entry.path).unlink(missing_ok=True)
        except FileNotFoundError:
            continue  # another process sweeps too, or its put has just ended
