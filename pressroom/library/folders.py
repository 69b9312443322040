"""Folders: paths that assets carry. A folder is there while something lies in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, func, select, update

from pressroom.database.schema import asset, public_link, share
from pressroom.domain.errors import Invalid
from pressroom.domain.library import Shared

MAX_LEVELS: Final = 8
MAX_NAME_LENGTH: Final = 100
_NO_NAMES: Final = ("", ".", "..")


@dataclass(frozen=True, slots=True)
class Folder:
    """`count` assets lie in the folder itself, not in those below it."""

    path: str
    count: int


def checked_folder(path: str) -> str:
    """The path as it is kept: `a/b`, empty for the top. Raises Invalid for one too deep, or with a name that is none."""
    names = [unicodedata.normalize("NFC", name).strip() for name in path.strip("/").split("/")]
    if names == [""]:
        return ""
    for name in names:
        if name in _NO_NAMES or len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise Invalid(
                f"{name[:40]!r} in {path[:80]!r} is no name of a folder",
                hint=f"a name has 1 to {MAX_NAME_LENGTH} printable characters, and a / stands between two",
            )
    if len(names) > MAX_LEVELS:
        raise Invalid(f"{path[:80]!r} is {len(names)} folders deep", hint=f"at most {MAX_LEVELS}")
    return "/".join(names)


def lies_in(column: Column[Any], folder: str) -> ColumnElement[bool]:
    """The condition that a path is the folder or below it."""
    below = folder + "/"
    return (column == folder) | (func.substr(column, 1, len(below)) == below)


def folders_of(conn: Connection, account_id: int) -> list[Folder]:
    """Every folder of the account that something lies in, by path."""
    query = select(asset.c.folder, func.count()).where(asset.c.account_id == account_id)
    return [
        Folder(path, count) for path, count in conn.execute(query.group_by(asset.c.folder).order_by(asset.c.folder))
    ]


def move_folder(conn: Connection, account_id: int, folder: str, to: str) -> int:
    """Give a folder another path, with all below it and what it is shared as; returns how many assets moved.

    Raises Invalid when nothing lies in it, when it would come to lie in itself, or too deep.
    """
    source, target = checked_folder(folder), checked_folder(to)
    if not source:
        raise Invalid("the top folder cannot be moved", hint="name a folder")
    if target == source or target.startswith(source + "/"):
        raise Invalid(f"the folder {source!r} cannot come to lie in {target!r}")
    mine = (asset.c.account_id == account_id) & lies_in(asset.c.folder, source)
    separators = func.length(asset.c.folder) - func.length(func.replace(asset.c.folder, "/", ""))
    deepest = conn.execute(select(func.max(separators)).where(mine)).scalar()
    if deepest is None:
        raise Invalid(f"nothing lies in a folder {source!r}", hint="`pressroom assets folders` lists them")
    levels = int(deepest) - source.count("/") + (target.count("/") + 1 if target else 0)
    if levels > MAX_LEVELS:
        raise Invalid(f"under {target!r} it would be {levels} folders deep", hint=f"at most {MAX_LEVELS}")
    moved = conn.execute(update(asset).where(mine).values(folder=_renamed(asset.c.folder, source, target))).rowcount
    for table in (share, public_link):
        theirs = (table.c.account_id == account_id) & (table.c.kind == Shared.FOLDER)
        renamed = _renamed(table.c.target, source, target)
        conn.execute(update(table).where(theirs, lies_in(table.c.target, source)).values(target=renamed))
    return moved


def _renamed(column: Column[Any], source: str, target: str) -> ColumnElement[str]:
    """The path with another beginning. What lay in a folder that becomes the top loses its separator with it."""
    kept = len(source) + 1 if target else len(source) + 2
    return target + func.substr(column, kept)
