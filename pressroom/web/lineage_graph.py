"""An asset's lineage as a drawing: a column for each generation, from what it was made from to what it became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pressroom.domain.media import Asset
from pressroom.library.lineage import Lineage

WIDTH: Final = 184  # of a node, in pixels, as all that follows
HEIGHT: Final = 52
_GAP_ACROSS: Final = 40
_GAP_DOWN: Final = 12
_EDGE: Final = 8
_MOST_PICTURES: Final = 60  # the nearest ones; a small picture is made for each


@dataclass(frozen=True, slots=True)
class Node:
    """One asset at its place; `asset` is None for one that was purged, `generation` is below 0 above the asset."""

    id: str
    asset: Asset | None
    generation: int
    x: int
    y: int
    is_pictured: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """`nodes` by generation, `paths` are the lines from each parent to its child as SVG's path data."""

    nodes: tuple[Node, ...]
    paths: tuple[str, ...]
    width: int
    height: int
    truncated: bool
    node_width: int = WIDTH
    node_height: int = HEIGHT

    @property
    def generations(self) -> dict[int, tuple[Node, ...]]:
        """The nodes of each generation, but for the asset itself."""
        numbers = dict.fromkeys(node.generation for node in self.nodes if node.generation)
        return {number: tuple(node for node in self.nodes if node.generation == number) for number in numbers}


def graph_of(lineage: Lineage) -> Graph:
    """The drawing of all that the lineage holds."""
    root = lineage.asset.id
    above = _depths(root, [(child, parent) for child, parent in lineage.edges])
    below = _depths(root, [(parent, child) for child, parent in lineage.edges])
    generation = {**{name: -depth for name, depth in above.items()}, **below}
    columns = _columns(generation, lineage.edges)
    tallest = max(len(column) for column in columns.values())
    height = tallest * (HEIGHT + _GAP_DOWN) - _GAP_DOWN + 2 * _EDGE
    assets = {each.id: each for each in (lineage.asset, *lineage.ancestors, *lineage.descendants)}
    near = {each for each, _ in zip(assets, range(_MOST_PICTURES), strict=False)}
    nodes: dict[str, Node] = {}
    for place, (number, names) in enumerate(columns.items()):
        top = (height - len(names) * (HEIGHT + _GAP_DOWN) + _GAP_DOWN) // 2
        for row, name in enumerate(names):
            x, y = _EDGE + place * (WIDTH + _GAP_ACROSS), top + row * (HEIGHT + _GAP_DOWN)
            nodes[name] = Node(name, assets.get(name), number, x, y, name in near)
    paths = tuple(_path(nodes[parent], nodes[child]) for child, parent in dict.fromkeys(lineage.edges))
    width = len(columns) * (WIDTH + _GAP_ACROSS) - _GAP_ACROSS + 2 * _EDGE
    return Graph(tuple(nodes.values()), paths, width, height, lineage.truncated)


def _depths(root: str, steps: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Name -> the longest way to it along the steps from the root, which is 0."""
    onward: dict[str, list[str]] = {}
    for near, far in steps:
        onward.setdefault(near, []).append(far)
    found = {root: 0}
    level, most = [root], len(onward) + 1
    while level and most:
        most -= 1  # a ring, which there should not be, ends as well
        fresh: dict[str, None] = {}
        for near in level:
            for far in onward.get(near, ()):
                if found.get(far, 0) < found[near] + 1:
                    found[far] = found[near] + 1
                    fresh[far] = None
        level = list(fresh)
    return found


def _columns(generation: Mapping[str, int], edges: Iterable[tuple[str, str]]) -> dict[int, list[str]]:
    """The names of each generation from the left to the right, in an order in which few lines cross."""
    beside: dict[str, list[str]] = {}
    for child, parent in edges:
        beside.setdefault(child, []).append(parent)
        beside.setdefault(parent, []).append(child)
    columns: dict[int, list[str]] = {}
    for name, number in generation.items():
        columns.setdefault(number, []).append(name)
    row: dict[str, float] = {}
    for number in sorted(columns, key=abs):  # outwards: each column lies by the one before it
        columns[number].sort(key=lambda name: _middle([row[each] for each in beside.get(name, ()) if each in row]))
        row |= {name: place / len(columns[number]) for place, name in enumerate(columns[number])}
    return dict(sorted(columns.items()))


def _middle(rows: list[float]) -> float:
    return sum(rows) / len(rows) if rows else 0.0


def _path(parent: Node, child: Node) -> str:
    x, y = parent.x + WIDTH, parent.y + HEIGHT // 2
    end_x, end_y = child.x, child.y + HEIGHT // 2
    bend = max(_GAP_ACROSS // 2, (end_x - x) // 2)
    return f"M{x} {y}C{x + bend} {y} {end_x - bend} {end_y} {end_x} {end_y}"
