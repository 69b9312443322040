"""What a campaign may write over a clip: titles and captions, and what of it cannot work, found before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from pressroom.domain.operation import Brand, HexColor, Params
from pressroom.media.files.captions import Caption, parse_captions, problems_of

if TYPE_CHECKING:
    from pressroom.domain.placement import Placement

Position = Literal["top", "center", "bottom", "left", "right", "top_left", "top_right", "bottom_left", "bottom_right"]
ROLES = ("headline", "text", "price", "badge", "cta")
_ROUNDING = 0.0005


class TitleParams(Params):
    """Words that come and go, on the picture or on a card of their own."""

    headline: str = Field("", max_length=200, description="Set largest, in the brand's heading font.")
    text: str = Field("", max_length=400, description="Set smaller, below the headline.")
    price: str = Field("", max_length=40, description="Set large, below the text.")
    badge: str = Field("", max_length=40, description="A short word in a pill above the headline.")
    cta: str = Field("", max_length=60, description="The words of a button, last.")
    at: float = Field(0, ge=0, le=60, description="Second at which it comes.")
    duration: float | None = Field(None, ge=0.5, le=60, description="Seconds it stays; default: to the clip's end.")
    position: Position = Field("center", description="Where in the safe zone it stands.")
    color: HexColor | None = Field(None, description="Colour of the words; default: what reads best.")
    card: HexColor | Literal["brand"] | None = Field(
        None, description="Hide the picture behind a card of this colour, or of the brand's background colour."
    )

    @model_validator(mode="after")
    def _says_something(self) -> TitleParams:
        if not any(getattr(self, role).strip() for role in ROLES):
            raise ValueError("give at least one of headline, text, price, badge, cta")
        return self

    def end(self, seconds: float) -> float:
        return seconds if self.duration is None else self.at + self.duration


class CaptionParams(Params):
    """One caption."""

    start: float = Field(ge=0, le=60, description="Second at which it comes.")
    end: float = Field(gt=0, le=60, description="Second at which it goes.")
    text: str = Field(min_length=1, max_length=300, description="What is said.")


def captions_of(given: Sequence[CaptionParams] | str | None) -> list[Caption]:
    """Raises ValueError for a text that is neither SRT nor WebVTT."""
    if given is None:
        return []
    if isinstance(given, str):
        return parse_captions(given)
    return [Caption(one.start, one.end, one.text) for one in given]


def timing_problems(titles: Sequence[TitleParams], captions: Sequence[Caption], seconds: float) -> list[str]:
    """What comes too late, lasts too long, or would stand on something else."""
    found = problems_of(captions, seconds)
    for number, title in enumerate(titles):
        name, end = f"title {number + 1} ({title.at:g} s)", title.end(seconds)
        if title.at >= seconds or end > seconds + _ROUNDING:
            found.append(f"{name} lasts to {end:g} s, the clip to {seconds:g} s")
        for earlier, other in enumerate(titles[:number], 1):
            meets = title.at < other.end(seconds) - _ROUNDING and other.at < end - _ROUNDING
            if meets and (title.card or other.card or title.position == other.position):
                found.append(f"{name} would stand on title {earlier}, which lasts to {other.end(seconds):g} s")
    return found


def fitting_problems(
    titles: Sequence[TitleParams],
    captions: Sequence[Caption],
    size: tuple[int, int],
    placement: Placement | None,
) -> list[str]:
    """What is too long to be read in the safe zone, measured with the bundled fonts."""
    if not titles and not captions:
        return []
    # Imported here: a plan without words must not pay for font metrics.
    from pressroom.media.lettering.stack import Words, fits
    from pressroom.media.lettering.zone import safe_zone
    from pressroom.media.motion.titles import above_captions, caption_blocks, title_zone
    from pressroom.media.typography.text import clean_text
    from pressroom.media.typography.typefaces import fonts_for

    zone, fonts, found = safe_zone(size, placement), fonts_for(Brand(), {}), []
    blocks = caption_blocks([one.text for one in captions], fonts.strong, zone, min(size))
    zone = above_captions(zone, blocks)
    for number, title in enumerate(titles, 1):
        headline, text, price, badge, cta = (clean_text(getattr(title, role)) for role in ROLES)
        words = Words(headline, text, price, badge, cta)
        if not fits(words, fonts, title_zone(zone, size[0], title.position), min(size)):
            found.append(f"title {number} cannot be set legibly at {title.position}: shorten it or change position")
    for number, block in enumerate(blocks, 1):
        if block is None:
            found.append(f"caption {number} is too long for three lines: divide it")
    return found
