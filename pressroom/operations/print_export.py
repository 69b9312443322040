"""print_export: a picture as a sheet for the press: TIFF or PDF, with bleed, marks and ink through an ICC profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Corrupt, Permanent, Refused
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import (
    BrandColor,
    Expectation,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    ProfileSlot,
    Workspace,
    named_colors,
    size_of,
)
from pressroom.domain.suggest import nearest

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement
    from pressroom.media.printing.paper import Sheet

# What printers ask for, and what is seen as blur at arm's length.
GOOD_DPI, LEAST_DPI = 300, 150


class PrintExportParams(Params):
    """A picture and the size of the paper."""

    image: ImageSlot = Field(description="The picture; transparency lies on the background.")
    size: str | None = Field(
        None, max_length=40, description="Named size: A6 to A2, B2, DL, postcard, business_card, letter, …"
    )
    width_mm: float | None = Field(None, ge=10, le=2_000, description="Width after trimming, instead of a named size.")
    height_mm: float | None = Field(None, ge=10, le=2_000, description="Height after trimming; goes with width_mm.")
    orientation: Literal["auto", "portrait", "landscape"] = Field(
        "auto", description="Of a named size; auto follows the picture."
    )
    format: Literal["pdf", "tiff"] = Field("pdf", description="A page with its boxes, or pixels.")
    dpi: int = Field(GOOD_DPI, ge=72, le=1_200, description="Pixels per inch of the finished sheet.")
    bleed_mm: float = Field(3, ge=0, le=50, description="Room around the trimmed sheet that is cut off.")
    bleed: Literal["picture", "mirror", "extend"] = Field(
        "picture", description="What fills it: more of the picture, its mirrored edge, or its last row of pixels."
    )
    mode: Literal["crop", "fit", "auto"] = Field(
        "crop", description="Pictures of another shape: crop around what matters, show all on `background`, or decide."
    )
    background: HexColor | BrandColor = Field("#ffffff", description="What lies beside and under the picture.")
    crop_marks: bool = Field(False, description="Hairlines outside the bleed where the sheet is cut.")
    color: Literal["cmyk", "rgb"] = Field("cmyk", description="Inks of the press, or sRGB where the printer converts.")
    profile: ProfileSlot | None = Field(
        None, description="ICC profile of the press and paper (.icc file); default: a built-in general one."
    )
    intent: Literal["relative", "perceptual", "saturation", "absolute"] = Field(
        "relative", description="What happens to colours that ink does not have."
    )
    black_point_compensation: bool = Field(
        True, description="Black becomes the blackest ink, shadows keep their steps."
    )
    allow_low_resolution: bool = Field(
        False, description=f"Go below {LEAST_DPI} of the picture's own pixels an inch, where print looks blurred."
    )

    @model_validator(mode="after")
    def _has_one_size(self) -> PrintExportParams:
        if (self.width_mm is None) != (self.height_mm is None):
            raise ValueError("width_mm and height_mm belong together: give both or none")
        if (self.size is None) == (self.width_mm is None):
            raise ValueError("give one size: size by name, or width_mm and height_mm")
        return self


def expect(
    params: PrintExportParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """A TIFF or a PDF of the sheet's pixels (of a PDF: its picture's); too few pixels for the paper are a problem."""
    source = inputs[params.image]
    size = size_of(source)
    sheet, problem = _sheet(params, size)
    kind = Kind.IMAGE if params.format == "tiff" else Kind.DOCUMENT
    if sheet is None:
        return Expectation((("", MediaInfo(kind, mime_of(params.format))),), _units(0.0), (problem,))
    problems = (
        [_too_coarse(_resolution(params, sheet, size), sheet)] if size and not params.allow_low_resolution else []
    )
    if size is None and params.orientation == "auto" and params.size is not None:
        made = MediaInfo(kind, mime_of(params.format))
    else:
        made = MediaInfo(kind, mime_of(params.format), *(sheet.whole if params.format == "tiff" else sheet.picture))
    return Expectation((("", made),), _units(made.megapixels), tuple(filter(None, problems)))


def run(params: PrintExportParams, work: Workspace) -> Sequence[Made]:
    """Lay out, convert, write, open again. Raises Refused for too few pixels, Permanent for too large a sheet."""
    from pressroom.media.files.images import inspect_image, open_image
    from pressroom.media.files.pdf import inspect_pdf
    from pressroom.media.printing.pdf import write_pdf
    from pressroom.media.printing.press import ink_for, laid_out, most_ink, printed, write_tiff

    picture = open_image(work.inputs[params.image], work.limits)
    sheet, problem = _sheet(params, picture.size)
    if sheet is None:
        raise Permanent(problem)
    if sheet.whole[0] * sheet.whole[1] > work.limits.max_pixels or max(sheet.whole) > work.limits.max_side:
        raise Permanent(
            f"the sheet has {sheet.whole[0]:,} x {sheet.whole[1]:,} pixels", hint="lower dpi or raise limits"
        )
    ink = ink_for(params.color, work.inputs[params.profile] if params.profile else None)
    ground, words = work.brand.color_of(params.background), work.words.get(params.image, ())
    page = laid_out(picture, sheet, params.mode, params.bleed, ground, words)
    resolution = page.resolution
    if not params.allow_low_resolution and (coarse := _too_coarse(resolution, sheet)):
        raise Refused(
            coarse, hint="use a larger picture, a smaller sheet, upscale first, or allow_low_resolution: true"
        )
    pixels = printed(page.picture, ink, params.intent, black_point=params.black_point_compensation)
    target = work.folder / f"print.{params.format}"
    if params.format == "tiff":
        write_tiff(pixels, sheet, ink, target)
        found, wanted = inspect_image(target, work.limits, thorough=True), sheet.whole
    else:
        write_pdf(pixels, sheet, ink, target)
        found, wanted = inspect_pdf(target, work.limits), sheet.picture
    if (found.width, found.height) != wanted:
        raise Corrupt(f"{target.name} came out as {found.width} x {found.height}, not {wanted[0]} x {wanted[1]} pixels")
    details = {
        "trim_mm": [sheet.width_mm, sheet.height_mm],
        "bleed_mm": sheet.bleed_mm,
        "dpi": sheet.dpi,
        "picture_dpi": round(resolution, 1),
        "profile": ink.name,
        "intent": params.intent,
        "most_ink_percent": most_ink(pixels),
    }
    warnings = (
        ["words of the picture are cut by the trim: use mode fit, or leave room around them"] if page.cuts_words else []
    )
    if resolution < GOOD_DPI:
        warnings.append(f"the picture has {resolution:.0f} pixels an inch on this sheet, printers ask for {GOOD_DPI}")
    if warnings:
        details["warning"] = "; ".join(warnings)
    return [Made(target, mime_of(params.format), details=details)]


def _sheet(params: PrintExportParams, size: tuple[int, int] | None) -> tuple[Sheet | None, str]:
    """The sheet, turned as the picture lies, or what is wrong with its name."""
    from pressroom.media.printing.paper import Sheet, paper_sizes

    if params.width_mm is not None and params.height_mm is not None:
        paper = params.width_mm, params.height_mm
    else:
        sizes = paper_sizes()
        name = (params.size or "").strip().lower().replace(" ", "_")
        if name not in sizes:
            near = nearest(name, sizes)
            return None, f"there is no paper size {params.size!r}" + (f", did you mean {near!r}?" if near else "")
        paper = sizes[name]
        lies = params.orientation == "landscape" or (params.orientation == "auto" and size and size[0] > size[1])
        paper = (max(paper), min(paper)) if lies else (min(paper), max(paper))
    return Sheet(*paper, params.bleed_mm, params.dpi, params.crop_marks), ""


def _resolution(params: PrintExportParams, sheet: Sheet, size: tuple[int, int]) -> float:
    """The picture's own pixels an inch: the least that the mode may come to."""
    target = sheet.picture if params.bleed == "picture" else sheet.trim
    scales = target[0] / size[0], target[1] / size[1]
    return sheet.dpi / (max(scales) if params.mode == "crop" else min(scales))


def _too_coarse(resolution: float, sheet: Sheet) -> str:
    if resolution >= LEAST_DPI:
        return ""
    return (
        f"the picture has {resolution:.0f} pixels an inch on {sheet.width_mm:g} x {sheet.height_mm:g} mm, "
        f"print needs {GOOD_DPI} and {LEAST_DPI} at least"
    )


def _units(megapixels: float) -> dict[str, float]:
    return {"call": 1.0, "image": 1.0, "megapixel": megapixels}


OPERATION = Operation(
    name="print_export",
    version=3,
    family="export",
    params=PrintExportParams,
    makes=Kind.IMAGE,
    summary="A picture for the press: PDF or TIFF in millimetres, with bleed, crop marks and CMYK through an ICC profile.",
    expect=expect,
    run=run,
    brand=frozenset({"colors"}),
    brand_of=named_colors,
)
