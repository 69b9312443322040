"""Take up a run that was begun before: where its plan was shown, by a process that is gone, or once more after its end."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import Connection

from pressroom.domain.errors import Invalid, Refused, WorkedOn
from pressroom.domain.identity import Principal
from pressroom.domain.states import (
    ENDED_RUNS,
    FOR_APPROVAL,
    MADE_NODES,
    Decision,
    NodeState,
    Runner,
    RunState,
    WaitsFor,
)
from pressroom.ledger.accounts import account_id_of
from pressroom.planning.allowances import CREDITS
from pressroom.planning.stored_plan import load_plan
from pressroom.runs import leases
from pressroom.runs import records as runs
from pressroom.runs.approvals import answers_of, approvals_of
from pressroom.runs.nodes import nodes_of, retry_nodes
from pressroom.services.context import Context
from pressroom.services.run_lease import lease_held
from pressroom.services.run_means import held_anew, means_of
from pressroom.services.running import RunningRun
from pressroom.services.suspend_run import suspend_in

# Whoever runs a run that was suspended by hand resumes it.
_NEEDS_A_WORD: Final = FOR_APPROVAL | {WaitsFor.CREDITS}


def take_up(
    principal: Principal,
    context: Context,
    run_id: str,
    flow_run_id: str = "",
    *,
    runner: Runner | None = None,
    begun: bool = False,
) -> RunningRun | None:
    """The account's run of this id, or else the one that this flow run began before, for this process to go on with.

    Of a run that had ended, what was not made is held for anew, and made; where it was rejected, somebody has to approve it. A
    run that waits for a person stays `suspended`. None where the account has no such run. Raises WorkedOn while another process
    works on it, Refused where what is missing costs more than the account has, or where it was cancelled before it was begun.
    `begun`: a server has left it to this flow run, which does not begin it once more where others have made it meanwhile.
    """
    with context.database.read() as conn:
        found = _found(conn, principal, run_id, flow_run_id)
    if found is None:
        return None
    if found.state == RunState.CANCELLED and found.lease_holder == leases.NOBODY:
        raise Refused(f"run {found.id} was cancelled before anybody began it", hint="start it again")
    if begun and found.state in ENDED_RUNS and found.flow_run_id != flow_run_id:
        raise Refused(f"run {found.id} is {found.state}: it was not left to this flow run in the end")
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        if _waits(found):
            return _running(conn, context, found, account_id, found.lease)
        lease = lease_held(context, found.id) or leases.take(conn, found.id, context.settings.lease_seconds)
        if lease is None:
            raise WorkedOn(
                f"another process works on run {found.id}", hint="it goes on there", flow_run=found.flow_run_id
            )
        record = runs.run_of(conn, account_id, found.id)
        if record.state == RunState.COMPLETED:
            return _running(conn, context, record, account_id, lease)
        # What its process was at when it died is begun anew.
        retry_nodes(conn, account_id, record.id, (NodeState.RUNNING,))
        hold = None
        if record.state in ENDED_RUNS:
            runs.reopen_run(conn, account_id, record.id)
            hold = held_anew(conn, context, record.id, load_plan(record.plan), f"hold:{record.id}:{lease}")
        runs.start_run(
            conn,
            account_id,
            record.id,
            hold_id=hold.id if hold else None,
            flow_run_id=flow_run_id or None,
            runner=runner,
        )
        if hold and (refusal := _refusal(conn, record)):
            suspend_in(conn, context, account_id, record.id, WaitsFor.APPROVAL, refusal)
        return _running(conn, context, runs.run_of(conn, account_id, record.id), account_id, lease)


def _waits(record: runs.RunRecord) -> bool:
    """Whether it needs more than that somebody takes it up."""
    return record.state == RunState.SUSPENDED and json.loads(record.waits_for)["kind"] in _NEEDS_A_WORD


def read_run(context: Context, run_id: str, lease: int) -> RunningRun:
    """The run that a process works on under this lease, for a task or another process that does part of it."""
    with context.database.read() as conn:
        account_id = runs.owner_of(conn, run_id)
        return _running(conn, context, runs.run_of(conn, account_id, run_id), account_id, lease)


def _found(conn: Connection, principal: Principal, run_id: str, flow_run_id: str) -> runs.RunRecord | None:
    try:
        account_id = account_id_of(conn, principal.account)
    except Invalid:
        return None  # an account opens with its first run
    found = runs.find_run(conn, account_id, run_id) if run_id else None
    return found or (runs.run_of_flow(conn, account_id, flow_run_id) if flow_run_id else None)


def _refusal(conn: Connection, ended: runs.RunRecord) -> str:
    """Why the run, as it has ended, may not go on without a person's word; empty where it may."""
    last = approvals_of(conn, ended.id)[-1:]
    refused = bool(last) and last[0].decision in (Decision.REJECTED, Decision.EXPIRED)
    unanswered = bool(ended.waits_for) and json.loads(ended.waits_for)["kind"] == WaitsFor.APPROVAL
    return "it was not approved before" if refused or unanswered else ""


def _running(conn: Connection, context: Context, record: runs.RunRecord, account_id: int, lease: int) -> RunningRun:
    holds = runs.holds_of_run(conn, record.id)
    if not holds:
        raise Refused(f"run {record.id} holds no credits", hint="start it again")
    nodes, plan = nodes_of(conn, account_id, record.id), load_plan(record.plan)
    return RunningRun(
        record.id,
        Principal(record.account, record.created_by),
        account_id,
        holds,
        lease,
        plan,
        {node.node_id: node.asset_ids for node in nodes if node.state in MADE_NODES},
        frozenset(node.node_id for node in nodes if node.state == NodeState.CANCELLED),
        suspended=_waits(record),
        answers=answers_of(conn, record.id),
        lowered=not plan.suspends and means_of(conn, context, record.id, plan)[CREDITS].missing > 0,
    )
