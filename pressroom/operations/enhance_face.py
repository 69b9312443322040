"""enhance_face: small, soft or damaged faces made clear. Only sold: what is not in the picture has to be invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Seed, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class EnhanceFaceParams(Params):
    """One picture with faces in, a clearer PNG out."""

    image: ImageSlot = Field(description="The picture with the faces.")
    fidelity: float = Field(0.5, ge=0, le=1, description="0 makes faces as clear as can be, 1 keeps them as they are.")
    scale: Literal[1, 2, 4] = Field(2, description="How many times as wide and as high the picture becomes.")
    background: bool = Field(True, description="Whether what is around the faces is enhanced as well.")
    only_center: bool = Field(False, description="Only the face in the middle, instead of all.")
    seed: Seed = 0


def expect(
    params: EnhanceFaceParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """A PNG of the picture's size, times the scale."""
    source = inputs[params.image]
    known = size_of(source)
    return one_picture(source, (known[0] * params.scale, known[1] * params.scale) if known else None)


OPERATION = Operation(
    name="enhance_face",
    version=1,
    family="image",
    params=EnhanceFaceParams,
    makes=Kind.IMAGE,
    summary="Make small, soft or damaged faces clear.",
    expect=expect,
    only_sold="it invents what the picture lacks, and no model that does so comes with this package",
    seeded=True,
    keeps_places=True,
)
