"""Colour in OKLab and OKLCH, and contrast as WCAG measures it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from pressroom.media.color.srgb import LUMINANCE, encoded, linear

# WCAG 2.2, success criterion 1.4.3: normal text, and text of at least 24 px (or 18.66 px bold).
AA_NORMAL = 4.5
AA_LARGE = 3.0

Rgb = tuple[float, float, float]


def parse(color: str) -> Rgb:
    """#rgb, #rrggbb or #rrggbbaa (alpha ignored) as three numbers from 0 to 1."""
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[0:2], 16) / 255, int(digits[2:4], 16) / 255, int(digits[4:6], 16) / 255


def to_hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, channel)) * 255):02x}" for channel in rgb)


@lru_cache(maxsize=4096)
def to_oklch(color: str) -> tuple[float, float, float]:
    """Lightness 0..1, chroma 0..about 0.37, hue in degrees. Matrices: https://bottosson.github.io/posts/oklab/."""
    red, green, blue = (linear(channel) for channel in parse(color))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """#rrggbb; chroma is lowered until the colour exists in sRGB, so lightness and hue stay as asked."""
    lightness = min(1.0, max(0.0, lightness))
    low, high, direction = 0.0, max(0.0, chroma), _direction(hue)
    if _in_gamut(lightness, high, direction):
        return to_hex(_rgb(lightness, high, hue))
    for _ in range(16):
        middle = (low + high) / 2
        low, high = (middle, high) if _in_gamut(lightness, middle, direction) else (low, middle)
    return to_hex(_rgb(lightness, low, hue))


def mix(first: str, second: str, share: float) -> str:
    """`share` 0 is `first`, 1 is `second`; mixed in OKLab so that the middle is neither grey nor dark."""
    one, two = (_lab(color) for color in (first, second))
    lightness, a, b = (x + (y - x) * share for x, y in zip(one, two, strict=True))
    return from_oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)))


@lru_cache(maxsize=4096)
def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (linear(channel) for channel in parse(color))
    return sum(weight * light for weight, light in zip(LUMINANCE, (red, green, blue), strict=True))


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(backgrounds: str | Sequence[str], preferred: str | None = None, ratio: float = AA_NORMAL) -> str:
    """A text colour with at least `ratio` on every background: `preferred`, a shade of it, or black or white.

    Where nothing reaches the ratio on all of them the best of black and white is given; callers check `contrast`.
    """
    grounds = [backgrounds] if isinstance(backgrounds, str) else list(backgrounds)
    candidates = chain((preferred,), _shades(preferred, grounds)) if preferred else ()
    for candidate in candidates:
        if min(contrast(candidate, ground) for ground in grounds) >= ratio:
            return candidate
    return max(("#111111", "#ffffff", "#000000"), key=lambda color: min(contrast(color, ground) for ground in grounds))


def _shades(color: str, grounds: Sequence[str]) -> Iterator[str]:
    lightness, chroma, hue = to_oklch(color)
    down = sum(luminance(ground) for ground in grounds) / len(grounds) > 0.18
    steps = [lightness * (1 - step / 12) if down else lightness + (1 - lightness) * step / 12 for step in range(1, 12)]
    return (from_oklch(step, chroma, hue) for step in steps)


def distance(first: str, second: str) -> float:
    """How different two colours look: Euclidean in OKLab, where 0.02 is just seen and white to black is 1."""
    return math.dist(_lab(first), _lab(second))


@lru_cache(maxsize=16384)
def most_chroma(lightness: float, hue: float) -> float:
    """The largest OKLCH chroma that sRGB has at this lightness and hue."""
    low, high, direction = 0.0, 0.4, _direction(hue)
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if _in_gamut(lightness, middle, direction) else (low, middle)
    return low


@lru_cache(maxsize=1024)
def cusp(hue: float) -> float:
    """The lightness at which sRGB has most chroma for a hue: 0.45 for blue, 0.97 for yellow.

    Source: B. Ottosson, "Okhsv and Okhsl", https://bottosson.github.io/posts/colorpicker/; a search here, not his closed form.
    """
    return max((step / 50 for step in range(15, 50)), key=lambda lightness: most_chroma(lightness, hue))


def kin(color: str, other: str, degrees: float) -> str:
    """The colour with its hue at most so far from the other's: what melts together must be related, or it greys."""
    lightness, chroma, hue = to_oklch(color)
    _, strength, base = to_oklch(other)
    if strength < 0.02:
        return color
    apart = (hue - base + 180) % 360 - 180
    return from_oklch(lightness, chroma, base + max(-degrees, min(degrees, apart)))


def tone(color: str, lightness: float, vividness: float = 1.0) -> str:
    """The colour at another lightness, as saturated for that lightness as it was; `vividness` scales that.

    Yellows and oranges turn towards red as they darken, as painters do: dark yellow at its own hue is olive mud.
    """
    own, chroma, hue = to_oklch(color)
    if lightness < own and 50 < hue < 125 and chroma > 0.03:
        hue = max(48.0, hue - (own - lightness) * 110)
    share = chroma / max(0.02, most_chroma(round(own, 3), round(hue, 1)))
    wanted = min(share, 1.0) * most_chroma(round(lightness, 3), round(hue, 1))
    return from_oklch(lightness, min(wanted, max(chroma, 0.03) * 1.25) * vividness, hue)


@lru_cache(maxsize=4096)
def _lab(color: str) -> tuple[float, float, float]:
    lightness, chroma, hue = to_oklch(color)
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """Gamma-encoded sRGB, possibly outside 0..1."""
    red, green, blue = (encoded(channel) for channel in _channels(lightness, chroma, _direction(hue)))
    return red, green, blue


@lru_cache(maxsize=4096)
def _direction(hue: float) -> tuple[float, float]:
    return math.cos(math.radians(hue)), math.sin(math.radians(hue))


def _channels(lightness: float, chroma: float, direction: tuple[float, float]) -> Rgb:
    """Linear sRGB, possibly outside 0..1."""
    a, b = chroma * direction[0], chroma * direction[1]
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(lightness: float, chroma: float, direction: tuple[float, float]) -> bool:
    """Asked thousands of times for one picture: no generator, and nothing worked out after the first channel outside."""
    red, green, blue = _channels(lightness, chroma, direction)
    return (
        -0.0005 <= encoded(red) <= 1.0005 and -0.0005 <= encoded(green) <= 1.0005 and -0.0005 <= encoded(blue) <= 1.0005
    )
