"""lip_sync: a clip whose speaker says what a recording says. Only sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import AudioSlot, Expectation, Operation, Params, VideoSlot

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

_SLACK_SECONDS = 0.05  # as far as two files that belong together differ in length


class LipSyncParams(Params):
    """The clip, what is said in it from now on, and which of the two gives the length."""

    video: VideoSlot = Field(description="The clip: one person, whose mouth is seen.")
    audio: AudioSlot = Field(description="What is said. Made by speak, or a recording.")
    length: Literal["clip", "sound"] = Field(
        "clip",
        description="As long as the clip, or as the sound: the clip is then cut, or begins anew until the sound ends.",
    )


def expect(params: LipSyncParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """One clip; where the sound is not made yet, the longest that it can become is paid for."""
    clip, sound = inputs[params.video], inputs[params.audio]
    by_sound = params.length == "sound"
    made = MediaInfo(Kind.VIDEO, mime_of("mp4"), duration_seconds=clip.duration_seconds, most_seconds=clip.most_seconds)
    if by_sound:
        made = replace(made, duration_seconds=sound.duration_seconds, most_seconds=sound.most_seconds)
    lengths = [sound.longest_seconds] if by_sound else [clip.longest_seconds, sound.longest_seconds]
    units = {"call": 1.0, "second": max((seconds or 0.0 for seconds in lengths), default=0.0)}
    return Expectation((("", made),), units, tuple(_problems(clip, sound, by_sound=by_sound)))


def _problems(clip: MediaInfo, sound: MediaInfo, *, by_sound: bool) -> list[str]:
    unknown = [name for name, info in (("clip", clip), ("sound", sound)) if not info.longest_seconds]
    if unknown:
        return [f"it is not known how long the {name} is, so that its price is not known either" for name in unknown]
    seconds, shown = sound.duration_seconds, clip.longest_seconds or 0.0
    if by_sound or seconds is None or seconds <= shown + _SLACK_SECONDS:
        return []
    return [f"the sound of {seconds:g} s goes on after the clip of {shown:g} s: shorten it, or say length: sound"]


OPERATION = Operation(
    name="lip_sync",
    version=1,
    family="video",
    params=LipSyncParams,
    makes=Kind.VIDEO,
    summary="A clip whose speaker says what a recording says, priced by its seconds.",
    expect=expect,
    only_sold="lips that move as they should are a trained model's work, and none comes with this package",
)
