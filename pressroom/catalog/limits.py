"""What a model can make and takes, as data, and what of a node is outside of it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from pressroom.domain.media import MEDIA_TYPES, Kind, MediaInfo, type_named, type_of_mime

# Half a percent covers sizes rounded to whole or even pixels; a hundredth of a second is below one frame.
RATIO_TOLERANCE = 0.005
SECONDS_TOLERANCE = 0.01

Ratio = Annotated[str, Field(pattern=r"^[1-9]\d*(\.\d+)?:[1-9]\d*(\.\d+)?$")]
Size = Annotated[str, Field(pattern=r"^[1-9]\d*x[1-9]\d*$")]


def _format(name: str) -> str:
    try:
        return type_named(name).name
    except KeyError as exc:
        raise ValueError(f"there is no format {name!r}") from exc


Fact = bool | int | float | str  # a value that a price or a model may depend on: 720p, high, 5, true
FORMATS = frozenset(row.name for row in MEDIA_TYPES)
Format = Annotated[str, AfterValidator(_format)]


class Row(BaseModel):
    """Base of every row: unknown columns are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Count(Row):
    """How many inputs of a kind."""

    min: int = Field(0, ge=0)
    max: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _from_low_to_high(self) -> Count:
        if self.max is not None and self.max < self.min:
            raise ValueError("max is below min")
        return self


class FileLimits(Row):
    """What a model takes of one input file. A missing value is no limit of that kind."""

    formats: tuple[Format, ...] = ()
    min_seconds: float | None = Field(None, gt=0)
    max_seconds: float | None = Field(None, gt=0)
    min_side: int | None = Field(None, gt=0)
    max_side: int | None = Field(None, gt=0)
    max_bytes: int | None = Field(None, gt=0)

    def refused(self, name: str, info: MediaInfo) -> Iterator[str]:
        """What is wrong with the file of this parameter, and what mends it."""
        known = type_of_mime(info.mime)
        if self.formats and known is not None and known.name not in self.formats:
            yield f"{name} is {known.name}, none of {', '.join(self.formats)}: convert it"
        sides = [side for side in (info.width, info.height) if side is not None]
        least, most = min(sides, default=None), max(sides, default=None)
        for what, value, low, high, remedy in (
            ("seconds", info.duration_seconds, self.min_seconds, None, "take a longer one"),
            ("seconds", info.longest_seconds, None, self.max_seconds, "cut it"),
            ("side", least, self.min_side, None, "enlarge it"),
            ("side", most, None, self.max_side, "make it smaller"),
            ("megabytes", _mega(info.size_bytes), None, _mega(self.max_bytes), "compress it"),
        ):
            yield from (f"{name}: {text}: {remedy}" for text in _outside(what, value, low, high))


def _mega(count: int | None) -> float | None:
    return None if count is None else count / 1e6


class Limits(Row):
    """What a model can make. A missing value is no limit of that kind."""

    min_width: int | None = Field(None, gt=0)
    max_width: int | None = Field(None, gt=0)
    min_height: int | None = Field(None, gt=0)
    max_height: int | None = Field(None, gt=0)
    max_megapixels: float | None = Field(None, gt=0)
    max_input_megapixels: float | None = Field(None, gt=0)
    ratios: tuple[Ratio, ...] = ()
    sizes: tuple[Size, ...] = Field((), description="The only sizes, as 1024x1024.")
    formats: tuple[Format, ...] = Field((), description="The only formats, by name: png, mp4.")
    min_duration_seconds: float | None = Field(None, gt=0)
    max_duration_seconds: float | None = Field(None, gt=0)
    durations: tuple[PositiveFloat, ...] = Field((), description="The only durations, in seconds.")
    max_outputs: int | None = Field(None, gt=0, description="Most files of one order.")
    inputs: dict[Kind, Count] = Field(default_factory=dict, description="Kinds it takes and how many; none says any.")
    files: dict[str, FileLimits] = Field(
        default_factory=dict, description="Parameters that take a file, and what it may be."
    )
    max_mask_bytes: int | None = Field(None, gt=0, description="Most bytes of a mask, which is sent as PNG.")
    max_references: int | None = Field(None, ge=0, description="Most pictures in the parameter `references`.")
    values: dict[str, tuple[Fact, ...]] = Field(
        default_factory=dict, description="Parameters of which it takes these values only; without any, not at all."
    )
    seed: bool = Field(True, description="Whether it takes a seed.")
    min_prompt_characters: int | None = Field(None, gt=0)
    max_prompt_characters: int | None = Field(None, gt=0)
    max_prompt_utf16_units: int | None = Field(
        None, gt=0, description="The same where the vendor counts UTF-16 code units: an emoji is two or more."
    )

    def leaves_out(self, label: str) -> bool:
        """Whether a side file, which is labelled by its format (`svg`), is none that this model makes."""
        return bool(self.formats) and label in FORMATS and label not in self.formats

    def violations(self, made: MediaInfo) -> list[str]:
        """What of an expected file this model cannot make, in words."""
        found = [
            text
            for name, value, low, high in (
                ("width", made.width, self.min_width, self.max_width),
                ("height", made.height, self.min_height, self.max_height),
                ("megapixels", made.megapixels or None, None, self.max_megapixels),
                ("duration", made.longest_seconds, self.min_duration_seconds, self.max_duration_seconds),
            )
            for text in _outside(name, value, low, high)
        ]
        return [*found, *self._of_the_listed(made)]

    def _of_the_listed(self, made: MediaInfo) -> Iterator[str]:
        """Where only a few values are possible: none of them."""
        seconds = made.duration_seconds
        if made.width and made.height:
            if self.ratios and not self._has_ratio(made.width, made.height):
                yield f"ratio {made.width}:{made.height} is none of {', '.join(self.ratios)}"
            if self.sizes and (size := f"{made.width}x{made.height}") not in self.sizes:
                yield f"size {size} is none of {', '.join(self.sizes)}"
        if self.durations and seconds is not None and not self._lasts(seconds):
            yield f"duration {seconds:g} is none of {', '.join(f'{value:g}' for value in self.durations)}"
        known = type_of_mime(made.mime)
        if self.formats and known is not None and known.name not in self.formats:
            yield f"format {known.name} is none of {', '.join(self.formats)}"

    def _has_ratio(self, width: int, height: int) -> bool:
        return any(
            abs(width / height / (float(w) / float(h)) - 1) <= RATIO_TOLERANCE
            for w, _, h in (ratio.partition(":") for ratio in self.ratios)
        )

    def _lasts(self, seconds: float) -> bool:
        return any(abs(seconds - value) <= SECONDS_TOLERANCE for value in self.durations)

    def refused_inputs(self, inputs: Mapping[str, MediaInfo]) -> Iterator[str]:
        """What of a node's input files this model does not take; `inputs` by name, such as `references[0]`."""
        for name, info in inputs.items():
            if (limits := self.files.get(name.partition("[")[0])) is not None:
                yield from limits.refused(name, info)
        most = self.max_input_megapixels
        for info in inputs.values() if most is not None else ():
            if most is not None and info.megapixels > most:
                yield f"input of {info.megapixels:.1f} megapixels is above {most:g}"
        kinds = [info.kind for info in inputs.values()]
        if self.inputs:
            yield from (f"takes no {kind}" for kind in dict.fromkeys(kinds) if kind not in self.inputs)
            for kind, count in self.inputs.items():
                yield from _outside(f"number of {kind} inputs", kinds.count(kind), count.min, count.max)
        references = sum(name.partition("[")[0] == "references" for name in inputs)
        yield from _outside("number of references", references, None, self.max_references)

    def refused_order(self, outputs: Sequence[object], prompt: str, *, seed: bool) -> Iterator[str]:
        """What of an order this model does not take; `seed` says that the campaign asks for one."""
        yield from _outside("number of files", len(outputs), None, self.max_outputs)
        low, high = self.min_prompt_characters, self.max_prompt_characters
        if low is not None and len(prompt) < low:
            yield f"prompt of {len(prompt)} characters is below {low}"
        if high is not None and len(prompt) > high:
            yield f"prompt of {len(prompt)} characters is above {high}"
        most = self.max_prompt_utf16_units
        if most is not None and utf16_units(prompt) > most:
            yield f"prompt of {utf16_units(prompt)} UTF-16 units is above {most}"
        if seed and not self.seed:
            yield "takes no seed"

    def refused_values(self, facts: Mapping[str, Any]) -> Iterator[str]:
        """What of a node's parameters this model does not take; what is empty is not asked for."""
        for name, taken in self.values.items():
            value = facts.get(name)
            asked = [] if value in (None, "") else value if isinstance(value, list) else [value]
            if asked and not taken:
                yield f"takes no {name}"
            elif any(not is_one_of(each, taken) for each in asked):
                yield f"{name} {shown(value)} is none of {', '.join(map(shown, taken))}"


def utf16_units(text: str) -> int:
    """The length of a text as JavaScript and Java count it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_one_of(fact: Any, wanted: Sequence[Fact]) -> bool:
    # True is 1 to Python: sound is not a duration of 1.
    return any(fact == value and isinstance(fact, bool) == isinstance(value, bool) for value in wanted)


def shown(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value}"


def _outside(name: str, value: float | None, low: float | None, high: float | None) -> Iterator[str]:
    if value is not None and low is not None and value < low:
        yield f"{name} {value:g} is below {low:g}"
    if value is not None and high is not None and value > high:
        yield f"{name} {value:g} is above {high:g}"
