"""Which dimensions are open in each step, and in which order steps can be made: known from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pressroom.domain.errors import Problem

MAX_DIMENSIONS: Final = 16  # two values each already make 65,536 variants
TAKE: Final = "take"
ROW: Final = "row"


@dataclass(slots=True)
class Opened:
    """The dimensions of one step.

    `known` is False where a step it refers to is itself wrong, so that nothing can be said. `gathered` are dimensions
    of the steps referred to that `gather` closes. The paths of what is wrong begin in the step.
    """

    known: bool = True
    inherited: set[str] = field(default_factory=set)
    gathered: set[str] = field(default_factory=set)
    feed: list[str] = field(default_factory=list)
    for_each: list[str] = field(default_factory=list)
    takes: bool = False
    wrong: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, step: Mapping[str, Any], refers: Mapping[str, Opened | None], *, sure: bool = True) -> Opened:
        """`refers` are the steps referred to; not `sure` when a reference leads nowhere, so that some are missing."""
        feed, for_each = step.get("feed"), step.get("for_each")
        found = cls(
            known=sure and all(other is not None and other.known for other in refers.values()),
            feed=[ROW] if isinstance(feed, str) else list(feed) if isinstance(feed, Mapping) else [],
            for_each=list(for_each) if isinstance(for_each, Mapping) else [],
            takes=step.get("count", 1) != 1,
        )
        found.inherited = {name for other in refers.values() if other is not None for name in other.all()}
        found.wrong += found._gather(step.get("gather", False))
        found.wrong += found._opened_twice()
        if len(found.all()) > MAX_DIMENSIONS:
            message = f"{len(found.all())} dimensions are open, at most {MAX_DIMENSIONS} are allowed"
            found.wrong.append(_dimension(message, "use fewer dimensions, or gather some", "for_each"))
            return cls(known=False, wrong=found.wrong)
        return found

    def all(self) -> set[str]:
        return self.inherited | set(self.feed) | set(self.for_each) | ({TAKE} if self.takes else set())

    def at(self, path: Sequence[str | int]) -> set[str]:
        """The dimensions that are open at a place inside the step: for_each sees those above it, count sees none."""
        if path[0] == "count":
            return set()
        if path[0] == "for_each" and len(path) > 1 and path[1] in self.for_each:
            above = self.for_each[: self.for_each.index(str(path[1]))]
            return self.inherited | set(self.feed) | set(above)
        return self.all()

    def _gather(self, gather: Any) -> Iterator[Problem]:
        if gather is True:
            self.gathered = self.inherited
        elif isinstance(gather, list):
            for name in gather:
                if isinstance(name, str) and name not in self.inherited and self.known:
                    open_now = ", ".join(sorted(self.inherited)) or "none"
                    message = f"gather: no step referred to has a dimension {name!r}"
                    yield _dimension(message, f"their dimensions: {open_now}", "gather")
            self.gathered = self.inherited & {name for name in gather if isinstance(name, str)}
        self.inherited = self.inherited - self.gathered

    def _opened_twice(self) -> Iterator[Problem]:
        for name in self.for_each:
            if name in self.inherited or name in self.feed:
                hint = "give one of them another name, or leave it out to inherit"
                yield _dimension(f"dimension {name!r} is already open", hint, "for_each", name)
        if self.takes and TAKE in (self.inherited | set(self.feed) | set(self.for_each)):
            hint = "make the takes in one of the two steps only"
            yield _dimension(f"dimension {TAKE!r} is already open", hint, "count")


def _dimension(message: str, hint: str, *path: str) -> Problem:
    return Problem("dimension", message, hint, path=path)


def dependency_order(needs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Names so that each follows those it needs, and the circles that make this impossible for the rest."""
    waiting = {name: set(others) for name, others in needs.items()}
    users: dict[str, list[str]] = {name: [] for name in needs}
    for name, others in waiting.items():
        for other in others:
            users[other].append(name)
    ready = [name for name, others in waiting.items() if not others]
    order: list[str] = []
    while ready:
        name = ready.pop()
        order.append(name)
        for user in users[name]:
            waiting[user].discard(name)
            if not waiting[user]:
                ready.append(user)
    done = set(order)
    return order, _circles({name: [o for o in needs[name] if o not in done] for name in needs if name not in done})


def _circles(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Circles that share no step, each starting at the step that is written first."""
    order = {name: number for number, name in enumerate(needs)}
    seen: set[str] = set()
    found: list[list[str]] = []
    for start in needs:
        trail: dict[str, int] = {}
        name: str | None = start
        while name is not None and name not in trail and name not in seen:
            trail[name] = len(trail)
            name = next(iter(needs[name]), None)
        if name is not None and name in trail:
            circle = list(trail)[trail[name] :]
            first = circle.index(min(circle, key=order.__getitem__))
            found.append(circle[first:] + circle[:first])
        seen |= trail.keys()
    return found
