"""What the operations were in doubt of: each cause once, however many files are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pressroom.domain.errors import Problem
from pressroom.domain.few import few_of
from pressroom.domain.media import Asset, doubt_of
from pressroom.runs.nodes import RunNode


def doubts_in(rows: Sequence[RunNode], assets: Mapping[str, Sequence[Asset]]) -> list[Problem]:
    """A note for each step and doubt; `assets` are by node id. A parent's doubt is not said again of its children."""
    known = {asset.id: asset for made in assets.values() for asset in made}
    causes: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        for asset in assets.get(row.node_id, ()):
            doubt = doubt_of(asset.details)
            if doubt and doubt not in _inherited(asset, known):
                causes.setdefault((row.step, doubt), {})[row.node_id] = None
    return [_note(step, doubt, list(nodes)) for (step, doubt), nodes in causes.items()]


def _inherited(asset: Asset, known: Mapping[str, Asset]) -> set[str]:
    """The doubts of all its ancestors."""
    found: set[str] = set()
    waiting, seen = list(asset.parents), set(asset.parents)
    while waiting:
        parent = known.get(waiting.pop())
        if parent is not None:
            found.add(doubt_of(parent.details))
            fresh = set(parent.parents) - seen
            waiting += fresh
            seen |= fresh
    return found


def _note(step: str, doubt: str, nodes: list[str]) -> Problem:
    told = f"{few_of(nodes)}: {doubt}"
    return Problem("uncertain", told, "look at it, and at what is made from it", step=step, fatal=False)
