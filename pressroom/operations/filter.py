"""filter: blur, sharpen, duotone, vignette and grain, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import (
    BrandColor,
    Expectation,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    Seed,
    Workspace,
    named_colors,
    one_picture,
    size_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pressroom.domain.placement import Placement

Radius = Annotated[float, Field(gt=0, le=2_000)] | Annotated[str, Field(pattern=r"^\d{1,2}(\.\d+)?%$")]
_EFFECTS = ("blur", "sharpen", "duotone", "vignette", "grain")
_FINEST = 0.3  # pixels: a narrower blur changes nothing


class Duotone(Params):
    """The two colours that black and white become."""

    dark: HexColor | BrandColor = Field(description="What black becomes.")
    light: HexColor | BrandColor = Field("#ffffff", description="What white becomes.")
    strength: float = Field(1, ge=0, le=1, description="How much of the original's colour goes.")


class FilterParams(Params):
    """A picture and at least one effect."""

    image: ImageSlot = Field(description="The picture; transparency is kept.")
    blur: Radius | None = Field(
        None, description='Deviation of a Gaussian blur in pixels, or "2%" of the shorter side; as a lens blurs.'
    )
    sharpen: float = Field(0, ge=0, le=3, description="1 is clearly visible; edges get no bright or dark rims.")
    sharpen_radius: float = Field(1.2, ge=0.3, le=20, description="Of the details to sharpen, in pixels.")
    duotone: Duotone | None = Field(None, description="Two colours instead of all.")
    vignette: float = Field(0, ge=0, le=1, description="Share of the light that the corners lose.")
    grain: float = Field(0, ge=0, le=1, description="Film grain, strongest in the mid-tones; 0.3 is clearly visible.")
    grain_size: float = Field(1.5, ge=0.5, le=20, description="Of a grain, in pixels.")
    seed: Seed = 0

    @model_validator(mode="after")
    def _does_something(self) -> FilterParams:
        if not any(getattr(self, name) for name in _EFFECTS):
            raise ValueError(f"nothing to do: give at least one of {', '.join(_EFFECTS)}")
        return self


def expect(params: FilterParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the same size."""
    source = inputs[params.image]
    return one_picture(source, size_of(source), alpha=False)


def run(params: FilterParams, work: Workspace) -> Sequence[Made]:
    """Apply the effects in their order, write, open again."""
    import numpy as np
    from PIL import Image

    from pressroom.media.editing.saving import saved
    from pressroom.media.files.images import open_image

    picture = open_image(work.inputs[params.image], work.limits)
    pixels = _filtered(np.asarray(picture), params, work)
    return [saved(Image.fromarray(pixels), work.folder / "filtered.png")]


def _filtered(pixels: NDArray[np.uint8], params: FilterParams, work: Workspace) -> NDArray[np.uint8]:
    from pressroom.media.editing.duotone import duotoned
    from pressroom.media.editing.light import blurred, grained, sharpened, vignetted

    if params.blur is not None and (sigma := _pixels(params.blur, min(pixels.shape[:2]))) >= _FINEST:
        pixels = blurred(pixels, sigma)
    if params.sharpen:
        pixels = sharpened(pixels, params.sharpen, params.sharpen_radius)
    if params.duotone is not None:
        dark, light = (work.brand.color_of(color) for color in (params.duotone.dark, params.duotone.light))
        pixels = duotoned(pixels, dark, light, params.duotone.strength)
    if params.vignette:
        pixels = vignetted(pixels, params.vignette)
    if params.grain:
        pixels = grained(pixels, params.grain, params.grain_size, params.seed)
    return pixels


def _pixels(value: float | str, side: int) -> float:
    return float(value.rstrip("%")) / 100 * side if isinstance(value, str) else value


OPERATION = Operation(
    name="filter",
    version=2,
    family="image",
    params=FilterParams,
    makes=Kind.IMAGE,
    summary="Blur, sharpen, duotone, vignette and film grain.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
    seeded=True,
    keeps_places=True,
)
