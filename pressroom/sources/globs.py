"""Files of a folder by a pattern: `photos`, `photos/*.jpg`, `photos/**/*`. In one order, bounded, and never outside.

Hidden files and folders are left out. Links to folders are not entered; a link to a file counts where it stays inside,
and one that leads out is refused, because somebody expects that file to be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Final

from pressroom.campaign.paths import is_pattern, outside
from pressroom.domain.errors import Invalid

MAX_LOOKED_AT: Final = 100_000


def files_of(folder: Path, pattern: str, most: int, *, inside: Path | None) -> list[str]:
    """The paths that fit, as the pattern begins them, in the byte order of their names. Raises Invalid.

    `inside` is the folder that no link may lead out of; None lets them lead anywhere.
    """
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    first = next((number for number, part in enumerate(parts) if is_pattern(part)), len(parts))
    fixed, rest = "/".join(parts[:first]), parts[first:] or ["*"]
    start = f"/{fixed}" if pattern.startswith("/") else fixed
    root = folder / start
    if inside is not None and not _stays(root, inside):
        raise Invalid(outside(pattern))
    if inside is not None and any(part.startswith(".") and part != ".." for part in parts[:first]):
        raise Invalid(f"{start} is hidden", hint="hidden files and folders are left out")  # a home, for instance
    if not root.is_dir():
        raise Invalid(f"there is no folder {start or '.'}", hint="check the path")
    depth = None if "**" in rest else len(rest)
    entries = islice(_walk(root, depth), MAX_LOOKED_AT + 1)
    looked_at, found = 0, []
    for looked_at, name in enumerate(entries, 1):  # noqa: B007 - counted for the limit
        if _fits(name.split("/"), rest):
            found.append(name)
    if looked_at > MAX_LOOKED_AT:
        raise Invalid(f"{pattern} looks through more than {MAX_LOOKED_AT:,} files", hint="name a smaller folder")
    if not found:
        raise Invalid(f"{pattern} finds no file", hint="capital letters count; hidden files are left out")
    if len(found) > most:
        raise Invalid(f"{pattern} finds more than {most:,} files", hint="name fewer, or raise max_nodes")
    for name in found:
        if inside is not None and not _stays(root / name, inside):
            raise Invalid(outside(_below(start, name)))
    return [_below(start, name) for name in sorted(found, key=os.fsencode)]


def _below(start: str, name: str) -> str:
    return f"{start}/{name}" if start else name


def _walk(root: Path, depth: int | None, below: str = "") -> Iterator[str]:
    """Paths of the files below `root`, from there, at most `depth` names deep."""
    try:
        entries = sorted(os.scandir(root / below), key=lambda entry: os.fsencode(entry.name))
    except OSError as exc:
        raise Invalid(f"the folder {root / below} cannot be read: {exc.strerror}", hint="check its rights") from exc
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if depth is None or depth > 1:
                yield from _walk(root, depth and depth - 1, f"{name}/")
        elif not entry.is_dir():
            yield name


def _fits(names: list[str], parts: list[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_fits(names[skipped:], parts[1:] or ["*"]) for skipped in range(len(names)))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _fits(names[1:], parts[1:])


def _stays(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
