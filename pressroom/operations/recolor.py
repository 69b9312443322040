"""recolor: one range of colours becomes another; light, shade and texture stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import (
    BrandColor,
    Expectation,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    Workspace,
    named_colors,
    one_picture,
    size_of,
)

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

ColorName = Literal[
    "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "brown", "white", "grey", "black"
]


class RecolorParams(Params):
    """What to recolour and the colour that it gets."""

    image: ImageSlot = Field(description="The picture; transparency is kept.")
    source: ColorName | HexColor = Field(description="The colours to change, by name or around a colour.")
    target: HexColor | BrandColor = Field(description="The colour that a middling pixel of them gets.")
    tolerance: float = Field(0.5, ge=0.05, le=1, description="How far around the source colours count, too.")


def expect(params: RecolorParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the same size."""
    return one_picture(inputs[params.image], size_of(inputs[params.image]))


def run(params: RecolorParams, work: Workspace) -> Sequence[Made]:
    """Recolour, write, open again. Raises Permanent when the picture has no such colours."""
    import numpy as np
    from PIL import Image

    from pressroom.media.editing.recolor import recolored
    from pressroom.media.editing.saving import saved
    from pressroom.media.files.images import open_image

    picture = open_image(work.inputs[params.image], work.limits)
    target = work.brand.color_of(params.target)
    pixels, details = recolored(np.asarray(picture), params.source, target, params.tolerance)
    return [saved(Image.fromarray(pixels), work.folder / "recolored.png", color=target, **details)]


OPERATION = Operation(
    name="recolor",
    version=5,
    family="image",
    params=RecolorParams,
    makes=Kind.IMAGE,
    summary="Give a range of colours another colour and keep light, shade and texture.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
    keeps_places=True,
)
