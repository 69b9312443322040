"""rotate: turn a picture by any angle; quarter turns lose nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from pressroom.domain.errors import Permanent
from pressroom.domain.media import MOVED_WORDS, SUBJECT, Kind, Made, MediaInfo
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
    from pressroom.media.geometry import Region

_HAIR = 0.002  # of the picture: a rounded edge is no cut


class RotateParams(Params):
    """One picture in, the same turned as PNG out."""

    image: ImageSlot = Field(description="The picture; it is upright first, as its camera says.")
    angle: float = Field(ge=-360, le=360, description="Degrees, clockwise. 90, 180 and 270 move whole pixels.")
    edges: Literal["expand", "crop", "keep"] = Field(
        "expand",
        description="Other angles: expand the canvas to hold all of it; crop to the largest upright part (straightens a "
        "horizon); keep the canvas as it is.",
    )
    background: HexColor | BrandColor | Literal["transparent"] = Field(
        "transparent", description="What the corners of expand and keep show."
    )


def expect(params: RotateParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the turned size; with transparent corners where there are corners and no background."""
    from pressroom.media.editing.sizes import rotated_size

    source = inputs[params.image]
    size = size_of(source)
    cornered = params.angle % 90 != 0 and params.edges != "crop" and params.background == "transparent"
    return one_picture(source, size and rotated_size(size, params.angle, params.edges), alpha=cornered)


def run(params: RotateParams, work: Workspace) -> Sequence[Made]:
    """Turn, write, open again. Raises Permanent when the result would pass the limits."""
    from pressroom.media.editing.geometry import rotated
    from pressroom.media.editing.saving import saved
    from pressroom.media.editing.sizes import rotated_size
    from pressroom.media.files.images import open_image
    from pressroom.media.geometry import turned, visible

    picture = open_image(work.inputs[params.image], work.limits)
    size = rotated_size(picture.size, params.angle, params.edges)
    if size[0] * size[1] > work.limits.max_pixels or max(size) > work.limits.max_side:
        raise Permanent(
            f"turned, the picture would have {size[0]:,} x {size[1]:,} pixels, the limit is "
            f"{work.limits.max_pixels:,} pixels and {work.limits.max_side:,} a side",
            hint="use edges: keep or crop",
        )
    ground = None if params.background == "transparent" else work.brand.color_of(params.background)
    made = rotated(picture, params.angle, params.edges, ground)
    details = _words(work.words.get(params.image, ()), picture.size, params.angle, size)
    for subject in visible(
        turned(each, picture.size, params.angle, size) for each in work.subjects.get(params.image, ())
    ):
        details[SUBJECT] = list(subject)
    return [saved(made, work.folder / "rotated.png", angle=params.angle, of=list(picture.size), **details)]


def _words(words: Sequence[Region], size: tuple[int, int], angle: float, onto: tuple[int, int]) -> dict[str, Any]:
    """Where the picture's words lie afterwards, and whether some are cut."""
    from pressroom.media.geometry import WHOLE, is_inside, turned, visible

    places = [turned(word, size, angle, onto) for word in words]
    if not places:
        return {}
    cut = not all(is_inside(place, WHOLE, _HAIR) for place in places)
    return {MOVED_WORDS: visible(places)} | ({"warning": "words of the picture are cut"} if cut else {})


OPERATION = Operation(
    name="rotate",
    version=3,
    family="image",
    params=RotateParams,
    makes=Kind.IMAGE,
    summary="Turn a picture by any angle: expanded, cropped straight, or on its own canvas.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
)
