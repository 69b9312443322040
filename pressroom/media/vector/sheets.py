"""Style sheets of SVG rule by rule: what applies to a drawing on a screen, with selectors that the renderer knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

# Every pattern here takes time in proportion to its text, whatever that is.
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_MARK: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[{};]")
_AT: Final = re.compile(r"@([\w-]+)\s*")
_SELECTORS: Final = re.compile(r"(?:\([^()]*\)|[^,])+")
_FAMILY: Final = re.compile(r"font-family\s*:\s*([^;}]+)", re.IGNORECASE)
_SHOWN: Final = re.compile(r"\ball\b|\bscreen\b|not\s+print|:\s*light\b|no-preference")
_NOT_SHOWN: Final = re.compile(r"\bprint\b|\bspeech\b|:\s*dark\b|:\s*reduce\b|:\s*active\b|forced-colors|hover|pointer")
_UNWRAPPED: Final = frozenset({"supports", "layer"})
_WITHOUT_EFFECT: Final = frozenset(
    {"page", "charset", "namespace", "keyframes", "-webkit-keyframes", "layer", "property", "starting-style"}
)
# What the renderer reads of selectors is names, classes, ids, two relations, whole attributes, and one pseudo-class.
_UNKNOWN: Final = re.compile(r":(?!first-child\b)[\w-]+|~(?!=)|[\^$*|]=")
_NEVER: Final = re.compile(r"::|:(?:hover|focus|active|visited|before|after|target)\b")
_DEEPEST: Final = 8
_MOST_SELECTORS: Final = 100  # of one rule within another

Note = Callable[[str], None]


def rules_of(css: str, note: Note) -> Iterator[tuple[str, str]]:
    """Selector and declarations of every rule that counts; what is left out is noted where it would have been seen."""
    for selector, body in _rules(_COMMENT.sub("", css), "", note, 0):
        if known := ",".join(_known(selector, note)):
            yield known, body


def _rules(css: str, within: str, note: Note, depth: int) -> Iterator[tuple[str, str]]:
    for prelude, body in _statements(css):
        at = _AT.match(prelude)
        if at:
            name = at[1].lower()
            applies = name in _UNWRAPPED or (name == "media" and _is_shown(prelude[at.end() :], note))
            if body is not None and applies and depth < _DEEPEST:
                yield from _rules(body, within, note, depth + 1)
            elif name != "media":
                _note_at_rule(name, body or "", note)
        elif body is not None:
            yield from _rule(_nested(within, prelude, note), body, note, depth)
        elif within:
            yield within, prelude


def _rule(selector: str, body: str, note: Note, depth: int) -> Iterator[tuple[str, str]]:
    if "{" not in body:
        if selector:
            yield selector, body
    elif depth < _DEEPEST:
        yield from _rules(body, selector, note, depth + 1)


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
    outer, inner = _SELECTORS.findall(within), _SELECTORS.findall(prelude)
    if len(outer) * len(inner) > _MOST_SELECTORS:
        note(f"the nested rule {prelude[:40]!r} is not understood")
        return ""
    return ",".join(
        each.replace("&", one.strip()) if "&" in each else f"{one.strip()} {each.strip()}"
        for one in outer
        for each in inner
    )


def _known(selector: str, note: Note) -> Iterator[str]:
    """The selectors of a list that the renderer understands: one that it does not would cost the whole rule."""
    for each in _SELECTORS.findall(selector):
        one = " ".join(each.split()).replace(":root", "svg")
        if not one or _NEVER.search(one):
            continue
        if _UNKNOWN.search(re.sub(r"\"[^\"]*\"|'[^']*'", "", one)):
            note(f"what the style sheet says of {one[:40]!r} is not understood")
        else:
            yield one


def _is_shown(condition: str, note: Note) -> bool:
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
