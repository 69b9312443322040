"""Near matches: one helper for every misspelt name."""

from __future__ import annotations

import ast
from pathlib import Path

from pressroom.domain.suggest import did_you_mean, nearest

PACKAGE = Path(__file__).parents[2] / "pressroom"


def test_a_misspelt_name_gets_the_nearest_one() -> None:
    assert nearest("budgte", ["free", "budget", "premium"]) == "budget"
    assert did_you_mean("budgte", ["free", "budget"]) == "did you mean 'budget'?"


def test_a_name_like_no_other_gets_the_list() -> None:
    assert nearest("qqqq", ["free", "budget"]) == ""
    assert did_you_mean("qqqq", ["free", "budget"], "tiers") == "tiers: free, budget"
    assert did_you_mean("qqqq", []) == "there are none"


def test_a_long_list_is_cut() -> None:
    assert did_you_mean("qqqq", [f"n{number}" for number in range(30)]).endswith("n19, …")


def test_nothing_else_compares_names() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(name.name == "difflib" for name in node.names)
    ]

    assert found == ["domain/suggest.py"]
