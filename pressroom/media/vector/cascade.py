"""Which declaration of a drawing's style sheets and attributes holds for an element (CSS Cascade 5, 6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from pressroom.media.vector.references import Node
from pressroom.media.vector.selectors import (
    Comparisons,
    Element,
    Selector,
    UnknownSelector,
    keys_of,
    parse_selector,
    refuse_above,
)
from pressroom.media.vector.sheets import rules_of
from pressroom.media.vector.styles import GEOMETRY, PLACED, Around, Declared, Note, Refuse, declared, targets

# Importance, whether it stands on the element itself, layer, weight of the selector, order.
_Rank: TypeAlias = tuple[bool, bool, int, tuple[int, int, int], int]
_UNLAYERED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Rule:
    selector: Selector
    declared: Declared
    layer: int
    number: int


@dataclass(frozen=True, slots=True)
class Begun:
    """Where an element's tag is to stand, and what it says: which styles hold is known at the end of the document."""

    at: int
    node: Node
    element: Element
    kept: dict[str, str]
    styled: Declared


class Cascade:
    """Collects the style sheets of a document, wherever they stand in it."""

    def __init__(self) -> None:
        self._rules: dict[str, list[_Rule]] = {}  # by what every element has that they select
        self._number = 0
        self._layers: dict[str, int] = {}
        self._comparisons = Comparisons()

    def add(self, css: str, around: Around, refuse: Refuse) -> None:
        for selectors, body, layer in rules_of(css, self._layers, around.note):
            targets(body, refuse)
            said = declared(body, around)
            for text in selectors:
                try:
                    selector = parse_selector(text)
                except UnknownSelector:
                    around.note(f"what the style sheet says of {text[:40]!r} is not understood")
                    continue
                self._number += 1
                rank = _UNLAYERED if layer is None else self._layers[layer]
                self._rules.setdefault(selector.key, []).append(_Rule(selector, said, rank, self._number))

    def foresee(self, elements: Iterable[Element]) -> None:
        """Refuse a document whose elements and rules are too many for each other, before any are compared."""
        sizes = {key: len(rules) for key, rules in self._rules.items()}
        if sizes:
            refuse_above(sum(sizes.get(key, 0) for element in elements for key in keys_of(element)))

    def styled(self, element: Element, own: Declared) -> dict[str, str]:
        """The properties of an element whose style attribute says `own`."""
        found: dict[str, tuple[_Rank, str]] = {}
        for key in keys_of(element) if self._rules else ():
            for rule in self._rules.get(key, ()):
                if rule.selector.matches(element, self._comparisons):
                    _put(found, rule.declared, rule.layer, rule.selector.weight, rule.number, is_own=False)
        _put(found, own, _UNLAYERED, (0, 0, 0), 0, is_own=True)
        return {name: value for name, (_, value) in found.items()}


def place(begun: Begun, styled: dict[str, str], note: Note) -> None:
    """Sizes and places are attributes for the renderer; CSS gives them to shapes."""
    for name in [name for name in styled if name in GEOMETRY]:
        value, is_own = styled.pop(name), name in begun.styled
        if begun.element.parent is not None:
            if is_own or name in PLACED.get(begun.element.name, ()):
                begun.kept[name] = value
        elif not is_own:
            note(f"{name} given by a style sheet instead of an attribute")


def _put(
    found: dict[str, tuple[_Rank, str]],
    said: Mapping[str, tuple[str, bool]],
    layer: int,
    weight: tuple[int, int, int],
    number: int,
    *,
    is_own: bool,
) -> None:
    for name, (value, is_important) in said.items():
        # Of important ones the earliest layer is the strongest.
        rank = (is_important, is_own, -layer if is_important else layer, weight, number)
        if name not in found or rank > found[name][0]:
            found[name] = rank, value
