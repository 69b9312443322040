"""What a campaign may name: files of its own folder. A campaign may come from a stranger, so it never reaches outside."""

from __future__ import annotations

import posixpath
from typing import Final

OUTSIDE_HINT: Final = "put the file into the campaign's folder, or pass it yourself: -i NAME=PATH, --feed FILE"


FONT_SUFFIXES: Final = (".ttf", ".otf", ".ttc", ".woff", ".woff2")
ASSET: Final = "asset:"  # before the id or SHA-256 of an asset of the library, or its beginning
_REFERENCES: Final = (ASSET, "https:", "http:")


class MediaPath(str):
    """A path of an input: variants are named after the file, not after all folders above it."""

    __slots__ = ()


def is_reference(path: str) -> bool:
    """Whether this names an asset or a page of the web, and no file of a folder."""
    return path.lower().startswith(_REFERENCES)


def as_reference(name: str) -> str:
    """`asset:ID` of a bare id; what names an asset or a page already stays as it is."""
    return name if is_reference(name) else f"{ASSET}{name}"


def is_pattern(path: str) -> bool:
    """Whether this stands for several files: `photos/*.jpg`."""
    return not is_reference(path) and any(mark in path for mark in "*?[")


def leaves_folder(path: str) -> bool:
    """Whether a path, as written, leads out of the folder it starts from."""
    return path.startswith(("/", "~")) or posixpath.normpath(path).split("/")[0] == ".."


def outside(path: str) -> str:
    """What is wrong with such a path, in words."""
    return f"{path} leads out of the campaign's folder"
