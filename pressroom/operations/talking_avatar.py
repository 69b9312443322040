"""talking_avatar: a portrait that says what a recording says. The sound drives length and price. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import AudioSlot, Expectation, ImageSlot, Operation, Params, Seed
from pressroom.operations.params.clip_shape import Resolution

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

Emotion = Literal["neutral", "happy", "professional", "excited"]


class TalkingAvatarParams(Params):
    """Who speaks, what is said, and in which mood."""

    image: ImageSlot = Field(description="The portrait: one face, seen from the front.")
    audio: AudioSlot = Field(description="What is said; the clip is as long. Made by speak, or a recording.")
    prompt: str = Field("", max_length=2_500, description="How the person behaves, and what is around.")
    emotion: Emotion = Field(
        "neutral", description="The person's mood; where a vendor has no field for it, it is added to the prompt."
    )
    resolution: Resolution = Field("720p", description="Length of the shorter side; prices depend on it.")
    seed: Seed = 0


def expect(
    params: TalkingAvatarParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """One clip as long as the sound; a sound that is not made yet counts as the longest that it can become."""
    sound = inputs[params.audio]
    longest = sound.longest_seconds
    clip = MediaInfo(
        Kind.VIDEO, mime_of("mp4"), duration_seconds=sound.duration_seconds, most_seconds=sound.most_seconds
    )
    problems = () if longest else ("it is not known how long the sound is, so that its price is not known either",)
    return Expectation((("", clip),), {"call": 1.0, "second": longest or 0.0}, problems)


OPERATION = Operation(
    name="talking_avatar",
    version=1,
    family="video",
    params=TalkingAvatarParams,
    makes=Kind.VIDEO,
    summary="A portrait that says what a recording says, priced by the seconds of the recording.",
    expect=expect,
    only_sold="lips that move as they should are a trained model's work, and none comes with this package",
    seeded=True,
    prompt_field="prompt",
)
