"""States are words of one place: the schema allows exactly them, and no file spells one by itself."""

from __future__ import annotations

import ast
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from pressroom.database.schema import hold, run, run_node
from pressroom.domain.states import HoldState, NodeState, RunState, one_of

ROOT = Path(__file__).parents[2]
COMPARED = {*RunState, *NodeState} - {
    "failed",
    "refused",
    "blocked",
    "running",
    "planned",
}  # also words of other things


@pytest.mark.parametrize(("table", "states"), [(run, RunState), (run_node, NodeState), (hold, HoldState)])
def test_the_schema_allows_exactly_the_states_there_are(table: object, states: type[StrEnum]) -> None:
    conditions = [
        str(item.sqltext)
        for item in table.constraints  # type: ignore[attr-defined]
        if isinstance(item, CheckConstraint) and str(item.name).endswith("state")
    ]

    assert conditions == [one_of("state", states)]


def test_no_file_compares_a_state_with_a_word_of_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("pressroom", "flows", "tasks", "blocks")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and path.parent.name != "simulator"  # whose vendors have words of their own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        for item in (node.left, *node.comparators)
        if isinstance(item, ast.Constant) and item.value in COMPARED
    ]

    assert found == []
