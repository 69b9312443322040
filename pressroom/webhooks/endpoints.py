"""Endpoints: where an account wants to be told of what, and the secrets that sign it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from pressroom.database.dialect import insert_new
from pressroom.database.schema import webhook, webhook_delivery, webhook_secret
from pressroom.domain.errors import NotFound

_BEGINS: Final = "hook_"
OF_ALL_RUNS: Final = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. `run_id` is that of the only run it is told of; empty for all."""

    id: str
    account_id: int
    url: str
    events: tuple[str, ...]
    run_id: str
    created_by: str
    created_at: datetime
    after_seq: int
    disabled_at: datetime | None
    disabled_why: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": self.url,
            "events": list(self.events),
            "run": self.run_id or None,
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat(),
            "disabled_at": None if self.disabled_at is None else self.disabled_at.isoformat(),
            "disabled_why": self.disabled_why,
        }


def add_endpoint(
    conn: Connection,
    account_id: int,
    url: str,
    events: tuple[str, ...],
    *,
    name: str = "",
    run_id: str = OF_ALL_RUNS,
    created_by: str,
    now: datetime,
    after_seq: int,
) -> Endpoint:
    """A new one, or the one of this name. A run has one alone, named after it, wherever it is now."""
    name = f"{_BEGINS}{run_id or name or secrets.token_hex(8)}"
    values = {"account_id": account_id, "url": url, "events": json.dumps(events), "run_id": run_id}
    facts = {"created_by": created_by, "created_at": now, "after_seq": after_seq, "disabled_why": ""}
    if (
        conn.execute(insert_new(conn, webhook).values(id=name, **values, **facts).returning(webhook.c.id)).first()
        is None
    ):
        change_endpoint(conn, account_id, name, url=url)
    return endpoint_of(conn, account_id, name)


def endpoint_of(conn: Connection, account_id: int, name: str) -> Endpoint:
    """Raises NotFound where the account has none of this name."""
    row = conn.execute(select(webhook).where(*_this(account_id, name))).one_or_none()
    if row is None:
        raise NotFound(f"there is no webhook {name!r}", hint="`pressroom webhooks list` names them")
    return _endpoint(row)


def endpoints_of(conn: Connection, account_id: int) -> list[Endpoint]:
    """The account's endpoints, the newest first, without those of single runs."""
    query = select(webhook).where(webhook.c.account_id == account_id, webhook.c.run_id == OF_ALL_RUNS)
    return [_endpoint(row) for row in conn.execute(query.order_by(webhook.c.created_at.desc(), webhook.c.id))]


def listening(conn: Connection, account_ids: Collection[int], run_ids: Collection[str]) -> list[Endpoint]:
    """Those of these accounts that may be told of something about these runs, or about no run."""
    ours = (webhook.c.account_id.in_(account_ids), webhook.c.disabled_at.is_(None))
    of_run = or_(webhook.c.run_id == OF_ALL_RUNS, webhook.c.run_id.in_(run_ids))
    return [_endpoint(row) for row in conn.execute(select(webhook).where(*ours, of_run))]


def named(conn: Connection, names: Collection[str]) -> dict[str, Endpoint]:
    """The endpoints with these names, of whatever account: for who delivers."""
    return {row.id: _endpoint(row) for row in conn.execute(select(webhook).where(webhook.c.id.in_(names)))}


def change_endpoint(conn: Connection, account_id: int, name: str, **values: Any) -> None:
    """`url`, `events`, `disabled_at`, `disabled_why`, `after_seq`."""
    if "events" in values:
        values["events"] = json.dumps(values["events"])
    conn.execute(update(webhook).where(*_this(account_id, name)).values(**values))


def remove_endpoint(conn: Connection, account_id: int, name: str) -> None:
    """With its secrets and deliveries."""
    conn.execute(select(webhook.c.id).where(*_this(account_id, name)).with_for_update())
    for table in (webhook_secret, webhook_delivery):
        conn.execute(delete(table).where(table.c.account_id == account_id, table.c.webhook_id == name))
    conn.execute(delete(webhook).where(*_this(account_id, name)))


def add_secret(
    conn: Connection, account_id: int, name: str | None, sealed: str, now: datetime, others_end_at: datetime
) -> None:
    """A secret of an endpoint, or of the account itself; those before it sign until then, and no longer than before."""
    mine = _secrets(account_id, name)
    ending = or_(webhook_secret.c.ends_at.is_(None), webhook_secret.c.ends_at > others_end_at)
    conn.execute(update(webhook_secret).where(*mine, ending).values(ends_at=others_end_at))
    conn.execute(delete(webhook_secret).where(*mine, webhook_secret.c.ends_at <= now))
    row = {"account_id": account_id, "webhook_id": name, "sealed": sealed, "created_at": now}
    conn.execute(insert(webhook_secret).values(**row))


def secrets_of(conn: Connection, account_id: int, name: str | None, now: datetime) -> list[str]:
    """Those that sign now, sealed, the newest first."""
    good = or_(webhook_secret.c.ends_at.is_(None), webhook_secret.c.ends_at > now)
    query = select(webhook_secret.c.sealed).where(*_secrets(account_id, name), good)
    return list(conn.execute(query.order_by(webhook_secret.c.id.desc())).scalars())


def _secrets(account_id: int, name: str | None) -> tuple[ColumnElement[bool], ...]:
    same = webhook_secret.c.webhook_id.is_(None) if name is None else webhook_secret.c.webhook_id == name
    return webhook_secret.c.account_id == account_id, same


def _this(account_id: int, name: str) -> tuple[ColumnElement[bool], ...]:
    return webhook.c.account_id == account_id, webhook.c.id == name


def _endpoint(row: Row[Any]) -> Endpoint:
    values = dict(row._mapping)
    return Endpoint(**{**values, "events": tuple(json.loads(values["events"]))})
