"""Streams of bytes for the stores: hashed on the way, names checked, files that appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pressroom.domain.content_hash import CHUNK_BYTES
from pressroom.domain.errors import Corrupt, Invalid, PressroomError, Refused, Retryable

_NAME = re.compile(r"[0-9a-f]{64}")
_HINTS = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some space or raise the disk quota",
    errno.EFBIG: "the file system or the process allows only smaller files",
    errno.EACCES: "give this user the right to write there, or choose another folder",
    errno.EPERM: "give this user the right to write there, or choose another folder",
    errno.EROFS: "the file system is read-only: choose another folder",
    errno.ENOTDIR: "a file stands where a folder is needed: choose another folder",
    errno.EEXIST: "a file stands where a folder is needed: choose another folder",
    errno.EISDIR: "a folder stands where a file is needed: choose another name",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENODEV: "the device is gone: mount it again",
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def object_name(sha256: str) -> str:
    """The name itself, once it is sure to be a lower-case SHA-256: nothing else may become part of a path or key."""
    if not isinstance(sha256, str) or not _NAME.fullmatch(sha256):
        raise Invalid(
            f"{sha256!r:.100} is not the name of an object", hint="names are the 64 lower-case hex digits of a SHA-256"
        )
    return sha256


def copy_hashed(source: BinaryIO, sink: BinaryIO | None) -> tuple[str, int]:
    """Copy (only read, without a sink) what is left of `source`; returns its SHA-256 and its size in bytes."""
    hashed, size_bytes = hashlib.sha256(), 0
    while chunk := _read(source):
        hashed.update(chunk)
        if sink is not None:
            sink.write(chunk)
        size_bytes += len(chunk)
    return hashed.hexdigest(), size_bytes


def _read(source: BinaryIO) -> bytes:
    try:
        return source.read(CHUNK_BYTES)
    except OSError as exc:
        raise Retryable(f"the source could not be read to its end: {exc}") from exc


def require_same(wanted: str, found: str, place: str) -> None:
    """Raises Corrupt when the bytes read under the name `wanted` hash to something else."""
    if wanted != found:
        raise Corrupt(
            f"object {wanted} in {place} is damaged: its bytes now hash to {found}",
            hint="delete it, then make or store it again",
            sha256=wanted,
        )


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    """A readable stream of a path (closed afterwards) or of a stream (left open).

    Raises Invalid for a path that cannot be read.
    """
    if not isinstance(source, Path):
        yield source
        return
    try:
        file = source.open("rb")
    except OSError as exc:
        raise Invalid(
            f"cannot read {source}: {exc.strerror}", hint="check that the file exists and may be read"
        ) from exc
    with file:
        yield file


@contextmanager
def written_whole(target: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of `target` when the block ends well, and leaves no trace when it does not."""
    temporary = target.with_name(f".{secrets.token_hex(16)}.part")
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as sink:
                yield sink
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turns the operating system's complaints about `place` into ours."""
    try:
        yield
    except OSError as exc:
        raise disk_error(exc, place) from exc


def disk_error(exc: OSError, place: Path) -> PressroomError:
    """Refused with what to do where a person must act (room, rights); Retryable for trouble that may pass."""
    where = exc.filename or place
    message = f"{where}: {exc.strerror or exc}"
    hint = _HINTS.get(exc.errno or 0)
    return Refused(message, hint=hint) if hint else Retryable(message, hint="the disk did not answer as it should")


@contextmanager
def room_in(place: Path) -> Iterator[None]:
    """Says that `place` is full where a library inside the block says so, in whatever words and however deep.

    Codecs and child processes pass on what the system told them as text, among lines of their own.
    """
    try:
        yield
    except Exception as exc:
        found = no_room(exc, place)
        if found is None or isinstance(exc, Refused):
            raise
        raise found from exc


def no_room(exc: BaseException, place: Path) -> PressroomError | None:
    """What to tell where a full disk, a quota or a limit on files is behind an error; None for every other error."""
    cause: BaseException | None = exc
    while cause is not None:
        text = str(cause)
        number = next((each for each in _NO_ROOM if os.strerror(each) in text), None)
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            number = cause.errno
        if number is not None:
            return disk_error(OSError(number, os.strerror(number)), place)
        cause = cause.__cause__ or cause.__context__
    return None


def make_folder(folder: Path) -> None:
    """Make the folder and its parents so that they survive a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_file(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make new names in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as exc:
        if exc.errno != errno.EINVAL:  # some network file systems cannot sync a folder
            raise
    finally:
        os.close(handle)
