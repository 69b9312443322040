"""What is old is forgotten, what was spent by never is, and who missed events that are gone is told so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from pressroom.database.schema import answer, event, shown_plan
from pressroom.domain.errors import Refused
from pressroom.ledger.accounts import account_id_of
from pressroom.services.answers import KEPT_DAYS, Call, Kept, begin_call, end_call
from pressroom.services.event_feed import open_feed
from pressroom.services.forget_old import SHOWN_DAYS, forget_old
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases


def answered(studio: Studio, key: str, *, spends: bool) -> None:
    call = Call(studio.account, "/x", key, "0" * 64)
    begin_call(studio.principal, studio.context, call)
    end_call(studio.principal, studio.context, call, Kept(200, "{}"), spends=spends)


def test_answers_and_plans_are_forgotten_but_not_what_was_spent_by(studio: Studio) -> None:
    studio.go("name: one\nsteps: {scene: {uses: draw}}")
    context = studio.context
    for key, spends in (("read", False), ("paid", True)):
        answered(studio, key, spends=spends)
    with context.database.write() as conn:
        old = context.now() - timedelta(days=KEPT_DAYS, seconds=1)
        conn.execute(update(answer).values(created_at=old))
        shown = {"account_id": account_id_of(conn, studio.account), "request": "{}", "plan": "{}"}
        for digit, days in (("a", SHOWN_DAYS + 1), ("b", 1)):
            at = context.now() - timedelta(days=days)
            conn.execute(insert(shown_plan).values(hash=digit * 64, created_at=at, **shown))
    answered(studio, "new", spends=False)

    found = forget_old(context)

    with context.database.read() as conn:
        keys = set(conn.execute(select(answer.c.key)).scalars())
        hashes = list(conn.execute(select(shown_plan.c.hash)).scalars())
    assert (found.answers, found.plans, keys, hashes) == (1, 1, {"paid", "new"}, ["b" * 64])


def test_events_are_forgotten_and_a_reader_who_missed_some_is_told(studio: Studio) -> None:
    studio.go("name: one\nsteps: {scene: {uses: draw}}")
    context, me = studio.context, studio.principal
    with context.database.write() as conn:
        conn.execute(delete(event))
        about = {"account_id": account_id_of(conn, studio.account), "run_id": "", "name": "x", "data": "{}"}
        for days in (100, 99, 95, 2, 1):
            conn.execute(insert(event).values(at=context.now() - timedelta(days=days), **about))
        seqs = list(conn.execute(select(event.c.seq).order_by(event.c.seq)).scalars())

    first, again = forget_old(context), forget_old(context)

    with context.database.read() as conn:
        left = list(conn.execute(select(event.c.seq).order_by(event.c.seq)).scalars())
    assert (first.events, again.events, left) == (2, 0, seqs[2:])
    for last in (None, seqs[1], seqs[2], seqs[4]):
        open_feed(me, context, after=last)
    with pytest.raises(Refused, match="are no longer kept") as told:
        open_feed(me, context, after=seqs[0])
    assert told.value.problems[0].code == "gone"
