"""The parameters by which people point at what matters in a picture."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from pressroom.domain.operation import PICKED, Params, Picked
from pressroom.media.geometry import Region

_Share = Annotated[float, Field(ge=0, le=1)]
_LEAST_SHARE = 0.005  # a smaller box is a slip of the hand, not a subject


class FocalPoint(Params):
    """A point of the picture as shares of its width and height."""

    model_config = ConfigDict(json_schema_extra={PICKED: Picked.POINT.value})

    x: float = Field(ge=0, le=1, description="From the left edge (0) to the right edge (1).")
    y: float = Field(ge=0, le=1, description="From the top (0) to the bottom (1).")

    @property
    def point(self) -> tuple[float, float]:
        return self.x, self.y


class SubjectBox(Params):
    """A part of the picture that must stay whole: its edges as shares of the picture's width and height."""

    model_config = ConfigDict(json_schema_extra={PICKED: Picked.BOX.value})

    left: _Share = Field(description="Its left edge, from the picture's left (0) to its right (1).")
    top: _Share = Field(description="Its upper edge, from the picture's top (0) to its bottom (1).")
    right: _Share = Field(description="Its right edge.")
    bottom: _Share = Field(description="Its lower edge.")

    @model_validator(mode="after")
    def _has_an_area(self) -> SubjectBox:
        for low, high, names in ((self.left, self.right, "left and right"), (self.top, self.bottom, "top and bottom")):
            if high - low < _LEAST_SHARE:
                raise ValueError(
                    f"the box has no area: {names} are {low:g} and {high:g}, "
                    f"they must be {_LEAST_SHARE:g} or more apart, the smaller one first"
                )
        return self

    @property
    def box(self) -> Region:
        return self.left, self.top, self.right, self.bottom


Subject: TypeAlias = SubjectBox | Annotated[list[SubjectBox], Field(min_length=1, max_length=20)]


def subject_boxes(subject: SubjectBox | list[SubjectBox] | None) -> tuple[Region, ...]:
    """The boxes of a `subject` parameter, in the order given: () for none."""
    if subject is None:
        return ()
    return tuple(item.box for item in ([subject] if isinstance(subject, SubjectBox) else subject))
