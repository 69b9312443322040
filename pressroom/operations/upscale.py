"""upscale: twice or four times as many pixels a side, or as many as you ask for, true to the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.domain.operation import (
    Expectation,
    ImageSlot,
    Operation,
    Params,
    Seed,
    Way,
    Workspace,
    size_of,
)

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

LOCAL_MODES: Final = ("conservative", "fast", "network")
MOST_TIMES: Final = 8  # beyond it nothing of the original's sharpness is left to be true to
_CONSERVATIVE_FROM: Final = 3_000  # pixels: on a larger picture people look more closely
_SIZES, _SCALE = ("scale", "width", "height"), 2
# Planning knows no settings: it promises what the default limits allow, `run` goes by the configured ones.
PLANNED_LIMITS: Final = MediaLimits.model_validate({})


class UpscaleParams(Params):
    """One picture in, one larger PNG out."""

    image: ImageSlot = Field(description="The picture to enlarge; transparency is kept.")
    scale: Literal[2, 4] | None = Field(None, description="How many times as wide and as high; default: 2.")
    width: int | None = Field(None, ge=2, le=20_000, description="Or the width to reach, in pixels; height follows.")
    height: int | None = Field(None, ge=2, le=20_000, description="Or the height to reach, in pixels; width follows.")
    mode: Literal["conservative", "fast", "creative", "network", "auto"] = Field(
        "conservative",
        description="conservative sharpens along edges and never beyond the pixels around them; fast only resamples; "
        "creative has a vendor's model invent detail; network asks the one in `network`, which may invent it too; auto is "
        "conservative for 3,000 pixels and more on the longer side, fast below, and the other one where that does not fit.",
    )
    prompt: str = Field("", max_length=10_000, description="What the picture shows; for models that ask for it.")
    negative_prompt: str = Field("", max_length=10_000, description="What it must not show; for such models.")
    creativity: float | None = Field(
        None, ge=0, le=0.5, description="How much may be invented; default: the model's own for the mode."
    )
    seed: Seed = 0
    network: str | None = Field(
        None,
        max_length=500,
        pattern=r"^(?:/|~/).+\.onnx$",
        description="For mode: network: path of an ONNX file that enlarges pictures, e.g. Real-ESRGAN's, on the machine that "
        "runs this, from / or ~/. Nothing is downloaded.",
    )

    @model_validator(mode="before")
    @classmethod
    def _doubles_where_no_size_is_asked_for(cls, values: Any) -> Any:
        """Written out, so that saying what is the default anyway is the same content."""
        if isinstance(values, Mapping) and all(values.get(name) is None for name in _SIZES):
            return {**values, "scale": _SCALE}
        return values

    @model_validator(mode="after")
    def _asks_for_one_size(self) -> UpscaleParams:
        given = [name for name in _SIZES if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are each a size: give one, the picture keeps its ratio")
        if (self.mode == "network") != (self.network is not None):
            raise ValueError("mode: network and network belong together: give both or none")
        return self

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the result for a picture of this size."""
        if self.width is not None:
            return self.width, max(1, round(height * self.width / width))
        if self.height is not None:
            return max(1, round(width * self.height / height)), self.height
        assert self.scale is not None, "the validators have seen to it"
        return width * self.scale, height * self.scale


def ways(params: UpscaleParams, inputs: Mapping[str, MediaInfo]) -> tuple[Way, ...]:
    """For `auto`: by the size to reach; of a picture that is not made yet it is not known."""
    if params.mode != "auto":
        return ()
    source = size_of(inputs[params.image])
    longest = max(params.size(*source)) if source else None
    if longest is None:
        first, why = "conservative", "it is not known how large the picture will be"
    elif longest >= _CONSERVATIVE_FROM:
        first, why = "conservative", f"{longest:,} pixels are {_CONSERVATIVE_FROM:,} or more"
    else:
        first, why = "fast", f"{longest:,} pixels are less than {_CONSERVATIVE_FROM:,}"
    second = "fast" if first == "conservative" else "conservative"
    return (
        Way(params.model_copy(update={"mode": first}), f"auto is {first}, as {why}"),
        Way(params.model_copy(update={"mode": second}), f"auto is {second}"),
    )


def expect(params: UpscaleParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the size asked for; a problem when that is smaller, over eight times as large, or more than may be decoded."""
    source = inputs[params.image]
    if source.width is None or source.height is None:
        output = MediaInfo(Kind.IMAGE, mime_of("png"), has_alpha=source.has_alpha)
        return Expectation((("", output),), {"call": 1.0, "image": 1.0, "megapixel": 0.0})
    size = params.size(source.width, source.height)
    output = MediaInfo(Kind.IMAGE, mime_of("png"), *size, has_alpha=source.has_alpha)
    problem = _problem((source.width, source.height), size, PLANNED_LIMITS)
    units = {"call": 1.0, "image": 1.0, "megapixel": output.megapixels}
    return Expectation((("", output),), units, (problem,) if problem else ())


def run(params: UpscaleParams, work: Workspace) -> Sequence[Made]:
    """Enlarge and write. Raises Permanent when the result would pass the configured limits."""
    import numpy as np  # pixel libraries load slower than a plan takes to make
    from PIL import Image

    from pressroom.media.files.images import open_image, save_png

    source = open_image(work.inputs[params.image], work.limits)
    if params.mode not in LOCAL_MODES:
        raise Permanent(
            f"mode: {params.mode} is not made here", hint=f"use {', '.join(LOCAL_MODES)}, or a model of another tier"
        )
    size = params.size(*source.size)
    problem = _problem(source.size, size, work.limits)
    if problem:
        raise Permanent(problem, hint="ask for another size, or raise limits.max_pixels and limits.max_side")
    target = work.folder / "upscaled.png"
    pixels, how = _enlarged(np.asarray(source), size, params)
    save_png(Image.fromarray(pixels, source.mode), target)
    details = {"method": params.mode, "from": list(source.size), "to": list(size)} | how
    return [Made(target, mime_of("png"), details=details)]


def _enlarged(pixels: Any, size: tuple[int, int], params: UpscaleParams) -> tuple[Any, dict[str, str]]:
    """The pixels at the size, and what of the way is worth keeping on record."""
    from pressroom.media.upscaling.enlarge import enlarged_to

    if params.mode != "network":
        return enlarged_to(pixels, size, "fast" if params.mode == "fast" else "conservative"), {}
    from pressroom.media.upscaling.network import open_network

    assert params.network is not None, "the validators have seen to it"
    path = Path(params.network).expanduser()
    network = open_network(path)
    return network.enlarger().to(pixels, size), {"network": path.name, "network_sha256": network.sha256}


def _problem(source: tuple[int, int], size: tuple[int, int], limits: MediaLimits) -> str:
    width, height = size
    if width < source[0] or height < source[1]:
        return f"the picture has {source[0]:,} x {source[1]:,} pixels already, more than {width:,} x {height:,}: use resize"
    if width > source[0] * MOST_TIMES:
        return f"{width:,} x {height:,} pixels are over {MOST_TIMES} times the {source[0]:,} x {source[1]:,} that are there"
    if width * height <= limits.max_pixels and max(size) <= limits.max_side:
        return ""
    return (
        f"the enlarged picture would have {width:,} x {height:,} pixels, "
        f"the limit is {limits.max_pixels:,} pixels and {limits.max_side:,} a side"
    )


OPERATION = Operation(
    name="upscale",
    version=3,
    family="image",
    params=UpscaleParams,
    makes=Kind.IMAGE,
    summary="Enlarge a picture two or four times or to a size, true to the original or, by a model, with invented detail.",
    expect=expect,
    run=run,
    keeps_places=True,
    ways=ways,
    seeded=True,
    prompt_field="prompt",
)
