"""Make nodes on this machine, at no cost: each by itself in its workspace, their records in common transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from pressroom.domain.errors import Permanent, Refused, UpstreamFailed
from pressroom.domain.media import Made, doubt_of
from pressroom.domain.operation import Workspace
from pressroom.planning.plan import Action, Node, Plan
from pressroom.runs.nodes import start_node
from pressroom.services import workspaces
from pressroom.services.check_outputs import measure
from pressroom.services.context import Context
from pressroom.services.file_node import Finished, file_made, ready, reuse_in, stored, tell_stored
from pressroom.services.origins import Origin, Upstream
from pressroom.services.provenance_step import attest, history_of
from pressroom.services.running import NodeResult, Outcomes, RunningRun
from pressroom.storage.streams import room_in

T = TypeVar("T")


def compute_nodes(
    context: Context, run: RunningRun, nodes: Sequence[Node], stopped: Callable[[], bool] = lambda: False
) -> Outcomes:
    """What became of each node, by its id; none may need another of them. When `stopped` says so, no further one is begun."""
    begun = _each(context, {node.id: partial(_begun, context, run, node) for node in nodes})
    outcomes: Outcomes = {}
    finished: dict[str, Finished] = {}
    for node in nodes:
        origins = begun[node.id]
        if isinstance(origins, NodeResult | Exception):
            outcomes[node.id] = origins
            continue
        try:
            if stopped():
                raise interrupted()
            finished[node.id] = _computed(context, run, node, origins)
        except Exception as exc:  # noqa: BLE001 - whatever it was, it is this node's outcome
            outcomes[node.id] = exc
    filing = {
        node.id: partial(file_made, context, run, node, finished[node.id]) for node in nodes if node.id in finished
    }
    filed = _each(context, filing)
    for name, outcome in filed.items():
        if isinstance(outcome, NodeResult):
            tell_stored(context, run, outcome, finished[name])
    return outcomes | filed


def interrupted() -> Permanent:
    return Permanent("not made, because the run was interrupted")


def nothing_to_reuse(node: Node) -> Refused | UpstreamFailed:
    """A planned reuse has no price, so it is never made or bought instead."""
    if node.twin_of:
        return UpstreamFailed(f"{node.twin_of}, which makes the same, has made nothing", hint="see why it failed")
    return Refused(f"the library no longer has {node.id}", hint="plan again")


def _each(context: Context, work: Mapping[str, Callable[[Connection], T]]) -> dict[str, T | Exception]:
    """All of it in one transaction; where that is refused, each in its own, so that none suffers for another."""
    if not work:
        return {}
    try:
        with context.database.write() as conn:
            return {name: do(conn) for name, do in work.items()}
    except Exception as exc:  # noqa: BLE001 - it is the outcome of the one whose work it was
        if len(work) == 1:
            return dict.fromkeys(work, exc)
    return {name: outcome for name, do in work.items() for outcome in _each(context, {name: do}).values()}


def _begun(context: Context, run: RunningRun, node: Node, conn: Connection) -> NodeResult | Mapping[str, Origin]:
    """What the node is made from, once it is put down as being worked on; its result where it is there already."""
    there = ready(conn, run, node)
    if there is not None:
        return there if there.asset_ids else reuse_in(conn, run, node)
    if node.action is Action.REUSE:
        raise nothing_to_reuse(node)
    origins = Upstream(run, context.operations).origins_of(conn, node)
    start_node(conn, run.account_id, run.id, run.lease, node.id)
    return origins


def _computed(context: Context, run: RunningRun, node: Node, origins: Mapping[str, Origin]) -> Finished:
    started = time.monotonic()
    with room_in(context.work), workspaces.opened(context, run, node, origins) as work:
        draft = context.provenance.draft(history_of(context, node, origins, work.inputs))
        work = replace(work, reserve=lambda: draft.reserved_bytes, answer=run.answers.get(node.id))
        made = _made_here(context, node, work)
        _refuse_doubt(run.plan, made)
        made = attest(context, draft, made)
        infos = measure(context, made, dict(node.outputs))
        return stored(context, made, infos, (node.provider, node.model), origins, started)


def _refuse_doubt(plan: Plan, made: Sequence[Made]) -> None:
    """Raises Permanent for what the campaign's policy does not take; then nothing that needs the node is made or bought."""
    doubt = next((doubt for each in made if (doubt := doubt_of(each.details))), "")
    if doubt and plan.uncertain != "warn":
        hint = "run again with --yes to take it as it is" if plan.uncertain == "ask" else "policy.uncertain is fail"
        raise Permanent(f"uncertain: {doubt}", hint=hint)


def _made_here(context: Context, node: Node, work: Workspace) -> Sequence[Made]:
    operation = context.operations[node.operation]
    if operation.run is None:
        raise Permanent(f"{node.operation} has no local implementation", hint="choose a vendor's model")
    return operation.run(operation.params.model_validate(node.params), work)
