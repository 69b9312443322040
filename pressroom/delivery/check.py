"""Whether a folder can take a delivery, told before anything is bought. Looks, and writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pressroom.delivery.names import MOST_NAME_BYTES
from pressroom.delivery.place import BucketPlace, Place
from pressroom.domain.bucket import MOST_KEY_BYTES
from pressroom.domain.errors import Problem

# The contact sheet of a small run with its pictures; what the files need beside it is known only when they are made.
LEAST_FREE_BYTES = 1_000_000
LEAST_BYTES_EACH = 4_096  # a block: no file takes less
_BESIDE = len("-r0123456789abcdef")  # what the names of folders beside it add: `.NAME.new`, `NAME-RUN`
_RUN = "r0123456789abcdef/"  # each run has a folder of its own in a bucket
_SHOWN = 3


def check(folder: Place, names: Iterable[str]) -> list[Problem]:
    """Everything that speaks against delivering files of these names into this folder."""
    names = list(dict.fromkeys(names))
    if isinstance(folder, BucketPlace):
        return list(_of_the_keys(folder, names))
    found = folder.absolute()
    try:
        broken = next((part for part in (found, *found.parents) if part.is_symlink() and not part.exists()), None)
        if broken is not None:
            return [_problem(f"{broken} is a link to what is not there", "choose another folder with --out")]
        if found.exists() and not found.is_dir():
            return [_problem(f"{folder} is a file, not a folder", "choose another folder with --out")]
        standing = next(parent for parent in found.parents if parent.exists())
        problems = list(_of_the_place(found, standing))
        return problems or [*_of_the_room(found, standing, len(names)), *_of_the_names(found, standing, names)]
    except OSError as exc:
        return [_problem(f"{folder} cannot be used: {exc.strerror or exc}", "choose another folder with --out")]


def _of_the_keys(place: BucketPlace, names: list[str]) -> Iterable[Problem]:
    longest = max((len(place.key(name).encode()) for name in names), default=0) + len(_RUN)
    if longest > MOST_KEY_BYTES:
        message = f"keys in {place} have {longest:,} bytes, the limit is {MOST_KEY_BYTES:,}"
        yield _problem(message, "choose a shorter folder with --out")


def _of_the_place(folder: Path, standing: Path) -> Iterable[Problem]:
    """The new delivery is built beside the old one and takes its place, so the folder above it must be writable."""
    if not standing.is_dir():
        yield _problem(f"{standing} is a file, so {folder} cannot be made", "choose another folder with --out")
    elif not os.access(standing, os.W_OK | os.X_OK):
        yield _problem(f"{standing} cannot be written, so {folder} cannot be delivered", "choose another with --out")
    elif folder.is_dir() and os.path.ismount(folder):
        hint = "mount the folder above it, or choose another with --out"
        yield _problem(f"{folder} is a mount point, which cannot be replaced as a whole", hint)
    elif folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        yield _problem(f"{folder} cannot be read, so its delivery cannot be replaced", "choose another with --out")


def _of_the_room(folder: Path, standing: Path, count: int) -> Iterable[Problem]:
    try:
        found = os.statvfs(standing)
    except OSError:
        return  # some network file systems do not tell
    free, needed = found.f_bavail * found.f_frsize, LEAST_FREE_BYTES + count * LEAST_BYTES_EACH
    # A file system that counts nothing (0 of 0 blocks, 0 inodes) tells nothing.
    if found.f_blocks and free < needed:
        message = f"{folder} has {free:,} bytes free, the files and the contact sheet need {needed:,} or more"
        yield _problem(message, "make room or choose another folder with --out")
    elif found.f_files and found.f_favail < count:
        message = f"{folder} has room for {found.f_favail:,} more files, the delivery has {count:,}"
        yield _problem(message, "make room or choose another folder with --out")


def _of_the_names(folder: Path, standing: Path, names: list[str]) -> Iterable[Problem]:
    name_bytes, path_bytes = _limits(standing)
    made = folder.relative_to(standing).parts
    long = [name for name in made if len(os.fsencode(name)) + _BESIDE * (name == folder.name) > name_bytes]
    long += [name for name in names if len(os.fsencode(name)) > name_bytes]
    if long:
        shown = ", ".join(f"{name[:40]}…" if len(name) > 40 else name for name in long[:_SHOWN])
        message = f"{folder.parent} takes names of {name_bytes} bytes, too long: {shown}"
        yield _problem(message, "choose a folder on another file system with --out, or shorter names")
    longest = max((len(os.fsencode(name)) for name in names), default=0)
    whole = len(os.fsencode(folder)) + _BESIDE + 1 + longest
    if whole >= path_bytes:
        yield _problem(f"paths in {folder} have {whole:,} bytes, the limit is {path_bytes:,}", "choose a shorter path")


def _limits(standing: Path) -> tuple[int, int]:
    """The longest name and path that the file system takes."""
    try:
        return os.pathconf(standing, "PC_NAME_MAX"), os.pathconf(standing, "PC_PATH_MAX")
    except (OSError, ValueError):
        return MOST_NAME_BYTES, 4_096


def _problem(message: str, hint: str) -> Problem:
    return Problem("delivery", message, hint)
