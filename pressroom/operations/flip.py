"""flip: a picture in the mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import MOVED_WORDS, SUBJECT, Kind, Made, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Workspace, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.geometry import Region


class FlipParams(Params):
    """One picture in, its mirror image as PNG out."""

    image: ImageSlot = Field(description="The picture; words in it will read backwards.")
    direction: Literal["horizontal", "vertical", "both"] = Field(
        "horizontal", description="horizontal swaps left and right, vertical top and bottom."
    )


def expect(params: FlipParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the same size."""
    return one_picture(inputs[params.image], size_of(inputs[params.image]))


def run(params: FlipParams, work: Workspace) -> Sequence[Made]:
    """Mirror, write, open again; whole pixels move, nothing is resampled."""
    from PIL.Image import Transpose

    from pressroom.media.editing.saving import saved
    from pressroom.media.files.images import open_image
    from pressroom.media.geometry import visible

    picture = open_image(work.inputs[params.image], work.limits)
    moves = {
        "horizontal": Transpose.FLIP_LEFT_RIGHT,
        "vertical": Transpose.FLIP_TOP_BOTTOM,
        "both": Transpose.ROTATE_180,
    }
    words = [_mirrored(word, params.direction) for word in work.words.get(params.image, ())]
    details: dict[str, object] = {MOVED_WORDS: visible(words)} if words else {}
    for subject in work.subjects.get(params.image, ()):
        details[SUBJECT] = list(_mirrored(subject, params.direction))
    return [saved(picture.transpose(moves[params.direction]), work.folder / "flipped.png", **details)]


def _mirrored(box: Region, direction: str) -> Region:
    left, top, right, bottom = box
    if direction != "vertical":
        left, right = 1 - right, 1 - left
    if direction != "horizontal":
        top, bottom = 1 - bottom, 1 - top
    return left, top, right, bottom


OPERATION = Operation(
    name="flip",
    version=3,
    family="image",
    params=FlipParams,
    makes=Kind.IMAGE,
    summary="Mirror a picture.",
    expect=expect,
    run=run,
)
