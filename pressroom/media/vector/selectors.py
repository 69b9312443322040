"""Selectors of style sheets: which elements they select, and what they weigh (Selectors 4).

Every pattern here takes time in proportion to its text, whatever that is; comparisons with elements are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pressroom.domain.errors import Corrupt

MAX_COMPARED: Final = 1_000_000
Weight: TypeAlias = tuple[int, int, int]  # ids; classes, attributes and pseudo-classes; names

_IDENT: Final = r"(?:[-\w]|\\(?:[0-9a-fA-F]{1,6}+\s?+|[^\n])|(?!\w)[^\x00-\x7f])++"
_TYPE: Final = re.compile(rf"(?:(?:\*|{_IDENT})?\|(?!=))?(\*|{_IDENT})")
_SIMPLE: Final = re.compile(
    rf"#(?P<id>{_IDENT})|\.(?P<class>{_IDENT})"
    rf"|\[\s*(?:\*?\|)?(?P<attribute>{_IDENT})\s*(?:(?P<how>[~|^$*]?=)\s*(?P<value>\"[^\"]*\"|'[^']*'|{_IDENT})\s*(?P<case>[isIS]?)\s*)?\]"
    rf"|:(?P<pseudo>[\w-]+)(?P<opens>\()?"
)
_COMBINATOR: Final = re.compile(r"\s*([>+~])\s*|\s+")
_NTH: Final = re.compile(r"([+-]?\d{0,9})n\s*(?:([+-])\s*(\d{1,9}))?|([+-]?\d{1,9})", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_DEEPEST: Final = 4  # of selectors within selectors
_MOST_COMPOUNDS: Final = 64
_ONES: Final = {
    "first-child": ("nth-child", "1"),
    "last-child": ("nth-last-child", "1"),
    "first-of-type": ("nth-of-type", "1"),
    "last-of-type": ("nth-last-of-type", "1"),
}


class UnknownSelector(Exception):
    """One that is wrong or not known here."""


@dataclass(slots=True, eq=False)
class Element:
    """An element as selectors see it; `children` are all of them, whether they are drawn or not."""

    name: str
    attributes: Mapping[str, str]
    parent: Element | None = None
    number: int = 0
    children: list[Element] = field(default_factory=list)
    classes: frozenset[str] = frozenset()

    @classmethod
    def under(cls, parent: Element | None, name: str, attributes: Mapping[str, str]) -> Element:
        classes = frozenset(attributes.get("class", "").split())
        found = cls(name, attributes, parent, len(parent.children) if parent else 0, classes=classes)
        if parent is not None:
            parent.children.append(found)
        return found

    @property
    def own_id(self) -> str:
        return self.attributes.get("id", "")

    @property
    def siblings(self) -> list[Element]:
        return self.parent.children if self.parent else [self]


def refuse_above(compared: int) -> None:
    if compared > MAX_COMPARED:
        raise Corrupt(
            f"the style rules of the SVG take more than {MAX_COMPARED:,} comparisons with its elements",
            hint="export it with presentation attributes instead of a style sheet",
        )


class Comparisons:
    """How many were made; a drawing that needs too many is refused. What takes long to find is kept here."""

    def __init__(self) -> None:
        self._made = 0
        self._of_type: dict[Element, tuple[int, int]] = {}

    def place(self, element: Element, *, of_type: bool) -> tuple[int, int]:
        """The place of an element among its siblings, or those of its name, from 1 on, and how many these are."""
        if not of_type:
            return element.number + 1, len(element.siblings)
        if element not in self._of_type:
            named: dict[str, list[Element]] = {}
            for sibling in element.siblings:
                named.setdefault(sibling.name, []).append(sibling)
            for alike in named.values():
                self._of_type |= {each: (place, len(alike)) for place, each in enumerate(alike, 1)}
        return self._of_type[element]

    def count(self) -> None:
        self._made += 1
        refuse_above(self._made)


Test: TypeAlias = Callable[[Element, Comparisons], bool]


@dataclass(frozen=True, slots=True)
class _Compound:
    """What one element has to be, and how it lies to the one that is named before it."""

    name: str
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    tests: tuple[Test, ...]
    combinator: str = ""

    def fits(self, element: Element, comparisons: Comparisons) -> bool:
        comparisons.count()
        if self.name and self.name != element.name:
            return False
        if self.ids and any(own_id != element.own_id for own_id in self.ids):
            return False
        if self.classes and not element.classes.issuperset(self.classes):
            return False
        return not self.tests or all(test(element, comparisons) for test in self.tests)


@dataclass(frozen=True, slots=True)
class Selector:
    """`_compounds` from the selected element outwards."""

    _compounds: tuple[_Compound, ...]
    weight: Weight

    @property
    def key(self) -> str:
        """What every selected element has: an id, a class, a name; all have `*`."""
        first = self._compounds[0]
        if first.ids:
            return f"#{first.ids[0]}"
        return f".{first.classes[0]}" if first.classes else first.name or "*"

    def matches(self, element: Element, comparisons: Comparisons, at: int = 0) -> bool:
        compound = self._compounds[at]
        if not compound.fits(element, comparisons):
            return False
        if at + 1 == len(self._compounds):
            return True
        return any(self.matches(other, comparisons, at + 1) for other in _related(element, compound.combinator))


def keys_of(element: Element) -> Iterator[str]:
    yield "*"
    yield element.name
    if element.own_id:
        yield f"#{element.own_id}"
    for name in element.classes:
        yield f".{name}"


def parse_selector(text: str, depth: int = 0) -> Selector:
    """Raises UnknownSelector."""
    compounds: list[_Compound] = []
    weight, position, text = (0, 0, 0), 0, text.strip()
    combinator = ""
    while True:
        compound, own, position = _compound(text, position, combinator, depth)
        compounds.append(compound)
        weight = _sum(weight, own)
        if position == len(text):
            return Selector(tuple(reversed(compounds)), weight)
        between = _COMBINATOR.match(text, position)
        if between is None or len(compounds) == _MOST_COMPOUNDS:
            raise UnknownSelector(text)
        combinator, position = between[1] or " ", between.end()


def _related(element: Element, combinator: str) -> Iterator[Element]:
    if combinator in (">", " "):
        parent = element.parent
        while parent is not None:
            yield parent
            parent = parent.parent if combinator == " " else None
    elif combinator == "+":
        yield from element.siblings[max(0, element.number - 1) : element.number]
    else:
        yield from (element.siblings[number] for number in range(element.number - 1, -1, -1))


def _compound(text: str, start: int, combinator: str, depth: int) -> tuple[_Compound, Weight, int]:
    kind = _TYPE.match(text, start)
    name = "" if kind is None or kind[1] == "*" else _plain(kind[1])
    position, weight = kind.end() if kind else start, (0, 0, 1 if name else 0)
    ids: list[str] = []
    classes: list[str] = []
    tests: list[Test] = []
    while found := _SIMPLE.match(text, position):
        position = found.end()
        if found["id"]:
            ids.append(_plain(found["id"]))
            weight = _sum(weight, (1, 0, 0))
        elif found["class"]:
            classes.append(_plain(found["class"]))
            weight = _sum(weight, (0, 1, 0))
        elif found["attribute"]:
            tests.append(_attribute(found))
            weight = _sum(weight, (0, 1, 0))
        else:
            argument, position = _argument(text, position) if found["opens"] else ("", position)
            test, own = _pseudo(found["pseudo"].lower(), argument, depth)
            tests.append(test)
            weight = _sum(weight, own)
    if position == start:
        raise UnknownSelector(text)
    return _Compound(name, tuple(ids), tuple(classes), tuple(tests), combinator), weight, position


def _argument(text: str, start: int) -> tuple[str, int]:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return text[start:position].strip(), position + 1
    raise UnknownSelector(text)


def _attribute(found: re.Match[str]) -> Test:
    name, how = _plain(found["attribute"]), found["how"]
    given = found["value"] or ""
    value = given[1:-1] if given[:1] in "\"'" and given else _plain(given)
    is_folded = found["case"] in ("i", "I") if found["case"] else False

    def holds(element: Element, _: Comparisons) -> bool:
        own = element.attributes.get(name)
        if own is None or how is None:
            return own is not None
        mine, wanted = (own.lower(), value.lower()) if is_folded else (own, value)
        if how == "=":
            return mine == wanted
        if how == "~=":
            return wanted in mine.split()
        if how == "|=":
            return mine == wanted or mine.startswith(f"{wanted}-")
        if not wanted:
            return False
        return {"^=": mine.startswith(wanted), "$=": mine.endswith(wanted), "*=": wanted in mine}[how]

    return holds


def _pseudo(name: str, argument: str, depth: int) -> tuple[Test, Weight]:
    if name == "root":
        return lambda element, _: element.parent is None, (0, 1, 0)
    if name in ("not", "is", "where", "matches", "-webkit-any"):
        return _any_of(name, argument, depth)
    if name in ("only-child", "only-of-type"):
        same = name.endswith("type")
        return lambda element, comparisons: comparisons.place(element, of_type=same)[1] == 1, (0, 1, 0)
    name, argument = _ONES.get(name, (name, argument))
    if name not in ("nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"):
        raise UnknownSelector(name)
    return _nth(argument, is_last="last" in name, of_type="type" in name), (0, 1, 0)


def _any_of(name: str, argument: str, depth: int) -> tuple[Test, Weight]:
    if depth >= _DEEPEST:
        raise UnknownSelector(name)
    inner = [parse_selector(each, depth + 1) for each in parts_of(argument)]
    heaviest = max((each.weight for each in inner), default=(0, 0, 0))
    is_not = name == "not"

    def holds(element: Element, comparisons: Comparisons) -> bool:
        return any(each.matches(element, comparisons) for each in inner) is not is_not

    return holds, (0, 0, 0) if name == "where" else heaviest


def _nth(argument: str, *, is_last: bool, of_type: bool) -> Test:
    found = _NTH.fullmatch({"odd": "2n+1", "even": "2n"}.get(argument.lower(), argument.strip()))
    if found is None:
        raise UnknownSelector(argument)
    if found[4] is not None:
        step, first = 0, int(found[4])
    else:
        step = int(f"{found[1]}1") if found[1] in ("", "+", "-") else int(found[1])
        first = int(f"{found[2]}{found[3]}") if found[3] else 0

    def holds(element: Element, comparisons: Comparisons) -> bool:
        place, count = comparisons.place(element, of_type=of_type)
        if is_last:
            place = count + 1 - place
        return place == first if step == 0 else (place - first) % step == 0 and (place - first) // step >= 0

    return holds


def parts_of(selectors: str) -> list[str]:
    """The selectors of a list; commas within brackets and quotes divide nothing."""
    found, depth, quote, start = [], 0, "", 0
    for position, letter in enumerate(selectors):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "," and depth == 0:
            found.append(selectors[start:position])
            start = position + 1
    return [part.strip() for part in (*found, selectors[start:]) if part.strip()]


def _sum(one: Weight, other: Weight) -> Weight:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _plain(name: str) -> str:
    def letter(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else 0
        return match[2] or (chr(code) if code <= 0x10FFFF else "")

    return _ESCAPE.sub(letter, name) if "\\" in name else name
