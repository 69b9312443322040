"""States are words of one place: the schema allows exactly them, and no file spells one by itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Table

from pressroom.database.schema import hold, job, run, run_node, run_part
from pressroom.database.schema.webhooks import webhook_delivery
from pressroom.domain.states import DeliveryState, HoldState, JobState, NodeState, PartState, RunState, one_of

ROOT = Path(__file__).parents[2]
STATES = (RunState, NodeState, PartState, JobState, HoldState, DeliveryState)
WORDS = {state.value for states in STATES for state in states}
IN_SQL = re.compile(r"\bstate\b *(?:=|<>|!=|(?:NOT )?IN) *\(?'\w", re.IGNORECASE)


@pytest.mark.parametrize(
    ("table", "states"), [*zip((run, run_node, run_part, job, hold, webhook_delivery), STATES, strict=True)]
)
def test_the_schema_allows_exactly_the_states_there_are(table: Table, states: type[StrEnum]) -> None:
    conditions = [
        str(item.sqltext)
        for item in table.constraints
        if isinstance(item, CheckConstraint) and str(item.name).endswith("state")
    ]

    assert conditions == [one_of("state", states)]


def test_no_file_compares_a_state_with_a_word_of_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{constant.lineno}: {constant.value}"
        for path, tree in _sources()
        for node in ast.walk(tree)
        for constant in _compared(node)
        if constant.value in WORDS
    ]

    assert found == []


def test_no_sql_text_spells_a_state_by_itself() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}"
        for path, tree in _sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value)
    ]

    assert found == []


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("pressroom", "flows", "tasks", "blocks"):
        for path in (ROOT / folder).rglob("*.py"):
            # Vendors have words of their own, and migrations those of their day.
            if "migrations" not in path.parts and path.parent.name != "simulator":
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def _compared(node: ast.AST) -> Iterator[ast.Constant]:
    """The constants that this compares something with: by itself, in a list of them, as a case of a match."""
    if isinstance(node, ast.MatchValue):
        sides: list[ast.expr] = [node.value]
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
    else:
        return
    for side in sides:
        yield from (item for item in getattr(side, "elts", [side]) if isinstance(item, ast.Constant))
