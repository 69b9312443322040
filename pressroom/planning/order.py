"""The order of a campaign's steps: each after those it refers to, otherwise as written."""

from __future__ import annotations

import heapq

from pressroom.campaign.expressions import references_in
from pressroom.campaign.load import Loaded
from pressroom.domain.errors import Invalid, Problem


def order_of(loaded: Loaded) -> list[str]:
    """Step names. Raises Invalid for a circle, which a loaded campaign never has and a built one may."""
    steps = loaded.campaign.steps
    names = list(steps)
    waiting = {name: set(references_in(step.with_, "steps")) for name, step in steps.items()}
    users: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        for needed in waiting[name]:
            users.setdefault(needed, []).append(number)
    ready = [number for number, name in enumerate(names) if not waiting[name]]
    ordered: list[str] = []
    while ready:
        name = names[heapq.heappop(ready)]
        ordered.append(name)
        for number in users.get(name, ()):
            waiting[names[number]].discard(name)
            if not waiting[names[number]]:
                heapq.heappush(ready, number)
    if len(ordered) < len(names):
        stuck = ", ".join(name for name in names if waiting[name])
        raise Invalid.of([Problem("cycle", f"steps refer to each other in a circle, or to no step: {stuck}")])
    return ordered
