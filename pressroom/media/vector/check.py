"""Decide whether an SVG is a plain drawing: nothing that runs, nothing from outside, nothing that explodes."""

from __future__ import annotations

import base64
import binascii
import io
import math
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from pressroom.domain.errors import Corrupt
from pressroom.settings import MediaLimits

# Far above what real logos and our own drawings hold (the largest: 60 kB, nested 8 deep), far below what hurts.
MAX_SVG_BYTES = 5_000_000
MAX_DEPTH = 64
MAX_ELEMENTS = 50_000
# Elements after every <use>, pattern, mask and filter reference has been followed.
MAX_EXPANDED = 200_000
# Longest chain of references and children; renderers follow them by recursion.
MAX_CHAIN = 256
# Filters work on every pixel: these bound the work for one pixel.
FILTER_LIMITS = {"stdDeviation": 500.0, "numOctaves": 10.0, "order": 20.0, "radius": 200.0}
MAX_FILTERED_ELEMENTS = 200

FORBIDDEN_ELEMENTS = frozenset(
    [
        "script",
        "foreignobject",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "handler",
        "listener",
        "animate",
        "set",
        "animatetransform",
        "animatemotion",
        "discard",
        "import",
        "include",
    ]
)
# Gradients hold no painted elements, so a fill that a style gives them is never followed.
PAINTLESS = frozenset({"stop", "linearGradient", "radialGradient"})
LINK_ATTRIBUTES = frozenset({"href", "src"})
DATA_IMAGE = re.compile(r"data:image/(png|jpe?g);base64,(.*)", re.DOTALL)
URL = re.compile(r"url\s*\(\s*['\"]?\s*([^'\")]*)", re.IGNORECASE)
RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
SELECTOR = re.compile(r"[.#]?[\w-]+|\*")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
LENGTH = re.compile(rf"\s*({NUMBER.pattern})\s*(px|pt|pc|mm|cm|in|em|ex|%)?\s*")
# CSS: 96 px to the inch; em and ex of the default 16 px font.
UNIT_PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
    "em": 16.0,
    "ex": 8.0,
}
# What resvg and browsers take for an SVG that declares no size at all.
DEFAULT_SIDE = 100.0


def inspect_svg(data: bytes, limits: MediaLimits) -> tuple[int, int]:
    """The declared size in pixels; raises Corrupt with what and where for anything but a plain drawing."""
    if len(data) > MAX_SVG_BYTES:
        raise Corrupt(f"the SVG has {len(data)} bytes, {MAX_SVG_BYTES} are allowed", hint="export a simpler drawing")
    if data[:2] == b"\x1f\x8b":
        raise Corrupt("the SVG is gzip-compressed", hint="save it as plain .svg")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Corrupt(f"the SVG is not UTF-8 at byte {exc.start}", hint="save it as UTF-8") from exc
    inspector = _Inspector(limits)
    inspector.read(text)
    inspector.follow_references()
    return inspector.size


@dataclass(slots=True)
class _Node:
    """An element as far as references matter: who it is, what it holds, what it points to."""

    names: frozenset[str]
    line: int
    refs: set[str] = field(default_factory=set)
    children: list[_Node] = field(default_factory=list)
    ids: str = ""


class _Inspector:
    """Walks the document once with expat, which never fetches anything itself."""

    def __init__(self, limits: MediaLimits) -> None:
        self.limits = limits
        self.size = (0, 0)
        self.nodes: list[_Node] = []
        self.open: list[_Node] = []
        self.style: list[str] | None = None
        self.rules: list[tuple[frozenset[str], set[str]]] = []
        self.filtered = 0
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def read(self, text: str) -> None:
        try:
            self.parser.Parse(text, True)
        except expat.ExpatError as exc:
            raise Corrupt(f"the SVG is not well-formed XML: {exc}", hint="export it again") from exc

    def _refuse(self, what: str, hint: str = "remove it, or export the drawing as plain SVG") -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise Corrupt(f"SVG line {line}, column {column}: {what}", hint=hint, line=line, column=column)

    def _doctype(self, *_: object) -> None:
        self._refuse("a DOCTYPE or entity declaration is not allowed")

    def _instruction(self, target: str, _data: str) -> None:
        self._refuse(f"the processing instruction <?{target}?> is not allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if not self.open:
            self._root(name, attributes)
        if name.lower() in FORBIDDEN_ELEMENTS:
            self._refuse(f"<{tag}> is not allowed")
        if len(self.open) >= MAX_DEPTH:
            self._refuse(f"elements nest deeper than {MAX_DEPTH}")
        if len(self.nodes) >= MAX_ELEMENTS:
            self._refuse(f"there are more than {MAX_ELEMENTS} elements")
        node = self._node(name, attributes)
        self.nodes.append(node)
        if self.open:
            self.open[-1].children.append(node)
        self.open.append(node)
        if name == "style":
            self.style = []

    def _node(self, name: str, attributes: dict[str, str]) -> _Node:
        classes = {f".{token}" for token in attributes.get("class", "").split()}
        own = attributes.get("id", "")
        node = _Node(frozenset({name, "*", f"#{own}", *classes}), self.parser.CurrentLineNumber, ids=own)
        for attribute, value in attributes.items():
            self._attribute(node, attribute, value)
        return node

    def _attribute(self, node: _Node, attribute: str, value: str) -> None:
        name = attribute.rpartition(":")[2]
        if name.lower().startswith("on"):
            self._refuse(f"the event attribute {attribute} is not allowed")
        if attribute == "xml:base":
            self._refuse("xml:base is not allowed")
        if name.lower() in LINK_ATTRIBUTES:
            self._link(node, value.strip())
        if name in FILTER_LIMITS and any(number > FILTER_LIMITS[name] for number in _numbers(value)):
            self._refuse(f"{name}={value[:40]!r} is above {FILTER_LIMITS[name]:g}", hint="use a smaller filter")
        if name == "filter" or (name == "style" and "filter" in value):
            self.filtered += 1
            if self.filtered > MAX_FILTERED_ELEMENTS:
                self._refuse(f"more than {MAX_FILTERED_ELEMENTS} elements have a filter")
        node.refs |= self._urls(value)

    def _link(self, node: _Node, target: str) -> None:
        if target.startswith("#"):
            node.refs.add(target[1:])
        elif match := DATA_IMAGE.fullmatch(target):
            self._embedded(match[2])
        elif target:
            self._refuse(
                f"the reference {target[:80]!r} leads outside the file", hint="embed the picture as PNG or JPEG"
            )

    def _embedded(self, encoded: str) -> None:
        from PIL import Image, UnidentifiedImageError

        try:
            raw = base64.b64decode(re.sub(r"\s+", "", encoded), validate=True)
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
                size = image.size
        except (binascii.Error, UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as exc:
            raise Corrupt(f"SVG line {self.parser.CurrentLineNumber}: an embedded image is broken: {exc}") from exc
        self._within_limits("an embedded image", *size)

    def _urls(self, text: str) -> set[str]:
        targets = {match.strip() for match in URL.findall(text)}
        for target in targets:
            if not target.startswith("#"):
                self._refuse(f"url({target[:80]}) leads outside the file")
        return {target[1:] for target in targets}

    def _text(self, text: str) -> None:
        if self.style is not None:
            self.style.append(text)

    def _end(self, _tag: str) -> None:
        self.open.pop()
        if self.style is not None:
            self._stylesheet("".join(self.style))
            self.style = None

    def _stylesheet(self, css: str) -> None:
        css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
        if "@import" in css.lower():
            self._refuse("@import is not allowed in a style")
        if "\\" in css:
            self._refuse("escapes are not allowed in a style")
        self._urls(css)
        for selector, body in RULE.findall(css):
            if refs := self._urls(body):
                self.rules.append((frozenset(SELECTOR.findall(selector)), refs))

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name != "svg":
            self._refuse(f"the document is <{name[:40]}>, not <svg>", hint="give an SVG file")
        box = _numbers(attributes.get("viewBox", ""))
        if len(box) != 4 or not (box[2] > 0 and box[3] > 0):
            box = [0.0, 0.0, DEFAULT_SIDE, DEFAULT_SIDE]
        width = _pixels(attributes.get("width"), box[2])
        height = _pixels(attributes.get("height"), box[3])
        # One side alone keeps the ratio of the viewBox.
        if "width" in attributes and "height" not in attributes:
            height = width * box[3] / box[2]
        elif "height" in attributes and "width" not in attributes:
            width = height * box[2] / box[3]
        if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
            self._refuse("the declared size is not a positive length", hint="set width, height and viewBox")
        self._within_limits("the SVG", max(1, math.ceil(width - 1e-6)), max(1, math.ceil(height - 1e-6)))
        self.size = max(1, round(width)), max(1, round(height))

    def _within_limits(self, what: str, width: int, height: int) -> None:
        limits = self.limits
        if max(width, height) > limits.max_side or width * height > limits.max_pixels:
            self._refuse(
                f"{what} declares {width} x {height} pixels, at most {limits.max_pixels} pixels "
                f"and {limits.max_side} on a side are allowed",
                hint="declare a smaller size",
            )

    def follow_references(self) -> None:
        """Refuse references that go in circles or multiply (the 'billion laughs' of <use>)."""
        for names, refs in self.rules:
            for node in self.nodes:
                if node.names & names and not node.names & PAINTLESS:
                    node.refs |= refs
        targets = {node.ids: node for node in reversed(self.nodes) if node.ids}
        _expanded(self.nodes[0], targets, {}, set())


def _expanded(node: _Node, targets: dict[str, _Node], known: dict[int, int], path: set[int]) -> int:
    if id(node) in known:
        return known[id(node)]
    if id(node) in path:
        raise Corrupt(f"SVG line {node.line}: the element refers to itself", hint="remove the circular reference")
    if len(path) >= MAX_CHAIN:
        raise Corrupt(f"SVG line {node.line}: references chain deeper than {MAX_CHAIN}", hint="flatten the drawing")
    path.add(id(node))
    followed = [*node.children, *(targets[ref] for ref in node.refs if ref in targets)]
    total = 1 + sum(_expanded(other, targets, known, path) for other in followed)
    path.discard(id(node))
    if total > MAX_EXPANDED:
        raise Corrupt(
            f"SVG line {node.line}: references multiply to more than {MAX_EXPANDED} elements",
            hint="export the drawing without nested <use>",
        )
    known[id(node)] = total
    return total


def _numbers(text: str) -> list[float]:
    return [float(match) for match in NUMBER.findall(text)]


def _pixels(value: str | None, whole: float) -> float:
    """A CSS length in pixels; a percentage, or no value, is of the viewBox."""
    if value is None:
        return whole
    match = LENGTH.fullmatch(value)
    if match is None:
        return math.nan
    number, unit = float(match[1]), match[2] or ""
    return whole * number / 100 if unit == "%" else number * UNIT_PIXELS[unit]
