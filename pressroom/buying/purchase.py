"""Buy one node from a provider that charges: journalled before the request leaves, adopted after any crash.

The order key is the account's number, the node's key and a number that counts finished purchases of it, so a restarted
run asks for the same order again, and a refresh makes a new one. From opening the job to knowing the provider's id for it,
one buyer at a time: a second one that found the first's intent and nothing at the provider yet would send the order again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pressroom.buying import journal
from pressroom.database.schema import job
from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.operation import Workspace
from pressroom.library.assets import assets_of_node
from pressroom.planning.plan import Node
from pressroom.providers.base import JobStatus, Order, Provider, VendorState
from pressroom.services.context import Context

POLL_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
DEADLINE_SECONDS = 1_800.0
LOOKS = 5


class _EndedJustNow(Retryable):
    """On PostgreSQL another run may end its purchase between our counting of ended ones and our opening the next."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """A job that the provider has done. It stays open in the journal until the caller stores it."""

    order: Order
    job_id: str
    status: JobStatus


def buy(
    context: Context,
    account_id: int,
    node: Node,
    run_id: str,
    hold_id: int,
    workspace: Workspace,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Purchase | None:
    """The finished purchase; None when another run has filed this node meanwhile, so that nothing is to be bought.

    Raises Permanent when the provider refuses or fails (the journal then says failed), Retryable when it cannot be asked.
    """
    provider = context.providers[node.provider]
    with context.database.turn(f"order:{account_id}:{node.key}"):
        opened = _open(context, account_id, node, run_id, hold_id)
        if opened is None:
            return None
        order = Order(opened.order_key, node.operation, node.model, node.params, len(node.outputs), node.units)
        try:
            job_id = opened.provider_job_id or _place(
                context, account_id, provider, order, workspace, fresh=opened.fresh
            )
        except Permanent as exc:
            fail_job(context, account_id, order.order_key, str(exc))
            raise
    try:
        status = _wait(provider, job_id, sleep)
    except Permanent as exc:
        fail_job(context, account_id, order.order_key, str(exc))
        raise
    if status.state is VendorState.FAILED:
        fail_job(context, account_id, order.order_key, status.reason)
        raise Permanent(f"{node.provider}/{node.model} failed: {status.reason}", hint="nothing was charged")
    return Purchase(order, job_id, status)


def fail_job(context: Context, account_id: int, order_key: str, reason: str) -> None:
    """The job has ended without a result; harmless when another run has ended it before."""
    with context.database.write() as conn:
        if not journal.job_of(conn, account_id, order_key).finished:
            journal.mark_failed(conn, account_id, order_key, reason)


def _open(context: Context, account_id: int, node: Node, run_id: str, hold_id: int) -> journal.Job | None:
    """The job, taken up or new; None when the library has the node. Looks again when a purchase ends while it looks."""
    for _ in range(LOOKS - 1):
        with suppress(_EndedJustNow):
            return _look(context, account_id, node, run_id, hold_id)
    return _look(context, account_id, node, run_id, hold_id)


def _look(context: Context, account_id: int, node: Node, run_id: str, hold_id: int) -> journal.Job | None:
    with context.database.write() as conn:
        # Counted before looking into the library: a run that files the node in between has then used this order key.
        order_key = _next_order_key(conn, account_id, node.key)
        if not node.renew and assets_of_node(conn, account_id, node.key):
            return None
        try:
            return journal.open_job(
                conn,
                account_id,
                order_key=order_key,
                node_key=node.key,
                run_id=run_id,
                provider=node.provider,
                model=node.model,
                hold_id=hold_id,
                credits_bound_micros=node.quote.credits_bound or 0,
            )
        except Permanent as exc:
            raise _EndedJustNow(f"a purchase of {node.id} ended just now", hint="look in the library again") from exc


def _place(
    context: Context, account_id: int, provider: Provider, order: Order, workspace: Workspace, *, fresh: bool
) -> str:
    """Send the order, or find the one that was sent before: an order is only sent when the provider knows none."""
    job_id = None if fresh else provider.find(order.order_key)
    if job_id is None:
        try:
            job_id = provider.submit(order, workspace)
        except Retryable:
            with context.database.write() as conn:
                journal.mark_unknown(conn, account_id, order.order_key)
            job_id = provider.find(order.order_key)
            if job_id is None:
                raise
    with context.database.write() as conn:
        journal.mark_submitted(conn, account_id, order.order_key, job_id)
    return job_id


def _wait(provider: Provider, job_id: str, sleep: Callable[[float], None]) -> JobStatus:
    waited = 0.0
    for number in range(100_000):
        status = provider.status(job_id)
        if status.state is not VendorState.RUNNING:
            return status
        pause = POLL_SECONDS[min(number, len(POLL_SECONDS) - 1)]
        if waited + pause > DEADLINE_SECONDS:
            break
        sleep(pause)
        waited += pause
    raise Retryable(
        f"job {job_id} still runs after {waited:.0f} s", hint="run again: it is waited for, not bought twice"
    )


def _next_order_key(conn: Connection, account_id: int, node_key: str) -> str:
    """Account, node key and the number of purchases of it that have ended: the same until this one has.

    Two accounts never share an order at the vendor, though they ask for the same.
    """
    mine = (job.c.account_id == account_id, job.c.node_key == node_key)
    ended = select(func.count()).where(*mine, job.c.state.not_in(journal.UNFINISHED))
    return f"{account_id}:{node_key}:{conn.execute(ended).scalar_one()}"
