"""adjust: exposure, white balance, contrast, shadows, highlights and saturation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import Expectation, ImageSlot, Operation, Params, Workspace, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

_TONES = ("exposure", "contrast", "saturation", "temperature", "tint", "highlights", "shadows", "auto_levels")


class AdjustParams(Params):
    """A picture and at least one thing to change; 0 changes nothing."""

    image: ImageSlot = Field(description="The picture; transparency is kept.")
    exposure: float = Field(0, ge=-5, le=5, description="In stops: 1 doubles the light, -1 halves it.")
    contrast: float = Field(0, ge=-1, le=1, description="Around middle grey; -1 leaves no difference in lightness.")
    saturation: float = Field(0, ge=-1, le=1, description="-1 is black and white, 1 doubles the colour.")
    temperature: float = Field(0, ge=-1, le=1, description="Above 0 warmer, below 0 cooler.")
    tint: float = Field(0, ge=-1, le=1, description="Above 0 more magenta, below 0 more green.")
    highlights: float = Field(0, ge=-1, le=1, description="Lighter or darker bright parts; white stays white.")
    shadows: float = Field(0, ge=-1, le=1, description="Lighter or darker dark parts; black stays black.")
    auto_levels: bool = Field(False, description="First spread the picture's tones from black to white.")

    @model_validator(mode="after")
    def _changes_something(self) -> AdjustParams:
        if not any(getattr(self, name) for name in _TONES):
            raise ValueError(f"nothing to change: give at least one of {', '.join(_TONES)}")
        return self


def expect(params: AdjustParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the same size."""
    return one_picture(inputs[params.image], size_of(inputs[params.image]))


def run(params: AdjustParams, work: Workspace) -> Sequence[Made]:
    """Change the tones, write, open again."""
    import numpy as np
    from PIL import Image

    from pressroom.media.editing.saving import saved
    from pressroom.media.editing.tone import Tone, adjusted
    from pressroom.media.files.images import open_image

    picture = open_image(work.inputs[params.image], work.limits)
    pixels, details = adjusted(np.asarray(picture), Tone(**{name: getattr(params, name) for name in _TONES}))
    return [saved(Image.fromarray(pixels), work.folder / "adjusted.png", **details)]


OPERATION = Operation(
    name="adjust",
    version=2,
    family="image",
    params=AdjustParams,
    makes=Kind.IMAGE,
    summary="Exposure, white balance, contrast, shadows, highlights and saturation.",
    expect=expect,
    run=run,
    keeps_places=True,
)
