"""The drawing of a lineage: generations in columns, nothing on top of another, the deleted ones in their place."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from pressroom.domain.media import Asset, Kind
from pressroom.library.lineage import Lineage
from pressroom.web.lineage_graph import HEIGHT, WIDTH, Graph, graph_of


def of(edges: list[tuple[str, str]], root: str, deleted: tuple[str, ...] = ()) -> Graph:
    """The graph of what is above and below the root by these edges, each (child, parent)."""
    up, down = reached(root, edges), reached(root, [(parent, child) for child, parent in edges])
    kept = tuple(edge for edge in edges if set(edge) <= {root, *up} or set(edge) <= {root, *down})
    above, below = ([asset(name) for name in side if name not in deleted] for side in (up, down))
    return graph_of(Lineage(asset(root), tuple(above), tuple(below), kept, truncated=False, deleted=deleted))


def reached(root: str, steps: list[tuple[str, str]]) -> list[str]:
    found, level = {root: None}, [root]
    while level:
        level = [far for near, far in steps if near in level and far not in found]
        found |= dict.fromkeys(level)
    return list(found)[1:]


def asset(name: str) -> Asset:
    return Asset(name, name.encode().hex().ljust(64, "0"), Kind.IMAGE, "image/png", 1)


def test_generations_are_columns_by_the_longest_way() -> None:
    edges = [("cut", "photo"), ("post", "cut"), ("post", "logo"), ("clip", "post"), ("clip", "cut"), ("own", "photo")]

    found = {node.id: node.generation for node in of(edges, "post").nodes}

    assert found == {"photo": -2, "cut": -1, "logo": -1, "post": 0, "clip": 1}


def test_a_deleted_parent_keeps_its_place() -> None:
    graph = of([("post", "photo"), ("post", "logo")], "post", deleted=("photo",))

    (gone,) = [node for node in graph.nodes if node.asset is None]
    assert (gone.id, gone.generation, len(graph.paths)) == ("photo", -1, 2)


def test_few_lines_cross() -> None:
    edges = [("b", "root"), ("a", "root"), ("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b")]

    columns = of(edges, "root").generations

    order = [node.id[0] for node in sorted(columns[2], key=lambda node: node.y)]
    assert order in (list("aabb"), list("bbaa"))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] > pair[1]), max_size=30))
def test_nothing_lies_on_another_or_outside(pairs: list[tuple[int, int]]) -> None:
    graph = of([(f"n{child}", f"n{parent}") for child, parent in dict.fromkeys(pairs)], "n5")

    for node in graph.nodes:
        assert 0 <= node.x <= graph.width - WIDTH
        assert 0 <= node.y <= graph.height - HEIGHT
    for one, other in combinations(graph.nodes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
