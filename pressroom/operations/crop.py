"""crop: a part of a picture, by a box, by shape, or without its empty border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from pressroom.assets import Kind, Made, MediaInfo
from pressroom.errors import Permanent
from pressroom.operation import Expectation, ImageSlot, Operation, Params, Workspace, one_picture, size_of

if TYPE_CHECKING:
    from pressroom.catalog.placements import Placement

Size = tuple[int, int]
Box = tuple[int, int, int, int]

Length = Annotated[int, Field(ge=0, le=100_000)] | Annotated[str, Field(pattern=r"^\d{1,3}(\.\d+)?%$")]
Anchor = Literal[
    "auto", "center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"
]


class CropBox(Params):
    """A part of the picture, in pixels or percent of its width and height."""

    x: Length = Field(0, description='From the left edge, e.g. 120 or "10%".')
    y: Length = Field(0, description='From the top, e.g. 80 or "5%".')
    width: Length = Field("100%", description="Up to the picture's right edge at most.")
    height: Length = Field("100%", description="Up to the picture's bottom at most.")


class CropFocus(Params):
    """A point of the picture as shares of its width and height."""

    x: float = Field(ge=0, le=1, description="From the left edge (0) to the right edge (1).")
    y: float = Field(ge=0, le=1, description="From the top (0) to the bottom (1).")


class CropParams(Params):
    """Trim, box and ratio follow each other in this order; at least one of them."""

    image: ImageSlot = Field(description="The picture; transparency is kept.")
    trim: bool = Field(False, description="First cut off an even border: transparent, or of the corner's colour.")
    trim_tolerance: int = Field(12, ge=0, le=128, description="How far (of 255) a border may differ from the corner.")
    trim_margin: float = Field(0, ge=0, le=0.5, description="Border left when trimming, as a share of the longer side.")
    box: CropBox | None = Field(None, description="The part to keep, in pixels or percent.")
    ratio: str | None = Field(
        None,
        pattern=r"^[1-9]\d{0,4}(\.\d+)?:[1-9]\d{0,4}(\.\d+)?$",
        description='Then the largest part of this shape, e.g. "4:5".',
    )
    anchor: Anchor = Field("auto", description="Which part a ratio keeps; auto estimates what matters.")
    focal_point: CropFocus | None = Field(None, description="Which point a ratio keeps, instead of an anchor.")

    @model_validator(mode="after")
    def _cuts_something(self) -> CropParams:
        if not self.trim and self.box is None and self.ratio is None:
            raise ValueError("nothing to cut: give box, ratio or trim: true")
        if self.focal_point is not None and self.anchor != "auto":
            raise ValueError("anchor and focal_point exclude each other")
        if (self.focal_point is not None or self.anchor != "auto") and self.ratio is None:
            raise ValueError("anchor and focal_point say which part a ratio keeps: give ratio as well")
        return self


def expect(params: CropParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the part's size; not known beforehand when a border is trimmed. A box beyond the picture is a problem."""
    from pressroom.media.editing.shapes import ratio_size

    source = inputs[params.image]
    size = size_of(source)
    if params.trim or size is None:
        return one_picture(source, None)
    problem = ""
    if params.box is not None:
        left, top, right, bottom = _box(params.box, size)
        problem = _problem((left, top, right, bottom), size)
        size = max(1, right - left), max(1, bottom - top)
    if params.ratio is not None:
        size = ratio_size(size, _ratio(params.ratio))
    return one_picture(source, size, problem)


def run(params: CropParams, work: Workspace) -> Sequence[Made]:
    """Cut, write, open again. Raises Permanent where nothing would be left."""
    from pressroom.media.editing.geometry import border, grown
    from pressroom.media.editing.saving import saved
    from pressroom.media.images import open_image

    picture = open_image(work.inputs[params.image], work.limits)
    total, part = picture.size, picture
    left = top = 0
    if params.trim:
        found = border(picture, params.trim_tolerance)
        if found is None:
            raise Permanent("the picture is even all over: nothing is left of it", hint="lower trim_tolerance")
        found = grown(found, params.trim_margin, total)
        left, top, part = found[0], found[1], part.crop(found)
    if params.box is not None:
        box = _box(params.box, part.size)
        if problem := _problem(box, part.size):
            raise Permanent(problem)
        left, top, part = left + box[0], top + box[1], part.crop(box)
    details: dict[str, object] = {}
    if params.ratio is not None:
        x, y, source = _point(params, part)
        box = _window(params, part.size, (x, y))
        left, top, part = left + box[0], top + box[1], part.crop(box)
        details = {"focal_point": {"x": round(x, 4), "y": round(y, 4), "source": source}}
    box = (left, top, left + part.width, top + part.height)
    return [saved(part, work.folder / "cropped.png", work.limits, box=list(box), of=list(total), **details)]


def _window(params: CropParams, size: Size, at: tuple[float, float]) -> Box:
    from pressroom.media.editing.geometry import placed
    from pressroom.media.editing.shapes import ratio_size

    assert params.ratio is not None
    return placed(size, ratio_size(size, _ratio(params.ratio)), at)


def _point(params: CropParams, part: object) -> tuple[float, float, str]:
    """What a ratio keeps, as shares of the part, and where that came from."""
    from PIL.Image import Image

    from pressroom.media.editing.geometry import ANCHORS
    from pressroom.media.focal import find_focus

    assert isinstance(part, Image)
    if params.focal_point is not None:
        return params.focal_point.x, params.focal_point.y, "given"
    if params.anchor != "auto":
        return *ANCHORS[params.anchor], "anchor"
    focus = find_focus(part)
    return focus.x, focus.y, focus.source


def _box(box: CropBox, size: Size) -> Box:
    left, width = (_pixels(value, size[0]) for value in (box.x, box.width))
    top, height = (_pixels(value, size[1]) for value in (box.y, box.height))
    # "100%" from a point on means all that is left; pixels are meant as they are.
    right = min(size[0], left + width) if isinstance(box.width, str) else left + width
    bottom = min(size[1], top + height) if isinstance(box.height, str) else top + height
    return left, top, right, bottom


def _pixels(value: int | str, of: int) -> int:
    return value if isinstance(value, int) else round(float(value.rstrip("%")) / 100 * of)


def _problem(box: Box, size: Size) -> str:
    left, top, right, bottom = box
    if right <= left or bottom <= top:
        return f"box: nothing of the {size[0]} x {size[1]} pixels is left"
    if right > size[0] or bottom > size[1]:
        return f"box: it reaches to {right} x {bottom} pixels, the picture has {size[0]} x {size[1]}"
    return ""


def _ratio(text: str) -> float:
    width, height = text.split(":")
    return float(width) / float(height)


OPERATION = Operation(
    name="crop",
    version=1,
    family="image",
    params=CropParams,
    makes=Kind.IMAGE,
    summary="Cut a part out of a picture: a box, a shape around what matters, or all but its empty border.",
    expect=expect,
    run=run,
)
