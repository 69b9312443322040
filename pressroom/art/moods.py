"""What a prompt says of its colours: named ones, a hue, light or dark, calm or vivid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.media.color.spaces import mix

# Hue in OKLCH degrees, taken from the named sRGB colours or a photograph's usual cast.
HUE_WORDS: Mapping[str, float] = {
    "red": 27, "crimson": 20, "coral": 35, "orange": 60, "sunset": 48, "autumn": 58, "amber": 75, "gold": 88,
    "golden": 88, "yellow": 105, "sunny": 95, "summer": 80, "lime": 125, "green": 145, "forest": 148, "nature": 140,
    "spring": 135, "eco": 145, "mint": 165, "teal": 190, "turquoise": 195, "sea": 225, "ocean": 235, "water": 230,
    "sky": 240, "ice": 225, "winter": 240, "blue": 258, "tech": 262, "night": 275, "indigo": 280, "violet": 300,
    "purple": 305, "lavender": 300, "magenta": 330, "pink": 355, "rose": 10, "blush": 20, "coffee": 55, "wood": 60,
    "marble": 250, "chocolate": 45, "sand": 80, "desert": 65, "beach": 80,
}  # fmt: skip
DARK_WORDS = frozenset(["dark", "night", "midnight", "black", "moody", "noir", "neon", "dramatic", "luxury"])
LIGHT_WORDS = frozenset(["light", "bright", "white", "airy", "clean", "minimal", "pastel", "fresh", "morning", "sunny"])
CALM_WORDS = frozenset(["pastel", "soft", "calm", "muted", "minimal", "marble", "elegant", "subtle", "natural"])
VIVID_WORDS = frozenset(["vivid", "vibrant", "neon", "bold", "bright", "energetic", "electric", "pop"])
# What a designer means by the name, not what HTML does.
COLORS: Mapping[str, str] = {
    "red": "#d62839", "crimson": "#b3123a", "burgundy": "#6d1a2d", "maroon": "#6b1f2a", "coral": "#ff6f59", "salmon": "#fa8072",
    "orange": "#f3722c", "terracotta": "#c65d3b", "rust": "#a8452c", "peach": "#ffb997", "apricot": "#fbb87f", "amber": "#ffb000",
    "gold": "#c9a227", "golden": "#c9a227", "mustard": "#d4a017", "yellow": "#ffd166", "lemon": "#fff04d", "lime": "#a7c957",
    "olive": "#6b705c", "sage": "#a3b18a", "green": "#2a9d4a", "emerald": "#0b8457", "mint": "#98dfc0", "teal": "#0f7c80",
    "turquoise": "#2ec4b6", "aqua": "#3fc1c9", "cyan": "#00b4d8", "blue": "#1d5fd0", "navy": "#14213d", "indigo": "#3f37c9",
    "violet": "#7b2cbf", "purple": "#6a2c91", "lavender": "#b8a9e3", "lilac": "#c8a2c8", "magenta": "#d0117c",
    "fuchsia": "#d6219c",
    "pink": "#ff7eb6", "rose": "#e8748f", "blush": "#f6c9c9", "brown": "#7b4b2a", "chocolate": "#4e2a1e", "tan": "#d2b48c",
    "copper": "#b87333", "bronze": "#a97142", "silver": "#b4b8bf", "beige": "#efe4d2", "cream": "#fff6e0", "ivory": "#fdf8ec",
    "sand": "#e6d3b1", "charcoal": "#2f3437", "gray": "#8a8f98", "grey": "#8a8f98", "black": "#101114", "white": "#ffffff",
}  # fmt: skip
_SHADE = r"(?:(?:soft|deep|dark|light|bright|pastel|pale|warm|cool|our|rich|royal|forest|baby|hot|neon|matte)\s+)*"
_NAME = rf"{_SHADE}(?:{'|'.join(sorted(COLORS, key=len, reverse=True))})"
_SEVERAL = rf"{_NAME}(?:\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*\+\s*|\s*/\s*|\s+on\s+|\s+with\s+){_NAME})*"
PART = r"(?:backgrounds?|colou?rs?|tones?|palette|theme|accents?|gradient|letters|lettering|text|type|scheme|branding|highlights)"
# "in navy and gold", "black and gold palette", "colours: red, white": said of the picture. "Red wine" is said of wine.
NAMED = re.compile(
    rf"(?:\b(?:in|using|use|colou?rs?\s?(?:are|:)?|palette\s?(?:of|:)?)\s+(?:a\s+)?(?P<one>{_SEVERAL})(?=\s*(?:$|[.,;:!)]|{PART}|for\b|with\b|on\b|and\b))|"
    rf"(?P<two>{_SEVERAL})\s+{PART}\b)",
    re.IGNORECASE,
)
# "A black and gold invitation", "red sale banner": colours of the design, whose words are for readers all the same.
_OF_THE_DESIGN = re.compile(
    rf"\b(?P<one>{_SEVERAL})\s+(?:[\w-]+\s+)?(?:poster|banner|flyer|flier|invitation|invite|card|cover|header|post|story|ad|graphic|template|"
    r"design|label|wallpaper)s?\b",
    re.IGNORECASE,
)
HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z])")
_EACH = re.compile(
    r"(?:\b(?P<shade>dark|deep|forest|rich|light|pastel|pale|soft|baby)\s+)?"
    rf"\b(?P<name>{'|'.join(sorted(COLORS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_DEEP = frozenset(["dark", "deep", "forest", "rich"])
_GROUND = re.compile(rf"(?:on\s+(?:an?\s+)?)?(?P<color>{_NAME}|#[0-9a-fA-F]{{3,6}})\s+background", re.IGNORECASE)
_NEUTRAL_LIGHT = frozenset(["#ffffff", "#fdf8ec", "#fff6e0", "#efe4d2"])
_NEUTRAL_DARK = frozenset(["#101114", "#2f3437"])


@dataclass(frozen=True, slots=True)
class Mood:
    """What is asked of the colours. `colors` maps roles to #rrggbb and holds only what the prompt names."""

    colors: Mapping[str, str]
    hue: float | None
    dark: bool | None
    chroma: float


def mood_of(prompt: str) -> Mood:
    """Named colours by role, the hue of the first colour word, whether dark is wished, how vivid (1 is normal)."""
    words = re.findall(r"[^\W_]+", prompt.lower())
    kinds = set(words)
    hue = next((HUE_WORDS[word] for word in words if word in HUE_WORDS), None)
    dark = True if kinds & DARK_WORDS else False if kinds & LIGHT_WORDS else None
    chroma = (0.55 if kinds & CALM_WORDS else 1.0) * (1.25 if kinds & VIVID_WORDS else 1.0)
    return Mood(_roles(prompt), hue, dark, chroma)


def _roles(prompt: str) -> dict[str, str]:
    """A ground where one is named or a neutral is among the colours, then primary, accent and secondary in order."""
    named = [_hex(match[0]) for match in HEX.finditer(prompt)]
    for match in (*NAMED.finditer(prompt), *_OF_THE_DESIGN.finditer(prompt)):
        named += [_shaded(found) for found in _EACH.finditer(next(filter(None, match.groups())))]
    named = list(dict.fromkeys(named))
    roles: dict[str, str] = {}
    ground = _GROUND.search(prompt)
    if ground:
        words = _EACH.search(ground["color"])
        roles["background"] = _shaded(words) if words else _hex(ground["color"])
    else:
        quiet = [color for color in named if color in _NEUTRAL_DARK] or [
            color for color in named if color in _NEUTRAL_LIGHT
        ]
        if quiet:
            roles["background"] = quiet[0]
    rest = [color for color in named if color != roles.get("background")]
    return roles | dict(zip(("primary", "accent", "secondary"), rest, strict=False))


def _shaded(found: re.Match[str]) -> str:
    color, shade = COLORS[found["name"].lower()], (found["shade"] or "").lower()
    if not shade:
        return color
    return mix(color, "#000000", 0.4) if shade in _DEEP else mix(color, "#ffffff", 0.4)


def _hex(text: str) -> str:
    digits = text.lstrip("#").lower()
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits[:6])
