"""remove_background: cut a product out of its photo, with soft edges and no trace of the old background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Workspace
from pressroom.operations.params.outline import CutMethod, CutNetwork, check_outline, way_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class RemoveBackgroundParams(Params):
    """One photo in, one transparent PNG out."""

    image: ImageSlot = Field(description="The photo. A picture that is already transparent keeps its own outline.")
    feather: float = Field(
        0.5,
        ge=0,
        le=50,
        description="Softens the outline inwards by this many pixels, on top of the measured softness.",
    )
    method: CutMethod = "auto"
    network: CutNetwork = None
    trim: bool = Field(False, description="Crop to the subject; otherwise the picture keeps its size.")
    margin: float = Field(
        0.04, ge=0, le=0.5, description="Space around a trimmed subject, as a share of its longer side."
    )

    @model_validator(mode="after")
    def _names_the_network_that_it_asks(self) -> RemoveBackgroundParams:
        check_outline(self.method, self.network)
        return self


def expect(
    params: RemoveBackgroundParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """A PNG of the photo's size; a trimmed one's size is known only when it is made."""
    photo = inputs[params.image]
    size = (None, None) if params.trim else (photo.width, photo.height)
    output = MediaInfo(Kind.IMAGE, mime_of("png"), *size, has_alpha=True)
    return Expectation((("", output),), {"call": 1.0, "image": 1.0, "megapixel": photo.megapixels})


def run(params: RemoveBackgroundParams, work: Workspace) -> Sequence[Made]:
    """Cut out, write, open again. Raises Permanent when the photo shows no subject that stands out."""
    from pressroom.media.cutout.cutting import cutout_of  # pixel libraries load slower than a plan takes to make
    from pressroom.media.files.images import open_image, save_png

    photo = open_image(work.inputs[params.image], work.limits)
    found = cutout_of(photo, params.feather, way_of(params.method, params.network))
    picture = found.picture.crop(_window(found.box, photo.size, params.margin)) if params.trim else found.picture
    target = work.folder / "cutout.png"
    save_png(picture, target)
    details: dict[str, Any] = {"method": found.method, "photo_box": list(found.box)} | found.record
    return [Made(target, mime_of("png"), details=details)]


def _window(box: tuple[float, float, float, float], size: tuple[int, int], margin: float) -> tuple[int, int, int, int]:
    """The subject's box in pixels with its margin, inside the picture."""
    x0, y0, x1, y1 = box[0] * size[0], box[1] * size[1], box[2] * size[0], box[3] * size[1]
    space = margin * max(x1 - x0, y1 - y0)
    left, top = max(0, int(x0 - space)), max(0, int(y0 - space))
    return left, top, min(size[0], max(left + 1, round(x1 + space))), min(size[1], max(top + 1, round(y1 + space)))


OPERATION = Operation(
    name="remove_background",
    version=7,
    family="image",
    params=RemoveBackgroundParams,
    makes=Kind.IMAGE,
    summary="Cut a product out of its photo: a transparent PNG with soft edges.",
    expect=expect,
    run=run,
)
