"""Makes what was ordered at a simulated vendor: real files, drawn by the local operations, each order its own."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Any

from PIL import Image

from pressroom.catalog.load import Catalog
from pressroom.catalog.models import Model
from pressroom.domain.operation import Brand, Operation, Workspace
from pressroom.operations.generate_image import MAX_SIDE
from pressroom.providers.simulator.drawing.drawings import drawn
from pressroom.settings import MediaLimits


@dataclass(frozen=True)
class Workshop:
    """`folder` keeps what was sent along and what was made, for as long as the simulator lives."""

    folder: Path
    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    limits: MediaLimits
    ffmpeg: str

    def model(self, vendor: str, name: str) -> Model | None:
        """The catalog's row of what the vendor calls so."""
        rows = (row for row in self.catalog.models.values() if row.provider == vendor)
        return next((row for row in rows if name in (row.id, row.version)), None)

    def make(
        self,
        row: Model,
        fields: Mapping[str, Any],
        files: Mapping[str, Path],
        seed: str,
        more: Mapping[str, Any] | None = None,
    ) -> tuple[Path, ...]:
        """The files of an order, in the vendor's own names for its parameters; `more` are the operation's own.

        Raises Permanent for what cannot be drawn.
        """
        operation = self.operations[row.operation]
        params = {**ordered_params(row, fields), **{ours: ours for ours in files}, **(more or {})}
        if operation.seeded:
            params.setdefault("seed", int(hashlib.sha256(seed.encode()).hexdigest()[:8], 16) % 4_294_967_294)
        folder = Path(tempfile.mkdtemp(prefix="made-", dir=self.folder))
        work = Workspace(folder, dict(files), {}, Brand(), self.catalog.placements, self.limits, self.ffmpeg)
        made = drawn(row.operation, params, work, self.operations)
        return tuple(item.path for item in made if not item.label)


def ordered_params(row: Model, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The operation's own parameters behind a vendor's, files left out."""
    ours = {theirs: name for name, theirs in row.parameters.items()}
    back = {name: {str(value): key for key, value in table.items()} for name, table in row.values.items()}
    found = {
        ours[theirs]: back.get(ours[theirs], {}).get(str(value), value)
        for theirs, value in fields.items()
        if theirs in ours and not _is_file(value)
    }
    return {**found, **_shape(row, fields)}


def files_in(row: Model, fields: Mapping[str, Any]) -> dict[str, str]:
    """Our names of the files of an order -> the addresses that were given for them."""
    ours = {theirs: name for name, theirs in row.parameters.items()}
    found: dict[str, str] = {}
    for theirs, value in fields.items():
        if theirs in ours and isinstance(value, list):
            found |= {f"{ours[theirs]}[{number}]": each for number, each in enumerate(value) if _is_file(each)}
        elif theirs in ours and _is_file(value):
            found[ours[theirs]] = value
    return found


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "data:"))


def used(row: Model, fields: Mapping[str, Any], made: Sequence[Path]) -> tuple[dict[str, float], dict[str, Any]]:
    """The units that an order is charged for, and the facts that its price depends on."""
    units, facts = {"call": 1.0, "image": 1.0}, ordered_params(row, fields)
    if row.sizing.duration in fields:
        units["second"] = float(fields[row.sizing.duration])
    if row.prices[0].unit == "megapixel" and made:
        with Image.open(made[0]) as picture:
            units["megapixel"] = picture.width * picture.height / 1e6
    return units, facts


def _shape(row: Model, fields: Mapping[str, Any]) -> dict[str, Any]:
    size, length = _size(row, fields), fields.get(row.sizing.duration)
    if length is None:
        return {} if size is None else {"width": size[0], "height": size[1]}
    found: dict[str, Any] = {"duration": float(length)}
    if size is not None:
        times = gcd(*size)
        found |= {"resolution": _resolution(min(size)), "ratio": f"{size[0] // times}:{size[1] // times}"}
    return found


def _resolution(short_side: int) -> str:
    return f"{max((side for side in (480, 720, 1080) if side <= short_side), default=480)}p"


def _drawable(width: int, height: int) -> tuple[int, int]:
    """The size, or the largest of its shape that the local operations draw."""
    times = min(1.0, MAX_SIDE / max(width, height))
    return round(width * times), round(height * times)


def _size(row: Model, fields: Mapping[str, Any]) -> tuple[int, int] | None:
    sizing = row.sizing
    value = str(fields.get(sizing.size, ""))
    if re.fullmatch(r"\d+x\d+", text := sizing.makes.get(value, value)):
        width, _, height = text.partition("x")
        return _drawable(int(width), int(height))
    if sizing.width and sizing.width in fields:
        return int(fields[sizing.width]), int(fields[sizing.height])
    return None
