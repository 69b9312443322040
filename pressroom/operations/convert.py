"""convert: a picture in another file format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import (
    BrandColor,
    Expectation,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    Workspace,
    named_colors,
)

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

_LOSSY = ("jpeg", "webp", "avif")
_OPAQUE = ("jpeg", "bmp")
_WITH_EXIF = ("jpeg", "png", "webp")


class ConvertParams(Params):
    """A picture and the format that it gets. Size, and what can be kept of transparency, stay."""

    image: ImageSlot = Field(description="The picture; of an animated one, its first frame.")
    format: Literal["jpeg", "png", "webp", "avif", "tiff", "gif", "bmp"] = Field(description="What to write.")
    quality: int | None = Field(
        None, ge=10, le=100, description="Of jpeg, webp and avif; default: where no loss is seen (90, 90, 80)."
    )
    background: HexColor | BrandColor = Field(
        "#ffffff", description="What transparent pixels lie on in formats that have none (jpeg, bmp)."
    )

    metadata: Literal["rights", "camera"] = Field(
        "rights",
        description="What stays of what the photo says of itself: creator, copyright and terms of use; with `camera` also "
        "caption, date, camera, lens and exposure (jpeg, png, webp). Never the place, serial numbers or a thumbnail.",
    )

    @model_validator(mode="after")
    def _each_fits_the_format(self) -> ConvertParams:
        if self.metadata == "camera" and self.format not in _WITH_EXIF:
            raise ValueError(f"{self.format} does not keep a camera's data here: {', '.join(_WITH_EXIF)} do")
        if self.quality is not None and self.format not in _LOSSY:
            raise ValueError(f"{self.format} has no quality: it is for {', '.join(_LOSSY)}")
        return self


def expect(params: ConvertParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A file of that format and the same size."""
    source = inputs[params.image]
    alpha = source.has_alpha and params.format not in _OPAQUE
    made = MediaInfo(Kind.IMAGE, mime_of(params.format), source.width, source.height, has_alpha=alpha)
    return Expectation((("", made),), {"call": 1.0, "image": 1.0, "megapixel": made.megapixels})


def run(params: ConvertParams, work: Workspace) -> Sequence[Made]:
    """Write, open again, compare. The colours are sRGB; creator and rights stay, a camera's data where that is asked."""
    from pressroom.media.editing.packing import Wanted, packed
    from pressroom.media.files.images import open_image
    from pressroom.provenance.exif import put_camera_data

    picture = open_image(work.inputs[params.image], work.limits)
    wanted = Wanted(params.format, work.brand.color_of(params.background), params.quality)
    made = packed(picture, wanted, work.folder, "converted", work.limits)
    if params.metadata == "camera":
        put_camera_data(work.inputs[params.image], made.path, params.format)
    return [made]


OPERATION = Operation(
    name="convert",
    version=2,
    family="export",
    params=ConvertParams,
    makes=Kind.IMAGE,
    summary="Write a picture as JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
    keeps_places=True,
)
