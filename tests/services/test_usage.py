"""Usage is what was made; its credits are the statement's, to the millionth, by whatever it is told and for whatever days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Float, Integer, insert, update

from pressroom.database.engine import Database
from pressroom.database.schema import EPOCH, entry, job, op, run, run_node
from pressroom.database.schema.columns import Instant
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal, Scope
from pressroom.ledger import ensure_account, statement
from pressroom.ledger.accounts import account_id_of
from pressroom.runs.usage import Span, UsageBy, used_by
from pressroom.services.accounts import show_statement
from pressroom.services.usage import show_usage
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases

BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
MODELS = ("fal/flux", "simulated/ink", "fal/kling")
TIERS = {"fal/flux": "budget", "fal/kling": "premium"}
REVENUE = -2
numbers = count()
# Job (None: none), hours since the first of March, micro-credits, micro-credits of it that are given back so many hours later.
captures = st.tuples(
    st.one_of(st.none(), st.integers(0, 3)),
    st.integers(0, 90),
    st.integers(1, 10**7),
    st.integers(0, 10**7),
    st.integers(0, 60),
)


def row_of(table: Any, **given: Any) -> dict[str, Any]:
    """A row with nothing in every column that wants something."""
    nothing = {Instant: EPOCH, BigInteger: 0, Integer: 0, Float: 0.0}
    wanted = (column for column in table.c if not column.nullable and column.server_default is None)
    return {column.name: nothing.get(type(column.type), "") for column in wanted} | given


def booked(conn: Any, account_id: int, kind: str, key: str, amount: int, at: datetime, of: int | None = None) -> int:
    row = {"key": key, "kind": kind, "fingerprint": key, "account_id": account_id, "amount": amount, "at": at}
    number = conn.execute(insert(op).values(**row, refunds_op_id=of).returning(op.c.id)).scalar_one()
    change = -amount if kind == "capture" else amount
    conn.execute(insert(entry), [{"op_id": number, "account_id": account_id, "amount": change}])
    return int(number)


def filled(database: Database, took: Sequence[tuple[int | None, int, int, int, int]]) -> str:
    """An account whose jobs captured, some of them more than once, and gave back."""
    name = f"account-{next(numbers)}"
    with database.write() as conn:
        account_id = ensure_account(conn, name, 0)
        of_job: dict[int, int] = {}
        for number, (which, hours, amount, back, later) in enumerate(took):
            at = BEGINS + timedelta(hours=hours)
            key = f"hand:{name}:{number}"
            if which is not None:
                order = f"{name}-{which}"
                of_job[which] = of_job.get(which, 0) + 1
                if of_job[which] == 1:
                    provider, _, model = MODELS[which % len(MODELS)].partition("/")
                    known = {"provider": provider, "model": model, "callback_key": order, "node_key": order}
                    values = {
                        **known,
                        "account_id": account_id,
                        "ordered": f'{{"operation": "o{which}"}}',
                        "state": "stored",
                    }
                    conn.execute(insert(job).values(row_of(job, order_key=order, **values)))
                key = f"capture:{order}" + (f":{of_job[which]}" if of_job[which] > 1 else "")
            taken = booked(conn, account_id, "capture", key, amount, at)
            if back := min(back, amount):
                booked(conn, account_id, "refund", f"back:{key}", back, at + timedelta(hours=later), taken)
    return name


@pytest.mark.parametrize("by", UsageBy)
def test_credits_are_those_of_the_statement_whatever_the_days(database: Database, by: UsageBy) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(captures, max_size=8), st.integers(0, 4), st.integers(1, 5))
    def same(took: list[tuple[int | None, int, int, int, int]], first: int, days: int) -> None:
        name = filled(database, took)
        span = Span(BEGINS + timedelta(days=first), BEGINS + timedelta(days=first + days))
        with database.read() as conn:
            lines, whole = used_by(conn, account_id_of(conn, name), by, span, TIERS)
            stated = [line for line in statement(conn, name, limit=1_000) if span.begins <= line.at < span.ends]
        paid = -sum(line.amount_micros for line in stated if line.kind in ("capture", "refund"))
        assert sum(each.credits_micros for each in lines) == whole.credits_micros == paid
        if by is UsageBy.DAY:
            by_day: dict[str, int] = {}
            for line in stated:
                if line.kind != "grant":
                    day = f"{line.at:%Y-%m-%d}"
                    by_day[day] = by_day.get(day, 0) - line.amount_micros
            assert {each.key: each.credits_micros for each in lines} == by_day

    same()


def test_later_captures_and_refunds_count_for_what_their_job_bought(database: Database) -> None:
    name = filled(database, [(0, 1, 5, 0, 0), (0, 2, 7, 3, 1), (1, 1, 11, 0, 0), (None, 1, 2, 0, 0)])
    span = Span(BEGINS, BEGINS + timedelta(days=1))

    def by(way: UsageBy) -> dict[str, int]:
        with database.read() as conn:
            lines, _ = used_by(conn, account_id_of(conn, name), way, span, TIERS)
        return {each.key: each.credits_micros for each in lines}

    assert by(UsageBy.MODEL) == {"fal/flux": 9, "simulated/ink": 11, "other": 2}
    assert by(UsageBy.OPERATION) == {"o0": 9, "o1": 11, "other": 2}
    assert by(UsageBy.TIER) == {"budget": 9, "other": 13}


def test_what_was_made_is_counted_and_timed(studio: Studio) -> None:
    studio.go(
        "name: paid\nsteps:\n"
        "  scene: {uses: draw, model: simulated/ink, for_each: {of: [a, b]}, with: {prompt: '{{ each.of }}'}}\n"
        '  dusk: {uses: tint, with: {image: "{{ steps.scene }}"}}\n'
    )
    me = studio.principal
    with studio.context.database.write() as conn:
        conn.execute(update(run).values(created_by="ann@example.com"))
        for position, seconds in enumerate((1.0, 3.0)):
            conn.execute(update(run_node).where(run_node.c.position == position).values(seconds=seconds))

    told = show_usage(me, studio.context, by="model").as_dict()
    paid = -sum(line.amount_micros for line in show_statement(me, studio.context) if line.kind == "capture")

    drawn = next(each for each in told["items"] if each["key"] == "simulated/ink")
    assert (drawn["count"], drawn["credits"], drawn["mean_seconds"], drawn["p95_seconds"]) == (
        2,
        paid / CREDIT,
        2.0,
        3.0,
    )
    assert told["total"]["count"] == 4
    assert {each["key"] for each in show_usage(me, studio.context, by="operation").as_dict()["items"]} == {
        "draw",
        "tint",
    }
    assert [each["key"] for each in show_usage(me, studio.context, by="user").as_dict()["items"]] == ["ann@example.com"]
    assert told["total"]["usd"] == sum(each["usd"] for each in told["items"])


def test_what_cannot_be_told_is_refused(studio: Studio) -> None:
    studio.go("name: one\nsteps: {scene: {uses: draw}}")
    day = date(2026, 3, 1)

    with pytest.raises(Invalid, match="is not told by 'modle'"):
        show_usage(studio.principal, studio.context, by="modle")
    with pytest.raises(Invalid, match="there is no day"):
        show_usage(studio.principal, studio.context, begins=day, ends=day)
    with pytest.raises(Refused, match="credits:read"):
        show_usage(Principal("default", "x", frozenset({Scope.RUNS_READ})), studio.context)
