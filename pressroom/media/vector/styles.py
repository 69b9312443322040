"""Style sheets and style attributes of SVG: what the renderer understands is kept, the rest is left out by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pressroom.media.vector.colours import DEGREES, rendered_colour
from pressroom.media.vector.lengths import LENGTHS, USUAL_FONT, rendered

# Every pattern here takes time in proportion to its text, whatever that is.
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_URL: Final = re.compile(r"url\s*\(\s*['\"]?\s*([^'\")]*)", re.IGNORECASE)
_IMPORTANT: Final = re.compile(r"!\s*important\s*\Z", re.IGNORECASE)
_PATH: Final = re.compile(r"path\(\s*[\"'](.*)[\"']\s*\)", re.DOTALL)
_DECLARATION: Final = re.compile(r"(?:\"[^\"]*\"|'[^']*'|\([^()]*\)|[^;])+")
_VARIABLE: Final = re.compile(r"(--[\w-]+)\s*:\s*([^;{}<>\"']+)")
_USED: Final = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*((?:[^()]|\([^()]*\))*))?\)")
_LIGHT: Final = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))*)\s*,(?:[^()]|\([^()]*\))*\)")
_PLAIN_UNITS: Final = re.compile(r"(?<=[\d.])px\b")
_ANGLE: Final = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))(deg|grad|rad|turn)\b", re.IGNORECASE)
_NO_TRANSFORM: Final = re.compile(r"%|[\d.](?:[a-df-z]|e[a-z])|3d|\dZ\b|translateZ|perspective", re.IGNORECASE)
_FONT: Final = re.compile(
    r"(?:(?:normal|(?P<style>italic|oblique)|(?P<weight>bold|bolder|lighter|[1-9]00)|(?P<variant>small-caps))\s+)*"
    r"(?P<size>[\d.]+[a-z%]+|(?:x{1,2}-)?(?:small|large)|medium)(?:\s*/\s*[\w.%]+)?\s+(?P<family>\S.*)",
    re.IGNORECASE,
)
_COLOURS: Final = frozenset(
    {"fill", "stroke", "stop-color", "color", "flood-color", "lighting-color", "background-color"}
)
# CSS may give these to a shape; the renderer takes them as attributes only.
GEOMETRY: Final = frozenset({"x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "d"})
_BOX: Final = frozenset({"x", "y", "width", "height"})
PLACED: Final = {  # SVG 2, 7.1: what CSS may give to which element
    "rect": _BOX | {"rx", "ry"},
    "svg": _BOX,
    "use": _BOX,
    "image": _BOX,
    "circle": frozenset({"cx", "cy", "r"}),
    "ellipse": frozenset({"cx", "cy", "rx", "ry"}),
    "path": frozenset({"d"}),
}
BACKGROUND: Final = "background-color"
# What the renderer passes over, and which values of it change nothing.
_PASSED_OVER: Final = {
    "clip-path": re.compile(r"none|inherit|url\(.*"),
    "mask": re.compile(r"none|inherit|url\(.*"),
    "mask-image": re.compile(r"none|inherit"),
    "transform-box": re.compile(r"view-box|inherit"),
    "rotate": re.compile(
        r"none|0(?:deg)?|auto|auto-reverse|[-+]?[\d.]+(?:\s+[-+\d.]+)*"
    ),  # the attribute of text as well
    "scale": re.compile(r"none|1|[-+]?[\d.]+(?:\s+[-+\d.]+)*"),  # the attribute of filters as well
    "translate": re.compile(r"none|0|yes|no"),
    "backdrop-filter": re.compile(r"none"),
}
_MOST_STEPS: Final = 5  # of custom properties that are told by others
_MOST_LETTERS: Final = 2_000  # of a value that holds one

Refuse = Callable[[str], None]
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Around:
    """What values depend on: the size of the drawing and of its font in pixels, its custom properties, and who hears of what is
    left out.
    """

    root: tuple[float, float]
    note: Note
    variables: Mapping[str, list[str]] = field(default_factory=dict)
    root_font: float = USUAL_FONT


Declared = Mapping[str, tuple[str, bool]]  # value and importance by property


def variables_of(text: str) -> dict[str, list[str]]:
    """The custom properties that are declared anywhere in a document, with all of their values."""
    found: dict[str, list[str]] = {}
    if "--" in text and "var(" in text:
        for name, value in _VARIABLE.findall(text):
            values = found.setdefault(name, [])
            if value.strip() not in values:
                values.append(value.strip())
    return found


def targets(text: str, refuse: Refuse) -> set[str]:
    """The ids that a value points to; an address outside the file is refused."""
    if "(" not in text and "\\" not in text:
        return set()
    found = {match.strip() for match in _URL.findall(_unescaped(text))}
    for target in found:
        if not target.startswith("#"):
            refuse(f"url({target[:80]}) leads outside the file")
    return {target[1:] for target in found}


def declared(text: str, around: Around) -> Declared:
    """What a block says of every property that the renderer understands."""
    found: dict[str, tuple[str, bool]] = {}
    for name, value, is_important in _declarations(text, around):
        if is_important or name not in found or not found[name][1]:
            found[name] = value, is_important
    return found


def _declarations(text: str, around: Around) -> Iterator[tuple[str, str, bool]]:
    for part in _DECLARATION.findall(text):
        name, colon, given = part.partition(":")
        name = name.strip().lower()
        value = _IMPORTANT.sub("", given.strip()).strip()
        is_important = value != given.strip()
        if not colon or not value or name.startswith("-"):
            continue
        if name == "font":
            yield from ((each, told, is_important) for each, told in _font(value, around))
        elif name == "background":
            if (colour := rendered_colour(_resolved(value, around) or "")) and "url(" not in colour:
                yield BACKGROUND, colour, is_important
        elif name == "d":
            yield name, path[1] if (path := _PATH.fullmatch(value)) else value, is_important
        elif (told := value_of(name, value, around)) is not None:
            yield name, told, is_important


def _font(value: str, around: Around) -> Iterator[tuple[str, str]]:
    """The renderer does not know the shorthand, which also resets what it does not say."""
    match = _FONT.fullmatch(_resolved(value, around) or "")
    if match is None:
        around.note(f"font: {value[:40]!r} is not understood")
        return
    for name in ("style", "weight", "size", "family", "variant"):
        if (told := value_of(f"font-{name}", match[name] or "normal", around)) is not None:
            yield f"font-{name}", told


def as_text(declared: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in declared.items())


def value_of(name: str, value: str, around: Around) -> str | None:
    """A property's or attribute's value in the renderer's words; None for one that says nothing, as browsers have it."""
    resolved = _resolved(value, around)
    if resolved is None:
        around.note(f"{name}: {value[:40]!r} is told nowhere in the file")
        return None
    value = resolved
    if name in LENGTHS:
        told = rendered(value, around.root, around.root_font)
        if told is None:
            around.note(f"{name}: {value[:40]!r} is no length that is understood")
        return value if told is None else told
    if name == "transform":
        return _transform(value, around)
    if name in _COLOURS:
        return _colour(name, value, around)
    if (known := _PASSED_OVER.get(name)) and not known.fullmatch(value.strip().lower()):
        around.note(f"{name}: {value[:40]!r} is not understood")
    return value


def _resolved(value: str, around: Around) -> str | None:
    """The value with custom properties and `light-dark()` put in; None where it needs one that is told nowhere."""
    if "(" not in value:
        return value

    def put(match: re.Match[str]) -> str:
        found = around.variables.get(match[1], [])
        if len(found) > 1:
            around.note(f"{match[1][:40]} has {len(found)} values: the first is used")
        return found[0] if found else match[2] if match[2] is not None else match[0]

    for _ in range(_MOST_STEPS):
        if "var(" not in value or len(value) > _MOST_LETTERS:
            break
        value = _USED.sub(put, value)
    return None if "var(" in value else _LIGHT.sub(r"\1", value)


def _transform(value: str, around: Around) -> str:
    told = _ANGLE.sub(lambda match: f"{float(match[1]) * DEGREES[match[2].lower()]:g}", _PLAIN_UNITS.sub("", value))
    if _NO_TRANSFORM.search(told):
        around.note(f"transform: {value[:40]!r} is not understood")
    return told


def _colour(name: str, value: str, around: Around) -> str | None:
    told = rendered_colour(value)
    if told is None:
        around.note(f"{name}: the colour {value[:40]!r} is not understood")
        return None
    return told


def _unescaped(css: str) -> str:
    """CSS Syntax 3, 4.3.7: a backslash and a code point, or the letter itself."""

    def letter(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else 0
        return match[2] or (chr(code) if code <= 0x10FFFF else "")

    return _ESCAPE.sub(letter, css) if "\\" in css else css
