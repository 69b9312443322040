"""image_to_3d: a model that can be turned, from one picture. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Seed

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class ImageTo3dParams(Params):
    """One picture of one thing, and how fine the model is to be."""

    image: ImageSlot = Field(description="The thing, whole, on a plain ground or cut out.")
    texture: Literal[512, 1024, 2048] = Field(1024, description="Pixels a side of the model's surface.")
    foreground_ratio: float = Field(
        0.85, ge=0.1, le=1, description="The thing's share of the frame that the model is made from."
    )
    remesh: Literal["none", "triangle", "quad"] = Field(
        "none", description="Whether the mesh is laid anew, and of what."
    )
    vertices: int | None = Field(
        None, ge=100, le=20_000, description="About how many corners the mesh has at most; default: the model's own."
    )
    seed: Seed = 0


def expect(
    params: ImageTo3dParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One GLB file with everything in it."""
    return Expectation((("", MediaInfo(Kind.MODEL, mime_of("glb"))),), {"call": 1.0, "image": 1.0})


OPERATION = Operation(
    name="image_to_3d",
    version=1,
    family="image",
    params=ImageTo3dParams,
    makes=Kind.MODEL,
    summary="A three-dimensional model (GLB) from one picture.",
    expect=expect,
    only_sold="the back of a thing has to be invented, and no model that does so comes with this package",
    seeded=True,
)
