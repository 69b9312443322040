"""Which of the plausible masks is the subject: a weighted sum of their traits, learned from pictures whose subject is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

DATA: Final = Path(__file__).parent / "choice_data" / "choice.json"
LEFT_OUT: Final = 0.05  # of what ways of different kinds agree on; a mask that lacks more has lost a part
REACH: Final = 4.0  # deviations; nothing that was learned says what lies further off

Traits = Mapping[str, float]
Weights = dict[str, dict[str, float]]  # for each trait `mean`, `deviation` and `weight`


def preferred(traits: Mapping[str, Traits], weights: Weights | None = None) -> str:
    """The name of the best mask, from what `Search` knows of each; with the package's weights unless others are given.

    A mask that lacks a part which ways of different kinds agree on is not chosen. Where a network has looked, its masks stand
    against the best of the others.
    """
    names = [name for name in traits if is_whole(traits[name])]

    def best(among: list[str], kind: str) -> str:
        known = weights or _stored()[kind]
        return max(among, key=lambda name: preference(traits[name], known))

    seen = [name for name in names if name.startswith("network")]
    own = [name for name in names if name not in seen]
    best_own = [best(own, "without")] if own else []
    return best([*best_own, *seen], "with network") if seen else best_own[0]


def is_whole(found: Traits) -> bool:
    """Whether the mask lacks nothing that ways of different kinds agree on."""
    return found.get("left_out", 0.0) <= LEFT_OUT


def preference(found: Traits, weights: Weights) -> float:
    """How much speaks for a mask: comparable only among those of one picture."""
    return sum(
        part["weight"] * float(np.clip((found[name] - part["mean"]) / part["deviation"], -REACH, REACH))
        for name, part in weights.items()
    )


def sureness(found: Traits) -> float:
    """0..1: how sure a mask is, by its edges or, where a network has looked twice, by the look that agrees less."""
    return max(found["quality"], min(found.get("first_overlap", 0.0), found.get("second_overlap", 0.0)))


@cache
def _stored() -> dict[str, Weights]:
    stored: dict[str, Any] = json.loads(DATA.read_text())
    return {kind: stored[kind] for kind in ("with network", "without")}
