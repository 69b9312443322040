"""How a step fans out: the dimensions it inherits from the steps it refers to, joined with those it opens itself."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pressroom.campaign.names import unused_name
from pressroom.campaign.paths import MediaPath
from pressroom.domain.errors import Problem
from pressroom.planning.plan import Node, Variant

NAME_CHARACTERS = 40
NAMING_KEYS = ("name", "id", "sku", "slug", "title", "label")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a dimension: its name in ids and file names, and what `each.<dimension>` gives."""

    name: str
    value: Any
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with the values of its dimensions, kept while compiling so that later steps can inherit them."""

    node: Node
    each: Mapping[str, Any]
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant of a step: its dimensions, and the node (or, gathered, the nodes) of each step referred to."""

    variant: Variant = ()
    each: Mapping[str, Any] = field(default_factory=dict)
    refs: Mapping[str, Placed | tuple[Placed, ...]] = field(default_factory=dict)
    problem: Problem | None = None


def join(
    cells: Iterable[Cell],
    step: str,
    placed: Sequence[Placed],
    gather: bool | tuple[str, ...],
    have: frozenset[str],
) -> Iterator[Cell]:
    """Every cell with every node of `step` that agrees with it on the dimensions both have; `have` are the cells' own.

    Lazy: two steps without a shared dimension give the product of their nodes.
    """
    if gather is True:
        yield from (_with_all(cell, step, placed) for cell in cells)
        return
    groups: dict[Variant, dict[Variant, list[Placed]]] = {}
    for item in placed:
        kept = tuple(pair for pair in item.node.variant if not gather or pair[0] not in gather)
        shared = tuple(sorted(pair for pair in kept if pair[0] in have))
        groups.setdefault(shared, {}).setdefault(kept, []).append(item)
    dimensions = {dimension for shared in groups for dimension, _ in shared}
    for cell in cells:
        agreed = tuple(sorted(pair for pair in cell.variant if pair[0] in dimensions))
        for kept, items in groups.get(agreed, {}).items():
            yield _with_all(cell, step, items, kept) if gather else _with_one(cell, step, items[0])


def dimensions_after(placed: Sequence[Placed], gather: bool | tuple[str, ...]) -> set[str]:
    """The dimensions that a step inherits from these nodes."""
    if gather is True:
        return set()
    return {dimension for item in placed for dimension, _ in item.node.variant} - set(gather or ())


def _with_one(cell: Cell, step: str, item: Placed) -> Cell:
    new = tuple(pair for pair in item.node.variant if pair not in cell.variant)
    return Cell(
        (*cell.variant, *new),
        {**cell.each, **item.each},
        {**cell.refs, step: item},
        cell.problem or item.problem,
    )


def _with_all(cell: Cell, step: str, items: Sequence[Placed], kept: Variant = ()) -> Cell:
    # A refused row leaves a gathered list shorter; it does not refuse the whole list.
    good = tuple(item for item in items if item.problem is None)
    new = tuple(pair for pair in kept if pair not in cell.variant)
    each = {name: good[0].each[name] for name, _ in kept} if good else {}
    problem = cell.problem if good or not items else items[0].problem
    return Cell((*cell.variant, *new), {**cell.each, **each}, {**cell.refs, step: good}, problem)


def open_dimension(cells: Iterable[Cell], dimension: str, values: Iterable[Value]) -> Iterator[Cell]:
    """Every cell once for every value."""
    values = tuple(values)
    for cell in cells:
        for value in values:
            yield Cell(
                (*cell.variant, (dimension, value.name)),
                {**cell.each, dimension: value.value},
                cell.refs,
                cell.problem or value.problem,
            )


def named(values: Sequence[Any]) -> list[Value]:
    """Values with short, unique, readable names: from the text itself, a naming key of a mapping, or the position."""
    used: dict[str, int] = {}
    return [
        Value(unused_name(slug(_naming_text(value)) or str(number), used), value)
        for number, value in enumerate(values, 1)
    ]


def _naming_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return next((str(value[key]) for key in NAMING_KEYS if value.get(key) not in (None, "")), "")
    if isinstance(value, MediaPath):
        return posixpath.splitext(posixpath.basename(value))[0]
    return "" if isinstance(value, list) else str(value)


def slug(text: str) -> str:
    """Lower-case ASCII letters, digits and dashes, at most 40 characters, cut at a word where possible."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if len(dashed) <= NAME_CHARACTERS:
        return dashed
    return dashed[: NAME_CHARACTERS + 1].rpartition("-")[0] or dashed[:NAME_CHARACTERS]


def node_id(step: str, variant: Variant) -> str:
    """`scene` or `scene[place=beach,take=2]`."""
    return f"{step}[{','.join(f'{dimension}={name}' for dimension, name in variant)}]" if variant else step
