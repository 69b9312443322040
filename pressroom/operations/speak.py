"""speak: words said aloud. Only sold: a voice that can be listened to is a trained model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from pressroom.domain.media import Kind, MediaInfo, mime_of
from pressroom.domain.operation import Expectation, Operation, Params, Seed
from pressroom.operations.params.spoken import most_seconds, usual_seconds

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("there is nothing to say")
    return text


class SpeakParams(Params):
    """The words, who says them and how."""

    text: Annotated[str, AfterValidator(_said)] = Field(min_length=1, max_length=10_000, description="What is said.")
    voice: str | None = Field(
        None, max_length=100, description="One of the vendor's voices, by its id; default: the model's own."
    )
    language: str | None = Field(
        None, pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="Language of the words, e.g. de; default: by the words."
    )
    speed: float = Field(1, ge=0.7, le=1.2, description="1 is the voice's own pace.")
    stability: float = Field(0.5, ge=0, le=1, description="Low is lively and differs each time, high is even.")
    format: Literal["mp3", "wav"] = Field("mp3", description="The file's format.")
    seed: Seed = 0


def expect(params: SpeakParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """One sound, priced by characters; how long it will be is known as a bound only."""
    longest = most_seconds(params.text, params.speed)
    sound = MediaInfo(Kind.AUDIO, mime_of(params.format), most_seconds=longest)
    units = {
        "call": 1.0,
        "second": usual_seconds(params.text, params.speed),
        "1k_characters": len(params.text) / 1000,
    }
    return Expectation((("", sound),), units)


OPERATION = Operation(
    name="speak",
    version=1,
    family="audio",
    params=SpeakParams,
    makes=Kind.AUDIO,
    summary="Words said aloud: a voice-over, priced by its characters.",
    expect=expect,
    only_sold="free sound does not exist here: bring a recording of your own as an input",
    seeded=True,
    prompt_field="text",
)
