"""edit_image: erase, fill, extend, replace, recolour, or change as told. Only sold: it takes a model that invents pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field, model_validator

from pressroom.catalog.shapes import SIDES
from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, MaskSlot, Operation, Params, Seed, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

EditKind = Literal["erase", "inpaint", "outpaint", "search_replace", "search_recolor", "instruct"]
# Kind -> parameters that it needs, and those that it may have as well.
_NEEDS: Final[Mapping[EditKind, tuple[str, ...]]] = {
    "erase": ("mask",),
    "inpaint": ("mask", "prompt"),
    "outpaint": (),
    "search_replace": ("prompt", "search"),
    "search_recolor": ("prompt", "search"),
    "instruct": ("prompt",),
}
_MAY: Final[Mapping[EditKind, tuple[str, ...]]] = {
    "erase": ("grow",),
    "inpaint": ("grow", "negative_prompt"),
    "outpaint": (*SIDES, "prompt", "creativity", "negative_prompt"),
    "search_replace": ("grow", "negative_prompt"),
    "search_recolor": ("grow", "negative_prompt"),
    "instruct": ("references",),
}
_WANTED: Final = ("mask", "prompt", "search", "negative_prompt", "references", "grow", "creativity", *SIDES)


class EditImageParams(Params):
    """One picture, what is done to it, and with which words or mask."""

    image: ImageSlot = Field(description="The picture to change.")
    kind: EditKind = Field(
        description="erase takes away what the mask covers, inpaint paints `prompt` there, outpaint adds to the sides, "
        "search_replace and search_recolor find `search` and make it `prompt`, instruct does what `prompt` says."
    )
    mask: MaskSlot | None = Field(
        None, description="White where the picture changes, black where it stays; as large as the picture."
    )
    prompt: str = Field("", max_length=10_000, description="What is to be there, or the instruction.")
    search: str = Field("", max_length=1_000, description="What is looked for in the picture.")
    negative_prompt: str = Field("", max_length=1_000, description="What must not be there.")
    references: list[ImageSlot] = Field(
        default_factory=list, max_length=13, description="More pictures that the instruction speaks of."
    )
    left: int = Field(0, ge=0, le=2_000, description="Pixels that outpaint adds on the left.")
    right: int = Field(0, ge=0, le=2_000, description="Pixels that it adds on the right.")
    up: int = Field(0, ge=0, le=2_000, description="Pixels that it adds above.")
    down: int = Field(0, ge=0, le=2_000, description="Pixels that it adds below.")
    grow: int | None = Field(
        None, ge=0, le=20, description="Pixels by which what is changed reaches beyond its edge; default: the model's."
    )
    creativity: float = Field(0.5, ge=0, le=1, description="How freely outpaint invents.")
    seed: Seed = 0

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> EditImageParams:
        given = {name for name in _WANTED if name in self.model_fields_set and self._says(name)}
        missing = [name for name in _NEEDS[self.kind] if name not in given]
        if missing:
            raise ValueError(f"kind {self.kind} needs {' and '.join(missing)}")
        strange = [name for name in _WANTED if name in given - {*_NEEDS[self.kind], *_MAY[self.kind]}]
        if strange:
            raise ValueError(f"kind {self.kind} takes no {' and no '.join(strange)}")
        if self.kind == "outpaint" and not any(getattr(self, side) for side in SIDES):
            raise ValueError(f"kind outpaint needs pixels on a side: {', '.join(SIDES)}")
        return self

    def _says(self, name: str) -> bool:
        value = getattr(self, name)
        if name in SIDES:
            return bool(value)
        return bool(value.strip()) if isinstance(value, str) else value not in (None, [])

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result for a picture of this size."""
        return width + self.left + self.right, height + self.up + self.down


def expect(
    params: EditImageParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """A PNG as large as the picture, or larger by what is added; a mask of another size is a problem."""
    source = inputs[params.image]
    before = size_of(source)
    after = params.size(*before) if before else None
    mask = size_of(inputs[params.mask]) if params.mask else None
    expected = one_picture(source, after, _problem(before, mask))
    return Expectation(
        expected.outputs,
        {**expected.units, "1k_characters": len(params.prompt) / 1000},
        expected.problems,
    )


def _problem(picture: tuple[int, int] | None, mask: tuple[int, int] | None) -> str:
    if picture is None or mask is None or picture == mask:
        return ""
    return (
        f"the mask has {mask[0]:,} x {mask[1]:,} pixels, the picture {picture[0]:,} x {picture[1]:,}: make it as large"
    )


OPERATION = Operation(
    name="edit_image",
    version=1,
    family="image",
    params=EditImageParams,
    makes=Kind.IMAGE,
    summary="Erase, fill, extend, replace or recolour parts of a picture, or change it as an instruction says.",
    expect=expect,
    only_sold="what was not photographed has to be invented, and no model that does so comes with this package",
    seeded=True,
    prompt_field="prompt",
)
