"""What a person looks at who decides about a run: what it asks, what it is made of, what has changed since the last good one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from pressroom.domain.errors import NotFound
from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset, data_uri
from pressroom.domain.money import in_credits, to_number
from pressroom.domain.states import MADE_NODES
from pressroom.ledger.accounts import account_id_of
from pressroom.library.assets import INPUT, assets_by_id, input_id
from pressroom.planning.explain import Changes, changes_of
from pressroom.planning.plan import FileSource, Plan
from pressroom.planning.stored_plan import load_plan
from pressroom.reporting.summary import summary_of_suspended
from pressroom.runs import records as runs
from pressroom.runs.nodes import nodes_of
from pressroom.services.context import Context
from pressroom.services.previews import MIME, SMALLEST, has_preview, preview_of
from pressroom.services.settle_run import held_by
from pressroom.services.suspend_run import Suspension

MOST_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Since:
    """A run against the last one of its campaign that was completed or approved.

    Amounts are micro-credits: the most that each may cost, and what that one has paid.
    """

    run_id: str
    at: datetime
    changes: Changes
    bound_micros: int
    before_micros: int
    paid_micros: int

    def __str__(self) -> str:
        said = str(self.changes).replace("the last run", f"run {self.run_id} ({self.at:%Y-%m-%d})")
        price = f"it may cost {in_credits(self.bound_micros)}, that one {in_credits(self.before_micros)}"
        return f"{said}; {price} and has paid {in_credits(self.paid_micros)}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "since": self.run_id,
            "at": self.at.isoformat(),
            "added": list(self.changes.added),
            "changed": list(self.changes.changed),
            "removed": list(self.changes.removed),
            "same": self.changes.same,
            "credits_bound": to_number(self.bound_micros),
            "credits_bound_before": to_number(self.before_micros),
            "credits_paid_before": to_number(self.paid_micros),
            "text": str(self),
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """A file to look at, and what it is to the run: a take, an input, something that is made already."""

    asset: Asset
    what: str

    @property
    def is_input(self) -> bool:
        return self.asset.source_module == INPUT


@dataclass(frozen=True, slots=True)
class Review:
    """`since` is None for the first run of a campaign; `shown` are the first of the files, those that are asked about first."""

    since: Since | None
    shown: tuple[Shown, ...]


def review_of(principal: Principal, context: Context, run_id: str, asks: Suspension | None = None) -> Review:
    """What to look at before deciding about the account's run. Raises NotFound when it has no such run."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        record = runs.run_of(conn, account_id, run_id)
        plan = load_plan(record.plan)
        named: dict[str, str] = {}
        for asset_id, what in _named(conn, account_id, record.id, plan, asks):
            named.setdefault(asset_id, what)
        found = assets_by_id(conn, account_id, list(named)[:MOST_SHOWN])
        shown = tuple(Shown(asset, named[name]) for name, asset in found.items())
        return Review(_since(conn, account_id, record, plan), shown)


def changed_since(principal: Principal, context: Context, run_id: str) -> Since | None:
    """What has changed since the campaign's last good run, None where there is none. Raises NotFound for no such run."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        record = runs.run_of(conn, account_id, run_id)
        return _since(conn, account_id, record, load_plan(record.plan))


def suspended_summary(principal: Principal, context: Context, found: Suspension) -> dict[str, Any]:
    """A run that waits, as JSON values."""
    since = changed_since(principal, context, found.run_id)
    told = summary_of_suspended(found.run_id, found.campaign, principal.account, found.as_dict())
    return {**told, "changes": None if since is None else since.as_dict()}


def thumbnails(principal: Principal, context: Context, shown: Iterable[Shown]) -> dict[str, str]:
    """Asset id -> its picture as a data URI, for pages that can load no picture of ours. What shows nothing has none."""
    found: dict[str, str] = {}
    for each in shown:
        if not has_preview(each.asset):
            continue
        try:
            data = preview_of(principal, context, each.asset.id, SMALLEST).read_bytes()
        except NotFound:
            continue
        found[each.asset.id] = data_uri(data, MIME)
    return found


def _named(
    conn: Connection, account_id: int, run_id: str, plan: Plan, asks: Suspension | None
) -> Iterator[tuple[str, str]]:
    """Asset ids with what they are: what is asked about, what the user brought, what is made. One may be several of them."""
    for question in asks.asks if asks else ():
        for number, take in enumerate(question.takes, 1):
            several = f", take {number}" if len(question.takes) > 1 else ""
            measured = f" · {take.why}" if take.why else ""
            yield take.asset_id, f"{question.node_id}{several}{measured}"
    sources = (each for node in plan.nodes for each in node.inputs.values() if isinstance(each, FileSource))
    files: dict[tuple[str, str], FileSource] = {}
    for source in sources:  # many nodes take the same file, which is looked up once
        files.setdefault((source.asset_id, source.sha256), source)
    for source in files.values():
        yield source.asset_id or input_id(conn, account_id, source.sha256), f"input {source.path}"
    # Among what is asked about, what it was made from would only be the same pictures once more.
    for made in () if asks and asks.asks else nodes_of(conn, account_id, run_id):
        for asset_id in made.asset_ids if made.state in MADE_NODES else ():
            yield asset_id, made.node_id


def _since(conn: Connection, account_id: int, record: runs.RunRecord, plan: Plan) -> Since | None:
    before = runs.last_good(conn, account_id, record)
    if before is None:
        return None
    then = load_plan(before.plan)
    changes = changes_of(plan, {node.id: node.key for node in then.nodes})
    assert changes is not None, "there was a run"
    now, earlier = plan.totals.credits_bound or 0, then.totals.credits_bound or 0
    paid = sum(hold.captured_micros for hold in held_by(conn, before.id))
    at = before.created_at
    assert at is not None, "it is on record"
    return Since(before.id, at, changes, now, earlier, paid)
