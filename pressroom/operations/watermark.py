"""watermark: words or a logo as a mark, once or all over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Kind, Made, MediaInfo
from pressroom.domain.operation import (
    BrandColor,
    Expectation,
    HexColor,
    ImageSlot,
    Operation,
    Params,
    Workspace,
    named_colors,
    one_picture,
    size_of,
)
from pressroom.operations.params.letters import letters_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.placement import Placement

Place = Literal[
    "center", "top", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right", "tiled"
]
_TILE_ANGLE = -30.0


class WatermarkParams(Params):
    """A picture and its mark: words, a picture, or the brand's logo."""

    image: ImageSlot = Field(description="The picture; it stays as it is, the result is a new one.")
    text: str = Field("", max_length=80, description="One line of words, in the brand's body font.")
    logo_image: ImageSlot | None = Field(
        None, description="A picture as mark; default, without text: the brand's logo."
    )
    position: Place = Field("bottom_right", description="Where it lies; tiled repeats it all over.")
    size: float = Field(0.22, gt=0, le=1, description="The mark's width as a share of the picture's.")
    opacity: float = Field(0.6, gt=0, le=1, description="1 covers, 0.1 is barely there.")
    margin: float = Field(0.035, ge=0, le=0.4, description="To the edges, as a share of the shorter side.")
    angle: float | None = Field(None, ge=-180, le=180, description="Degrees clockwise; default 0, tiled -30.")
    color: HexColor | BrandColor | None = Field(
        None, description="Of words, or of the whole logo; default: logos keep theirs, words take what reads best."
    )

    @model_validator(mode="after")
    def _has_one_mark(self) -> WatermarkParams:
        if self.text.strip() and self.logo_image is not None:
            raise ValueError("text and logo_image exclude each other: use two steps for two marks")
        return self


def expect(
    params: WatermarkParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]
) -> Expectation:
    """A PNG of the same size."""
    return one_picture(inputs[params.image], size_of(inputs[params.image]))


def run(params: WatermarkParams, work: Workspace) -> Sequence[Made]:
    """Draw, lay on, write, open again. Raises Permanent where there is no mark, or no room for it."""
    from pressroom.media.editing.saving import saved
    from pressroom.media.editing.watermark import Layout, marked
    from pressroom.media.files.images import open_image

    picture = open_image(work.inputs[params.image], work.limits)
    angle = params.angle if params.angle is not None else _TILE_ANGLE if params.position == "tiled" else 0.0
    layout = Layout(params.position, params.size, params.margin, params.opacity, angle)
    mark = _mark(params, work, max(8, round(params.size * picture.width)))
    color = work.brand.color_of(params.color) if params.color else None
    done = marked(picture, mark, layout, color, tint=bool(params.text.strip() or color))
    details = {"marks": len(done.places), "size": list(done.size), "color": done.color}
    if params.position != "tiled":
        details["at"] = list(done.places[0])
    return [saved(done.image, work.folder / "marked.png", **details)]


def _mark(params: WatermarkParams, work: Workspace, width: int) -> Image:
    from pressroom.media.editing.watermark import logo_mark, text_mark
    from pressroom.media.typography.text import drawable
    from pressroom.media.typography.typefaces import fonts_for

    if params.text.strip():
        font = fonts_for(work.brand, work.files).strong
        text, missing = drawable(params.text.replace("\n", " "), font)
        if missing:
            raise Permanent(
                f"no font has the characters {missing!r}", hint="leave them out or give a brand font with them"
            )
        return text_mark(text, font, width)
    if params.logo_image is not None:
        return logo_mark(work.inputs[params.logo_image], width, work.limits)
    if work.brand.logo is not None:
        return logo_mark(work.files[work.brand.logo], width, work.limits)
    raise Permanent("there is no mark: no text, no logo_image, and the brand has no logo", hint="give one of them")


def brand_of(params: WatermarkParams) -> frozenset[str]:
    """The font counts for words, the logo where it is drawn, colours where one is named."""
    mark = {"fonts"} if params.text.strip() else {"logo"} if params.logo_image is None else set()
    return named_colors(params) | mark


OPERATION = Operation(
    name="watermark",
    version=2,
    family="image",
    params=WatermarkParams,
    makes=Kind.IMAGE,
    summary="Mark a picture with words or a logo, once or all over.",
    expect=expect,
    run=run,
    foresee=letters_of("text", signs=True),
    brand=frozenset({"colors", "fonts", "logo"}),
    brand_of=brand_of,
    keeps_places=True,
)
