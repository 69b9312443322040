"""What an account has made in some time, and what that took: how often, for how much, in how many seconds.

Credits are the books': captures less what was given back, each when it was booked. Dollars are those of orders, when they were
placed; how many and how long is of nodes that were made, when they ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, ColumnElement, Connection, case, cast, func, literal, select, type_coerce

from pressroom.database.schema import EPOCH, job, op, run, run_node
from pressroom.domain.money import to_number
from pressroom.domain.states import NodeState

OTHER: Final = "other"  # what is not known, or no purchase of a node's
_DAY_MICROS: Final = 86_400_000_000
_CAPTURE: Final = "capture:"
_SLOWEST: Final = 95  # percent that are not slower than `p95_seconds`


class UsageBy(StrEnum):
    """What usage is told by."""

    TIER = "tier"
    MODEL = "model"
    OPERATION = "operation"
    USER = "user"
    DAY = "day"


@dataclass(slots=True)
class Used:
    """One line: `key` is a tier, a model, a day... Seconds are None where nothing was made."""

    key: str
    count: int = 0
    credits_micros: int = 0
    usd_micros: int = 0
    mean_seconds: float | None = None
    p95_seconds: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Amounts in credits and dollars."""
        return {
            "key": self.key,
            "count": self.count,
            "credits": to_number(self.credits_micros),
            "usd": to_number(self.usd_micros),
            "mean_seconds": self.mean_seconds,
            "p95_seconds": self.p95_seconds,
        }


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment on, up to another one."""

    begins: datetime
    ends: datetime

    def holds(self, column: Any) -> tuple[ColumnElement[bool], ...]:
        return column >= self.begins, column < self.ends


def used_by(
    conn: Connection, account_id: int, by: UsageBy, span: Span, tiers: Mapping[str, str]
) -> tuple[list[Used], Used]:
    """The lines by key, and all of them together. `tiers`: "provider/model" -> its tier."""
    lines: dict[str, Used] = {}

    def line(key: Any) -> Used:
        name = _day(key) if by is UsageBy.DAY else str(key or OTHER)
        return lines.setdefault(name, Used(name))

    for row in _made(conn, account_id, by, span, tiers):
        found = line(row.key)
        found.count, found.mean_seconds, found.p95_seconds = row.made, float(row.mean), float(row.p95)
    for key, credits_micros in _captured(conn, account_id, by, span, tiers):
        line(key).credits_micros += credits_micros
    for row in _ordered(conn, account_id, by, span, tiers):
        line(row.key).usd_micros += int(row.usd)
    return sorted(lines.values(), key=lambda each: each.key), _whole(conn, account_id, span, lines.values())


def _whole(conn: Connection, account_id: int, span: Span, lines: Any) -> Used:
    whole = Used("")
    for each in lines:
        whole.count += each.count
        whole.credits_micros += each.credits_micros
        whole.usd_micros += each.usd_micros
    for row in _made(conn, account_id, None, span, {}):
        whole.mean_seconds, whole.p95_seconds = float(row.mean), float(row.p95)
    return whole


def _made(conn: Connection, account_id: int, by: UsageBy | None, span: Span, tiers: Mapping[str, str]) -> Iterator[Any]:
    """The slowest of the quickest 95 in a hundred is that with the least rank that is not below 0.95 of all."""
    keys: dict[UsageBy | None, ColumnElement[Any]] = {
        None: literal(""),
        UsageBy.TIER: _tier_of(run_node.c.model, tiers),
        UsageBy.MODEL: run_node.c.model,
        UsageBy.OPERATION: run_node.c.operation,
        UsageBy.USER: run.c.created_by,
        UsageBy.DAY: _day_of(run_node.c.finished_at),
    }
    mine = (run.c.account_id == account_id, run_node.c.state == NodeState.DONE, *span.holds(run_node.c.finished_at))
    rows = select(keys[by].label("key"), run_node.c.seconds).join_from(run_node, run).where(*mine).subquery()
    ranked = select(
        rows.c.key,
        rows.c.seconds,
        func.row_number().over(partition_by=rows.c.key, order_by=rows.c.seconds).label("rank"),
        func.count().over(partition_by=rows.c.key).label("of"),
    ).subquery()
    quickest = case((ranked.c.rank * 100 >= ranked.c["of"] * _SLOWEST, ranked.c.seconds))
    query = select(
        ranked.c.key,
        func.count().label("made"),
        func.avg(ranked.c.seconds).label("mean"),
        func.min(quickest).label("p95"),
    ).group_by(ranked.c.key)
    yield from conn.execute(query)


def _captured(
    conn: Connection, account_id: int, by: UsageBy, span: Span, tiers: Mapping[str, str]
) -> Iterator[tuple[Any, int]]:
    """Micro-credits that were captured less those that were given back. Of a job's later captures the key says which it is of."""
    taken = op.alias("taken")  # the capture itself, or the one of which a refund gives back
    order = func.substr(taken.c.key, len(_CAPTURE) + 1)
    sign = case((op.c.kind == "capture", 1), else_=-1)
    unknown = case((job.c.order_key.is_(None), taken.c.key), else_="")
    key = _key_of_job(conn, by, op.c.at, tiers)
    query = (
        select(key.label("key"), unknown.label("unknown"), func.sum(sign * op.c.amount).label("credits"))
        .join_from(op, taken, taken.c.id == func.coalesce(op.c.refunds_op_id, op.c.id))
        .outerjoin(job, (job.c.order_key == order) & (job.c.account_id == account_id))
        .outerjoin(run, run.c.id == job.c.run_id)
        .where(op.c.account_id == account_id, op.c.kind.in_(("capture", "refund")), *span.holds(op.c.at))
        .group_by(key, unknown)
    )
    for row in conn.execute(query):
        known = not row.unknown or by is UsageBy.DAY
        yield row.key if known else _found(conn, account_id, by, row.unknown, tiers), int(row.credits)


def _found(conn: Connection, account_id: int, by: UsageBy, capture_key: str, tiers: Mapping[str, str]) -> Any:
    """The key of a capture that is not the first of its job; None for one that is no job's."""
    order_key = capture_key.removeprefix(_CAPTURE).rpartition(":")[0]
    this = (job.c.account_id == account_id, job.c.order_key == order_key)
    key = _key_of_job(conn, by, job.c.created_at, tiers)
    return conn.execute(select(key).outerjoin_from(job, run, run.c.id == job.c.run_id).where(*this)).scalar()


def _ordered(conn: Connection, account_id: int, by: UsageBy, span: Span, tiers: Mapping[str, str]) -> Iterator[Any]:
    """Micro-USD of what was ordered."""
    key = _key_of_job(conn, by, job.c.created_at, tiers)
    query = (
        select(key.label("key"), func.sum(job.c.spent_usd_micros).label("usd"))
        .outerjoin_from(job, run, run.c.id == job.c.run_id)
        .where(job.c.account_id == account_id, job.c.spent_usd_micros != 0, *span.holds(job.c.created_at))
        .group_by(key)
    )
    yield from conn.execute(query)


def _key_of_job(conn: Connection, by: UsageBy, at: Any, tiers: Mapping[str, str]) -> ColumnElement[Any]:
    if by is UsageBy.DAY:
        return _day_of(at)
    if by is UsageBy.USER:
        return run.c.created_by
    if by is UsageBy.OPERATION:
        kept = cast(job.c.ordered, JSON) if conn.dialect.name == "postgresql" else type_coerce(job.c.ordered, JSON)
        operation: ColumnElement[Any] = kept["operation"].as_string()
        return operation
    model: ColumnElement[Any] = job.c.provider + "/" + job.c.model
    return model if by is UsageBy.MODEL else _tier_of(model, tiers)


def _tier_of(model: ColumnElement[Any], tiers: Mapping[str, str]) -> ColumnElement[Any]:
    by_tier: dict[str, list[str]] = {}
    for name, tier in tiers.items():
        by_tier.setdefault(tier, []).append(name)
    return (
        case(*((model.in_(names), tier) for tier, names in by_tier.items()), else_=OTHER) if by_tier else literal(OTHER)
    )


def _day_of(at: Any) -> ColumnElement[int]:
    """Days since 1970, in UTC."""
    return type_coerce(at, BigInteger).op("/", return_type=BigInteger())(_DAY_MICROS)


def _day(number: Any) -> str:
    return (EPOCH + timedelta(days=int(number))).date().isoformat()
