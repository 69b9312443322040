"""What happens to each node: made, reused from the library, adopted from an unfinished purchase; each content once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pressroom.domain.errors import Problem
from pressroom.domain.money import usd_text
from pressroom.domain.purchases import SHOW_JOB, OpenJob
from pressroom.domain.states import JobState
from pressroom.planning.plan import FREE, Action, Index, Node, NodeSource
from pressroom.planning.problems import Collected

EVERY_STEP = "*"


def with_actions(
    nodes: Sequence[Node], index: Index, refresh: frozenset[str], listing: frozenset[str], problems: Collected
) -> list[Node]:
    """The nodes, in which each follows all it needs, with their actions against what is already there.

    What a step in `refresh` makes is made again, and so is all that is made from it. An order whose answer got lost blocks its
    node, and is a problem, unless its vendor is one of `listing`, which can be asked for it.
    """
    keys = list(dict.fromkeys(node.key for node in nodes if node.key))
    known = index.known_keys(keys)
    unfinished = index.open_jobs(keys)
    unknown = {key: job for key, job in unfinished.items() if _nobody_knows(job, listing)}
    renewed = _renewed(nodes, refresh) if refresh else frozenset()
    first: dict[str, str] = {}
    found: list[Node] = []
    for node in nodes:
        if node.action is Action.BLOCKED:
            found.append(node)
        elif node.key in first:
            found.append(replace(node, action=Action.REUSE, twin_of=first[node.key], quote=FREE))
        elif node.key in unknown and (node.key in renewed or not known.get(node.key)):
            problems.add(_unknown_job(node, unknown[node.key]))
            found.append(replace(node, action=Action.BLOCKED, quote=FREE))
        elif node.key in renewed or known.get(node.key) is False:
            found.append(replace(node, renew=True))
        elif node.key in known:
            found.append(replace(node, action=Action.REUSE, quote=FREE))
        elif node.key in unfinished:
            found.append(replace(node, action=Action.ADOPT))
        else:
            found.append(node)
        if node.key:
            first.setdefault(node.key, node.id)
    return found


def _nobody_knows(job: OpenJob, listing: frozenset[str]) -> bool:
    return job.state is JobState.UNKNOWN and job.provider not in listing


def _unknown_job(node: Node, job: OpenJob) -> Problem:
    return Problem(
        "unknown_job",
        f"{node.id}: nobody knows whether {job.provider} has taken job {job.order_key}, which may have cost up to "
        f"{usd_text(job.usd_bound_micros)}; it is not sent again",
        f"look at the vendor and settle it: {SHOW_JOB} {job.order_key}",
        path=("steps", node.step),
    )


def _renewed(nodes: Sequence[Node], refresh: frozenset[str]) -> frozenset[str]:
    # By key, not by node: a twin of a refreshed node is the same thing, also where another step comes first.
    keys = {node.key for node in nodes if node.key and (EVERY_STEP in refresh or node.step in refresh)}
    for node in nodes:
        if any(isinstance(source, NodeSource) and source.key in keys for source in node.inputs.values()):
            keys.add(node.key)
    return frozenset(keys)
