"""Three small operations, so that tests of campaign files do not change with the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pressroom.domain.media import Kind, MediaInfo
from pressroom.domain.operation import Expectation, HexColor, ImageSlot, Operation, Params, Seed

PLACEMENTS = ("instagram.reel", "instagram.feed_square", "x.post_image_landscape")


class DrawParams(Params):
    prompt: str = Field(description="What to draw.", min_length=1, max_length=500)
    seed: Seed = 0
    color: HexColor | Literal["brand"] = Field("brand", description="Ink.")
    width: int = Field(1080, gt=0, le=8192, description="Pixels.")


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class ResizeParams(Params):
    image: ImageSlot = Field(description="The master.")
    placements: list[str] = Field(default_factory=list, description="Where to.")
    width: int | None = Field(None, gt=0, description="Pixels.")
    height: int | None = Field(None, gt=0, description="Pixels.")
    focal_point: Point | None = Field(None, description="What a crop keeps.")

    @model_validator(mode="after")
    def _something_to_make(self) -> ResizeParams:
        if not self.placements and self.width is None:
            raise ValueError("nothing to make: give placements, or width and height")
        return self


class CollageParams(Params):
    images: list[ImageSlot] = Field(min_length=1, description="The pictures.")
    gap: int = Field(0, ge=0, description="Pixels between them.")


def _expect(params: Any, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Any]) -> Expectation:
    return Expectation((("", MediaInfo(Kind.IMAGE)),), {"call": 1})


def _operation(name: str, params: type[Params]) -> Operation[Any]:
    return Operation(name, 1, "image", params, Kind.IMAGE, f"What {name} does.", _expect)


SMALL_OPERATIONS: dict[str, Operation[Any]] = {
    "draw": _operation("draw", DrawParams),
    "resize": _operation("resize", ResizeParams),
    "collage": _operation("collage", CollageParams),
}
