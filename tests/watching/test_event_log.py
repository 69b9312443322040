"""Events on record: in order, all of them, from several processes at once, and read in pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pressroom.domain.events import BalanceLow, RunHeld
from pressroom.watching import event_log
from pressroom.watching.event_log import EventLog, events_after, newest_event
from tests.support.desks import eventually
from tests.support.studio import Studio


def balance(number: int, account: str = "default") -> BalanceLow:
    return BalanceLow(account=account, available=number, threshold=9)


def held(run: str = "r1") -> RunHeld:
    return RunHeld(account="default", run=run, campaign="c", credits=1, plan_hash="0", nodes=1)


def test_what_was_told_is_on_record_in_its_order_when_a_run_begins(studio: Studio) -> None:
    studio.begin(studio.plan("pressroom: 1\nname: a\nsteps:\n  one: {uses: draw}\n"))
    log = EventLog(studio.context.database)
    with studio.context.database.read() as conn:
        before = newest_event(conn)

    for number in range(700):
        log(balance(number))
    log(balance(1, "of an account that is not there"))
    log(held())

    with studio.context.database.read() as conn:
        first = events_after(conn, before, account_id=studio.account_id)
        rest = events_after(conn, first[-1].seq, account_id=studio.account_id)
        assert [told.data["available"] for told in (*first, *rest)[:-1]] == list(range(700))
        assert [told.name for told in events_after(conn, before, run_id="r1")] == ["pressroom.run.held"]
        assert events_after(conn, before, account_id=-1) == []


def test_a_log_with_nothing_to_write_holds_no_thread(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "IDLE_SECONDS", 0.05)
    studio.begin(studio.plan("pressroom: 1\nname: a\nsteps:\n  one: {uses: draw}\n"))
    log = EventLog(studio.context.database)
    for number in range(3):
        log(held(f"r{number}"))
        assert eventually(lambda: log._thread is None, 10)

    with studio.context.database.read() as conn:
        assert {told.run_id for told in events_after(conn, 0, account_id=studio.account_id)} >= {"r0", "r1", "r2"}


def test_a_reader_who_follows_misses_nothing_that_several_write_at_once(studio: Studio) -> None:
    studio.begin(studio.plan("pressroom: 1\nname: a\nsteps:\n  one: {uses: draw}\n"))
    database = studio.context.database

    def write(number: int) -> None:
        log = EventLog(database)
        for each in range(20):
            log(balance(number * 100 + each))
            log(held(f"r{number}"))

    seen: list[int] = []
    with database.read() as conn:
        last = newest_event(conn)
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        while True:
            ended = all(writer.done() for writer in writers)
            with database.read() as conn:
                found = events_after(conn, last, account_id=studio.account_id)
            seen += [told.data["available"] for told in found if told.name == "pressroom.balance.low"]
            last = found[-1].seq if found else last
            if ended and not found:
                break
        for writer in writers:
            writer.result()

    assert sorted(seen) == sorted(number * 100 + each for number in range(4) for each in range(20))
