"""text_to_video: a clip from words. Only sold: this machine moves a camera over pictures, it films nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, Operation, Params, Seed
from pressroom.operations.params.clip_shape import ClipRatio, ClipShape, GenerateAudio, Resolution, check_ratio

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class TextToVideoParams(Params):
    """What happens, and the shape of the clip."""

    prompt: str = Field(min_length=1, max_length=5_000, description="What happens in the clip.")
    negative_prompt: str = Field("", max_length=1_000, description="What must not be in it.")
    duration: float = Field(5, ge=1, le=60, description="Length of the clip in seconds.")
    resolution: Resolution = Field("720p", description="Length of the shorter side; prices depend on it.")
    ratio: ClipRatio = "16:9"
    placement: str | None = Field(
        None,
        description="A video placement, e.g. instagram.reel: sets the size and checks the clip against its limits.",
    )
    generate_audio: GenerateAudio = False
    seed: Seed = 0

    @model_validator(mode="after")
    def _can_be_made(self) -> TextToVideoParams:
        check_ratio(self.ratio)
        if not self.prompt.strip():
            raise ValueError("prompt has no words")
        return self


def expect(
    params: TextToVideoParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One clip; a placement that does not exist, is no video or does not take this length is a problem."""
    shape = ClipShape(params.duration, params.resolution, params.ratio, params.placement)
    problems = shape.problems(placements)
    target = shape.target({} if problems else placements)
    clip = MediaInfo(Kind.VIDEO, mime_of("mp4"), target.width, target.height, params.duration)
    units = {"call": 1.0, "second": params.duration, "1k_characters": len(params.prompt) / 1000}
    return Expectation((("", clip),), units, tuple(problems), params.placement or "")


OPERATION = Operation(
    name="text_to_video",
    version=1,
    family="video",
    params=TextToVideoParams,
    makes=Kind.VIDEO,
    summary="A clip from words.",
    expect=expect,
    only_sold="this machine films nothing: image_to_video moves a camera over a picture for free",
    seeded=True,
    prompt_field="prompt",
)
