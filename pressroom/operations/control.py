"""control: a new picture that keeps the lines, the depth or the style of another one. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Seed, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

ControlKind = Literal["sketch", "structure", "style", "style_transfer"]
# Kind -> parameters that belong to it alone, and what it cannot do without.
_OWN: Final[Mapping[ControlKind, tuple[str, ...]]] = {
    "sketch": ("strength",),
    "structure": ("strength",),
    "style": ("fidelity",),
    "style_transfer": ("style_image", "style_strength", "composition_fidelity", "change_strength"),
}
_NEEDS: Final[Mapping[ControlKind, str]] = {
    "sketch": "prompt",
    "structure": "prompt",
    "style": "prompt",
    "style_transfer": "style_image",
}


class ControlParams(Params):
    """The picture that guides, what is to be seen, and how strictly. A strength of 0 is 0."""

    image: ImageSlot = Field(description="The picture that guides: a drawing, a scene, an example of the style.")
    kind: ControlKind = Field(
        description="sketch keeps the lines of a drawing, structure the shapes and depth of a photo, style only its look; "
        "style_transfer gives `image` the look of `style_image`."
    )
    prompt: str = Field("", max_length=10_000, description="What is to be seen; style_transfer can do without.")
    negative_prompt: str = Field("", max_length=10_000, description="What must not be seen.")
    strength: float = Field(0.7, ge=0, le=1, description="For sketch and structure: how strictly the picture guides.")
    fidelity: float = Field(0.5, ge=0, le=1, description="For style: how close the look comes to the example.")
    style_image: ImageSlot | None = Field(None, description="For style_transfer: the picture whose look is taken.")
    style_strength: float = Field(1, ge=0, le=1, description="For style_transfer: how much of that look.")
    composition_fidelity: float = Field(0.9, ge=0, le=1, description="For style_transfer: how much stays in its place.")
    change_strength: float = Field(0.9, ge=0, le=1, description="For style_transfer: how much may change at all.")
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_what_its_kind_takes(self) -> ControlParams:
        needed = _NEEDS[self.kind]
        if not (getattr(self, needed) or "").strip():
            raise ValueError(f"kind {self.kind} needs {needed}")
        strange = [
            name
            for names in _OWN.values()
            for name in names
            if name in self.model_fields_set and name not in _OWN[self.kind]
        ]
        if strange:
            raise ValueError(f"kind {self.kind} takes no {' and no '.join(dict.fromkeys(strange))}")
        return self


def expect(params: ControlParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG as large as the picture that guides."""
    source = inputs[params.image]
    expected = one_picture(MediaInfo(Kind.IMAGE, source.mime, source.width, source.height), size_of(source))
    return Expectation(expected.outputs, {**expected.units, "1k_characters": len(params.prompt) / 1000})


OPERATION = Operation(
    name="control",
    version=1,
    family="image",
    params=ControlParams,
    makes=Kind.IMAGE,
    summary="A new picture that keeps the lines, the structure or the style of another one.",
    expect=expect,
    only_sold="it takes a model that paints, and none comes with this package",
    seeded=True,
    chain="controls",
    prompt_field="prompt",
)
