"""Styles and moods, which work with every model: by its parameter where it has one, in words where not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import Field

from pressroom.catalog.limits import Row
from pressroom.domain.errors import Permanent
from pressroom.domain.suggest import did_you_mean

_DATA = Path(__file__).parent / "data" / "style_presets.yaml"
_PRESET, _EMOTION = "preset", "emotion"
# Parameters of operations that every model follows, and the tables of their values.
WORDED: Final[Mapping[str, str]] = {_PRESET: "style_presets", _EMOTION: "emotions"}


class Preset(Row):
    """A style or a mood by name. `words` are added to a prompt; `named`: vendors' parameters take it by this name."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    words: str = Field(min_length=1)
    named: bool
    source: str = Field(min_length=1)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


@cache
def _table(title: str) -> Mapping[str, Preset]:
    rows = yaml.safe_load(_DATA.read_text(encoding="utf-8"))[title]
    return {row.name: row for row in map(Preset.model_validate, rows)}


def presets() -> Mapping[str, Preset]:
    return _table(WORDED[_PRESET])


def emotions() -> Mapping[str, Preset]:
    return _table(WORDED[_EMOTION])


def known_preset(name: str) -> str:
    """For parameters: the name, if there is such a preset. Raises ValueError."""
    if name not in presets():
        raise ValueError(f"there is no preset {name!r}: {did_you_mean(name, presets())}")
    return name


def list_presets(schema: dict[str, Any]) -> None:
    """For the JSON Schema of a parameter."""
    schema["enum"] = list(presets())


def in_words(prompt: str, value: str, parameter: str = _PRESET) -> str:
    """The prompt with the value's words behind it. Raises Permanent for a value that there is not."""
    known = _table(WORDED[parameter])
    if value not in known:
        raise Permanent(f"there is no {parameter} {value!r}", hint=did_you_mean(value, known))
    return ", ".join(filter(None, (prompt.rstrip().rstrip(".,;"), known[value].words)))


def goes_as_parameter(value: str, parameters: Mapping[str, str], parameter: str = _PRESET) -> bool:
    """Whether a model with these names for parameters of ours has one that takes the value."""
    row = _table(WORDED[parameter]).get(value)
    return parameter in parameters and row is not None and row.named


def styled(
    prompt: str, value: str | None, parameters: Mapping[str, str], parameter: str = _PRESET
) -> tuple[str, dict[str, str]]:
    """What a vendor is sent: the prompt, and the fields beside it. `parameters` are those of the model's row."""
    if value is None:
        return prompt, {}
    if goes_as_parameter(value, parameters, parameter):
        return prompt, {parameters[parameter]: value}
    return in_words(prompt, value, parameter), {}
