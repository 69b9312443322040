"""Style presets, which work with every model: by its parameter where it has one, in words where not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from pressroom.catalog.limits import Row
from pressroom.domain.errors import Permanent
from pressroom.domain.suggest import did_you_mean

_DATA = Path(__file__).parent / "data" / "style_presets.yaml"
_PARAMETER = "preset"


class Preset(Row):
    """A style by name. `words` are added to a prompt; `named` says that vendors with a parameter know it by this name."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    words: str = Field(min_length=1)
    named: bool
    source: str = Field(min_length=1)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


@cache
def presets() -> Mapping[str, Preset]:
    rows = yaml.safe_load(_DATA.read_text(encoding="utf-8"))["style_presets"]
    return {row.name: row for row in map(Preset.model_validate, rows)}


def known_preset(name: str) -> str:
    """For parameters: the name, if there is such a preset. Raises ValueError."""
    if name not in presets():
        raise ValueError(f"there is no preset {name!r}: {did_you_mean(name, presets())}")
    return name


def list_presets(schema: dict[str, Any]) -> None:
    """For the JSON Schema of a parameter."""
    schema["enum"] = list(presets())


def in_words(prompt: str, preset: str) -> str:
    """The prompt with the preset's words behind it. Raises Permanent for a preset that there is not."""
    row = presets().get(preset)
    if row is None:
        raise Permanent(f"there is no preset {preset!r}", hint=did_you_mean(preset, presets()))
    return f"{prompt.rstrip().rstrip('.,;')}, {row.words}"


def goes_as_parameter(preset: str, parameters: Mapping[str, str]) -> bool:
    """Whether a model with these names for parameters of ours has one that takes the preset."""
    row = presets().get(preset)
    return _PARAMETER in parameters and row is not None and row.named


def styled(prompt: str, preset: str | None, parameters: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """What a vendor is sent: the prompt, and the fields beside it. `parameters` are those of the model's row."""
    if preset is None:
        return prompt, {}
    if goes_as_parameter(preset, parameters):
        return prompt, {parameters[_PARAMETER]: preset}
    return in_words(prompt, preset), {}
