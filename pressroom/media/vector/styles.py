"""Style sheets and style attributes of SVG: what the renderer understands is kept, the rest is left out by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pressroom.media.vector.lengths import LENGTHS, rendered

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
# Every pattern here takes time in proportion to its text, whatever that is.
# An at-rule ends at its semicolon, or at the end of its block, which may hold rules of its own.
_AT_RULE: Final = re.compile(r"@([\w-]+)(?:\"[^\"]*\"|'[^']*'|[^@{};\"'])*(?:;|\{(?:[^{}]|\{[^{}]*\})*\}|\Z)")
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_URL: Final = re.compile(r"url\s*\(\s*['\"]?\s*([^'\")]*)", re.IGNORECASE)
_NAME: Final = re.compile(r"[.#]?[\w-]+|\*")
_FAMILY: Final = re.compile(r"font-family\s*:\s*([^;}]+)", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"(?:\"[^\"]*\"|'[^']*'|\([^()]*\)|[^;])+")
_FALLBACK: Final = re.compile(r"var\(\s*--[\w-]+\s*,\s*((?:[^()]|\([^()]*\))*)\)|var\(\s*--[\w-]+\s*\)")
_LIGHT: Final = re.compile(r"light-dark\(\s*((?:[^(),]|\([^()]*\))*)\s*,(?:[^()]|\([^()]*\))*\)")
_PLAIN_UNITS: Final = re.compile(r"(?<=[\d.])(?:px|deg)\b")
_FUNCTION: Final = re.compile(r"\s*([a-z-]+)\(")
_COLOURS: Final = frozenset({"fill", "stroke", "stop-color", "color", "flood-color", "lighting-color"})
_COLOUR_FUNCTIONS: Final = frozenset({"rgb", "rgba", "hsl", "hsla", "url", "icc-color"})
# CSS may give these to a shape; the renderer takes them as attributes only.
GEOMETRY: Final = frozenset({"x", "y", "width", "height", "cx", "cy", "r", "rx", "ry", "d"})
_WITHOUT_EFFECT: Final = frozenset(
    {"page", "charset", "namespace", "keyframes", "-webkit-keyframes", "media", "supports"}
)

Refuse = Callable[[str], None]
Note = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style sheet without its at-rules. `rules` are the names that a rule selects by and what its values point to."""

    text: str
    rules: list[tuple[frozenset[str], set[str]]] = field(default_factory=list)


def targets(text: str, refuse: Refuse) -> set[str]:
    """The ids that a value points to; an address outside the file is refused."""
    found = {match.strip() for match in _URL.findall(_unescaped(text))}
    for target in found:
        if not target.startswith("#"):
            refuse(f"url({target[:80]}) leads outside the file")
    return {target[1:] for target in found}


def sheet(css: str, root: tuple[float, float], refuse: Refuse, note: Note) -> Sheet:
    """What is left of a <style> for the renderer; what is left out of it is noted where it would have been seen."""
    css = _COMMENT.sub("", css)
    for at_rule in _AT_RULE.finditer(css):
        _note_at_rule(at_rule[1].lower(), at_rule[0], note)
    kept, rules = [], []
    for rule in _AT_RULE.sub("", css).split("}"):
        selector, brace, body = rule.partition("{")
        if not brace:
            continue
        found = targets(body, refuse)
        declared = dict(declarations(body, root, note))
        if moved := GEOMETRY & declared.keys():
            note(f"{', '.join(sorted(moved))} given by a style sheet instead of an attribute")
        if found:
            rules.append((frozenset(_NAME.findall(selector)), found))
        kept.append(f"{selector.strip()}{{{as_text(declared)}}}")
    return Sheet("".join(kept), rules)


def declarations(text: str, root: tuple[float, float], note: Note) -> Iterator[tuple[str, str]]:
    """Name and value of every property that the renderer understands."""
    for part in _DECLARATION.findall(text):
        name, colon, value = part.partition(":")
        name = name.strip().lower()
        if colon and value.strip() and not name.startswith("-"):
            yield name, value_of(name, value.strip(), root, note)


def as_text(declared: dict[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in declared.items())


def value_of(name: str, value: str, root: tuple[float, float], note: Note) -> str:
    """A property's or attribute's value in the renderer's words."""
    value = value.removesuffix("!important").strip() if name in LENGTHS else value
    if "(" in value:
        value = _LIGHT.sub(r"\1", _FALLBACK.sub(lambda match: match[1] or "", value))
    if name in LENGTHS:
        told = rendered(value, root)
        if told is None:
            note(f"{name}: {value[:40]!r} is no length that is understood")
        return value if told is None else told
    if name == "transform":
        return _PLAIN_UNITS.sub("", value)
    function = _FUNCTION.match(value) if name in _COLOURS else None
    if function and function[1] not in _COLOUR_FUNCTIONS:
        note(f"{name}: the colour {value[:40]!r} is not understood")
    return value


def _note_at_rule(name: str, rule: str, note: Note) -> None:
    if name == "import":
        note("an imported style sheet is not read: what it says is missing")
    elif name == "font-face":
        family = _FAMILY.search(rule)
        name = family[1].strip().strip("'\"") if family else "without a name"
        note(f"the font {name[:40]!r} that comes with it is not used")
    elif name not in _WITHOUT_EFFECT:
        note(f"@{name} is not understood")


def _unescaped(css: str) -> str:
    """CSS Syntax 3, 4.3.7: a backslash and a code point, or the letter itself."""

    def letter(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else 0
        return match[2] or (chr(code) if code <= 0x10FFFF else "")

    return _ESCAPE.sub(letter, css) if "\\" in css else css
