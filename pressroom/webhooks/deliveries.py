"""Deliveries: what endpoints are to be told, once for each event, and how far each is.

Servers on several machines deliver beside each other: one goes on in the log at a time, and each delivery is leased by whoever
sends it. A server that is killed between sending and writing the answer down leaves it to the next, so that a receiver may
hear it twice under one id; nothing is told less than once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, insert, or_, select, tuple_, update

from pressroom.database.counting import Count, counted
from pressroom.database.dialect import insert_new
from pressroom.database.schema import webhook, webhook_cursor, webhook_delivery
from pressroom.domain.errors import NotFound
from pressroom.domain.states import DeliveryState
from pressroom.watching.event_log import Told, events_after, newest_event
from pressroom.webhooks import kinds
from pressroom.webhooks.endpoints import Endpoint, change_endpoint, listening

MOST_ANSWER: Final = 1_000  # characters of an answer that are kept
_CURSOR: Final = 1
# When it was made; several are made in one moment, in the order of what happened.
_PLACE: Final = (
    webhook_delivery.c.created_at,
    func.coalesce(webhook_delivery.c.event_seq, 0),
    webhook_delivery.c.id,
)
_GONE: Final = "the endpoint is disabled"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint; `id` is what its receiver knows it by. `answer` is the last one, or why there is none."""

    id: str
    account_id: int
    webhook_id: str
    event_seq: int | None
    type: str
    body: str
    state: DeliveryState
    attempts: int
    tries: int
    next_at: datetime | None
    lease_until: datetime | None
    answer_status: int | None
    answer: str
    answered_at: datetime | None
    created_at: datetime

    def as_dict(self) -> dict[str, Any]:
        times = {"next_at": self.next_at, "answered_at": self.answered_at, "created_at": self.created_at}
        return {
            "id": self.id,
            "webhook": self.webhook_id,
            "type": self.type,
            "state": self.state.value,
            "attempts": self.attempts,
            "answer_status": self.answer_status,
            "answer": self.answer,
            "body": self.body,
            **{name: None if at is None else at.isoformat() for name, at in times.items()},
        }


def is_behind(conn: Connection) -> bool:
    """Whether there are events that somebody listens for, and that have not been gone through."""
    start = _start(conn)
    return start is not None and newest_event(conn) > start


def fan_out(
    conn: Connection, limit: int, now: datetime, generations: Callable[[Connection, Collection[str]], set[str]]
) -> int:
    """Go through the next events of the log; how many deliveries that made. `generations` tells which runs are one operation.

    One transaction, and one server at a time: each event is gone through once, whoever is killed.
    """
    conn.execute(insert_new(conn, webhook_cursor).values(id=_CURSOR, seq=0))
    conn.execute(select(webhook_cursor.c.seq).where(webhook_cursor.c.id == _CURSOR).with_for_update()).one()
    start = _start(conn)
    # The events before the endpoints: one that is made just now is told of what comes from now on, and misses nothing.
    page = [] if start is None else events_after(conn, start, limit=limit)
    if not page:
        return 0
    found = listening(conn, {told.account_id for told in page}, {told.run_id for told in page if told.run_id})
    rows = list(_rows(page, found, generations(conn, _runs_that_matter(page, found)), now))
    if rows:
        conn.execute(insert_new(conn, webhook_delivery), rows)
    conn.execute(update(webhook_cursor).where(webhook_cursor.c.id == _CURSOR).values(seq=page[-1].seq))
    return len(rows)


def add_ping(conn: Connection, endpoint: Endpoint, data: dict[str, Any], now: datetime, lease_seconds: float) -> str:
    """A message that tells of nothing, leased by whoever adds it; its id."""
    row = _row(endpoint, None, kinds.PING, kinds.body_of(kinds.PING, now, data), now)
    until = now + timedelta(seconds=lease_seconds)
    conn.execute(insert(webhook_delivery).values(**row, attempts=1, tries=1, next_at=now, lease_until=until))
    return str(row["id"])


def is_due(conn: Connection, now: datetime) -> bool:
    """Whether there is anything that `claim` would lease."""
    return conn.execute(select(webhook_delivery.c.id).where(_due(now)).limit(1)).first() is not None


def claim(conn: Connection, limit: int, now: datetime, lease_seconds: float) -> list[Delivery]:
    """Those that are due, leased: nobody else sends them before the lease has run out."""
    query = select(webhook_delivery.c.id).where(_due(now)).order_by(webhook_delivery.c.next_at).limit(limit)
    ids = list(conn.execute(query.with_for_update(skip_locked=True, of=webhook_delivery)).scalars())
    if not ids:
        return []
    leased = update(webhook_delivery).where(webhook_delivery.c.id.in_(ids)).values(**_leased(now, lease_seconds))
    return [_delivery(row) for row in conn.execute(leased.returning(*webhook_delivery.c))]


def settle(
    conn: Connection,
    delivery: Delivery,
    state: DeliveryState,
    *,
    status: int | None,
    answer: str,
    now: datetime,
    next_at: datetime | None = None,
) -> bool:
    """What came of an attempt; False where another server has taken the delivery meanwhile."""
    ours = (webhook_delivery.c.id == delivery.id, webhook_delivery.c.attempts == delivery.attempts)
    values = {"state": state, "next_at": next_at, "lease_until": None, "answered_at": now}
    told = {"answer_status": status, "answer": answer[:MOST_ANSWER]}
    done = update(webhook_delivery).where(*ours).values(**values, **told)
    return conn.execute(done.returning(webhook_delivery.c.id)).one_or_none() is not None


def disable(conn: Connection, account_id: int, webhook_id: str, why: str, now: datetime) -> None:
    """Tell an endpoint nothing more: what it was still to be told goes among the dead ones.

    The endpoint's row is changed before those of its deliveries: two answers at once wait for each other in a row.
    """
    change_endpoint(conn, account_id, webhook_id, disabled_at=now, disabled_why=why)
    waiting = (webhook_delivery.c.webhook_id == webhook_id, webhook_delivery.c.state == DeliveryState.WAITING)
    values = {"state": DeliveryState.DEAD, "next_at": None, "answer": _GONE}
    conn.execute(update(webhook_delivery).where(*waiting).values(**values))


def send_again(conn: Connection, account_id: int, name: str, now: datetime) -> None:
    """Put a delivery in line once more, with all its tries."""
    this = (webhook_delivery.c.account_id == account_id, webhook_delivery.c.id == name)
    values = {"state": DeliveryState.WAITING, "tries": 0, "next_at": now}
    conn.execute(update(webhook_delivery).where(*this).values(**values))


def delivery_of(conn: Connection, account_id: int, name: str) -> Delivery:
    """Raises NotFound where the account has none of this name."""
    this = (webhook_delivery.c.account_id == account_id, webhook_delivery.c.id == name)
    row = conn.execute(select(webhook_delivery).where(*this)).one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {name!r}", hint="`pressroom webhooks deliveries` names them")
    return _delivery(row)


def deliveries_of(
    conn: Connection, account_id: int, *, state: DeliveryState | None, webhook_id: str, before: str, limit: int
) -> list[Delivery]:
    """The newest first; behind the one that is named, where one is."""
    query = _of(account_id, state, webhook_id)
    if before:
        last = delivery_of(conn, account_id, before)
        query = query.where(tuple_(*_PLACE) < (last.created_at, last.event_seq or 0, last.id))
    ordered = query.order_by(*(column.desc() for column in _PLACE))
    return [_delivery(row) for row in conn.execute(ordered.limit(limit))]


def count_deliveries(conn: Connection, account_id: int, state: DeliveryState | None, webhook_id: str) -> Count:
    """How many of them there are."""
    return counted(conn, _of(account_id, state, webhook_id))


def _of(account_id: int, state: DeliveryState | None, webhook_id: str) -> Select[Any]:
    query = select(webhook_delivery).where(webhook_delivery.c.account_id == account_id)
    if state is not None:
        query = query.where(webhook_delivery.c.state == state)
    return query.where(webhook_delivery.c.webhook_id == webhook_id) if webhook_id else query


def forget_old(conn: Connection, before: datetime) -> None:
    """Remove what was delivered, and was made before then."""
    old = (webhook_delivery.c.state == DeliveryState.DELIVERED, webhook_delivery.c.created_at < before)
    conn.execute(delete(webhook_delivery).where(*old))


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        webhook_delivery.c.state == DeliveryState.WAITING,
        webhook_delivery.c.next_at <= now,
        or_(webhook_delivery.c.lease_until.is_(None), webhook_delivery.c.lease_until <= now),
        webhook_delivery.c.webhook_id == webhook.c.id,
        webhook.c.disabled_at.is_(None),
    )


def _start(conn: Connection) -> int | None:
    """The number of the last event that was gone through, or that nobody wants to hear of; None where nobody listens."""
    first = conn.execute(select(func.min(webhook.c.after_seq)).where(webhook.c.disabled_at.is_(None))).scalar()
    cursor = conn.execute(select(webhook_cursor.c.seq).where(webhook_cursor.c.id == _CURSOR)).scalar()
    return None if first is None else max(int(first), int(cursor or 0))


def _runs_that_matter(page: Iterable[Told], found: Collection[Endpoint]) -> set[str]:
    accounts = {endpoint.account_id for endpoint in found}
    return {told.run_id for told in page if told.account_id in accounts and kinds.is_of_a_run(told.name)}


def _rows(
    page: Iterable[Told], found: Collection[Endpoint], generations: set[str], now: datetime
) -> Iterable[dict[str, Any]]:
    for told in page:
        kind = kinds.kind_of(told.name, is_generation=told.run_id in generations)
        for endpoint in found if kind else ():
            if _is_for(endpoint, told) and kinds.fits(kind, endpoint.events):
                body = kinds.body_of(kind, told.at, {"event": told.seq, **told.data})
                yield {**_row(endpoint, told.seq, kind, body, now), "tries": 0, "attempts": 0, "next_at": now}


def _is_for(endpoint: Endpoint, told: Told) -> bool:
    same = endpoint.account_id == told.account_id and endpoint.run_id in ("", told.run_id)
    return same and told.seq > endpoint.after_seq


def _row(endpoint: Endpoint, seq: int | None, kind: str, body: str, now: datetime) -> dict[str, Any]:
    return {
        "id": f"msg_{secrets.token_hex(12)}",
        "account_id": endpoint.account_id,
        "webhook_id": endpoint.id,
        "event_seq": seq,
        "type": kind,
        "body": body,
        "state": DeliveryState.WAITING,
        "answer": "",
        "created_at": now,
    }


def _leased(now: datetime, seconds: float) -> dict[str, Any]:
    until = now + timedelta(seconds=seconds)
    return {"lease_until": until, "attempts": webhook_delivery.c.attempts + 1, "tries": webhook_delivery.c.tries + 1}


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)
    return Delivery(**{**values, "state": DeliveryState(values["state"])})
