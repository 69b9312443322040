"""Letters that no font has, foreseen before anything is made: what is bought for them could not be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import Brand, Foreseen
from pressroom.domain.placement import Placement

_FONT_FILE = "font:"  # how a brand names a font that is a file: only the run opens it

Foresee = Callable[[Any, Mapping[str, MediaInfo], Mapping[str, Placement], Brand], Foreseen]


def letters_of(*names: str, signs: bool = False) -> Foresee:
    """For `Operation.foresee`: the texts of these parameters must be in the fonts of the package, or in the brand's.

    With `signs`, what is no letter (emoji, arrows) is refused too; without, the operation leaves it out.
    """

    def foresee(
        params: Any, _inputs: Mapping[str, MediaInfo], _placements: Mapping[str, Placement], brand: Brand
    ) -> Foreseen:
        if any(font.startswith(_FONT_FILE) for font in brand.fonts.values()):
            return Foreseen()
        texts = [text for name in names for text in _texts(getattr(params, name)) if not text.isascii()]
        missing = _missing(texts) if texts else ""
        refused = "".join(char for char in missing if signs or char.isalnum())
        if not refused:
            return Foreseen()
        return Foreseen((f"no font has the letters {refused[:20]!r}: give the brand a font that has them",))

    return foresee


def _texts(value: Any) -> Iterator[str]:
    """Every text of a parameter: itself, or those of the things that it lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _missing(texts: list[str]) -> str:
    # Imported here: planning imports every operation, and most texts are in every font.
    from pressroom.media.typography.fonts import find_font
    from pressroom.media.typography.text import drawable

    return drawable(" ".join(texts), find_font("sans"))[1]
