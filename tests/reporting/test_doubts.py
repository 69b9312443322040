"""A doubt is one line, however many files and steps it goes through."""

from __future__ import annotations

from pressroom.domain.media import Asset, Kind
from pressroom.domain.states import NodeState
from pressroom.reporting.doubts import doubts_in
from pressroom.runs.nodes import RunNode


def _asset(name: str, doubt: str = "", parents: tuple[str, ...] = ()) -> Asset:
    details = {"warning": doubt} if doubt else {}
    return Asset(name, name * 8, Kind.IMAGE, "image/png", 1, details=details, parents=parents)


def _row(node_id: str) -> RunNode:
    step = node_id.partition("[")[0]
    return RunNode(node_id, 0, step, "", "tint", node_id, "create", NodeState.DONE)


def test_one_cause_is_one_line_and_names_its_nodes() -> None:
    unsure = "the outline is uncertain"
    assets = {
        "cut[a]": [_asset("a", unsure)],
        "cut[b]": [_asset("b", unsure)],
        "scene[a]": [_asset("c", unsure, ("a",))],
        "post[a]": [_asset("d", "", ("c",))],
    }

    (note,) = doubts_in([_row(name) for name in assets], assets)

    assert note.message == "cut[a], cut[b]: the outline is uncertain"
    assert (note.step, note.fatal, note.code) == ("cut", False, "uncertain")


def test_a_doubt_of_its_own_is_said_beside_the_one_it_inherits() -> None:
    assets = {"cut": [_asset("a", "the outline is uncertain")], "post": [_asset("b", "enlarged 1.4 times", ("a",))]}

    notes = doubts_in([_row(name) for name in assets], assets)

    assert [note.message for note in notes] == ["cut: the outline is uncertain", "post: enlarged 1.4 times"]


def test_many_nodes_are_counted() -> None:
    assets = {f"cut[{number}]": [_asset(f"x{number}", "unsure")] for number in range(5)}

    (note,) = doubts_in([_row(name) for name in assets], assets)

    assert note.message == "cut[0], cut[1], cut[2] and 2 more: unsure"


def test_where_nothing_is_doubted_nothing_is_said() -> None:
    assert doubts_in([_row("cut")], {"cut": [_asset("a")]}) == []
