"""compress: a picture in as few bytes as asked, and as good as that allows."""

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
    size_of,
)

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.editing.presets import Preset


class CompressParams(Params):
    """A picture and what its file should weigh: a preset, a number, or both (the number counts)."""

    image: ImageSlot = Field(description="The picture; of an animated one, its first frame.")
    preset: Literal["web", "email", "social", "high_quality", "maximum"] | None = Field(
        None,
        description="web: webp 80; email: jpeg 70, at most 200 kB; social: jpeg 85; high_quality: png; maximum: webp 60.",
    )
    max_kb: float | None = Field(None, ge=1, le=500_000, description="Most kilobytes (of 1,000 bytes) of the file.")
    format: Literal["jpeg", "png", "webp", "avif"] | None = Field(
        None, description="Default: the preset's, else webp for transparent pictures and jpeg for others."
    )
    max_width: int | None = Field(None, ge=16, le=20_000, description="Shrink to this width first, where it is wider.")
    background: HexColor | BrandColor = Field("#ffffff", description="What transparent pixels lie on in a jpeg.")

    @model_validator(mode="after")
    def _has_an_aim(self) -> CompressParams:
        if self.preset is None and self.max_kb is None:
            raise ValueError("give an aim: a preset or max_kb")
        return self


def expect(params: CompressParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A file of the format asked for. Whether the bytes suffice is known only when it is made."""
    source = inputs[params.image]
    size = size_of(source)
    width, height = _size(size, params.max_width) if size else (None, None)
    name = _aim(params).format
    mime = mime_of(name) if name else "" if source.has_alpha else mime_of("jpeg")
    made = MediaInfo(Kind.IMAGE, mime, width, height, has_alpha=source.has_alpha and mime != mime_of("jpeg"))
    return Expectation((("", made),), {"call": 1.0, "image": 1.0, "megapixel": made.megapixels})


def run(params: CompressParams, work: Workspace) -> Sequence[Made]:
    """Shrink, search, open again, compare. Raises Refused when no quality fits the bytes."""
    from PIL import Image

    from pressroom.media.editing.packing import Wanted, packed
    from pressroom.media.files.images import open_image

    path = work.inputs[params.image]
    picture = open_image(path, work.limits)
    size = _size(picture.size, params.max_width)
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3)
    aim = _aim(params)
    name = aim.format or ("webp" if picture.mode == "RGBA" else "jpeg")
    wanted = Wanted(name, work.brand.color_of(params.background), aim.quality, work.bytes_left(aim.max_bytes))
    made = packed(picture, wanted, work.folder, "compressed", work.limits)
    made.details.update({"bytes_before": path.stat().st_size, "max_bytes": aim.max_bytes})
    return [made]


def _aim(params: CompressParams) -> Preset:
    """Format ("" is left to the picture), quality and bytes."""
    from pressroom.media.editing.presets import Preset, presets

    base = presets()[params.preset] if params.preset else Preset("")
    name = params.format or base.format
    quality = base.quality if name in ("jpeg", "webp", "avif") else None
    return Preset(name, quality, round(params.max_kb * 1000) if params.max_kb is not None else base.max_bytes)


def _size(size: tuple[int, int], max_width: int | None) -> tuple[int, int]:
    if max_width is None or size[0] <= max_width:
        return size
    return max_width, max(1, round(size[1] * max_width / size[0]))


OPERATION = Operation(
    name="compress",
    version=2,
    family="export",
    params=CompressParams,
    makes=Kind.IMAGE,
    summary="As few bytes as asked, in the best quality that they allow.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
    keeps_places=True,
)
