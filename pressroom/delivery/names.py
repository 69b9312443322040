"""What delivered files are called: readable, all different on any file system, never longer than one takes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from pressroom.domain.content_hash import digest
from pressroom.domain.media import Asset, suffix_for
from pressroom.planning.plan import Action, Node, Plan

MOST_NAME_BYTES = 255  # of ext4, XFS, APFS and NTFS; NAME_MAX of POSIX systems
_MARK_CHARACTERS = 8  # of a digest, where a name alone does not tell two files apart or had to be cut
_MOST_ENDING_BYTES = 100  # a longer tail is cut as part of the name, not kept

FileKey = tuple[str, str]


def delivery_name(node: Node, asset: Asset) -> str:
    """`posts-beach-2.instagram.feed_square.jpg`: step, variant, then placement or label."""
    return _name(node, asset.placement or asset.label, asset.mime)


def delivery_names(files: Iterable[tuple[Node, Asset]]) -> dict[FileKey, str]:
    """(node id, asset id) -> file name. Where two different files would share a name, both are marked."""
    wanted = [((node.id, asset.id), delivery_name(node, asset), asset.sha256) for node, asset in files]
    return distinct(wanted)


def planned_names(plan: Plan) -> dict[FileKey, str]:
    """(node id, label) -> file name, as far as the plan knows: types that are decided by content are not known."""
    return distinct(
        ((node.id, label), _name(node, label or node.placement, info.mime), f"{node.key} {label}")
        for node in plan.nodes
        if node.deliver and node.action is not Action.BLOCKED
        for label, info in node.outputs
    )


def distinct(wanted: Iterable[tuple[FileKey, str, str]]) -> dict[FileKey, str]:
    """Key -> name, from (key, wanted name, what names the content). Equal content under one name stays one file.

    Names that differ in case or in the form of their accents alone are one name to many file systems.
    """
    files = list(wanted)
    for characters in range(_MARK_CHARACTERS, 65, _MARK_CHARACTERS):
        named = _named(files, characters)
        if len({_folded(name) for name in named.values()}) == len({(name, content) for _, name, content in files}):
            break
    return named


def _named(files: Iterable[tuple[FileKey, str, str]], characters: int) -> dict[FileKey, str]:
    shared: dict[str, set[tuple[str, str]]] = {}
    for _, name, content in files:
        shared.setdefault(_folded(fitted(name)), set()).add((name, content))
    return {
        key: fitted(name, digest([name, content])[:characters] if len(shared[_folded(fitted(name))]) > 1 else "")
        for key, name, content in files
    }


def fitted(name: str, mark: str = "") -> str:
    """The name with its mark, cut to what file systems take; its suffix stays, and what is cut leaves a mark."""
    stem, ending = _parted(name)
    whole = f"{stem}-{mark}{ending}" if mark else name
    if len(whole.encode()) <= MOST_NAME_BYTES:
        return whole
    mark = mark or digest(name)[:_MARK_CHARACTERS]
    room = MOST_NAME_BYTES - len(f"-{mark}{ending}".encode())
    return f"{_cut(stem, room)}-{mark}{ending}"


def _parted(name: str) -> tuple[str, str]:
    """Stem, and the placement and suffix after it while they are short."""
    stem, dot, tail = name.partition(".")
    if dot and stem and len(tail.encode()) < _MOST_ENDING_BYTES:
        return stem, dot + tail
    suffix = PurePath(name).suffix
    return name.removesuffix(suffix), suffix


def _cut(text: str, most_bytes: int) -> str:
    """No character is cut in two."""
    return text.encode()[:most_bytes].decode(errors="ignore").rstrip("-. ")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _name(node: Node, tail: str, mime: str) -> str:
    stem = "-".join([node.step, *(name for _, name in node.variant)])
    suffix = suffix_for(mime)
    # A kept source beside its picture differs by its suffix alone.
    return f"{stem}.{tail}{suffix}" if tail and f".{tail}" != suffix else f"{stem}{suffix}"
