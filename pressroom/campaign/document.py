"""Read a YAML document into plain values, with the line and column of everything in it.

Scalars follow the YAML 1.2 core schema: only null, true, false, integers and floats are not text, so `9:16`, `no` and
`2026-01-01` stay what was written. The parser's events are read one by one, so nesting, aliases and size are bounded
before any memory is spent on them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml

from pressroom.campaign.comments import swallowed_in_brackets, swallowed_value
from pressroom.campaign.written import WrittenFloat, number_of
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.printable import flaw_of

MAX_DOCUMENT_BYTES: Final = 1 << 20
MAX_NODES: Final = 100_000  # after aliases are expanded
MAX_DEPTH: Final = 40
QUOTES: Final = "put quotes around it to make it text"
_COMMENT: Final = "is read as a comment, because # begins one"

Place = tuple[int, int]
Key = tuple[str | int, ...]

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE: Final = "tag:yaml.org,2002:"
_MERGE: Final = "<<"
# What YAML 1.2 calls printable; everything else is a slip of an editor or an attack.
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as the parser counts lines
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_ADVICE: Final = {
    "mapping values are not allowed": "a text that holds `: ` needs quotes around it; or a line is indented too far",
    "cannot start any token": "indent with spaces, never tabs; a text that starts with @, ` or % needs quotes",
    "violates indentation": "indent with spaces, never tabs",
    "did not find expected key": "check the indentation and the quotes of the lines above",
    "could not find expected ':'": "a line of a mapping reads `name: value`",
    "did not find expected ',' or": "a list in [ ] or a mapping in { } is not closed; text with {{ }} needs quotes",
    "unexpected end of stream": "a quote or bracket is not closed",
    "did not find expected alphabetic": "a text that starts with & or * needs quotes",
    "undefined alias": "a text that starts with * needs quotes",
}


@dataclass(frozen=True, slots=True)
class Positions:
    """Where each value of a document is, by its path, counting lines and columns from 1."""

    keys: dict[Key, Place] = field(default_factory=dict)
    values: dict[Key, Place] = field(default_factory=dict)
    words: dict[Key, str] = field(default_factory=dict)  # true and false where they are written in other letters

    def at(self, *path: str | int) -> Place:
        """The place of a value: of its first character for scalars, of its key for mappings and lists.

        A path that is not in the document gives the place of the nearest parent that is.
        """
        for length in range(len(path), -1, -1):
            place = self.values.get(path[:length])
            if place is not None:
                return place
        return 1, 1

    def key(self, *path: str | int) -> Place:
        """The place of the key itself, as for a misspelt one."""
        return self.keys.get(path) or self.at(*path)


def located(problem: Problem, file: str, positions: Positions) -> Problem:
    """The problem with the line and column of its path in `file`; one that names a file knows its line already."""
    if problem.file:
        return problem
    path = problem.path
    line, column = positions.key(*path) if problem.on_key else positions.at(*path)
    step = str(path[1]) if len(path) > 1 and path[0] == "steps" else ""
    return replace(problem, file=file, line=line, column=column, step=problem.step or step)


@dataclass(frozen=True, slots=True)
class Document:
    """Plain values (dict, list, str, int, float, bool, None), where they are, and problems that did not stop reading."""

    value: Any
    positions: Positions
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Node:
    """A scalar (`value`), a list (`items`) or a mapping (`pairs`: key text, or None for a merge, key place, value)."""

    place: Place
    value: Any = None
    items: list[_Node] | None = None
    pairs: list[tuple[str | None, Place, _Node]] | None = None
    anchor: str | None = None
    flow: bool = False  # a list or mapping in brackets
    written: str = ""  # a true or false in other letters
    merges: bool = False  # as a key: << without quotes
    key: tuple[str | None, Place] | None = None  # while a mapping is being read: the key that waits for its value


def decode(data: bytes, file: str, hint: str = "save it as UTF-8") -> str:
    """UTF-8 bytes as text, without a byte order mark. Raises Invalid at the first byte that is not UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _invalid("encoding", "the file is UTF-16", file, (1, 1), hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        place = _place_in(exc.object[: exc.start].decode("utf-8", "replace"))
        message = f"byte 0x{exc.object[exc.start]:02x} is not UTF-8{_in_windows(exc.object, exc.start)}"
        raise _invalid("encoding", message, file, place, hint) from exc


def _in_windows(data: bytes, at: int) -> str:
    """The word around a byte in the encoding of older Windows programs, so that a person sees what is meant."""
    before, after = data[max(0, at - 30) : at], data[at : at + 30]
    start, end = re.search(rb"[^\s,;\"']*$", before), re.match(rb"[^\s,;\"']*", after)
    word = (start[0] if start else b"") + (end[0] if end else b"")
    read = word.decode("cp1252", "replace")
    return f": {read} in Windows-1252" if "\ufffd" not in read else ""


def read_document(text: str, file: str) -> Document:
    """Parse one YAML document. Raises Invalid for anything after which no value can be trusted."""
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_DOCUMENT_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_DOCUMENT_BYTES:
        raise too_large(file)
    strange = _UNPRINTABLE.search(text)
    if strange:
        place = _place_in(text[: strange.start()])
        raise _invalid("yaml", f"character U+{ord(strange[0]):04X} may not be in YAML", file, place, "delete it")
    reader = _Reader(file)
    root = reader.read(text)
    if root is None or (root.pairs is None and root.items is None and root.value is None):
        raise _invalid("yaml", "the document is empty", file, (1, 1), "start from an example: pressroom init")
    expander = _Expander(file, reader.problems, "aliases explode to" if reader.anchors else "the document has")
    value = expander.expand(root, ())
    return Document(value, expander.positions, tuple(reader.problems))


class _Reader:
    """Events to nodes, with a stack of the collections that are open."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.stack: list[_Node] = []
        self.anchors: dict[str, _Node] = {}
        self.root: _Node | None = None
        self.documents = 0
        self.lines: list[str] = []
        self.after = (1, 1)  # where the event before this one ends

    def read(self, text: str) -> _Node | None:
        self.lines = _LINE_BREAK.split(text)
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._event(event)
                self.after = _mark(event.end_mark)
        except yaml.YAMLError as exc:
            raise self._syntax(exc) from exc
        return self.root

    def _event(self, event: yaml.Event) -> None:
        place = _mark(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, place)
            odd = isinstance(value, bool) and not event.value.islower()
            merges = event.value == _MERGE and event.implicit[0] and event.tag is None
            written = event.value if odd else ""
            self._add(_Node(place, value, anchor=event.anchor, written=written, merges=merges), event.value)
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._alias(str(event.anchor), place))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event, place)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._add(self.stack.pop())
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _invalid("yaml", "a second document starts here", self.file, place, "one campaign per file")

    def _open(self, event: yaml.CollectionStartEvent, place: Place) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise _invalid("yaml", f"nested deeper than {MAX_DEPTH} levels", self.file, place)
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in (None, "!", _CORE + kind):
            self._refuse_tag(event.tag, place)
        node = _Node(place, anchor=event.anchor, flow=bool(event.flow_style))
        if kind == "map":
            node.pairs = []
        else:
            node.items = []
        self.stack.append(node)

    def _alias(self, name: str, place: Place) -> _Node:
        if name in self.anchors:
            return self.anchors[name]
        if any(node.anchor == name for node in self.stack):
            raise _invalid("yaml", f"alias *{name} refers to something that contains it", self.file, place)
        hint = _ADVICE["undefined alias"]
        raise _invalid("yaml", f"alias *{name} refers to no anchor above it", self.file, place, hint)

    def _add(self, node: _Node, text: str | None = None) -> None:
        """Put a finished node where it belongs; `text` is a scalar as written, which is what keys are."""
        if node.anchor is not None:
            self.anchors[node.anchor] = node
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        if parent.items is not None:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = (self._key(node, text), node.place)
        else:
            assert parent.pairs is not None
            parent.pairs.append((*parent.key, node))
            parent.key = None

    def _key(self, node: _Node, text: str | None) -> str | None:
        if node.merges:
            return None
        if text is not None:
            return text
        if isinstance(node.value, str):
            return node.value
        self._problem("a key must be a plain name", node.place, "text with {{ }} needs quotes around it")
        return ""

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Any:
        text, tag = event.value, event.tag
        if not text and event.implicit[0]:
            in_brackets = self.stack and self.stack[-1].flow  # where an empty value is placed at the bracket behind it
            self._swallowed(self.after if in_brackets else _mark(event.end_mark))
        if flaw := flaw_of(text):
            self._problem(f"this text {flaw}", place, "delete it")
        if tag is None or tag == "!":
            return self._plain(text, place) if event.implicit[0] and tag is None else text
        kind = tag.removeprefix(_CORE)
        if kind == "str":
            return text
        if kind not in ("int", "float", "bool", "null"):
            self._refuse_tag(tag, place)
            return text
        value = self._plain(text, place)
        if (kind == "null") != (value is None) or (kind == "bool") != isinstance(value, bool) or isinstance(value, str):
            self._problem(f"{text!r} is not of type !!{kind}", place)
        return WrittenFloat(text, float(value)) if kind == "float" and isinstance(value, int) else value

    def _plain(self, text: str, place: Place) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if text[0] not in "+-.0123456789":
            return text
        try:
            number = number_of(text)
        except ValueError as exc:
            self._problem(str(exc), place, QUOTES)
            return text
        if number is not None and not math.isfinite(number):
            self._problem(f"{text} is no finite number", place, QUOTES)
        return text if number is None else number

    def _swallowed(self, after: Place) -> None:
        """Report a value that YAML takes for a comment, behind the place where its key ends."""
        line, column = after
        found = swallowed_value(self.lines[line - 1] if line <= len(self.lines) else "", column - 1)
        if found:
            self._problem(f"{found[0]} {_COMMENT}: the value is empty", (line, found[1] + 1), _quoted(found[0]))

    def _refuse_tag(self, tag: str, place: Place) -> None:
        shown = tag.replace(_CORE, "!!")
        self._problem(f"the tag {shown} is not allowed", place, "write the plain value, without a tag")

    def _problem(self, message: str, place: Place, hint: str = "") -> None:
        self.problems.append(Problem("yaml", message, hint, self.file, *place))

    def _syntax(self, exc: yaml.YAMLError) -> Invalid:
        mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
        place = _mark(mark) if mark else (1, 1)
        if (lost := self._lost_bracket(place)) is not None:
            return Invalid.of([lost])
        said = getattr(exc, "problem", None) or str(exc)
        context = getattr(exc, "context", None)
        hint = next((advice for key, advice in _ADVICE.items() if key in said), "")
        message = f"this is not valid YAML: {said}" + (f" ({context})" if context else "")
        return _invalid("yaml", message, self.file, place, hint)

    def _lost_bracket(self, error: Place) -> Problem | None:
        """What is wrong where a # has swallowed the end of a list or mapping in brackets: YAML stumbles lines later."""
        opened = next((node for node in self.stack if node.flow), None)
        if opened is None:
            return None
        line, column = opened.place
        lines = self.lines[line - 1 : error[0]]
        text = "\n".join([lines[0][column - 1 :], *lines[1:]])
        found = swallowed_in_brackets(text)
        if found is None:
            return None
        lines_on, column_on = _place_in(text[: found[1]])
        place = (line + lines_on - 1, column_on if lines_on > 1 else column + column_on - 1)
        return Problem(
            "yaml", f"{found[0]} {_COMMENT}: the rest of the line is lost", _quoted(found[0]), self.file, *place
        )


class _Expander:
    """Nodes to plain values: aliases become copies, merge keys are merged, and every path gets its place."""

    def __init__(self, file: str, problems: list[Problem], cause: str) -> None:
        self.file = file
        self.problems = problems
        self.positions = Positions()
        self.cause = cause
        self.repeated: set[Place] = set()  # an alias shows the same slip again
        self.count = 0

    def expand(self, node: _Node, path: Key, key_place: Place | None = None) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            hint = "write fewer aliases (*name) of large parts, move long lists into a feed (CSV)"
            raise _invalid("yaml", f"{self.cause} more than {MAX_NODES:,} values", self.file, node.place, hint)
        if len(path) > MAX_DEPTH:
            raise _invalid("yaml", f"aliases nest deeper than {MAX_DEPTH} levels", self.file, node.place)
        self.positions.values[path] = node.place
        if node.pairs is None and node.items is None:
            if node.written:
                self.positions.words[path] = node.written
            return node.value
        self.positions.values[path] = key_place or node.place
        if node.items is not None:
            return [self.expand(item, (*path, number)) for number, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: _Node, path: Key) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, place, value, merged in self._pairs(node, 0):
            here = (*path, key)
            if key not in found:
                self.positions.keys[here] = place
                found[key] = self.expand(value, here, place)
            elif not merged and place not in self.repeated:
                self.repeated.add(place)
                hint = f"first on line {self.positions.keys[here][0]}"
                message = f"{key!r} is written twice"
                self.problems.append(Problem("duplicate_key", message, hint, self.file, *place, path=here))
        return found

    def _pairs(self, node: _Node, depth: int) -> Iterator[tuple[str, Place, _Node, bool]]:
        """Own pairs first, so that they win over merged ones."""
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise _invalid("yaml", "merge keys (<<) explode", self.file, node.place, "merge fewer mappings")
        merges = []
        for key, place, value in node.pairs or ():
            if key is None:
                merges.append(value)
            else:
                yield key, place, value, depth > 0
        for source in merges:
            for mapping in source.items if source.items is not None else [source]:
                if mapping.pairs is None:
                    self.problems.append(
                        Problem("yaml", "<< merges mappings only", "give *name of a mapping", self.file, *source.place)
                    )
                else:
                    yield from self._pairs(mapping, depth + 1)


def _quoted(shown: str) -> str:
    return f'put quotes around it: "{shown}"'


def _mark(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


def _place_in(before: str) -> Place:
    """Line and column of what follows this text."""
    line = before.count("\n") + 1
    return line, len(before) - (before.rfind("\n") + 1) + 1


def too_large(file: str) -> Invalid:
    limit = f"the document is larger than {MAX_DOCUMENT_BYTES:,} bytes"
    return _invalid("too_large", limit, file, (1, 1), "move long lists into a feed (CSV)")


def _invalid(code: str, message: str, file: str, place: Place, hint: str = "") -> Invalid:
    return Invalid.of([Problem(code, message, hint, file, *place)])
