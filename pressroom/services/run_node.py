"""Run one node: reuse what is there, adopt what is being bought, order it or make it; check, store, record and capture it.

What is bought takes two calls, so that nobody waits in a thread: `order_node` places the order and answers with the key to
wait for (again, until it answers None: a vendor that failed may have an alternative), `run_node` files what was delivered.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from pressroom.buying import journal
from pressroom.buying.costs import bill_text, borne_by
from pressroom.buying.job import Job
from pressroom.buying.purchase import Supplies, Ticket, place
from pressroom.buying.refetching import fetched_again
from pressroom.buying.spooling import rejected
from pressroom.database.dialect import chunks
from pressroom.domain.errors import Corrupt, Permanent, Refused, Retryable, UpstreamFailed
from pressroom.domain.events import NodeFailed
from pressroom.domain.identity import Principal
from pressroom.domain.media import Made, MediaInfo, suffix_for
from pressroom.domain.operation import Workspace
from pressroom.domain.purchases import FETCH_JOB, SHOW_JOB
from pressroom.domain.states import OPEN_NODES, JobState, NodeState
from pressroom.planning.plan import Action, Alternative, Node
from pressroom.planning.ways import is_silent, worded
from pressroom.provenance.base import ProvenanceDraft
from pressroom.runs.nodes import finish_node, node_of, start_node
from pressroom.services import workspaces
from pressroom.services.check_outputs import measure
from pressroom.services.compute_nodes import compute_nodes, interrupted, nothing_to_reuse
from pressroom.services.conform import conformed
from pressroom.services.context import Context
from pressroom.services.file_node import Finished, file_bought, ready, reuse, stored
from pressroom.services.origins import Origin, Upstream
from pressroom.services.provenance_step import attest, history_of
from pressroom.services.running import NodeResult, Outcomes, RunningRun
from pressroom.services.vendor_inputs import for_vendors
from pressroom.services.watch_budgets import watch_budgets
from pressroom.storage.streams import room_in

__all__ = [
    "NodeResult",
    "Outcomes",
    "RunningRun",
    "fail_node",
    "fail_nodes",
    "is_ordered",
    "may_be_ordered",
    "order_node",
    "run_node",
    "run_nodes",
    "still_running",
]


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
        start_node(conn, run.account_id, run.id, run.lease, node.id)
        origins = Upstream(run, context.operations).origins_of(conn, node)
    with workspaces.opened(context, run, node, origins) as work:
        # Signed first, to measure: nothing is bought that could not be signed.
        _ = context.provenance.draft(history_of(context, node, origins, work.inputs)).reserved_bytes
        offers, units = _offers(context, node), _units(context, node, work)
        ticket = Ticket(run.account_id, run.id, run.hold_id, run.plan.campaign, node, offers, units, run.capped)
        digests = {name: origin.sha256 for name, origin in origins.items()}
        sent, digests = for_vendors(work.inputs, digests, work.folder, context.settings.limits)
        try:
            job = place(context.market, ticket, Supplies(sent, work.files, work.brand, digests))
        except Permanent:
            if not _offers(context, node, sold=False):
                raise
            return None  # every vendor has failed, and this machine can make it
    return job.order_key if job is not None and job.waiting else None


def _units(context: Context, node: Node, work: Workspace) -> Mapping[str, float]:
    """What is ordered now that the inputs are there: a plan counts a sound that is not made yet as the longest it can become."""
    if all(source.info.most_seconds is None for source in node.inputs.values()):
        return node.units
    from pressroom.media.files.probe import inspect  # pixel libraries load slowly

    operation = context.operations[node.operation]
    infos = {name: inspect(path, context.settings.limits) for name, path in work.inputs.items()}
    params = operation.params.model_validate(node.params)
    return operation.expect(params, infos, context.catalog.placements).units


def run_node(principal: Principal, context: Context, run: RunningRun, node_id: str) -> NodeResult:
    """Make (or find) everything this node promises and file it. Called alone for what is bought, it orders and waits.

    Raises UpstreamFailed when an input is not there, Permanent or Corrupt when it cannot be made, Retryable when it may
    work later. Whatever is raised, no credits are taken for what was not filed, unless its order may have been taken.
    """
    return _told(run_nodes(principal, context, run, [node_id])[node_id])


def run_nodes(
    principal: Principal,
    context: Context,
    run: RunningRun,
    node_ids: Sequence[str],
    stopped: Callable[[], bool] = lambda: False,
) -> Outcomes:
    """The same for nodes of which none needs another: what is made here is filed in one transaction.

    What one would raise is its outcome, and nothing to the others. When `stopped` says so, no further one is begun.
    """
    outcomes: Outcomes = {
        name: NodeResult(name, NodeState.REUSED, run.reused[name]) for name in node_ids if name in run.reused
    }
    nodes = [run.plan.node(name) for name in node_ids if name not in outcomes]
    outcomes |= compute_nodes(context, run, [node for node in nodes if not is_ordered(context, node)], stopped)
    for node in nodes:
        outcome = outcomes.get(node.id)
        if stopped():
            outcomes.setdefault(node.id, interrupted())
        elif outcome is None or (_is_refused(outcome) and _offers(context, node)):
            outcomes[node.id] = _tried(partial(_bought, context, run, node))
    return outcomes


def fail_node(context: Context, run: RunningRun, node_id: str, reason: str) -> None:
    """Record that the node failed, with what was spent on it all the same; what needs it is the scheduler's business.

    A node that has ended meanwhile, as all do when their run is cancelled, stays as it ended.
    """
    fail_nodes(context, run, {node_id: reason})


def fail_nodes(context: Context, run: RunningRun, reasons: Mapping[str, str]) -> None:
    """The same for many, in few transactions."""
    for chunk in chunks(reasons.items()):
        with context.database.write() as conn:
            told = {node_id: context.recordable(reason) for node_id, reason in chunk}
            failed = [node_id for node_id, reason in told.items() if _fail(conn, run, node_id, reason)]
        whose = {"account": run.principal.account, "run": run.id, "campaign": run.plan.campaign}
        for node_id in failed:
            context.events.emit(NodeFailed(**whose, node=node_id, reason=told[node_id]))
    watch_budgets(context, run)


def _fail(conn: Connection, run: RunningRun, node_id: str, reason: str) -> bool:
    """Whether it was for this call to fail it."""
    node = node_of(conn, run.account_id, run.id, node_id)
    if node.state not in OPEN_NODES:
        return False
    # A twin is never bought: what was spent on its key is the cost of the first node that has it.
    twin = run.plan.node(node_id).twin_of is not None
    jobs = [] if twin else borne_by(conn, run.account_id, node.key, run.id, run.hold_ids)
    finish_node(
        conn,
        run.account_id,
        run.id,
        run.lease,
        node_id,
        NodeState.FAILED,
        credits_micros=sum(job.captured_micros for job in jobs),
        usd_micros=sum(job.spent_usd_micros for job in jobs),
        error=reason,
    )
    return True


def still_running(job: Job) -> Retryable:
    """A job that was waited for long enough."""
    if job.error:
        message = f"{job.maker} hands out nothing usable for job {job.order_key}: {job.error}"
        return Retryable(message, hint="run again: it is asked for again, not bought twice")
    return Retryable(
        f"{job.maker} still works on job {job.order_key}", hint="run again: it is waited for, not bought twice"
    )


def is_ordered(context: Context, node: Node) -> bool:
    """Whether the node is ordered from a vendor before it is filed; what is not, is computed here."""
    return context.catalog.providers[node.provider].sells


def may_be_ordered(context: Context, node: Node) -> bool:
    """Whether it is ordered from a vendor, or may be where this machine cannot make it."""
    return bool(_offers(context, node))


def _offers(context: Context, node: Node, *, sold: bool = True) -> tuple[Alternative, ...]:
    """The models that may make the node, in order: those that are sold, or those of this machine."""
    models = (Alternative(node.provider, node.model, node.quote), *node.alternatives)
    return tuple(each for each in models if context.catalog.providers[each.provider].sells == sold)


def _is_refused(outcome: NodeResult | Exception) -> bool:
    """Whether a vendor may do what this machine could not."""
    return isinstance(outcome, Permanent | Corrupt) and not isinstance(outcome, UpstreamFailed)


def _told(outcome: NodeResult | Exception) -> NodeResult:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _tried(work: Callable[[], NodeResult]) -> NodeResult | Exception:
    try:
        return work()
    except Exception as exc:  # noqa: BLE001 - whatever it was, it is the node's outcome
        return exc


def _ready(context: Context, run: RunningRun, node: Node) -> NodeResult | None:
    with context.database.read() as conn:
        return ready(conn, run, node)


def _bought(context: Context, run: RunningRun, node: Node) -> NodeResult:
    started = time.monotonic()
    there = _ready(context, run, node)
    if there is not None:
        return there if there.asset_ids else reuse(context, run, node)
    if node.action is Action.REUSE:
        raise nothing_to_reuse(node)
    return _filed(context, run, node, started)


def _filed(context: Context, run: RunningRun, node: Node, started: float) -> NodeResult:
    while _ready(context, run, node) is None and (order_key := _ordered(context, run, node)) is not None:
        job = context.poller.wait(order_key).result()
        if job.overdue:
            raise still_running(job)
    with context.database.read() as conn:
        found = journal.open_job_of(conn, run.account_id, node.key)
    if found is None or found.state != JobState.DELIVERED:
        here = _offers(context, node, sold=False)
        if not here or _ready(context, run, node) is not None:
            return reuse(context, run, node)  # another run has filed it meanwhile
        local = replace(node, provider=here[0].provider, model=here[0].model)
        return _told(compute_nodes(context, run, [local])[node.id])
    node = replace(node, provider=found.provider, model=found.model)
    with context.database.read() as conn:
        origins = Upstream(run, context.operations).origins_of(conn, node)
    with room_in(context.work), workspaces.opened(context, run, node, origins) as work:
        return file_bought(context, run, node, _checked(context, node, origins, found, work, started), found)


def _checked(
    context: Context, node: Node, origins: Mapping[str, Origin], job: Job, work: Workspace, started: float
) -> Finished:
    """The delivered files, signed and opened; what our checks refuse is fetched again before it ends the job.

    Then the node can be bought anew.
    """
    draft = context.provenance.draft(history_of(context, node, origins, work.inputs))
    maker = (job.provider, job.model)
    try:
        made, infos = _fitting(context, node, draft, job, work)
    except (Permanent, Corrupt) as exc:
        for again in fetched_again(context.market, job):
            with suppress(Permanent, Corrupt):
                made, infos = _fitting(context, node, draft, again, work)
                return stored(context, made, infos, maker, origins, started)
        raise _rejected(context, job, exc) from exc
    return stored(context, made, infos, maker, origins, started)


def _fitting(
    context: Context, node: Node, draft: ProvenanceDraft, job: Job, work: Workspace
) -> tuple[list[Made], list[MediaInfo]]:
    """The delivered files as they are filed. Raises Permanent or Corrupt for what our checks refuse."""
    made = _unpacked(context, job, work)
    if not made:
        raise Permanent(f"{job.maker} delivered nothing")
    with room_in(context.work):  # a full disk is no fault of the files: the next run takes them as they are
        made = _conformed(context, node, made)
        made = attest(context, draft, made)
        return made, measure(context, made, dict(node.outputs), complete=False)


def _rejected(context: Context, job: Job, exc: Permanent | Corrupt) -> Permanent | Corrupt:
    """End the job whose files are refused; returns what is to be raised."""
    # How to mend a file is said to whoever made it, and that is the vendor.
    wrong = f"what {job.maker} delivered cannot be used: {exc.message}" if isinstance(exc, Corrupt) else exc.message
    mend = "" if isinstance(exc, Corrupt) else exc.hint
    ended = rejected(context.market, job, ": ".join(filter(None, (wrong, mend))))
    kept = f"what was delivered is kept: {SHOW_JOB} {job.order_key}"
    later = "" if job.vendor_job_id is None else f"to fetch it again: {FETCH_JOB} {job.order_key}"
    hint = "; ".join(filter(None, (mend, bill_text(ended), kept, later)))
    return type(exc)(wrong, hint=hint, job=job.order_key)


def _conformed(context: Context, node: Node, made: list[Made]) -> list[Made]:
    """What a model of sizes of its own has made, in the promised one; any other has to keep to the order.

    How a style or a mood was said to the model goes on record.
    """
    row = context.catalog.models.get(f"{node.provider}/{node.model}")
    if row is None:
        return made
    params = context.operations[node.operation].params.model_validate(node.params)
    said, silent = list(worded(row, params)), is_silent(params)
    told = [replace(item, details={**item.details, "said": said}) for item in made] if said else made
    if not row.id:
        return told
    return [conformed(context, item, dict(node.outputs).get(item.label), silent=silent) for item in told]


def _unpacked(context: Context, job: Job, work: Workspace) -> list[Made]:
    """Copies of the delivered files: signing writes into them."""
    made = []
    for number, file in enumerate(job.delivery):
        path = work.folder / f"{number}{suffix_for(file.mime)}"
        local = context.store.local_path(file.sha256)
        if local is not None:
            shutil.copyfile(local, path)
        else:
            with suppress(KeyError):
                context.store.get(file.sha256, path)
        if not path.exists():
            message = f"what {job.provider} delivered for {job.order_key} is not in the store"
            raise Refused(message, hint="restore the media store")
        made.append(Made(path, file.mime, file.label, file.placement, dict(file.details)))
    return made
