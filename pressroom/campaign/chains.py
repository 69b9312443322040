"""Steps that list several sets of parameters, each for what the one before has made: written once, planned as steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pressroom.campaign.document import Positions
from pressroom.domain.errors import Problem
from pressroom.domain.operation import Operation

_INPUT: Final = "image"  # what each link takes from the one before
# What opens variants stands at the first link, from which the others inherit; what is said of the file at the last.
_AT_FIRST: Final = frozenset({"for_each", "feed", "count", "when", "gather"})
_AT_LAST: Final = frozenset({"deliver", "title", "description", "alt_text", "tags", "collection"})


def with_chains(
    values: Mapping[str, Any], positions: Positions, operations: Mapping[str, Operation[Any]]
) -> tuple[dict[str, Any], list[Problem]]:
    """The document with every chain written out: `look` of three links becomes `look_1`, `look_2` and `look`.

    Where the links are in the file is added to `positions`.
    """
    steps = values.get("steps")
    if not isinstance(steps, Mapping):
        return dict(values), []
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, step in steps.items():
        chain = _chain_of(step, operations)
        wrong = list(_wrong(name, step["with"], chain, steps)) if chain else []
        problems += wrong
        found |= _links(name, step, chain, positions) if chain and not wrong else {name: step}
    return {**values, "steps": found}, problems


def link_names(name: Any, count: int) -> list[str]:
    return [*(f"{name}_{number}" for number in range(1, count)), str(name)]


def _chain_of(step: Any, operations: Mapping[str, Operation[Any]]) -> str:
    """The parameter that lists the links, where the step has one."""
    if not isinstance(step, Mapping) or not isinstance(step.get("with"), Mapping):
        return ""
    operation = operations.get(str(step.get("uses")))
    return operation.chain if operation and operation.chain in step["with"] else ""


def _wrong(name: Any, given: Mapping[str, Any], chain: str, steps: Mapping[Any, Any]) -> Iterator[Problem]:
    links, path = given[chain], ("steps", str(name), "with", chain)
    if not isinstance(links, list) or not links:
        yield Problem("parameter", f"{chain} must be a list with an item for each", path=path)
        return
    for number, link in enumerate(links):
        if not isinstance(link, Mapping):
            message = f"{chain}: an item is a mapping of parameters, got {link!r:.40}"
            yield Problem("parameter", message, path=(*path, number))
        elif _INPUT in link:
            message = f"{chain}: the {_INPUT} of an item is what the one before has made"
            yield Problem("parameter", message, f"give {_INPUT} once, beside {chain}", path=(*path, number, _INPUT))
    for link in link_names(name, len(links))[:-1]:
        if link in steps:
            message = f"step {link!r} has the name of an item of {chain}"
            yield Problem("parameter", message, "rename it", path=("steps", link))


def _links(name: Any, step: Mapping[str, Any], chain: str, positions: Positions) -> dict[str, Any]:
    links = step["with"][chain]
    shared = {key: value for key, value in step["with"].items() if key != chain}
    names = link_names(name, len(links))
    found: dict[str, Any] = {}
    for number, (link, own) in enumerate(zip(names, links, strict=True)):
        left_out = (_AT_FIRST if number else frozenset()) | (_AT_LAST if link != names[-1] else frozenset())
        before = {_INPUT: f"{{{{ steps.{names[number - 1]} }}}}"} if number else {}
        kept = {key: value for key, value in step.items() if key not in left_out}
        found[link] = {**kept, "with": {**shared, **before, **own}}
        _place(positions, ("steps", str(name)), ("steps", link), ("with", chain, number))
    return found


def _place(positions: Positions, step: tuple[Any, ...], link: tuple[Any, ...], item: tuple[Any, ...]) -> None:
    """The places of the step and of its item as those of a link."""
    tables: tuple[dict[Any, Any], ...] = (positions.keys, positions.values, positions.words)
    for table in tables:
        copied = {
            (*link, *path[len(step) :]): place for path, place in list(table.items()) if path[: len(step)] == step
        }
        inner = (*step, *item)
        copied |= {
            (*link, item[0], *path[len(inner) :]): place
            for path, place in list(table.items())
            if path[: len(inner)] == inner and len(path) > len(inner)
        }
        table.update(copied)
