"""The problems of one plan: each once, with its place, and never so many that the ones that count are lost."""

from __future__ import annotations

from dataclasses import replace

from pressroom.campaign.document import Positions, located
from pressroom.domain.errors import Problem

MAX_PROBLEMS = 200  # of each sort; nobody reads more


class Collected:
    """Problems found while compiling one campaign file."""

    def __init__(self, file: str, positions: Positions) -> None:
        self._file = file
        self._positions = positions
        # Apart, so that a feed of a thousand bad rows never crowds out the one problem that refuses the run.
        self._fatal: list[Problem] = []
        self._rows: list[Problem] = []
        self._seen: set[tuple[object, ...]] = set()
        self._untold = 0

    @property
    def fatal(self) -> bool:
        return bool(self._fatal)

    def all(self) -> tuple[Problem, ...]:
        """Fatal ones first."""
        rest = [Problem("feed", f"{self._untold} more problems of rows", fatal=False)] if self._untold else []
        return (*self._fatal, *self._rows, *rest)

    def add(self, problem: Problem, *, of: str = "") -> None:
        """Keep the problem, at its path; `of` names the node in front of a message that many nodes may have."""
        problem = located(problem, self._file, self._positions)
        key = (problem.code, problem.message, problem.file, problem.line, problem.column, problem.step)
        if key in self._seen:
            return  # the same mistake in a step of a thousand variants is one problem to the person who mends it
        kept = self._fatal if problem.fatal else self._rows
        if len(kept) >= MAX_PROBLEMS:
            self._untold += not problem.fatal
            return
        self._seen.add(key)
        kept.append(replace(problem, message=f"{of}: {problem.message}") if of else problem)

    def at_step(self, code: str, message: str, hint: str, step: str, *place: str) -> None:
        """A problem of a step, at a place inside it."""
        self.add(Problem(code, message, hint, path=("steps", step, *place)))
