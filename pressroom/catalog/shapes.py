"""What a model makes where the exact size or length that is asked for is none of its own, and what of that is billed.

A vendor works in its own sizes, ratios and lengths. The nearest one that holds what was asked for is ordered and billed;
what comes back is cropped, resized and trimmed to the promise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pressroom.catalog.models import Model, Sizing
from pressroom.catalog.phrases import parameters_in
from pressroom.catalog.presets import WORDED
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.near_size import cropped, enlarged, even, is_near

# Parameters that say what size and length to make, whatever the vendor's are called.
SHAPING: Final = frozenset({"width", "height", "ratio", "placement", "resolution", "duration"})

SIDES: Final = ("left", "right", "up", "down")  # to which pixels are added


@dataclass(frozen=True, slots=True)
class Shape:
    """What is ordered: pixels and seconds that the vendor makes, None where it goes by the input or makes neither.

    `fields` are the vendor's parameters that say so.
    """

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    fields: Mapping[str, Any] | None = None

    @property
    def megapixels(self) -> float | None:
        return None if self.width is None or self.height is None else self.width * self.height / 1e6


@lru_cache(maxsize=4_096)
def shape_of(model: Model, makes: MediaInfo | None) -> Shape | str:
    """What of this model comes closest to the file that is asked for, or in words why nothing does."""
    if makes is None:
        return Shape(fields={})
    size = _size(model.sizing, makes) if makes.width and makes.height else (None, None, {})
    if isinstance(size, str):
        return size
    seconds = _seconds(model.sizing, makes.duration_seconds)
    if isinstance(seconds, str):
        return seconds
    length, fields = seconds
    return Shape(size[0], size[1], length, {**size[2], **fields})


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an order comes to: the priced units, and the facts that its price depends on."""

    units: Mapping[str, float]
    facts: Mapping[str, Any]


def ordered_by(
    model: Model, outputs: Sequence[tuple[str, MediaInfo]], units: Mapping[str, float], facts: Mapping[str, Any]
) -> Ordered:
    """The units and facts of what the model makes, in place of those of what was asked for."""
    makes = main_of(outputs)
    shape = shape_of(model, makes)
    if makes is None or isinstance(shape, str) or (shape.width is None and shape.seconds is None):
        return Ordered(units, facts)
    found, known = dict(units), dict(facts)
    if shape.megapixels is not None and makes.kind is Kind.IMAGE:
        found["megapixel"] = shape.megapixels
    if shape.width and shape.height and "resolution" in facts:
        known["resolution"] = f"{min(shape.width, shape.height)}p"
    if shape.seconds is not None:
        found["second"] = shape.seconds
        known |= {"duration": shape.seconds} if "duration" in facts else {}
    return Ordered(found, known)


def goes_by_picture(model: Model) -> bool:
    """Whether a clip of the model has the shape of its picture, which then has to have that of the clip."""
    return bool(model.sizing.short_sides) and not model.sizing.ratio and "image" in model.parameters


def main_of(outputs: Sequence[tuple[str, MediaInfo]]) -> MediaInfo | None:
    """The file without a label: what is ordered."""
    return next((made for label, made in outputs if not label), None)


def taken_by(model: Model) -> frozenset[str]:
    """The parameters of the operation that an order from this model follows; what it makes in one way only is not said."""
    one_way = {name for name, values in model.limits.values.items() if len(values) == 1}
    sizing = model.sizing
    scale = {"scale"} if sizing.factor or sizing.times or sizing.megapixels else set()
    sides = set(SIDES) if sizing.canvas else set()
    worded = WORDED.keys() if "prompt" in model.parameters else set()
    told = frozenset(model.in_brief) | parameters_in(model.phrased)
    sound = {"generate_audio"} if model.always_sound else set()
    return frozenset(model.parameters) | SHAPING | worded | one_way | scale | sides | told | sound


def too_far_from(model: Model, source: MediaInfo | None, made: MediaInfo | None) -> str:
    """In words why a model that goes by its input cannot make this of it; empty where it can, or that is not known."""
    if source is None or made is None or not (source.width and source.height and made.width and made.height):
        return ""
    wanted, most = (made.width, made.height), model.sizing.max_factor
    if most is not None and (times := enlarged((source.width, source.height), wanted)) > most:
        return f"it enlarges {most:g} times at most, not {times:.3g}"
    size = made_of_input(model.sizing, source.width, source.height)
    if size is None or is_near(size, wanted):
        return ""
    return f"it makes {size[0]} x {size[1]} of this picture, which is not near {wanted[0]} x {wanted[1]}"


def made_of_input(sizing: Sizing, width: int, height: int) -> tuple[int, int] | None:
    """What a model makes of a picture of this size, where that is all it goes by."""
    times = sizing.times
    if sizing.megapixels is not None:
        times = math.sqrt(sizing.megapixels * 1e6 / (width * height))
    return None if times is None else (round(width * times), round(height * times))


def _size(sizing: Sizing, makes: MediaInfo) -> tuple[int | None, int | None, dict[str, Any]] | str:
    width, height = makes.width or 0, makes.height or 0
    if sizing.width and sizing.height:
        return _sides(sizing, width, height)
    if sizing.short_sides:
        return _clip(sizing, width, height)
    if not sizing.makes:
        return None, None, {}
    ranked = sorted(sizing.makes.items(), key=lambda row: _loss(_pair(row[1]), (width, height)))
    for value, text in ranked:
        made = _pair(text)
        if is_near(made, (width, height)):
            return *made, {sizing.size: value} if sizing.size else {}
    sizes = ", ".join(sizing.makes.values())
    return f"{width} x {height} is none of what it makes ({sizes}), nor near one"


def _clip(sizing: Sizing, width: int, height: int) -> tuple[int, int, dict[str, Any]] | str:
    """The smallest resolution that has as many pixels, else the largest, in the shape that comes nearest."""
    shapes = {name: float(name.partition(":")[0]) / float(name.partition(":")[2]) for name in sizing.ratios}
    name = min(shapes, key=lambda each: abs(math.log(shapes[each] * height / width)), default="")
    shape = shapes.get(name, width / height)
    longer = [row for row in sizing.short_sides.items() if row[1] >= min(width, height)]
    value, short = (
        min(longer, key=lambda row: row[1]) if longer else max(sizing.short_sides.items(), key=lambda row: row[1])
    )
    made = (even(short * shape), short) if shape >= 1 else (short, even(short / shape))
    if not is_near(made, (width, height)):
        return f"{width} x {height} is not near the {made[0]} x {made[1]} that it makes"
    said = {sizing.resolution: value, sizing.ratio: name}
    return *made, {field: given for field, given in said.items() if field}


def _sides(sizing: Sizing, width: int, height: int) -> tuple[int, int, dict[str, Any]]:
    step = sizing.multiple
    made = (_up(width, step), _up(height, step))
    return *made, {sizing.width: made[0], sizing.height: made[1]}


def _up(value: int, step: int) -> int:
    return -(-value // step) * step


def _seconds(sizing: Sizing, wanted: float | None) -> tuple[float | None, dict[str, Any]] | str:
    if wanted is None or not (sizing.duration or sizing.seconds):
        return None, {}
    longer = [value for value in sorted(sizing.seconds) if value >= wanted - 0.01]
    if sizing.seconds and not longer:
        return f"{wanted:g} s is longer than it makes ({', '.join(f'{value:g}' for value in sizing.seconds)} s)"
    made = longer[0] if longer else float(-(-wanted // 1)) if sizing.whole_seconds else wanted
    return made, {sizing.duration: _length(sizing, made)} if sizing.duration else {}


def _length(sizing: Sizing, seconds: float) -> int | float | str:
    """A length as the vendor reads it."""
    if sizing.frames_per_second:
        return math.ceil(seconds * sizing.frames_per_second) + 1
    number = int(seconds) if seconds == int(seconds) else seconds
    return sizing.duration_as.format(number) if sizing.duration_as else number


def seconds_said(sizing: Sizing, length: float | str) -> float:
    """The seconds of a length as the vendor reads it."""
    if isinstance(length, str):
        before, _, after = sizing.duration_as.partition("{}")
        return float(length.removeprefix(before).removesuffix(after))
    return (length - 1) / sizing.frames_per_second if sizing.frames_per_second else float(length)


def _pair(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _loss(made: tuple[int, int], wanted: tuple[int, int]) -> tuple[float, float]:
    """First the ratio, then pixels that lack, then pixels too many."""
    lacks = max(0.0, enlarged(made, wanted) - 1)
    return round(cropped(made, wanted), 2), lacks if lacks else made[0] * made[1] / 1e12
