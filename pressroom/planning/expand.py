"""A step's variants: what it inherits from the steps it refers to, then its feed, its for_each, its takes, its when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pressroom.campaign.expressions import compile_expression, has_expression, references_in
from pressroom.campaign.feed import Feed
from pressroom.campaign.models import Step
from pressroom.domain.errors import Invalid
from pressroom.domain.shelving import checked_collection, checked_tag
from pressroom.planning.problems import Collected
from pressroom.planning.variants import Cell, Placed, Value, dimensions_after, join, named, open_dimension

TAKE = "take"
WORDS = ("title", "description", "alt_text", "tags", "collection")
FALSE = (False, None, "", 0)
# A `when` may drop most variants; looking at this many times max_nodes takes seconds, at all of them perhaps years.
LOOKED_AT_PER_NODE = 10


class Expander:
    """Opens the dimensions of one step after the other."""

    def __init__(
        self, scope: Mapping[str, Any], feeds: Mapping[str, Feed], max_nodes: int, problems: Collected
    ) -> None:
        self._scope = scope
        self._feeds = feeds
        self._max_nodes = max_nodes
        self._problems = problems

    def cells(self, name: str, step: Step, placed: Mapping[str, Sequence[Placed]]) -> Iterator[Cell]:
        """Every variant of a step whose predecessors are placed; lazily, because there may be far too many."""
        cells: Iterable[Cell] = [Cell()]
        open_now: set[str] = set()
        for referred in references_in(step.with_, "steps"):
            found = placed.get(referred, ())
            cells = join(cells, referred, found, step.gather, frozenset(open_now))
            open_now |= dimensions_after(found, step.gather)
        for dimension in step.feed:
            if dimension not in open_now:
                feed = self._feeds.get(dimension, Feed((), (), ()))
                cells = open_dimension(
                    cells, dimension, [Value(row.name, row.values, row.problem) for row in feed.rows]
                )
        for dimension, source in step.for_each.items():
            cells = self._for_each(name, dimension, source, cells)
        count = self._count(name, step)
        if count > 1:
            cells = open_dimension(cells, TAKE, [Value(str(take), take) for take in range(1, count + 1)])
        return self._where(name, step, cells)

    def words(self, name: str, step: Step, cell: Cell) -> dict[str, Any]:
        """Title, description, alternative text, tags and collection of one variant; what is empty is left out."""
        found: dict[str, Any] = {}
        for field in WORDS:
            value = getattr(step, field)
            if value:
                evaluated = self._evaluate(list(value) if field == "tags" else value, cell, name, field)
                found[field] = self._kept_word(field, evaluated, name)
        return {field: value for field, value in found.items() if value}

    def _kept_word(self, field: str, value: Any, name: str) -> Any:
        """What the library would refuse is a problem now: later, its files would be made or bought. Blank is none."""
        try:
            if field == "tags":
                return [checked_tag(text) for text in map(_text, value or ()) if text.strip()]
            text = _text(value)
            return checked_collection(text) if field == "collection" and text.strip() else text
        except Invalid as exc:
            self._problems.at_step("parameter", exc.message, "", name, field)
            return None

    def _for_each(self, name: str, dimension: str, source: Any, cells: Iterable[Cell]) -> Iterator[Cell]:
        for cell in cells:
            if dimension in cell.each:
                hint = "give one of them another name, or leave it out to inherit"
                message = f"dimension {dimension!r} is already open"
                self._problems.at_step("dimension", message, hint, name, "for_each", dimension)
                return
            values = self._evaluate(source, cell, name, "for_each", dimension)
            if isinstance(values, list | tuple):
                yield from open_dimension([cell], dimension, named(values))
            elif cell.problem is not None:
                yield cell
            else:
                message = f"for_each.{dimension} must give a list, got {values!r:.80}"
                self._problems.at_step("for_each", message, "", name, "for_each", dimension)
                return

    def _count(self, name: str, step: Step) -> int:
        value = self._evaluate(step.count, Cell(), name, "count")
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # what arithmetic in an expression gives
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= self._max_nodes:
            return value
        message = f"count must be a whole number from 1 to {self._max_nodes}, got {value!r:.80}"
        self._problems.at_step("count", message, "", name, "count")
        return 1

    def _where(self, name: str, step: Step, cells: Iterable[Cell]) -> Iterator[Cell]:
        if step.when is True:
            yield from cells
            return
        most = self._max_nodes * LOOKED_AT_PER_NODE
        for number, cell in enumerate(cells):
            if number >= most:
                message = f"more than {most} variants to look at with when"
                self._problems.at_step("too_many_nodes", message, "open fewer dimensions", name, "when")
                return
            if cell.problem is not None or self._evaluate(step.when, cell, name, "when") not in FALSE:
                yield cell

    def _evaluate(self, value: Any, cell: Cell, *place: str) -> Any:
        if isinstance(value, list):
            return [self._evaluate(item, cell, *place) for item in value]
        if not isinstance(value, str) or not has_expression(value):
            return value
        try:
            return compile_expression(value).evaluate({**self._scope, "each": cell.each})
        except Invalid as exc:
            if cell.problem is None:
                self._problems.at_step("expression", exc.problems[0].message, exc.problems[0].hint, *place)
            return None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
