"""The list of operations: each has all that CONTRIBUTING asks of a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pressroom.catalog.load import Catalog, load_catalog
from pressroom.domain.operation import Operation
from pressroom.operations import ALL, OPERATIONS
from pressroom.provenance.actions import ACTIONS

TESTS = Path(__file__).parent
LOCAL = "pressroom/catalog/data/vendors/local.yaml"


def missing(operation: Operation[Any], catalog: Catalog, actions: Mapping[str, object] = ACTIONS) -> list[str]:
    """What is still to be written for an operation, as a person would be told."""
    rows = catalog.offers.get(operation.name, ())
    found = []
    if operation.run is not None and not any(model.provider == "local" for model in rows):
        found.append(f"{operation.name} can be computed here, but has no row in {LOCAL}")
    if not rows:
        found.append(f"no model offers {operation.name}: its row in pressroom/catalog/data/vendors/ is missing")
    if operation.name not in actions:
        found.append(f"{operation.name} has no row in pressroom/provenance/actions.py")
    if not (TESTS / f"test_{operation.name}.py").is_file():
        found.append(f"{operation.name} has no test: write tests/operations/test_{operation.name}.py")
    return found


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_has_its_rows_and_its_test(operation: Operation[Any]) -> None:
    found = missing(operation, load_catalog())

    assert not found, "; ".join(found)


def test_no_two_operations_have_one_name() -> None:
    assert len(OPERATIONS) == len(ALL)


def test_each_missing_piece_is_named_with_its_file() -> None:
    stranger = replace(OPERATIONS["flip"], name="invert")

    assert missing(stranger, load_catalog(), {}) == [
        f"invert can be computed here, but has no row in {LOCAL}",
        "no model offers invert: its row in pressroom/catalog/data/vendors/ is missing",
        "invert has no row in pressroom/provenance/actions.py",
        "invert has no test: write tests/operations/test_invert.py",
    ]
