"""Makes what was ordered at a simulated vendor: real files, drawn by the local operations, each order its own."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from pressroom.catalog.load import Catalog
from pressroom.catalog.models import Model, Sizing
from pressroom.catalog.phrases import KIND
from pressroom.catalog.shapes import made_of_input, seconds_said
from pressroom.domain.media import Kind
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import Brand, Operation, Workspace
from pressroom.media.files.probe import inspect
from pressroom.operations.generate_image import MAX_SIDE
from pressroom.providers.simulator.drawing.drawings import drawn

_MASK: Final = "mask"
_IMAGE: Final = "image"
MOST_NUMBERED: Final = 20  # names of files that count
_MOST_OF_A_RATIO: Final = 99  # of each of its two numbers


@dataclass(frozen=True)
class Workshop:
    """`folder` keeps what was sent along and what was made, for as long as the simulator lives."""

    folder: Path
    catalog: Catalog
    operations: Mapping[str, Operation[Any]]
    limits: MediaLimits
    ffmpeg: str

    def model(self, vendor: str, name: str, fields: Any = None) -> Model | None:
        """The catalog's row of what the vendor calls so; of several the one that an order with these fields is for."""
        rows = [row for row in self.catalog.models.values() if row.provider == vendor and name in (row.id, row.version)]
        said = fields if isinstance(fields, dict) else {}
        return max(rows, key=lambda row: self._likeness(row, said), default=None)

    def _likeness(self, row: Model, fields: Mapping[str, Any]) -> tuple[int, int]:
        known = len(fields.keys() & known_fields(row)) - len(self.missing(row, fields))
        return known, sum(fields.get(name) == value for name, value in row.fixed.items())

    def missing(self, row: Model, fields: Mapping[str, Any]) -> list[str]:
        """The vendor's names of what the model cannot do without, and was not sent."""
        known = self.operations[row.operation].params.model_fields
        least = row.limits.min_prompt_characters
        asked = {name for name in row.parameters if known[name].is_required() or name == _MASK}
        names = [row.parameters[name] for name in (*asked, *(("prompt",) if least else ())) if name in row.parameters]
        return [name.removesuffix("[]") for name in dict.fromkeys(names) if not fields.get(name.removesuffix("[]"))]

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
        known = operation.params.model_fields
        said = {name: value for name, value in ordered_params(row, fields, files).items() if name in known}
        sound = {"generate_audio": True} if row.always_sound else {}
        params = {**said, **_named(files), **sound, **(more or {})}
        if operation.seeded:
            # No two models make the same of the same words and seed.
            said_seed = f"{row.name} {params.get('seed', seed)}"
            params["seed"] = int(hashlib.sha256(said_seed.encode()).hexdigest()[:8], 16) % 4_294_967_294
        folder = Path(tempfile.mkdtemp(prefix="made-", dir=self.folder))
        if _MASK in files:
            files = {**files, _MASK: _with_white_changing(files[_MASK], row.mask, folder)}
        work = Workspace(folder, dict(files), {}, Brand(), self.catalog.placements, self.limits, self.ffmpeg)
        made = tuple(item.path for item in drawn(row.operation, params, work, self.operations) if not item.label)
        size = _size(row, fields) if "width" not in known else None
        if operation.makes is Kind.IMAGE and (size := size or _of_input(row, fields, files)):
            _resized(made, size)
        return made


def _named(files: Mapping[str, Path]) -> dict[str, Any]:
    """Asset parameters, which hold the names of files: `image`, and `references` with the names of several."""
    found: dict[str, Any] = {}
    for name in files:
        parameter, listed, _ = name.partition("[")
        if listed:
            found.setdefault(parameter, []).append(name)
        else:
            found[name] = name
    return found


def _with_white_changing(mask: Path, changes: str, folder: Path) -> Path:
    """A mask as the local operations read it."""
    with Image.open(mask) as image:
        levels = image.getchannel("A") if changes == "transparent-changes" else image.convert("L")
    target = folder / "mask.png"
    (levels if changes == "white-changes" else ImageOps.invert(levels)).save(target)
    return target


def _of_input(row: Model, fields: Mapping[str, Any], files: Mapping[str, Path]) -> tuple[int, int] | None:
    """The size of what is made of a picture, where the model goes by its size and perhaps by a factor."""
    if _IMAGE not in files:
        return None
    with Image.open(files[_IMAGE]) as image:
        width, height = image.size
    times = fields.get(row.sizing.factor)
    return made_of_input(row.sizing, width, height) if times is None else _times((width, height), float(times))


def _times(size: tuple[int, int], times: float) -> tuple[int, int]:
    return round(size[0] * times), round(size[1] * times)


def _resized(made: Sequence[Path], size: tuple[int, int]) -> None:
    """Pictures as large as the vendor makes them, whatever they are made of."""
    for path in made:
        with Image.open(path) as image:
            fitted = ImageOps.fit(image, size)
        fitted.save(path)


def known_fields(row: Model) -> set[str]:
    """The vendor's names of all that may be said to the model."""
    names = row.parameters.values()
    numbered = {name.format(n=number) for name in names for number in range(2, MOST_NUMBERED) if "{n}" in name}
    return {*(name.removesuffix("[]") for name in names), *row.fixed, *numbered, *row.sizing.names}


def ordered_params(row: Model, fields: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    """The operation's own parameters behind a vendor's, files left out."""
    ours = {theirs: name for name, theirs in row.parameters.items()}
    back = {name: {str(value): key for key, value in table.items()} for name, table in row.values.items()}
    found = {
        ours[theirs]: back.get(ours[theirs], {}).get(str(value), value)
        for theirs, value in fields.items()
        if theirs in ours and not _is_file(value)
    }
    # What a model makes in one way only nobody tells it; what it is told in words it takes for an instruction.
    alone = {name: taken[0] for name, taken in row.limits.values.items() if len(taken) == 1 or name == KIND}
    return {**alone, **_sides(row, fields), **found, **_shape(row, fields, files)}


def _sides(row: Model, fields: Mapping[str, Any]) -> dict[str, int]:
    """What is added to the sides, where a larger picture and the place of the one inside are given."""
    sizing = row.sizing
    if sizing.canvas not in fields:
        return {}
    (width, height), (inner_width, inner_height) = fields[sizing.canvas], fields[sizing.original_size]
    left, up = fields[sizing.original_place]
    return {"left": left, "up": up, "right": width - inner_width - left, "down": height - inner_height - up}


def files_in(row: Model, fields: Mapping[str, Any]) -> dict[str, str]:
    """Our names of the files of an order -> the addresses that were given for them."""
    found: dict[str, str] = {}
    for ours, theirs in row.parameters.items():
        sharing = [name for name, other in row.parameters.items() if other == theirs]
        place = sharing.index(ours)
        given = _addresses(fields, theirs)
        if len(sharing) > 1 and place == 0:
            given = given[:1]
        elif place:
            given = given[1:]
        alone = place == 0 and len(given) == 1 and "{n}" not in theirs
        found |= {ours if alone else f"{ours}[{number}]": url for number, url in enumerate(given)}
    return found


def _addresses(fields: Mapping[str, Any], name: str) -> list[str]:
    """Those under a vendor's name: of one file, of a list, or counted from 2."""
    if "{n}" in name:
        given: Any = [value for number in range(2, MOST_NUMBERED) if (value := fields.get(name.format(n=number)))]
    else:
        value = fields.get(name.removesuffix("[]"))
        given = value if isinstance(value, list) else [value]
    return [each for each in given if _is_file(each)]


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://", "data:", "runway://"))


def used(
    row: Model, fields: Mapping[str, Any], files: Mapping[str, Path], made: Sequence[Path], limits: MediaLimits
) -> tuple[dict[str, float], dict[str, Any]]:
    """The units that an order is charged for, and the facts that its price depends on."""
    units, facts = {"call": 1.0, "image": 1.0}, ordered_params(row, fields, files)
    facts["audio"] = bool(facts.get("generate_audio"))
    units["1k_characters"] = len(facts.get("text", "")) / 1_000
    if row.sizing.short_sides:
        facts["resolution"] = f"{_short_side(row.sizing, fields)}p"
    if "duration" in facts:
        units["second"] = facts["duration"]
    elif "video" in files:
        units["second"] = inspect(made[0] if made else files["video"], limits).duration_seconds or 0.0
    elif "audio" in files:
        units["second"] = inspect(files["audio"], limits).duration_seconds or 0.0
    if row.prices[0].unit == "megapixel" and made:
        with Image.open(made[0]) as picture:
            units["megapixel"] = picture.width * picture.height / 1e6
    return units, facts


def stated(row: Model, fields: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    """Units and facts, as far as an order's fields alone tell them."""
    sizing = row.sizing
    facts = {ours: fields[theirs] for ours, theirs in row.parameters.items() if theirs in fields}
    facts["audio"] = bool(facts.get("generate_audio"))
    if sizing.short_sides:
        facts["resolution"] = f"{_short_side(sizing, fields)}p"
    seconds = {"second": seconds_said(sizing, fields[sizing.duration])} if sizing.duration in fields else {}
    return {"call": 1.0, "image": 1.0, **seconds}, facts


def _short_side(sizing: Sizing, fields: Mapping[str, Any]) -> int:
    return sizing.short_sides[str(fields.get(sizing.resolution, next(iter(sizing.short_sides))))]


def _shape(row: Model, fields: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Any]:
    sizing, size = row.sizing, _size(row, fields)
    length = fields.get(sizing.duration)
    if length is None and not sizing.short_sides:
        return {} if size is None else {"width": size[0], "height": size[1]}
    found: dict[str, Any] = {"duration": sizing.seconds[0] if length is None else seconds_said(sizing, length)}
    if sizing.short_sides:
        shape = {"resolution": _resolution(_short_side(sizing, fields)), "ratio": _ratio(sizing, fields, files)}
        return found | shape
    return found if size is None else found | {"resolution": _resolution(min(size)), "ratio": _as_ratio(*size)}


def _ratio(sizing: Sizing, fields: Mapping[str, Any], files: Mapping[str, Path]) -> str:
    """The shape that was asked for, else the model's only one, else the picture's."""
    given = str(fields.get(sizing.ratio, next(iter(sizing.ratios), "")))
    if given:
        return given
    with Image.open(files[_IMAGE]) as picture:
        return _as_ratio(*picture.size)


def _as_ratio(width: int, height: int) -> str:
    """As exactly as the shape of a clip can be written: 16:9, or about so."""
    times = gcd(width, height)
    exact = (width // times, height // times)
    return f"{exact[0]}:{exact[1]}" if max(exact) <= _MOST_OF_A_RATIO else f"{width / height:.2f}:1"


def _resolution(short_side: int) -> str:
    return f"{max((side for side in (480, 720, 1080) if side <= short_side), default=480)}p"


def _drawable(width: int, height: int) -> tuple[int, int]:
    """The size, or the largest of its shape that the local operations draw."""
    times = min(1.0, MAX_SIDE / max(width, height))
    return round(width * times), round(height * times)


def _size(row: Model, fields: Mapping[str, Any]) -> tuple[int, int] | None:
    sizing = row.sizing
    given = fields.get(sizing.size, "")
    if isinstance(given, dict):
        return int(given["width"]), int(given["height"])
    value = str(given)
    if re.fullmatch(r"\d+x\d+", text := sizing.makes.get(value, value)):
        width, _, height = text.partition("x")
        return _drawable(int(width), int(height))
    if sizing.width and sizing.width in fields:
        return int(fields[sizing.width]), int(fields[sizing.height])
    return None
