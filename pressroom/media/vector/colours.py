"""Colours as CSS writes them, in the words that the renderer knows. CSS Color 4."""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Callable, Sequence
from typing import Final

from pressroom.media.color.spaces import from_oklch, to_hex
from pressroom.media.color.srgb import encoded, linear

_KEPT: Final = frozenset({"none", "inherit", "currentcolor", "transparent", "context-fill", "context-stroke"})
_LATER: Final = {"rebeccapurple": "#663399"}  # CSS Color 4, which the renderer's table of names lacks
_CALL: Final = re.compile(r"([a-z]+)\(([^()]*)\)")
_NUMBER: Final = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%|deg|rad|grad|turn)?")
DEGREES: Final = {"deg": 1.0, "grad": 0.9, "rad": 180 / math.pi, "turn": 360.0}
_P3_TO_SRGB: Final = (
    (1.2249401763, -0.2249401763, 0.0),
    (-0.0420569547, 1.0420569547, 0.0),
    (-0.0196375546, -0.0786360456, 1.0982736001),
)
_MOST_LETTERS: Final = 200


def rendered_colour(value: str) -> str | None:
    """A paint or colour as the renderer reads it; None for one that it would show as black."""
    text = value.strip().lower().partition(" icc-color(")[0]
    if text in _KEPT or text.startswith(("#", "url(")):
        return value
    if text.isalpha():
        return _LATER.get(text) or (value if _is_name(text) else None)
    call = _CALL.fullmatch(text) if len(text) <= _MOST_LETTERS else None
    return _called(call[1], call[2]) if call else None


def _is_name(text: str) -> bool:
    from PIL.ImageColor import colormap

    return text in colormap


def _called(name: str, inner: str) -> str | None:
    channels, _, alpha = inner.replace(",", " ").partition("/")
    words = channels.split()
    if name == "color" and words:
        name, words = words[0], words[1:]
    if not alpha and len(words) == 4 and name in ("rgb", "rgba", "hsl", "hsla"):
        words, alpha = words[:3], words[3]
    made = _MADE.get(name)
    try:
        opacity = 1.0 if not alpha.strip() else _number(alpha.strip(), 1.0)
        color = made(words) if made and len(words) == 3 else None
    except ValueError:
        return None
    if color is None:
        return None
    return color if opacity >= 1 else f"{color}{round(max(0.0, opacity) * 255):02x}"


def _number(word: str, whole: float) -> float:
    """A number, or a percentage of `whole`, or an angle in degrees. Raises ValueError for anything else."""
    if word == "none":
        return 0.0
    match = _NUMBER.fullmatch(word)
    if match is None:
        raise ValueError(word)
    number = float(match[1])
    return number * whole / 100 if match[2] == "%" else number * DEGREES.get(match[2], 1.0)


def _rgb(words: Sequence[str]) -> str:
    red, green, blue = (_number(word, 255) / 255 for word in words)
    return to_hex((red, green, blue))


def _hsl(words: Sequence[str]) -> str:
    hue, saturation, lightness = (_number(word, 100) for word in words)
    return to_hex(colorsys.hls_to_rgb(hue / 360 % 1, *(_share(each / 100) for each in (lightness, saturation))))


def _hwb(words: Sequence[str]) -> str:
    hue, white, black = (_number(word, 100) for word in words)
    white, black = _share(white / 100), _share(black / 100)
    white, black = (white / (white + black), black / (white + black)) if white + black > 1 else (white, black)
    pure = colorsys.hls_to_rgb(hue / 360 % 1, 0.5, 1)
    red, green, blue = (channel * (1 - white - black) + white for channel in pure)
    return to_hex((red, green, blue))


def _oklch(words: Sequence[str]) -> str:
    return from_oklch(_number(words[0], 1), _number(words[1], 0.4), _number(words[2], 360))


def _oklab(words: Sequence[str]) -> str:
    lightness, (a, b) = _number(words[0], 1), (_number(word, 0.4) for word in words[1:])
    return from_oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)))


def _srgb(words: Sequence[str]) -> str:
    red, green, blue = (_number(word, 1) for word in words)
    return to_hex((red, green, blue))


def _srgb_linear(words: Sequence[str]) -> str:
    red, green, blue = (encoded(_share(_number(word, 1))) for word in words)
    return to_hex((red, green, blue))


def _display_p3(words: Sequence[str]) -> str:
    light = [linear(_share(_number(word, 1))) for word in words]
    red, green, blue = (
        encoded(_share(sum(factor * channel for factor, channel in zip(row, light, strict=True))))
        for row in _P3_TO_SRGB
    )
    return to_hex((red, green, blue))


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


_MADE: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "rgb": _rgb,
    "rgba": _rgb,
    "hsl": _hsl,
    "hsla": _hsl,
    "hwb": _hwb,
    "oklch": _oklch,
    "oklab": _oklab,
    "srgb": _srgb,
    "srgb-linear": _srgb_linear,
    "display-p3": _display_p3,
}
