"""crop: a part of a picture, by a box, by shape, or without its empty border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import MOVED_WORDS, SUBJECT, Kind, Made, MediaInfo
from pressroom.domain.operation import (
    PICKED,
    Expectation,
    ImageSlot,
    Operation,
    Params,
    Picked,
    Workspace,
    one_picture,
    size_of,
)
from pressroom.media.geometry import WHOLE, Bounds, Region, is_inside, union, visible
from pressroom.operations.params.focus import FocalPoint, Subject, subject_boxes

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.placement import Placement

Size = tuple[int, int]

Length = Annotated[int, Field(ge=0, le=100_000)] | Annotated[str, Field(pattern=r"^\d{1,3}(\.\d+)?%$")]
Anchor = Literal[
    "auto", "center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"
]


class CropBox(Params):
    """A part of the picture, in pixels or percent of its width and height."""

    model_config = ConfigDict(json_schema_extra={PICKED: Picked.AREA.value})

    x: Length = Field(0, description='From the left edge, e.g. 120 or "10%".')
    y: Length = Field(0, description='From the top, e.g. 80 or "5%".')
    width: Length = Field("100%", description="Up to the picture's right edge at most.")
    height: Length = Field("100%", description="Up to the picture's bottom at most.")


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
    focal_point: FocalPoint | None = Field(
        None, description="Which point a ratio keeps, instead of an anchor; of what trim and box leave."
    )
    subject: Subject | None = Field(
        None,
        description="What a ratio keeps whole where it fits, one box or a list, of what trim and box leave; default: "
        "what a step before has placed, faces, or what stands out.",
    )

    @model_validator(mode="after")
    def _cuts_something(self) -> CropParams:
        if not self.trim and self.box is None and self.ratio is None:
            raise ValueError("nothing to cut: give box, ratio or trim: true")
        pointed = self.focal_point is not None or self.subject is not None
        if pointed and self.anchor != "auto":
            raise ValueError("anchor excludes focal_point and subject")
        if (pointed or self.anchor != "auto") and self.ratio is None:
            raise ValueError("anchor, focal_point and subject say which part a ratio keeps: give ratio as well")
        return self


def expect(params: CropParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the part's size; not known beforehand when a border is trimmed. A box beyond the picture is a problem."""
    from pressroom.media.editing.sizes import ratio_size

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
    from pressroom.media.files.images import open_image

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
    words, placed = work.words.get(params.image, ()), work.subjects.get(params.image, ())
    before = (left, top, left + part.width, top + part.height)
    offered = [_within(before, total, word) for word in words]
    details: dict[str, object] = {}
    if params.ratio is not None:
        subjects = subject_boxes(params.subject) or visible(_within(before, total, subject) for subject in placed)
        box, focal_point = _window(params, part, [word for word in offered if is_inside(word, WHOLE)], subjects)
        left, top, part = left + box[0], top + box[1], part.crop(box)
        details = {"focal_point": focal_point}
    box = (left, top, left + part.width, top + part.height)
    places = [_within(box, total, word) for word in words]
    if any(_is_cut(before, place) for before, place in zip(offered, places, strict=True)):
        details["warning"] = "words of the picture are cut"
    if words:
        details[MOVED_WORDS] = visible(places)
    if moved := visible(_within(box, total, subject) for subject in placed):
        details[SUBJECT] = list(union(moved))
    return [saved(part, work.folder / "cropped.png", box=list(box), of=list(total), **details)]


def _window(
    params: CropParams, part: Image, words: Sequence[Region], subjects: Sequence[Region]
) -> tuple[Bounds, dict[str, Any]]:
    """The part of the ratio, and the record of what it was placed by: an anchor, or the focus that resize crops by."""
    from pressroom.media.editing.geometry import ANCHORS, placed
    from pressroom.media.editing.sizes import ratio_size
    from pressroom.media.renditions.framing import frame
    from pressroom.media.subject.focal import find_focus

    assert params.ratio is not None
    size = ratio_size(part.size, _ratio(params.ratio))
    if params.anchor != "auto":
        x, y = ANCHORS[params.anchor]
        return placed(part.size, size, (x, y)), {"x": x, "y": y, "source": "anchor"}
    given = params.focal_point.point if params.focal_point else None
    focus = find_focus(part, given, subjects, words, glance=True)
    wished = frame(part.size, size, "crop", focus).box
    # Whole pixels: nothing of the picture is interpolated.
    left, top = (min(round(wished[axis]), part.size[axis] - size[axis]) for axis in (0, 1))
    return (left, top, left + size[0], top + size[1]), focus.record


def _within(part: Bounds, size: Size, region: Region) -> Region:
    """A region of a picture of that size in shares of a part of it; below 0 and above 1 it reaches beyond."""
    left, top, right, bottom = part
    xs = [(share * size[0] - left) / (right - left) for share in (region[0], region[2])]
    ys = [(share * size[1] - top) / (bottom - top) for share in (region[1], region[3])]
    return xs[0], ys[0], xs[1], ys[1]


def _is_cut(before: Region, after: Region) -> bool:
    """Words that only trim or box leave out altogether are not cut: that was asked for."""
    left, top, right, bottom = after
    is_seen = left < 1 and right > 0 and top < 1 and bottom > 0
    return not is_inside(after, WHOLE) and (is_seen or is_inside(before, WHOLE))


def _box(box: CropBox, size: Size) -> Bounds:
    left, width = (_pixels(value, size[0]) for value in (box.x, box.width))
    top, height = (_pixels(value, size[1]) for value in (box.y, box.height))
    # "100%" from a point on means all that is left; pixels are meant as they are.
    right = min(size[0], left + width) if isinstance(box.width, str) else left + width
    bottom = min(size[1], top + height) if isinstance(box.height, str) else top + height
    return left, top, right, bottom


def _pixels(value: int | str, of: int) -> int:
    return value if isinstance(value, int) else round(float(value.rstrip("%")) / 100 * of)


def _problem(box: Bounds, size: Size) -> str:
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
    version=6,
    family="image",
    params=CropParams,
    makes=Kind.IMAGE,
    summary="Cut a part out of a picture: a box, a shape around what matters, or all but its empty border.",
    expect=expect,
    run=run,
)
