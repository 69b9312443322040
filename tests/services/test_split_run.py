"""Splitting a run: nothing in one part needs anything of another, and the parts are worth sharing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pressroom.services.execute_run import Work
from pressroom.services.split_run import PARTS_A_WORKER, split


@st.composite
def graphs(draw: st.DrawFn) -> list[Work]:
    """Works in an order that follows what they need; some need what is not of this run any more."""
    count = draw(st.integers(0, 40))
    works = []
    for number in range(count):
        needed = draw(st.lists(st.integers(0, max(number - 1, 0)), max_size=3)) if number else []
        names = [f"n{each}" for each in dict.fromkeys(needed)]
        works.append(Work(f"n{number}", tuple([*names, "made before"] if draw(st.booleans()) else names)))
    return works


@given(graphs(), st.integers(2, 6))
def test_every_node_is_in_one_place_and_needs_only_what_is_made_before_or_beside_it(
    works: list[Work], workers: int
) -> None:
    found = split(works, workers)

    if found is None:
        return
    everything = [*found.first, *(name for part in found.parts for name in part), *found.last]
    assert sorted(everything) == sorted(work.node_id for work in works)
    assert 2 <= len(found.parts) <= workers * PARTS_A_WORKER
    needs = {work.node_id: set(work.upstream) - {"made before"} for work in works}
    assert all(needs[name] <= set(found.first) for name in found.first)
    for part in found.parts:
        assert all(needs[name] <= {*found.first, *part} for name in part)
    place = {work.node_id: number for number, work in enumerate(works)}
    for names in (found.first, *found.parts, found.last):
        assert list(names) == sorted(names, key=place.__getitem__)


def test_what_everything_needs_comes_first_and_what_needs_everything_last() -> None:
    sizes = [Work(f"size{number}", ("cut out",)) for number in range(20)]
    works = [Work("photo"), Work("cut out", ("photo",)), *sizes, Work("sheet", tuple(w.node_id for w in sizes))]

    found = split(works, 2)

    assert found is not None
    assert (found.first, found.last) == (("photo", "cut out"), ("sheet",))
    assert sorted(map(len, found.parts)) == [2, 2, 2, 2, 3, 3, 3, 3]


def test_variants_stay_together_and_parts_are_about_as_large_as_each_other() -> None:
    works = [
        Work(f"{step}{number}", (f"{before}{number}",) if before else ())
        for step, before in (("scene", ""), ("larger", "scene"), ("post", "larger"))
        for number in range(100)
    ]

    found = split(works, 3)

    assert found is not None
    assert (found.first, found.last) == ((), ())
    assert {len(part) for part in found.parts} == {24, 27}
    assert all({name.lstrip("scenlargpot") for name in part} for part in found.parts)


def test_what_holds_together_and_what_one_makes_is_not_split() -> None:
    chain = [Work("a"), Work("b", ("a",)), Work("c", ("b",))]
    pair = [Work("a"), Work("b")]

    assert split(chain, 4) is None
    assert split([], 4) is None
    assert split(pair, 1) is None
    assert split(pair, 2) is not None


def test_ten_thousand_nodes_are_split_in_no_time() -> None:
    works = [Work("photo"), *(Work(f"n{number}", ("photo",)) for number in range(9_999))]

    found = split(works, 8)

    assert found is not None
    assert len(found.parts) == 8 * PARTS_A_WORKER
