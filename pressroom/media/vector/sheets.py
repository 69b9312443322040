"""Style sheets of SVG rule by rule: what applies to a drawing on a screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from pressroom.media.vector.selectors import parts_of

# Every pattern here takes time in proportion to its text, whatever that is.
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MARK: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[{};]")
_AT: Final = re.compile(r"@([\w-]+)\s*")
_FAMILY: Final = re.compile(r"font-family\s*:\s*([^;}]+)", re.IGNORECASE)
_SHOWN: Final = re.compile(r"\ball\b|\bscreen\b|not\s+print|:\s*light\b|no-preference")
_NOT_SHOWN: Final = re.compile(r"\bprint\b|\bspeech\b|:\s*dark\b|:\s*reduce\b|:\s*active\b|forced-colors|hover|pointer")
_UNWRAPPED: Final = frozenset({"supports", "layer"})
_WITHOUT_EFFECT: Final = frozenset(
    {"page", "charset", "namespace", "keyframes", "-webkit-keyframes", "layer", "property", "starting-style"}
)
_NEVER: Final = re.compile(r"::|:(?:hover|focus|active|visited|before|after|target)\b")
_DEEPEST: Final = 8
_MOST_SELECTORS: Final = 100  # of one rule within another

Note = Callable[[str], None]


def rules_of(css: str, layers: dict[str, int], note: Note) -> Iterator[tuple[list[str], str, str | None]]:
    """Selectors, declarations and layer of every rule that counts; what is left out is noted where it would have been seen.

    `layers` gets the layers in their order.
    """
    for selector, body, layer in _Rules(layers, note).of(_COMMENT.sub("", css), "", None, 0):
        known = [one for one in map(_joined, parts_of(selector)) if not _NEVER.search(one)]
        if known:
            yield known, body, layer


def _joined(selector: str) -> str:
    return " ".join(selector.split())


class _Rules:
    def __init__(self, layers: dict[str, int], note: Note) -> None:
        self._layers, self._note = layers, note

    def of(self, css: str, within: str, layer: str | None, depth: int) -> Iterator[tuple[str, str, str | None]]:
        for prelude, body in _statements(css):
            at = _AT.match(prelude)
            if at:
                yield from self._at_rule(at[1].lower(), prelude[at.end() :], body, within, layer, depth)
            elif body is not None:
                yield from self._rule(_nested(within, prelude, self._note), body, layer, depth)
            elif within:
                yield within, prelude, layer

    def _at_rule(
        self, name: str, condition: str, body: str | None, within: str, layer: str | None, depth: int
    ) -> Iterator[tuple[str, str, str | None]]:
        if name == "layer":
            named = condition.split(",") if body is None else [condition.strip() or f"({len(self._layers)})"]
            for each in named:
                inner = each.strip() if layer is None else f"{layer}.{each.strip()}"
                self._layers.setdefault(inner, len(self._layers))
            layer = inner
        applies = name in _UNWRAPPED or (name == "media" and is_shown(condition, self._note))
        if body is not None and applies and depth < _DEEPEST:
            yield from self.of(body, within, layer, depth + 1)
        elif name != "media":
            _note_at_rule(name, body or "", self._note)

    def _rule(self, selector: str, body: str, layer: str | None, depth: int) -> Iterator[tuple[str, str, str | None]]:
        if "{" not in body:
            if selector:
                yield selector, body, layer
        elif depth < _DEEPEST:
            yield from self.of(body, selector, layer, depth + 1)


def _statements(css: str) -> Iterator[tuple[str, str | None]]:
    """What stands before each block or semicolon, and the block."""
    depth = start = inside = 0
    for mark in _MARK.finditer(css):
        if mark[0] == "{":
            inside = mark.end() if depth == 0 else inside
            depth += 1
        elif mark[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                yield css[start : inside - 1].strip(), css[inside : mark.start()]
                start = mark.end()
        elif mark[0] in "};" and depth == 0:
            yield css[start : mark.start()].strip(), None
            start = mark.end()
    if depth:
        yield css[start : inside - 1].strip(), css[inside:]
    elif css[start:].strip():
        yield css[start:].strip(), None


def _nested(within: str, prelude: str, note: Note) -> str:
    """The selector of a rule that stands in another one."""
    if not within:
        return prelude
    outer, inner = parts_of(within), parts_of(prelude)
    if len(outer) * len(inner) > _MOST_SELECTORS:
        note(f"the nested rule {prelude[:40]!r} is not understood")
        return ""
    return ",".join(
        each.replace("&", one.strip()) if "&" in each else f"{one.strip()} {each.strip()}"
        for one in outer
        for each in inner
    )


def is_shown(condition: str, note: Note) -> bool:
    """Whether a media query holds for a drawing on a screen."""
    text = condition.strip().lower()
    if not text or _SHOWN.search(text):
        return True
    if not _NOT_SHOWN.search(text):
        note(f"@media {text[:40]} is not understood")
    return False


def _note_at_rule(name: str, body: str, note: Note) -> None:
    if name == "import":
        note("an imported style sheet is not read: what it says is missing")
    elif name == "font-face":
        family = _FAMILY.search(body)
        named = family[1].strip().strip("'\"") if family else "without a name"
        note(f"the font {named[:40]!r} that comes with it is not used")
    elif name not in _WITHOUT_EFFECT and name not in _UNWRAPPED:
        note(f"@{name} is not understood")
