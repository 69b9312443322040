"""Run one node: reuse what is there, adopt what is being bought, order it or make it; check, store, record and capture it.

What is bought takes two calls, so that nobody waits in a thread: `order_node` places the order and answers with the key to
wait for (again, until it answers None: a vendor that failed may have an alternative), `run_node` files what was delivered.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pressroom.buying import journal
from pressroom.buying.costs import bill_text
from pressroom.buying.job import Job
from pressroom.buying.purchase import Supplies, Ticket, place
from pressroom.buying.spooling import rejected
from pressroom.domain.errors import Corrupt, Permanent, Refused, Retryable, UpstreamFailed
from pressroom.domain.identity import Principal
from pressroom.domain.media import Made
from pressroom.domain.operation import Workspace
from pressroom.domain.states import MADE_NODES, OPEN_NODES, JobState, NodeState
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Action, Alternative, Node
from pressroom.runs import records as runs
from pressroom.services import workspaces
from pressroom.services.check_outputs import measure
from pressroom.services.context import Context
from pressroom.services.file_node import Finished, file_bought, file_made, reuse
from pressroom.services.provenance_step import attest, history_of
from pressroom.services.running import NodeResult, RunningRun

__all__ = ["NodeResult", "RunningRun", "fail_node", "is_ordered", "order_node", "run_node", "still_running"]


def order_node(principal: Principal, context: Context, run: RunningRun, node_id: str) -> str | None:
    """Place the node's order; returns the order key to wait for, None when the node can be run at once.

    Raises Permanent when no vendor takes it, Retryable when the order certainly did not get through, AnswerLost when nobody can
    say: it is then never sent again.
    """
    node = run.plan.node(node_id)
    if node_id in run.reused or not is_ordered(context, node) or _ready(context, run, node) is not None:
        return None
    if node.action is Action.REUSE:
        return None  # `run_node` says why it cannot be
    return _ordered(context, run, node)


def _ordered(context: Context, run: RunningRun, node: Node) -> str | None:
    with context.database.write() as conn:
        runs.start_node(conn, run.account_id, run.id, node.id)
    with workspaces.opened(context, run, node, "order") as work:
        # Drafted first: nothing is bought that could not be signed.
        context.provenance.draft(history_of(context, run.account_id, node, work.inputs))
        ticket = Ticket(run.account_id, run.id, run.hold_id, run.plan.campaign, node, _offers(context, node))
        try:
            job = place(context.market, ticket, Supplies(work.inputs, work.files, work.brand))
        except Permanent:
            if not _offers(context, node, sold=False):
                raise
            return None  # every vendor has failed, and this machine can make it
    return job.order_key if job is not None and job.waiting else None


def run_node(principal: Principal, context: Context, run: RunningRun, node_id: str) -> NodeResult:
    """Make (or find) everything this node promises and file it. Called alone for what is bought, it orders and waits.

    Raises UpstreamFailed when an input is not there, Permanent or Corrupt when it cannot be made, Retryable when it may
    work later. Whatever is raised, no credits are taken for what was not filed, unless its order may have been taken.
    """
    if node_id in run.reused:
        return NodeResult(node_id, NodeState.REUSED, run.reused[node_id])
    node = run.plan.node(node_id)
    started = time.monotonic()
    there = _ready(context, run, node)
    if there is not None:
        return there if there.asset_ids else reuse(context, run, node)
    if node.action is Action.REUSE:
        raise _nothing_to_reuse(node)
    if is_ordered(context, node):
        return _bought(context, run, node, started)
    with context.database.write() as conn:
        runs.start_node(conn, run.account_id, run.id, node.id)
    try:
        return _computed(context, run, node, started)
    except (Permanent, Corrupt) as exc:
        if isinstance(exc, UpstreamFailed) or not _offers(context, node):
            raise
        return _bought(context, run, node, started)


def fail_node(context: Context, run_id: str, node_id: str, reason: str) -> None:
    """Record that the node failed, with what was spent on it all the same; what needs it is the scheduler's business.

    A node that has ended meanwhile, as all do when their run is cancelled, stays as it ended.
    """
    with context.database.write() as conn:
        account_id = runs.owner_of(conn, run_id)
        node = runs.node_of(conn, account_id, run_id, node_id)
        if node.state not in OPEN_NODES:
            return
        jobs = [job for job in journal.jobs_of_node(conn, account_id, node.key) if run_id == job.run_id]
        runs.finish_node(
            conn,
            account_id,
            run_id,
            node_id,
            NodeState.FAILED,
            credits_micros=sum(job.captured_micros for job in jobs),
            usd_micros=sum(job.spent_usd_micros for job in jobs),
            error=reason,
        )


def still_running(job: Job) -> Retryable:
    """A job that was waited for long enough."""
    return Retryable(
        f"{job.maker} still works on job {job.order_key}", hint="run again: it is waited for, not bought twice"
    )


def is_ordered(context: Context, node: Node) -> bool:
    """Whether the node is ordered from a vendor before it is filed; what is not, is computed here."""
    return context.catalog.providers[node.provider].sells


def _offers(context: Context, node: Node, *, sold: bool = True) -> tuple[Alternative, ...]:
    """The models that may make the node, in order: those that are sold, or those of this machine."""
    models = (Alternative(node.provider, node.model, node.quote), *node.alternatives)
    return tuple(each for each in models if context.catalog.providers[each.provider].sells == sold)


def _computed(context: Context, run: RunningRun, node: Node, started: float) -> NodeResult:
    """Make the node on this machine, at no cost."""
    with workspaces.opened(context, run, node) as work:
        draft = context.provenance.draft(history_of(context, run.account_id, node, work.inputs))
        made = attest(context, draft, _made_here(context, node, replace(work, reserved_bytes=draft.reserved_bytes)))
        infos = measure(context, made, dict(node.outputs))
        maker = (node.provider, node.model)
        return file_made(context, run, node, Finished(made, infos, maker, time.monotonic() - started))


def _ready(context: Context, run: RunningRun, node: Node) -> NodeResult | None:
    """The result where the node is made already: by this run (asked again, since its answer got lost), or in the library."""
    with context.database.read() as conn:
        before = runs.node_of(conn, run.account_id, run.id, node.id)
        have = () if node.renew else assets_of_node(conn, run.account_id, node.key)
    if before.state in MADE_NODES:
        costs = (before.credits_micros, before.usd_micros, before.seconds)
        return NodeResult(node.id, before.state, before.asset_ids, *costs)
    return NodeResult(node.id, NodeState.REUSED) if have else None


def _made_here(context: Context, node: Node, work: Workspace) -> Sequence[Made]:
    operation = context.operations[node.operation]
    if operation.run is None:
        raise Permanent(f"{node.operation} has no local implementation", hint="choose a vendor's model")
    return operation.run(operation.params.model_validate(node.params), work)


def _bought(context: Context, run: RunningRun, node: Node, started: float) -> NodeResult:
    while _ready(context, run, node) is None and (order_key := _ordered(context, run, node)) is not None:
        job = context.poller.wait(order_key).result()
        if job.waiting:
            raise still_running(job)
    with context.database.read() as conn:
        found = journal.open_job_of(conn, run.account_id, node.key)
    if found is None or found.state != JobState.DELIVERED:
        here = _offers(context, node, sold=False)
        if not here or _ready(context, run, node) is not None:
            return reuse(context, run, node)  # another run has filed it meanwhile
        return _computed(context, run, replace(node, provider=here[0].provider, model=here[0].model), started)
    with workspaces.opened(context, run, node) as work:
        finished = _checked(
            context, run, replace(node, provider=found.provider, model=found.model), found, work, started
        )
        return file_bought(context, run, node, finished, found)


def _checked(context: Context, run: RunningRun, node: Node, job: Job, work: Workspace, started: float) -> Finished:
    """The delivered files, signed and opened. What our checks refuse ends the job, so that the node can be bought anew."""
    draft = context.provenance.draft(history_of(context, run.account_id, node, work.inputs))
    made = _unpacked(context, job, work)
    try:
        if not made:
            raise Permanent(f"{job.maker} delivered nothing")
        made = attest(context, draft, made)
        infos = measure(context, made, dict(node.outputs), complete=False)
    except (Permanent, Corrupt) as exc:
        ended = rejected(context.market, job, str(exc))
        kept = f"what was delivered is kept: pressroom jobs show {job.order_key}"
        hint = "; ".join(filter(None, (exc.hint, bill_text(ended), kept)))
        raise type(exc)(exc.message, hint=hint, job=job.order_key) from exc
    return Finished(made, infos, (job.provider, job.model), time.monotonic() - started)


def _unpacked(context: Context, job: Job, work: Workspace) -> list[Made]:
    """Copies of the delivered files: signing writes into them."""
    made = []
    for number, file in enumerate(job.delivery):
        path = work.folder / f"{number}{_suffix(file.mime)}"
        local = context.store.local_path(file.sha256)
        if local is not None:
            shutil.copyfile(local, path)
        else:
            with suppress(KeyError):
                context.store.get(file.sha256, path)
        if not path.exists():
            raise Refused(f"{file.sha256[:12]}, delivered for {job.order_key}, is not in the store", hint="restore it")
        made.append(Made(path, file.mime, file.label, file.placement, dict(file.details)))
    return made


def _suffix(mime: str) -> str:
    return Path(f"x.{mime.rpartition('/')[2]}").suffix


def _nothing_to_reuse(node: Node) -> Refused | UpstreamFailed:
    """A planned reuse has no price, so it is never made or bought instead."""
    if node.twin_of:
        return UpstreamFailed(f"{node.twin_of}, which makes the same, has made nothing", hint="see why it failed")
    return Refused(f"the library no longer has {node.id}", hint="plan again")
