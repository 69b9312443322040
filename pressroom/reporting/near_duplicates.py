"""Whether pictures that were meant to differ do: takes and variants of one step that came out nearly the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import Problem
from pressroom.domain.media import Asset
from pressroom.domain.operation import Operation
from pressroom.domain.states import MADE_NODES
from pressroom.library.similar import fingerprints, same
from pressroom.runs.nodes import RunNode

# Beyond this many pictures of one step only the first are compared: a person looks at no more anyway.
_MOST = 200


def too_alike(
    conn: Connection,
    account_id: int,
    rows: Sequence[RunNode],
    assets: Mapping[str, Sequence[Asset]],
    operations: Mapping[str, Operation[Any]],
) -> list[Problem]:
    """A warning for each step that drew by a seed and nearly the same twice; `assets` are by node id."""
    steps: dict[tuple[str, int | None, int | None], list[tuple[str, str]]] = {}
    for row in rows:
        operation = operations.get(row.operation)
        if row.state in MADE_NODES and operation is not None and operation.seeded:
            for asset in assets.get(row.node_id, ()):
                if asset.label == "":
                    steps.setdefault((row.step, asset.width, asset.height), []).append((row.node_id, asset.sha256))
    found = (_of_step(conn, account_id, step, made[:_MOST]) for (step, _, _), made in steps.items())
    return [problem for problem in found if problem]


def _of_step(conn: Connection, account_id: int, step: str, made: Sequence[tuple[str, str]]) -> Problem | None:
    looks = fingerprints(conn, account_id, [sha256 for _, sha256 in made])
    alike: dict[str, None] = {}
    for (one, first), (other, second) in combinations(made, 2):
        if first in looks and second in looks and same(looks[first], looks[second]):
            alike |= {one: None, other: None}
    if not alike:
        return None
    shown = ", ".join(list(alike)[:3]) + (", ..." if len(alike) > 3 else "")
    message = f"{len(alike)} of {len(made)} pictures of step {step!r} look nearly the same: {shown}"
    return Problem("variety", message, "vary the prompt, the style or the seed", step=step, fatal=False)
