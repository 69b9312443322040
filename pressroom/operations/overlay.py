"""overlay: headline, text, price, button and logo on a picture, inside the placement's safe zone and always readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from pressroom.domain.errors import Corrupt, Permanent
from pressroom.domain.media import Kind, Made, MediaInfo, mime_of
from pressroom.domain.operation import Brand, BrandColor, Expectation, HexColor, ImageSlot, Operation, Params, Workspace
from pressroom.operations.params.amount import PriceText
from pressroom.operations.params.letters import letters_of

if TYPE_CHECKING:
    from PIL.Image import Image

    from pressroom.domain.placement import Placement
    from pressroom.media.geometry import Box
    from pressroom.media.lettering.arrange import Arranged, Design
    from pressroom.media.lettering.ground import Ground
    from pressroom.media.lettering.paint import Colors
    from pressroom.media.lettering.stack import Piece, Words
    from pressroom.media.typography.typefaces import Fonts

Position = Literal[
    "auto", "top", "center", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"
]
Edge = Annotated[int, Field(ge=0, le=20_000)] | Annotated[str, Field(pattern=r"^\d{1,2}(\.\d+)?%$")]

TEMPLATES: Final = Path(__file__).parent / "templates"
LIGHT: Final = "#ffffff"
DARK: Final = "#14161a"
TEXTS: Final = ("headline", "text", "price", "badge", "cta")
PREVIEW: Final = "safe_zones"
COVERED: Final = 0.1  # of a face or subject: words that stand on more of one are a doubt


class SafeZoneParams(Params):
    """Edges that words keep clear of, in pixels or percent of the picture."""

    top: Edge = Field(0, description='E.g. 250 or "12%".')
    right: Edge = Field(0, description='E.g. 40 or "5%".')
    bottom: Edge = Field(0, description='E.g. 340 or "18%".')
    left: Edge = Field(0, description='E.g. 40 or "5%".')


class OverlayParams(Params):
    """A picture and at least one thing to lay over it."""

    image: ImageSlot = Field(description="The picture; it stays as it is, the result is a new one.")
    headline: str = Field("", max_length=200, description="Set largest, in the brand's heading font.")
    text: str = Field("", max_length=600, description="Set smaller, below the headline.")
    price: PriceText = Field(
        "", max_length=40, description="On a price tag below the text; a currency without a number is refused."
    )
    price_style: Literal["tag", "text"] = Field("tag", description="A price tag, or letters as large as it goes.")
    badge: str = Field("", max_length=40, description="A short word: New, −20 %.")
    badge_style: Literal["pill", "burst"] = Field(
        "pill", description="A pill above the headline, or a starburst in the corner that the words leave free."
    )
    cta: str = Field("", max_length=60, description="The words of a button, last.")
    logo: bool = Field(True, description="Lay the brand's logo above the words, where the brand has one.")
    logo_image: ImageSlot | None = Field(None, description="This picture as the logo instead of the brand's.")
    placement: str | None = Field(None, max_length=80, description="Keep inside this placement's safe zone.")
    safe_zone: SafeZoneParams | None = Field(None, description="Edges to keep clear instead of the placement's.")
    style: Literal["plain", "card", "band"] = Field(
        "plain", description="Words on the picture, on a card, or on a band that runs to the picture's edges."
    )
    panel: HexColor | BrandColor | None = Field(
        None, description="Colour of card or band; default: the brand's background for a card, its primary for a band."
    )
    position: Position = Field(
        "auto",
        description="Where in the safe zone the words stand; auto: off faces and subjects, on the calm side. "
        "Before a subject is covered a side gives way to its corners.",
    )
    share: float | None = Field(
        None,
        ge=0.1,
        le=1,
        description="Most of the safe zone that the words may take, from where they stand; keeps a subject free.",
    )
    align: Literal["auto", "left", "center", "right"] = Field(
        "auto", description="auto follows the position and the direction of the script."
    )
    color: HexColor | BrandColor | None = Field(None, description="Colour of the words; default: what reads best.")
    scrim: Literal["auto", "none", "always"] = Field(
        "auto", description="A soft veil under the words: where they need it, never, or always."
    )
    preview: bool = Field(False, description="Make a second file that shows the safe zone; it is never delivered.")

    @model_validator(mode="after")
    def _has_something_to_lay_over(self) -> OverlayParams:
        if not any(getattr(self, name).strip() for name in TEXTS) and not (self.logo or self.logo_image):
            raise ValueError("give at least one of headline, text, price, badge, cta or a logo")
        return self


def expect(params: OverlayParams, inputs: Mapping[str, MediaInfo], placements: Mapping[str, Placement]) -> Expectation:
    """A PNG of the picture's size; a problem when the words cannot be legible there (measured with bundled fonts)."""
    source = inputs[params.image]
    output = MediaInfo(Kind.IMAGE, mime_of("png"), source.width, source.height, has_alpha=source.has_alpha)
    preview = replace(output, has_alpha=False)
    letters = sum(len(getattr(params, name)) for name in TEXTS)
    units = {"call": 1.0, "image": 1.0, "megapixel": output.megapixels, "1k_characters": letters / 1000}
    problem = _problem(params, source, placements)
    outputs = (("", output), (PREVIEW, preview)) if params.preview else (("", output),)
    return Expectation(outputs, units, (problem,) if problem else ())


def run(params: OverlayParams, work: Workspace) -> Sequence[Made]:
    """Look, arrange, choose colours, veil where needed, draw. Raises Permanent when the words do not fit."""
    from pressroom.media.files.images import open_image, save_png
    from pressroom.media.lettering.keep_off import kept_free, subjects_of
    from pressroom.media.lettering.paint import painted
    from pressroom.media.typography.typefaces import fonts_for

    picture = open_image(work.inputs[params.image], work.limits)
    logo = _logo(params, work, picture.size)
    words, missing = _words(params, fonts_for(work.brand, work.files), logo)
    zone = _zone(params, picture.size, work.placements)
    placed = kept_free(work.subjects.get(params.image, ()), picture.size)
    subjects = () if params.style == "band" else placed or subjects_of(picture)
    arranged = _arranged(params, words, fonts_for(work.brand, work.files), zone, picture, subjects, work.placements)
    colors = _colors(params, work.brand)
    finished, ground = painted(picture, arranged, params.style, colors, params.scrim, logo, TEMPLATES, subjects)
    _check_inside(picture.size, arranged.zone, arranged.every)
    target = work.folder / "overlaid.png"
    save_png(finished, target)
    made = [Made(target, mime_of("png"), details=_details(arranged, ground, missing))]
    return [*made, _preview(work, finished, arranged.zone)] if params.preview else made


def _preview(work: Workspace, finished: Image, zone: Box) -> Made:
    from pressroom.media.files.images import save_png
    from pressroom.media.lettering.preview import mark_zone

    target = work.folder / "safe_zones.png"
    save_png(mark_zone(finished, zone), target)
    return Made(target, mime_of("png"), label=PREVIEW)


def _problem(params: OverlayParams, source: MediaInfo, placements: Mapping[str, Placement]) -> str:
    if params.placement is not None and params.placement not in placements:
        return f"there is no placement {params.placement!r}"
    if source.width is None or source.height is None:
        return ""
    # Imported here: a plan without overlays must not pay for font metrics.
    from pressroom.media.lettering.arrange import can_stand, zone_of
    from pressroom.media.lettering.stack import Words
    from pressroom.media.typography.text import clean_text
    from pressroom.media.typography.typefaces import fonts_for

    size = (source.width, source.height)
    design = _design(params, size, placements)
    zone = zone_of(design, _zone(params, size, placements), size[0])
    if zone.width <= 0 or zone.height <= 0:
        return f"the safe zone leaves no room in {size[0]} x {size[1]} pixels"
    texts: dict[str, Any] = {name: clean_text(getattr(params, name)) for name in TEXTS}
    words = Words(**texts, price_tag=params.price_style == "tag")
    if can_stand(design, words, fonts_for(None, {}), _zone(params, size, placements), size):
        return ""
    return _too_long(params, design, zone, size)


def _design(params: OverlayParams, size: tuple[int, int], placements: Mapping[str, Placement]) -> Design:
    from pressroom.media.lettering.arrange import Design
    from pressroom.media.lettering.zone import smallest_on

    placement = placements.get(params.placement or "")
    least = smallest_on(size, placement) if placement else None
    burst = params.badge_style == "burst"
    return Design(params.position, params.align, params.share, params.style, burst, least)


def _too_long(params: OverlayParams, design: Design, zone: Box, size: tuple[int, int]) -> str:
    what = next(name for name in (*TEXTS, "logo") if getattr(params, name))
    where = f"the safe zone of {params.placement}" if params.placement else "the picture"
    least = (
        f", where letters of {round(design.least)} pixels are the smallest that a phone shows" if design.least else ""
    )
    return (
        f"{what} and all below it cannot be set legibly at {params.position} of {where} "
        f"({round(zone.width)} x {round(zone.height)} pixels of {size[0]} x {size[1]}{least}): shorten it or change position"
    )


def _zone(params: OverlayParams, size: tuple[int, int], placements: Mapping[str, Placement]) -> Box:
    from pressroom.media.lettering.zone import safe_zone

    if params.placement is not None and params.placement not in placements:
        raise Permanent(f"there is no placement {params.placement!r}", hint="pressroom placements lists them")
    placement = placements[params.placement] if params.placement else None
    return safe_zone(size, placement, params.safe_zone.model_dump() if params.safe_zone else None)


def _words(params: OverlayParams, fonts: Fonts, logo: Image | None) -> tuple[Words, str]:
    """The texts as they can be drawn. Emoji and signs that no font has are left out and reported; letters are refused."""
    from pressroom.media.lettering.stack import Words
    from pressroom.media.typography.text import drawable

    faces = {"headline": fonts.heading, "price": fonts.heading, "text": fonts.body}
    texts: dict[str, Any] = {}
    lost = ""
    for name in TEXTS:
        texts[name], missing = drawable(getattr(params, name), faces.get(name, fonts.strong))
        lost += missing
    letters = "".join(char for char in lost if char.isalnum())
    if letters:
        raise Permanent(f"no font has the letters {letters[:20]!r}", hint="give the brand a font that has them")
    ratio = logo.width / logo.height if logo else 0.0
    return Words(**texts, logo_ratio=ratio, price_tag=params.price_style == "tag"), lost


def _logo(params: OverlayParams, work: Workspace, size: tuple[int, int]) -> Image | None:
    from pressroom.media.lettering.logo import open_logo

    if params.logo_image is not None:
        return open_logo(work.inputs[params.logo_image], work.limits, max(size))
    if params.logo and work.brand.logo is not None:
        return open_logo(work.files[work.brand.logo], work.limits, max(size))
    return None


def _arranged(
    params: OverlayParams,
    words: Words,
    fonts: Fonts,
    zone: Box,
    picture: Image,
    subjects: Sequence[Box],
    placements: Mapping[str, Placement],
) -> Arranged:
    from pressroom.media.lettering.arrange import arrange, zone_of

    size = picture.size
    if not any((*(getattr(words, name) for name in TEXTS), words.logo_ratio)):
        raise Permanent("nothing is left to lay over: the brand has no logo and there are no words that can be drawn",
                        hint="give a headline, a text or a logo")  # fmt: skip
    design = _design(params, size, placements)
    inner = zone_of(design, zone, size[0])
    if inner.width <= 0 or inner.height <= 0:
        raise Permanent(f"the safe zone leaves no room in {size[0]} x {size[1]} pixels", hint="use a larger picture")
    arranged = arrange(design, words, fonts, zone, picture, subjects)
    if arranged is None:
        raise Permanent(_too_long(params, design, inner, size), hint="nothing is ever cut off")
    return arranged


def _colors(params: OverlayParams, brand: Brand) -> Colors:
    from pressroom.media.lettering.paint import Colors

    light, dark = _inks(brand)
    named = ("background", LIGHT) if params.style == "card" else ("primary", DARK)
    panel = brand.color_of(params.panel) if params.panel else brand.colors.get(*named)
    text = brand.color_of(params.color) if params.color else None
    return Colors(light, dark, text, brand.colors.get("accent") or brand.colors.get("primary"), panel)


def _inks(brand: Brand) -> tuple[str, str]:
    """White and near-black, or the brand's own text and ground colours where they are that light and dark."""
    from pressroom.media.color.spaces import luminance

    own = [color for color in (brand.colors.get("text"), brand.colors.get("background")) if color]
    light = next((color for color in own if luminance(color) > 0.8), LIGHT)
    dark = next((color for color in own if luminance(color) < 0.03), DARK)
    return light, dark


def _check_inside(size: tuple[int, int], zone: Box, pieces: list[Piece]) -> None:
    for piece in pieces:
        box = piece.box
        if box.x < zone.x - 1 or box.y < zone.y - 1 or box.right > zone.right + 1 or box.bottom > zone.bottom + 1:
            raise Corrupt(f"{piece.role} stands at {box}, outside the safe zone {zone} of {size[0]} x {size[1]}")


def _details(arranged: Arranged, ground: Ground, missing: str) -> dict[str, Any]:
    """Boxes as x, y, width, height in pixels; colours; the contrast of text and the least kind ground."""
    boxes = [
        {
            "role": piece.role,
            "box": [round(value, 1) for value in (piece.box.x, piece.box.y, piece.box.width, piece.box.height)],
            "lines": list(piece.block.lines) if piece.block else [],
            "size": round(piece.block.size, 1) if piece.block else None,
        }
        for piece in arranged.every
    ]
    zone = arranged.zone
    covers = arranged.covers > COVERED
    return {
        "position": arranged.position,
        "safe_zone": [round(value, 1) for value in (zone.x, zone.y, zone.width, zone.height)],
        "boxes": boxes,
        "color": ground.text,
        "scrim": {"color": ground.scrim, "strength": ground.strength},
        "contrast": round(ground.contrast, 2),
        "not_in_any_font": missing,
        **({"warning": f"the words stand on {arranged.covers:.0%} of a face or subject"} if covers else {}),
    }


def brand_of(params: OverlayParams) -> frozenset[str]:
    """The logo counts only where it is drawn."""
    own_logo = params.logo and params.logo_image is None
    return frozenset({"colors", "fonts", "logo"}) if own_logo else frozenset({"colors", "fonts"})


OPERATION = Operation(
    name="overlay",
    version=12,
    family="image",
    params=OverlayParams,
    makes=Kind.IMAGE,
    summary="Lay headline, text, price, button and logo over a picture, inside the safe zone and always readable.",
    expect=expect,
    run=run,
    foresee=letters_of(*TEXTS),
    brand=frozenset({"colors", "fonts", "logo"}),
    brand_of=brand_of,
    keeps_places=True,
)
