"""Incremental by content: a change gives new keys to exactly what is made from it, over random graphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.planning.known_files import KnownFiles
from tests.support.planning import FILES, font, image, keys_of, plan_of, with_operation

PHOTOS = ("photo.jpg", "other.jpg", "logo.png")
# One operation that depends on fonts, so that changing one has descendants to be found.
OPERATIONS = with_operation("remove_background", brand=frozenset({"fonts"}))


@dataclass
class Graph:
    """Steps by number: what each is made from, how it fans out, and its own parameter."""

    kinds: list[str]
    sources: list[list[int]]  # earlier steps; none means photos
    photos: list[int]
    fans: list[int]
    texts: list[int]
    files: dict[str, str] = field(default_factory=lambda: {name: name for name in PHOTOS})
    font: str = "head"

    def yaml(self) -> str:
        steps = {f"s{number}": self._step(number) for number in range(len(self.kinds))}
        brand = {"fonts": {"heading": "head.ttf"}}
        return yaml.safe_dump({"name": "random", "brand": brand, "steps": steps}, sort_keys=False)

    def _step(self, number: int) -> dict[str, Any]:
        refs = [f"{{{{ steps.s{source} }}}}" for source in self.sources[number]] or [PHOTOS[self.photos[number]]]
        text = self.texts[number]
        fan = f"d{number}"
        each = f"{{{{ each.{fan} }}}}"
        if self.kinds[number] == "scene":
            given = {"prompt": f"text {text} {each}", "seed": text, "width": 32, "height": 32}
            given |= {"background": refs[1]} if len(refs) > 1 else {}
            return {"uses": "replace_background", "for_each": self._fan(number), "with": {"image": refs[0], **given}}
        if self.kinds[number] == "cut":
            trimmed = {"trim": True, "margin": text / 1000, "feather": f"{{{{ each.{fan} }}}}"}
            return {"uses": "remove_background", "for_each": self._fan(number), "with": {"image": refs[0], **trimmed}}
        # Small again first: enlargements of enlargements would pass every limit.
        shrunk = {"width": 16 + text, "height": 16 + text, "prompt": each}
        return {"uses": "replace_background", "for_each": self._fan(number), "with": {"image": refs[0], **shrunk}}

    def _fan(self, number: int) -> dict[str, list[int]]:
        return {f"d{number}": list(range(self.fans[number]))}

    def keys(self) -> dict[str, str]:
        facts = {name: image(bytes_of, 64, 64) for name, bytes_of in self.files.items()}
        files = KnownFiles({**FILES.facts, **facts}, {"head.ttf": font(self.font)})
        plan = plan_of(self.yaml(), files=files, operations=OPERATIONS)
        assert plan.problems == ()
        return keys_of(plan)

    def used_sources(self, number: int) -> list[int]:
        return self.sources[number][: 2 if self.kinds[number] == "scene" else 1]

    def descendants(self, changed: set[int]) -> set[int]:
        found = set(changed)
        for number in range(len(self.kinds)):
            if set(self.used_sources(number)) & found:
                found.add(number)
        return found

    def users_of(self, photo: str) -> set[int]:
        return {n for n in range(len(self.kinds)) if not self.sources[n] and PHOTOS[self.photos[n]] == photo}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 7))
    return Graph(
        kinds=[draw(st.sampled_from(["scene", "cut", "small"])) for _ in range(size)],
        sources=[
            draw(st.lists(st.integers(0, number - 1), max_size=2, unique=True)) if number else []
            for number in range(size)
        ],
        photos=[draw(st.integers(0, 2)) for _ in range(size)],
        fans=[draw(st.integers(1, 2)) for _ in range(size)],
        # Told apart by number, so that no step is another one's twin.
        texts=[draw(st.integers(0, 3)) + 4 * number for number in range(size)],
    )


def changed_steps(before: dict[str, str], after: dict[str, str]) -> tuple[set[int], set[int]]:
    """Steps all of whose nodes have new keys, and steps of which at least one has."""
    nodes: dict[int, list[bool]] = {}
    for name, key in before.items():
        nodes.setdefault(int(name.partition("[")[0][1:]), []).append(after[name] != key)
    return {step for step, found in nodes.items() if all(found)}, {step for step, found in nodes.items() if any(found)}


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_a_changed_parameter_gives_new_keys_to_exactly_its_descendants(graph: Graph, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, len(graph.kinds) - 1))
    before = graph.keys()

    graph.texts[step] += 64
    everything, anything = changed_steps(before, graph.keys())

    assert everything == anything == graph.descendants({step})


@settings(max_examples=40, deadline=None)
@given(graphs(), st.sampled_from(PHOTOS))
def test_a_changed_photo_gives_new_keys_to_exactly_its_descendants(graph: Graph, photo: str) -> None:
    before = graph.keys()

    graph.files[photo] = "retouched"
    everything, anything = changed_steps(before, graph.keys())

    assert everything == anything == graph.descendants(graph.users_of(photo))


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_a_changed_font_gives_new_keys_to_exactly_what_is_set_in_it_and_its_descendants(graph: Graph) -> None:
    before = graph.keys()

    graph.font = "redrawn"
    everything, anything = changed_steps(before, graph.keys())

    assert everything == anything == graph.descendants({n for n, kind in enumerate(graph.kinds) if kind == "cut"})


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_an_unchanged_graph_keeps_every_key(graph: Graph) -> None:
    assert graph.keys() == graph.keys()


@settings(max_examples=30, deadline=None)
@given(graphs(), st.data())
def test_a_new_value_of_a_dimension_leaves_the_nodes_of_the_others_alone(graph: Graph, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, len(graph.kinds) - 1))
    before = graph.keys()

    graph.fans[step] += 1
    after = graph.keys()

    assert before.items() <= after.items()
    assert all(f"d{step}=" in name for name in after.keys() - before.keys())
