"""Send what endpoints are to be told: signed, through the guard, tried again by the rules, given up in the end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, case, func, select

from pressroom.database.schema import run, run_node
from pressroom.domain.errors import PressroomError
from pressroom.domain.media import mime_of
from pressroom.domain.states import DeliveryState
from pressroom.services.context import Context
from pressroom.services.generate import STEP
from pressroom.webhooks import deliveries, endpoints
from pressroom.webhooks.deliveries import Delivery
from pressroom.webhooks.endpoints import Endpoint
from pressroom.webhooks.rules import rules
from pressroom.webhooks.signing import signed_headers

GONE: Final = 410  # the receiver wants no more, for good


def send(context: Context, endpoint: Endpoint, delivery: Delivery, now: datetime, *, last: bool = False) -> bool:
    """Send one that is leased, and write down what came of it; whether it was taken. With `last` it is not tried again."""
    status, answer = _attempt(context, endpoint, delivery, now)
    taken = status is not None and 200 <= status < 300
    pause = None if taken or last or status == GONE else rules().pause(delivery.tries)
    state = DeliveryState.DELIVERED if taken else DeliveryState.DEAD if pause is None else DeliveryState.WAITING
    next_at = None if pause is None else now + pause
    with context.database.write() as conn:
        if status == GONE:
            why = "its receiver answered that it is gone (410)"
            deliveries.disable(conn, endpoint.account_id, endpoint.id, why, now)
        deliveries.settle(conn, delivery, state, status=status, answer=answer, now=now, next_at=next_at)
    return taken


def gather(context: Context, now: datetime) -> int:
    """Make deliveries of what has happened since the last time; how many."""
    with context.database.read() as conn:
        if not deliveries.is_behind(conn):
            return 0
    with context.database.write() as conn:
        return deliveries.fan_out(conn, rules().events_at_once, now, generations_among)


def claim_due(context: Context, now: datetime, most: int) -> list[tuple[Endpoint, Delivery]]:
    """What is to be sent now, leased for this server."""
    with context.database.read() as conn:
        if not deliveries.is_due(conn, now):
            return []
    with context.database.write() as conn:
        found = deliveries.claim(conn, most, now, rules().lease_seconds)
        whose = endpoints.named(conn, {delivery.webhook_id for delivery in found})
    return [(whose[delivery.webhook_id], delivery) for delivery in found]


def generations_among(conn: Connection, run_ids: Collection[str]) -> set[str]:
    """Which of these runs make one operation that was asked for without a campaign, as `pressroom.services.generate` has them."""
    nodes = select(run.c.id).join(run_node, run_node.c.run_id == run.c.id).where(run.c.id.in_(run_ids))
    ours = and_(run_node.c.step == STEP, run_node.c.operation == run.c.campaign)
    others = func.sum(case((ours, 0), else_=1))
    return set(conn.execute(nodes.group_by(run.c.id).having(others == 0)).scalars())


def _attempt(context: Context, endpoint: Endpoint, delivery: Delivery, now: datetime) -> tuple[int | None, str]:
    """The status and the begin of the answer, or why there is none."""
    body = delivery.body.encode()
    with context.database.read() as conn:
        whose = None if endpoint.run_id else endpoint.id
        sealed = endpoints.secrets_of(conn, endpoint.account_id, whose, now)
    try:
        keys = [context.sealer.open(each) for each in sealed]
        headers = signed_headers(keys, delivery.id, int(now.timestamp()), body)
        reply = context.poster.post(endpoint.url, {"Content-Type": mime_of("json"), **headers}, body)
    except PressroomError as exc:
        return None, context.recordable(exc.message)
    return reply.status, context.recordable(reply.begin.decode("utf-8", "replace"))
