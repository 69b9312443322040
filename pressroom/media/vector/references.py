"""What an SVG's elements point to, and what following all of it would cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pressroom.domain.errors import Corrupt

# Elements after every <use>, pattern, mask and filter reference has been followed.
MAX_EXPANDED: Final = 200_000
# Longest chain of references and children; renderers follow them by recursion.
MAX_CHAIN: Final = 256
# Gradients hold no painted elements, so a fill that a style gives them is never followed.
PAINTLESS: Final = frozenset({"stop", "linearGradient", "radialGradient"})


@dataclass(slots=True)
class Node:
    """An element as far as references matter: who it is, what it holds, what it points to.

    `holds` are the elements of a drawing that is embedded in it.
    """

    name: str
    line: int
    own_id: str = ""
    refs: set[str] = field(default_factory=set)
    children: list[Node] = field(default_factory=list)
    holds: int = 0


def follow_references(nodes: list[Node]) -> int:
    """How many elements are drawn.

    Raises Corrupt for references that go in circles or multiply (the 'billion laughs' of <use>).
    """
    targets = {node.own_id: node for node in reversed(nodes) if node.own_id}
    return _expanded(nodes[0], targets, {}, set())


def _expanded(node: Node, targets: dict[str, Node], known: dict[int, int], path: set[int]) -> int:
    if id(node) in known:
        return known[id(node)]
    if id(node) in path:
        raise Corrupt(f"SVG line {node.line}: the element refers to itself", hint="remove the circular reference")
    if len(path) >= MAX_CHAIN:
        raise Corrupt(f"SVG line {node.line}: references chain deeper than {MAX_CHAIN}", hint="flatten the drawing")
    path.add(id(node))
    followed = [*node.children, *(targets[ref] for ref in node.refs if ref in targets)]
    total = 1 + node.holds + sum(_expanded(other, targets, known, path) for other in followed)
    path.discard(id(node))
    if total > MAX_EXPANDED:
        raise Corrupt(
            f"SVG line {node.line}: references multiply to more than {MAX_EXPANDED} elements",
            hint="export the drawing without nested <use>",
        )
    known[id(node)] = total
    return total
