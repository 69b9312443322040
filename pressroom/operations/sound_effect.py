"""sound_effect: a sound from words, of a length that is asked for. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, Operation, Params

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


class SoundEffectParams(Params):
    """What is heard, and for how long."""

    prompt: str = Field(
        min_length=1, max_length=1_000, description="What is heard: rain on a tin roof, a door closing."
    )
    duration: float = Field(
        5, ge=0.5, le=30, description="Length in seconds. Never left to the vendor, who charges by it."
    )
    loop: bool = Field(False, description="Whether its end leads into its beginning.")
    influence: float = Field(0.3, ge=0, le=1, description="High keeps to the words, low is more inventive.")
    format: Literal["mp3", "wav"] = Field("mp3", description="The file's format.")


def expect(
    params: SoundEffectParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One sound of the asked length."""
    sound = MediaInfo(Kind.AUDIO, mime_of(params.format), duration_seconds=params.duration)
    units = {"call": 1.0, "second": params.duration, "1k_characters": len(params.prompt) / 1000}
    return Expectation((("", sound),), units)


OPERATION = Operation(
    name="sound_effect",
    version=1,
    family="audio",
    params=SoundEffectParams,
    makes=Kind.AUDIO,
    summary="A sound from words, of the length that is asked for.",
    expect=expect,
    only_sold="free sound does not exist here: bring a recording of your own as an input",
    prompt_field="prompt",
)
