"""approve: what a person has looked at and lets through, untouched. Nothing that needs it is made before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import Asks, AssetSlot, Expectation, Operation, Params, Workspace

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

APPROVED = "approved"  # the detail in which it says who has approved the file
_KINDS = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO)  # what operations take


class ApproveParams(Params):
    """One file in, the same out."""

    media: Annotated[str, AssetSlot(_KINDS)] = Field(
        description="What somebody looks at before anything is made of it."
    )


def expect(params: ApproveParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """The file itself."""
    info = replace(inputs[params.media], sha256=None, size_bytes=None)
    units = {"call": 1.0, "image": 1.0, "second": info.longest_seconds or 0.0, "megapixel": info.megapixels}
    return Expectation((("", info),), units)


def run(params: ApproveParams, work: Workspace) -> Sequence[Made]:
    """A copy, with who has approved it."""
    from pressroom.media.files.copies import copied

    answer = work.answer
    if answer is None:
        raise Permanent("nobody has approved it", hint="pressroom approve RUN")
    said = {"by": answer.by, "from": answer.door, "at": answer.at}
    return [copied(work, params.media, "approved", {APPROVED: said})]


OPERATION = Operation(
    name="approve",
    version=1,
    family="image",
    params=ApproveParams,
    makes=Kind.IMAGE,
    summary="Wait until a person has approved a picture, video or sound; nothing is made of it before.",
    expect=expect,
    run=run,
    asks=lambda params: Asks.APPROVAL,
)
