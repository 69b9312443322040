"""upscale: twice or four times as many pixels a side, true to the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from pressroom.assets import Kind, Made, MediaInfo
from pressroom.errors import Corrupt, Permanent
from pressroom.operation import Expectation, ImageSlot, Operation, Params, Workspace
from pressroom.settings import MediaLimits

if TYPE_CHECKING:
    from pressroom.catalog.placements import Placement

# Planning knows no settings: it promises what the default limits allow, `run` goes by the configured ones.
PLANNED_LIMITS: Final = MediaLimits.model_validate({})


class UpscaleParams(Params):
    """One picture in, one larger PNG out."""

    image: ImageSlot = Field(description="The picture to enlarge; transparency is kept.")
    scale: Literal[2, 4] = Field(2, description="How many times as wide and as high.")
    mode: Literal["conservative", "fast"] = Field(
        "conservative",
        description="conservative corrects the result against the original and sharpens without halos; fast only resamples.",
    )


def expect(params: UpscaleParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG `scale` times as large; a problem when that is more than may be decoded."""
    source = inputs[params.image]
    if source.width is None or source.height is None:
        output = MediaInfo(Kind.IMAGE, "image/png", has_alpha=source.has_alpha)
        return Expectation((("", output),), {"call": 1.0, "image": 1.0, "megapixel": 0.0})
    size = (source.width * params.scale, source.height * params.scale)
    output = MediaInfo(Kind.IMAGE, "image/png", *size, has_alpha=source.has_alpha)
    too_large = _too_large(size, PLANNED_LIMITS)
    units = {"call": 1.0, "image": 1.0, "megapixel": output.megapixels}
    return Expectation((("", output),), units, (too_large,) if too_large else ())


def run(params: UpscaleParams, work: Workspace) -> Sequence[Made]:
    """Enlarge, write, open again. Raises Permanent when the result would pass the configured limits."""
    import numpy as np  # pixel libraries load slower than a plan takes to make
    from PIL import Image

    from pressroom.media.enlarge import enlarged
    from pressroom.media.images import open_image, save_png

    source = open_image(work.inputs[params.image], work.limits)
    size = (source.width * params.scale, source.height * params.scale)
    problem = _too_large(size, work.limits)
    if problem:
        raise Permanent(problem, hint="use a smaller scale or raise limits.max_pixels and limits.max_side")
    target = work.folder / "upscaled.png"
    save_png(Image.fromarray(enlarged(np.asarray(source), params.scale, params.mode), source.mode), target)
    written = open_image(target, work.limits)
    if written.size != size or written.mode != source.mode:
        raise Corrupt(f"{target.name} came out as {written.mode} {written.size}, not {source.mode} {size}")
    details = {"method": params.mode, "from": list(source.size), "to": list(size)}
    return [Made(target, "image/png", details=details)]


def _too_large(size: tuple[int, int], limits: MediaLimits) -> str:
    width, height = size
    if width * height <= limits.max_pixels and max(size) <= limits.max_side:
        return ""
    return (
        f"the enlarged picture would have {width:,} x {height:,} pixels, "
        f"the limit is {limits.max_pixels:,} pixels and {limits.max_side:,} a side"
    )


OPERATION = Operation(
    name="upscale",
    version=1,
    family="image",
    params=UpscaleParams,
    makes=Kind.IMAGE,
    summary="Enlarge a picture two or four times, true to the original.",
    expect=expect,
    run=run,
)
