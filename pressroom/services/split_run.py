"""Split the nodes of a run into parts that need nothing of each other, so that several processes can make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pressroom.services.execute_run import Work

# So that a process which is done early finds something more to do.
PARTS_A_WORKER: Final = 4


@dataclass(frozen=True, slots=True)
class Split:
    """Node ids, in the plan's order: what is made before the parts, the parts, and what is made after all of them."""

    first: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    last: tuple[str, ...]


def split(works: Sequence[Work], workers: int) -> Split | None:
    """The works for so many workers; None where they do not fall apart.

    A node is made first where more than a worker's share of the others needs it, and last where it needs so many itself: the
    cut-out that every variant is made from, the sheet that shows them all. What then holds together stays together.
    """
    if workers < 2:
        return None
    share = -(-len(works) // workers)
    first = _with_more_than(share, _reached(works, _needed_by(works)))
    last = _with_more_than(share, _reached(works, _needs(works))) - first
    rest = [work for work in works if work.node_id not in first | last]
    groups = _groups(rest)
    if len(groups) < 2:
        return None
    parts = _packed(groups, workers * PARTS_A_WORKER)
    names = [work.node_id for work in works]
    place = {name: number for number, name in enumerate(names)}
    ordered = tuple(tuple(sorted(part, key=place.__getitem__)) for part in parts)
    return Split(tuple(n for n in names if n in first), ordered, tuple(n for n in names if n in last))


def _needs(works: Sequence[Work]) -> dict[str, list[str]]:
    """Of each node, those of these works that it needs itself."""
    names = {work.node_id for work in works}
    return {work.node_id: [name for name in work.upstream if name in names] for work in works}


def _needed_by(works: Sequence[Work]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {work.node_id: [] for work in works}
    for name, needed in _needs(works).items():
        for each in needed:
            found[each].append(name)
    return found


def _reached(works: Sequence[Work], linked: Mapping[str, list[str]]) -> dict[str, int]:
    """Node -> everything that can be reached from it by these links, itself left out: one bit for each node."""
    bit = {work.node_id: 1 << number for number, work in enumerate(works)}
    found: dict[str, int] = {}
    for start in bit:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            missing = [each for each in linked[name] if each not in found]
            if missing and name not in found:
                waiting += missing
                continue
            waiting.pop()
            if name not in found:
                found[name] = 0
                for each in linked[name]:
                    found[name] |= bit[each] | found[each]
    return found


def _with_more_than(share: int, reached: Mapping[str, int]) -> set[str]:
    return {name for name, bits in reached.items() if bits.bit_count() > share}


def _groups(works: Sequence[Work]) -> list[list[str]]:
    """What needs something of each other, directly or through others, in one group."""
    leader = {work.node_id: work.node_id for work in works}

    def leader_of(name: str) -> str:
        while leader[name] != name:
            leader[name] = name = leader[leader[name]]
        return name

    for work in works:
        for name in work.upstream:
            if name in leader:
                leader[leader_of(name)] = leader_of(work.node_id)
    groups: dict[str, list[str]] = {}
    for work in works:
        groups.setdefault(leader_of(work.node_id), []).append(work.node_id)
    return list(groups.values())


def _packed(groups: Iterable[list[str]], most: int) -> list[list[str]]:
    """The groups in at most so many parts of about equal size, the largest part first."""
    parts: list[list[str]] = []
    for group in sorted(groups, key=len, reverse=True):
        if len(parts) < most:
            parts.append(list(group))
        else:
            min(parts, key=len).extend(group)
    return parts
