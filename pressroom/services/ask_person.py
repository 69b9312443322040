"""Nodes that ask a person: what needs them is held back, all else is made, and then the run waits for an answer.

An answer is of a node's content key, as everything in the library is: the same takes are not asked about twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from pressroom.domain.errors import NOT_MADE, UpstreamFailed
from pressroom.domain.media import CHOICE
from pressroom.domain.operation import Asks
from pressroom.domain.states import MADE_NODES, OPEN_NODES, NodeState, WaitsFor
from pressroom.library.assets import known
from pressroom.planning.expand import TAKE
from pressroom.planning.plan import Node, Variant
from pressroom.planning.variants import node_id
from pressroom.runs.nodes import standing_of_nodes
from pressroom.runs.questions import Question, Take, in_words
from pressroom.services import workspaces
from pressroom.services.context import Context
from pressroom.services.origins import Upstream
from pressroom.services.run_node import fail_nodes
from pressroom.services.running import RunningRun
from pressroom.services.suspend_run import Suspension, suspend_run


def held_back(context: Context, run: RunningRun) -> dict[str, bool]:
    """The nodes that are not made before a person has answered, in the plan's order: whether it is this node that asks."""
    asking = _asking(context, run)
    found: dict[str, bool] = {}
    for node in run.plan.nodes if asking else ():
        if node.id in asking or any(name in found for name in node.upstream):
            found[node.id] = node.id in asking
    return found


def ask_person(context: Context, run: RunningRun) -> Suspension | None:
    """Call it when all else of the run has ended: it waits for answers then; None where nothing is asked.

    What would be asked about what was not made has failed with that, and so has what needs it.
    """
    held = held_back(context, run)
    if not held:
        return None
    needed = {name: run.plan.node(name).upstream for name in held}
    names = dict.fromkeys(each for name in held for each in (name, *needed[name]))
    with context.database.read() as conn:
        standing = standing_of_nodes(conn, run.account_id, run.id, list(names))
    lost: dict[str, str] = {}
    asked: list[Node] = []
    for name, asks in held.items():
        if standing[name][0] not in OPEN_NODES:
            continue  # the run was closed meanwhile
        missing = [each for each in needed[name] if each in lost or (each not in held and not _made(standing[each]))]
        if missing:
            cause = lost.get(missing[0]) or standing[missing[0]][1]
            lost[name] = str(UpstreamFailed(NOT_MADE, cause=cause))
        elif asks and not any(each in held for each in needed[name]):
            asked.append(run.plan.node(name))
    fail_nodes(context, run, lost)
    questions = tuple(_question(context, run, nodes) for nodes in _together(asked))
    return suspend_run(context, run, WaitsFor.DECISION, in_words(questions), questions) if questions else None


def _asking(context: Context, run: RunningRun) -> frozenset[str]:
    """The nodes that nobody has answered, in this run or in another one that has made the same meanwhile."""
    done = run.reused.keys() | run.dropped | run.answers.keys()
    asking = [node for node in run.plan.nodes if node.waits and node.id not in done]
    if not asking:
        return frozenset()
    with context.database.read() as conn:
        there = known(conn, run.account_id, [node.key for node in asking if not node.renew])
    return frozenset(node.id for node in asking if node.renew or node.key not in there)


def _made(standing: tuple[NodeState, str]) -> bool:
    return standing[0] in MADE_NODES


def _together(asked: Sequence[Node]) -> list[list[Node]]:
    """Nodes that are asked about as one: those that each keep one of the same takes, and any other by itself."""
    found: dict[tuple[str, Variant, str], list[Node]] = {}
    for node in asked:
        found.setdefault((node.step, _but_take(node), "" if _is_ranked(node) else node.id), []).append(node)
    return list(found.values())


def _is_ranked(node: Node) -> bool:
    return node.asks == Asks.CHOICE


def _but_take(node: Node) -> Variant:
    return tuple(pair for pair in node.variant if pair[0] != TAKE)


def _question(context: Context, run: RunningRun, nodes: Sequence[Node]) -> Question:
    node = nodes[0]
    with context.database.read() as conn:
        origins = Upstream(run, context.operations).origins_of(conn, node)
        gone = _kept_already(conn, run, nodes) if _is_ranked(node) else ()
    operation = context.operations[node.operation]
    looks: Sequence[Mapping[str, Any]] = ()
    if operation.looks is not None:
        with workspaces.opened(context, run, node, origins) as work:
            params = operation.params.model_validate(node.params)
            looks = operation.looks(params, work)
    takes = [Take(each.asset_id) for each in origins.values()]
    seen = [replace(take, **look) for take, look in zip(takes, looks, strict=True)] if looks else takes
    if len(nodes) == 1:
        return Question(node.id, node.step, Asks(node.asks), tuple(seen), gone=gone)
    name, names = node_id(node.step, _but_take(node)), tuple(each.id for each in nodes)
    return Question(name, node.step, Asks(node.asks), tuple(seen), names, gone)


def _kept_already(conn: Connection, run: RunningRun, nodes: Sequence[Node]) -> tuple[int, ...]:
    """Numbers of the takes that other nodes of the step keep, of the same takes: somebody has chosen those before."""
    asked = {node.id for node in nodes}
    same = [each for each in run.plan.nodes if each.step == nodes[0].step and _but_take(each) == _but_take(nodes[0])]
    there = known(conn, run.account_id, [each.key for each in same if each.id not in asked])
    choices = (asset.details.get(CHOICE) for assets in there.values() for asset in assets)
    return tuple(sorted(choice["chosen"] + 1 for choice in choices if choice))
