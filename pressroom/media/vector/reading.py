"""Read an SVG as programs write it, and keep of it what is a plain drawing.

What runs, fetches or explodes is refused. What draws nothing (metadata of editors, links, comments) is left out; what
would have been seen and cannot be drawn here is left out and noted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pressroom.domain.errors import Corrupt
from pressroom.domain.media import data_uri, mime_of
from pressroom.domain.media_limits import MediaLimits
from pressroom.media.vector import small_capitals
from pressroom.media.vector.budget import MAX_WITHIN, Budget, check_source
from pressroom.media.vector.cascade import Begun, Cascade, place
from pressroom.media.vector.declarations import Prologue, decoded
from pressroom.media.vector.elements import (
    DRAWN,
    FORBIDDEN,
    MOVING,
    NEVER_BY_ITSELF,
    SILENT,
    SVG,
    TEXT,
    XHTML,
    XLINK,
    XML,
)
from pressroom.media.vector.embedded import DATA_IMAGE, drawing_of, size_of
from pressroom.media.vector.lengths import USUAL_FONT, numbers, pixels
from pressroom.media.vector.references import PAINTLESS, Node, follow_references
from pressroom.media.vector.selectors import Element
from pressroom.media.vector.sheets import is_shown
from pressroom.media.vector.styles import (
    Around,
    Declared,
    as_text,
    declared,
    targets,
    value_of,
    variables_of,
)
from pressroom.media.vector.text_fonts import is_misshapen, is_slanted, undrawable, upright_alone, with_stand_in

# What resvg and browsers take for an SVG that declares no size at all.
_DEFAULT_SIDE: Final = 100.0
_LANGUAGE: Final = "en"  # that of whoever looks, for what is drawn for readers of some languages only
_WITHOUT_EFFECT: Final = ("xmlns", "content", "systemLanguage", "requiredExtensions", "requiredFeatures")
_SELECTED: Final = ("data-", "aria-")  # of no effect either, but where a style sheet selects by them
_SHOW_PICTURES: Final = ("image", "feImage")
_PICTURE: Final = re.compile(r"data:(image/[\w.+-]{1,40})", re.IGNORECASE)
_MOST_NOTES: Final = 8


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plain drawing: SVG text without anything else in it, its size in pixels, and what was left out of it."""

    svg: str
    width: int
    height: int
    notes: tuple[str, ...] = ()


def read_svg(data: bytes, limits: MediaLimits) -> Drawing:
    """The drawing that a file holds; raises Corrupt with what and where for anything that is none."""
    return _read(data, limits, None)[0]


def _read(data: bytes, limits: MediaLimits, around: _Reader | None) -> tuple[Drawing, int]:
    """And how many elements it has after every reference has been followed; `around` reads what it is embedded in."""
    check_source(data)
    reader = _Reader(decoded(data), limits, around)
    reader.read()
    reader.style()
    return reader.drawing(), follow_references(reader.nodes)


@dataclass(slots=True)
class _Open:
    """An element that has begun: its name as written, and for a <switch> what it has lost and kept."""

    name: str
    node: Node
    element: Element
    lost: bool = False
    kept: bool = False


class _Reader:
    """Walks the document once with expat, which never fetches anything itself."""

    def __init__(self, text: str, limits: MediaLimits, around: _Reader | None = None) -> None:
        self.text, self.limits = text, limits
        self.within: int = 0 if around is None else around.within + 1
        self.size = (_DEFAULT_SIDE, _DEFAULT_SIDE)
        self._around = Around(self.size, self._note, variables_of(text))
        self._without_effect = _WITHOUT_EFFECT + tuple(name for name in _SELECTED if f"[{name}" not in text)
        self.nodes: list[Node] = []
        self._begun: list[Begun] = []
        self._cascade = Cascade()
        self._open: list[_Open] = []
        self._scopes: list[dict[str, str]] = [{"": "", "svg": SVG, "xlink": XLINK, "xml": XML, "xhtml": XHTML}]
        self._dropped = 0  # how deep within something that is left out
        self._style: list[str] | None = None
        self._letters: set[str] = set()
        self._texts: list[tuple[int, Element, str]] = []  # where each stands, and of which element it is
        self._line = ""  # the text of one <text>
        self._notes: dict[str, None] = {} if around is None else around._notes
        self._out: list[str] = []
        self._budget: Budget = Budget(limits) if around is None else around._budget
        self._own = ""  # the namespace of the root
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        Prologue(self.parser, self._refuse, self._note, text.count("&"))
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def read(self) -> None:
        try:
            self.parser.Parse(self.text.encode(), True)
        except expat.ExpatError as exc:
            raise Corrupt(f"the SVG is not well-formed XML: {exc}", hint="export it again") from exc

    def style(self) -> None:
        """Put into each tag what the sheets and its own attribute say of it."""
        self._cascade.foresee(begun.element for begun in self._begun)
        capitals: dict[Element, str] = {}
        for begun in self._begun:
            styled = self._cascade.styled(begun.element, begun.styled)
            place(begun, styled, self._note)
            if "font-family" in styled:
                styled["font-family"] = self._family(styled["font-family"])
            for name, value in styled.items():
                if begun.node.name not in PAINTLESS:
                    begun.node.refs |= targets(value, self._refuse)
                if name == "filter" and name not in begun.styled:
                    self._budget.filter(self._refuse)
            if is_slanted({**begun.kept, **styled}) and upright_alone(self._letters):
                self._note(
                    "italic letters that are not Latin, Greek or Cyrillic are drawn upright: turn them into paths"
                )
            parent = begun.element.parent
            capitals[begun.element] = small_capitals.told(
                {**begun.kept, **styled}, "" if parent is None else capitals.get(parent, "")
            )
            kept, styled = small_capitals.without(begun.kept), small_capitals.without(styled)
            tag = kept | ({"style": as_text(styled)} if styled else {})
            self._out[begun.at] = _tag(begun.node.name, tag)
        for at, element, text in self._texts:
            if kind := capitals.get(element, ""):
                self._out[at] = small_capitals.lettered(text, kind)
                self._letters |= set(text.upper())

    def drawing(self) -> Drawing:
        missing = undrawable(self._letters)
        if missing:
            self._note(f"no font has the letters {missing[:20]!r}")
        notes = list(self._notes)
        if len(notes) > _MOST_NOTES:
            notes[_MOST_NOTES:] = [f"and {len(notes) - _MOST_NOTES} more of the kind"]
        width, height = (max(1, round(side)) for side in self.size)
        return Drawing("".join(self._out), width, height, tuple(notes))

    def _refuse(self, what: str, hint: str = "remove it, or export the drawing as plain SVG") -> NoReturn:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise Corrupt(f"SVG line {line}, column {column}: {what}", hint=hint, line=line, column=column)

    def _note(self, what: str) -> None:
        self._notes[what] = None

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        scope = {**self._scopes[-1]} if any(name.startswith("xmlns") for name in attributes) else self._scopes[-1]
        for name, value in attributes.items():
            if name.startswith("xmlns"):
                scope[name[6:]] = value.strip()
        self._scopes.append(scope)
        prefix, _, name = tag.rpartition(":")
        if not self._open and not self._dropped:
            self._own = scope.get(prefix, "")
            self._root(name, attributes)
        space = scope.get(prefix, "?")
        is_own = space in (self._own, SVG)
        self._budget.begin(len(attributes), len(self._open) + self._dropped, self._refuse)
        if self._forbidden(name, space, is_own, attributes):
            self._refuse(f"<{tag}> is not allowed")
        condition = _unmet(attributes) if self._open and is_own and name not in NEVER_BY_ITSELF else ""
        if self._dropped or not is_own or name not in DRAWN or condition:
            self._drop(name, is_own, attributes, condition)
            return
        self._keep(name, attributes, scope)

    def _forbidden(self, name: str, space: str, is_own: bool, attributes: dict[str, str]) -> bool:
        """What runs or fetches, wherever it stands; descriptions in other vocabularies may use the same words."""
        runs = is_own or space in ("", XHTML) or space.endswith(("xml-events", "XInclude"))
        if not runs:
            return False
        for attribute in attributes:
            if attribute.rpartition(":")[2].lower().startswith("on"):
                self._refuse(f"the event attribute {attribute} is not allowed")
        if name.lower() in MOVING:
            target = attributes.get("attributeName", "").rpartition(":")[2].lower()
            return target == "href" or target.startswith("on")
        return name.lower() in FORBIDDEN

    def _drop(self, name: str, is_own: bool, attributes: dict[str, str], condition: str) -> None:
        if not self._dropped and self._open:
            Element.under(self._open[-1].element, name, attributes)  # a selector counts it all the same
        if not self._dropped and is_own and name not in SILENT:
            if self._open[-1].name == "switch":
                self._open[-1].lost = True
            elif name.lower() in MOVING:
                self._note("it moves: its first moment is shown")
            else:
                self._note(f"<{name}> on line {self.parser.CurrentLineNumber} {condition}is not drawn")
        if name == "font-face" and attributes.get("font-family"):
            self._note(f"the font {attributes['font-family'][:40]!r} that comes with it is not used")
        self._dropped += 1

    def _keep(self, name: str, attributes: dict[str, str], scope: dict[str, str]) -> None:
        node = Node(name, self.parser.CurrentLineNumber, attributes.get("id", ""))
        kept, styled = self._attributes(node, name, attributes, scope)
        element = Element.under(self._open[-1].element if self._open else None, name, attributes)
        if self._open:
            self._open[-1].node.children.append(node)
            self._open[-1].kept = True
        else:
            kept |= {"width": f"{self.size[0]:g}", "height": f"{self.size[1]:g}", "xmlns": SVG}
        self._budget.keep(name, self._refuse)
        self.nodes.append(node)
        self._open.append(_Open(name, node, element))
        self._style = None
        if name != "style":
            self._begun.append(Begun(len(self._out), node, element, kept, styled))
            self._out.append("")
        elif attributes.get("type", "text/css").strip().lower() in ("", "text/css"):
            self._style = [] if is_shown(attributes.get("media", ""), self._note) else None

    def _attributes(
        self, node: Node, element: str, attributes: dict[str, str], scope: dict[str, str]
    ) -> tuple[dict[str, str], Declared]:
        kept: dict[str, str] = {}
        styled: Declared = {}
        for attribute, value in attributes.items():
            prefix, _, name = attribute.rpartition(":")
            space = scope.get(prefix, "?") if prefix else ""
            if space == XML and name == "base":
                self._refuse("xml:base is not allowed")
            if space == XML and name == "space":
                kept["xml:space"] = value
            if name in ("href", "src") and space in ("", XLINK):
                # SVG 2: the plain one counts where both are there.
                if (target := self._link(node, element, value.strip())) and not (prefix and "href" in attributes):
                    kept["href"] = target
            elif name == "style" and not prefix:
                styled = declared(value, self._around)
                self._check(node, "style", value)
            elif not prefix and not name.startswith(self._without_effect):
                self._check(node, name, value)
                if (told := value_of(name, value, self._around)) is not None:
                    kept[name] = told
        if "font-family" in kept:
            kept["font-family"] = self._family(kept["font-family"])
        return kept, styled

    def _check(self, node: Node, name: str, value: str) -> None:
        node.refs |= targets(value, self._refuse)
        self._budget.check(name, value, self._refuse)

    def _family(self, families: str) -> str:
        told, unknown = with_stand_in(families)
        if unknown:
            self._note(f"the font {unknown[:40]!r} is not in the package: another one stands in for it")
        return told

    def _link(self, node: Node, element: str, target: str) -> str:
        """Where a reference leads within the file; nothing for what a reader would click on."""
        if target.startswith("#"):
            node.refs.add(target[1:])
            return target
        if match := DATA_IMAGE.match(target):
            self._embedded(target[match.end() :])
            return target
        if element in _SHOW_PICTURES and (within := self._drawing_within(node, target)):
            return within
        if element == "a" and not re.sub(r"\s", "", target).lower().startswith(("javascript:", "data:", "vbscript:")):
            return ""
        if picture := _PICTURE.match(target):
            self._refuse(
                f"an embedded picture of the kind {picture[1]} is not drawn", hint="embed it as PNG or JPEG, in base64"
            )
        if target:
            self._refuse(
                f"the reference {target[:80]!r} leads outside the file",
                hint="embed the picture as PNG or JPEG, or turn what it shows into paths",
            )
        return ""

    def _embedded(self, encoded: str) -> None:
        try:
            width, height = size_of(encoded)
        except ValueError as exc:
            raise Corrupt(f"SVG line {self.parser.CurrentLineNumber}: an embedded image is broken: {exc}") from exc
        self._budget.embed(width, height, self._refuse)

    def _drawing_within(self, node: Node, target: str) -> str:
        """The address of a drawing that this one shows, with what is plain of it; empty where it is none."""
        line = self.parser.CurrentLineNumber
        try:
            data = drawing_of(target)
        except ValueError as exc:
            raise Corrupt(f"SVG line {line}: an embedded drawing is broken: {exc}") from exc
        if data is None:
            return ""
        if self.within >= MAX_WITHIN:
            self._refuse(f"drawings are embedded deeper than {MAX_WITHIN}", hint="export a simpler drawing")
        try:
            drawing, elements = _read(data, self.limits, self)
        except Corrupt as exc:
            raise Corrupt(f"SVG line {line}: an embedded drawing: {exc.message}", hint=exc.hint) from exc
        node.holds += elements
        return data_uri(drawing.svg.encode(), mime_of("svg"))

    def _text(self, text: str) -> None:
        if self._dropped:
            return
        if self._style is not None:
            self._style.append(text)
        elif any(element.name in TEXT for element in self._open):
            self._budget.write(len(text), self._refuse)
            self._letters |= set(text)
            self._line += text
            self._texts.append((len(self._out), self._open[-1].element, text))
            self._out.append(escape(text))

    def _end(self, _tag: str) -> None:
        self._scopes.pop()
        if self._dropped:
            self._dropped -= 1
            return
        ended = self._open.pop()
        if ended.lost and not ended.kept:
            self._note(f"<switch> before line {self.parser.CurrentLineNumber} holds nothing that can be drawn")
        if ended.name == "text":
            if is_misshapen(self._line):
                self._note(
                    f"the text {self._line.strip()[:40]!r} mixes scripts that do not join right: turn it into paths"
                )
            self._line = ""
        if self._style is not None:
            self._cascade.add("".join(self._style), self._around, self._refuse)
            self._style = None
        if ended.name != "style":
            self._out.append(f"</{ended.name}>")

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        if name != "svg":
            self._refuse(f"the document is <{name[:40]}>, not <svg>", hint="give an SVG file")
        box = numbers(attributes.get("viewBox", "")[:200])
        if len(box) != 4 or not (box[2] > 0 and box[3] > 0):
            box = [0.0, 0.0, _DEFAULT_SIDE, _DEFAULT_SIDE]
        said = declared(attributes.get("style", ""), self._around)
        wide, high = (attributes.get(side, said.get(side, ("auto", False))[0]) for side in ("width", "height"))
        width = box[2] if wide == "auto" else pixels(wide, box[2])
        height = box[3] if high == "auto" else pixels(high, box[3])
        # One side alone keeps the ratio of the viewBox.
        if wide != "auto" and high == "auto":
            height = width * box[3] / box[2]
        elif high != "auto" and wide == "auto":
            width = height * box[2] / box[3]
        if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
            self._refuse("the declared size is not a positive length", hint="set width, height and viewBox")
        self._budget.fit("the SVG", max(1, math.ceil(width - 1e-6)), max(1, math.ceil(height - 1e-6)), self._refuse)
        self.size = width, height
        font = pixels(said.get("font-size", (attributes.get("font-size", ""), False))[0], USUAL_FONT)
        self._around = replace(self._around, root=self.size, root_font=font if font > 0 else USUAL_FONT)


def _unmet(attributes: Mapping[str, str]) -> str:
    """What an element asks for that is not here, as a part of a sentence; empty where it is drawn."""
    languages = attributes.get("systemLanguage")
    if languages is not None and _LANGUAGE not in {each.strip().lower().split("-")[0] for each in languages.split(",")}:
        return f"is for readers of {languages[:40]!r}: it "
    if attributes.get("requiredExtensions", "").strip():
        return "needs the program that wrote it: it "
    return ""


def _tag(name: str, attributes: dict[str, str]) -> str:
    return f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>"
