"""Columns in a file: written whole under another name and then renamed, so that there is a complete one or none."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from pressroom.library.column_parts import Pairs, Texts
from pressroom.library.columns import Columns

FORMAT: Final = 2
_ABANDONED_SECONDS: Final = 3_600
_ALIGNED: Final = 64
_HEAD: Final = 16  # bytes that say how long the description after them is


@dataclass(frozen=True, slots=True)
class Point:
    """How far in an account's changes columns are.

    `number` is the last change that was read, `horizon` the first transaction whose changes may not have been seen, and
    `marks` are a few of the last changes, as (asset, number, mark): in another history of the database they are others.
    """

    number: int = 0
    horizon: int = 0
    marks: tuple[tuple[int, int, int], ...] = ()


def save(path: Path, columns: Columns, point: Point) -> None:
    """Harmless where nothing can be written there."""
    arrays = {name: columns[name] for name in columns.arrays}
    for name, pairs in columns.pairs.items():
        pairs.settle()
        arrays |= {f"{name}.rows": pairs.rows, f"{name}.codes": pairs.codes}
    places: dict[str, Any] = {}
    end = 0
    for name, array in arrays.items():
        places[name] = {"dtype": array.dtype.str, "start": end, "count": len(array)}
        end += -(-array.nbytes // _ALIGNED) * _ALIGNED
    texts = {name: each.values for name, each in columns.texts.items()}
    said = {"format": FORMAT, "count": columns.count, "end": end, "point": asdict(point), "texts": texts}
    head = json.dumps(said | {"arrays": places}).encode()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear(path)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(str(len(head)).rjust(_HEAD).encode() + head)
                base = -(-file.tell() // _ALIGNED) * _ALIGNED
                for key, array in arrays.items():
                    file.seek(base + places[key]["start"])
                    file.write(np.ascontiguousarray(array).data)
                file.truncate(base + end)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink()
            raise


def _clear(path: Path) -> None:
    """What processes that were killed while they wrote have left."""
    for left in path.parent.glob(f"{path.name}?*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
            left.unlink(missing_ok=True)


def load(path: Path) -> tuple[Columns, Point] | None:
    """None where there is no file, or it is not what `save` wrote. Pages of it are read when they are first needed."""
    try:
        with path.open("rb") as file:
            length = int(file.read(_HEAD))
            said = json.loads(file.read(length))
        base = -(-(_HEAD + length) // _ALIGNED) * _ALIGNED
        if said["format"] != FORMAT or path.stat().st_size != base + said["end"]:
            return None
        # Changes go to this process's own copy of a page and never to the file.
        data = np.memmap(path, np.uint8, mode="c", offset=0)
        return _columns(said, data[base:]), _point(said["point"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _columns(said: dict[str, Any], data: Any) -> Columns:
    arrays = {}
    for name, place in said["arrays"].items():
        dtype = np.dtype(place["dtype"])
        part = data[place["start"] : place["start"] + place["count"] * dtype.itemsize]
        arrays[name] = np.asarray(part).view(dtype)
    columns = Columns()
    pairs = {name: Pairs(arrays.pop(f"{name}.rows"), arrays.pop(f"{name}.codes")) for name in columns.pairs}
    if arrays.keys() != columns.arrays.keys():
        raise ValueError("columns of another version")
    columns.fill(said["count"], arrays, pairs, {name: Texts(values) for name, values in said["texts"].items()})
    return columns


def _point(said: dict[str, Any]) -> Point:
    return Point(said["number"], said["horizon"], tuple((a, b, c) for a, b, c in said["marks"]))
