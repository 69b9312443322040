from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from pressroom.buying import journal
from pressroom.buying.job import Job, StoredFile
from pressroom.database.engine import Database
from pressroom.domain.errors import Permanent, PressroomError
from pressroom.ledger.accounts import ensure_account
from pressroom.providers.base import Billed

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
FILE = StoredFile("0" * 64, "image/png", "", 7)
BILL = Billed(30_000, {"image": 1.0}, {"invoice": "7"})

MARKS = {
    "submitted": lambda conn, key: journal.mark_submitted(conn, key, "v-1", NOW, next_ask_at=NOW, deadline_at=LATER),
    "unknown": lambda conn, key: journal.mark_unknown(conn, key, "line broke", NOW),
    "delivered": lambda conn, key: journal.mark_delivered(conn, key, [FILE], BILL, 30_000, NOW),
    "stored": lambda conn, key: journal.mark_stored(conn, key, "run-1", NOW),
    "rejected": lambda conn, key: journal.mark_rejected(conn, key, "too small", NOW),
    "failed": lambda conn, key: journal.mark_failed(conn, key, "no", NOW, BILL, 30_000),
    "cancelled": lambda conn, key: journal.mark_cancelled(conn, key, "stopped", NOW),
}
ENDS = {
    "stored": ("submitted", "delivered", "stored"),
    "rejected": ("submitted", "delivered", "rejected"),
    "failed": ("submitted", "failed"),
    "cancelled": ("submitted", "cancelled"),
}


def account(database: Database, name: str = "default") -> int:
    with database.write() as conn:
        return ensure_account(conn, name, 0)


def opened(
    database: Database,
    order_key: str = "order-1",
    node_key: str = "node-1",
    run_id: str = "run-1",
    owner: str = "default",
) -> Job:
    account_id = account(database, owner)
    with database.write() as conn:
        return journal.open_job(
            conn,
            account_id,
            order_key=order_key,
            node_key=node_key,
            run_id=run_id,
            provider="simulated",
            model="sim-1",
            now=NOW,
            hold_id=7,
            ordered={"operation": "draw"},
        )


def marked(database: Database, *states: str, order_key: str = "order-1") -> Job:
    for state in states:
        with database.write() as conn:
            job = MARKS[state](conn, order_key)
    return job


def test_a_new_job_is_an_intent_that_was_certainly_not_sent(database: Database) -> None:
    job = opened(database)

    assert (job.state, job.fresh, job.attempts, job.hold_id) == ("intent", True, 1, 7)
    with database.read() as conn:
        assert journal.job_of(conn, "order-1") == job


def test_a_second_run_takes_up_the_unfinished_job_of_the_node(database: Database) -> None:
    opened(database)
    marked(database, "submitted")

    taken = opened(database, "order-2", run_id="run-2")

    assert (taken.order_key, taken.vendor_job_id, taken.state) == ("order-1", "v-1", "submitted")
    assert (taken.run_id, taken.run_ids, taken.attempts) == ("run-2", ("run-1", "run-2"), 2)


def test_another_account_has_a_job_of_its_own_for_the_same_node(database: Database) -> None:
    mine = opened(database)

    theirs = opened(database, "order-2", owner="bob")

    assert (mine.order_key, theirs.order_key, theirs.fresh) == ("order-1", "order-2", True)
    with database.read() as conn:
        assert journal.jobs_in(conn, mine.account_id) == [mine]
        assert journal.jobs_of_node(conn, theirs.account_id, "node-1") == [theirs]


def test_an_intent_found_again_may_have_been_sent_unless_it_certainly_was_not(database: Database) -> None:
    opened(database)
    assert not opened(database).fresh

    with database.write() as conn:
        journal.mark_unsent(conn, "order-1", "line down", NOW)

    assert opened(database).fresh


@pytest.mark.parametrize("end", ENDS)
def test_after_its_end_a_node_may_be_bought_again_under_a_new_order_key(database: Database, end: str) -> None:
    job = opened(database)
    marked(database, *ENDS[end])

    with database.read() as conn:
        assert journal.next_order_key(conn, job.account_id, "node-1") == f"{job.account_id}:node-1:1"
    assert opened(database, "order-2").fresh
    with pytest.raises(Permanent, match=f"a job that is {end}"):
        opened(database, "order-1", "node-2")


@pytest.mark.parametrize("state", ["intent", "submitted", "unknown", "delivered"])
def test_an_unfinished_job_is_the_only_one_of_its_node(database: Database, state: str) -> None:
    opened(database)
    if state != "intent":
        marked(database, state)

    assert opened(database, "order-2").order_key == "order-1"


def test_an_unknown_job_can_be_found_delivered_and_stored(database: Database) -> None:
    opened(database)

    job = marked(database, "unknown", "submitted", "delivered", "stored")

    assert (job.state, job.vendor_job_id, job.error, job.delivery) == ("stored", "v-1", "", (FILE,))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("state", list(MARKS))
def test_an_ended_job_changes_no_more(database: Database, end: str, state: str) -> None:
    opened(database)
    marked(database, *ENDS[end])

    with pytest.raises(Permanent, match=f"is {end}, it cannot become {state}"):
        marked(database, state)


def test_a_number_that_json_does_not_have_is_kept_as_a_word(database: Database) -> None:
    opened(database)

    with database.write() as conn:
        job = journal.mark_failed(conn, "order-1", "no", NOW, Billed(7, {}, {"usage": [float("nan"), 1.5]}), 7)

    assert (job.billed_usd_micros, job.evidence) == (7, {"usage": ["NaN", 1.5]})


def test_what_was_billed_is_kept_word_for_word_whatever_became_of_the_job(database: Database) -> None:
    opened(database)

    job = marked(database, "failed")

    assert (job.billed, job.spent_usd_micros, job.assumed, job.error) == (BILL, 30_000, False, "no")


def test_a_job_has_one_id_at_its_vendor(database: Database) -> None:
    opened(database)
    marked(database, "submitted", "submitted")

    with pytest.raises(Permanent, match="sent twice"), database.write() as conn:
        journal.mark_submitted(conn, "order-1", "v-2", NOW, next_ask_at=NOW, deadline_at=LATER)


def test_marking_a_job_that_never_was_is_refused(database: Database) -> None:
    with pytest.raises(Permanent, match="no job 'order-9'"):
        marked(database, "unknown", order_key="order-9")


def test_jobs_are_listed_oldest_first_by_state(database: Database) -> None:
    jobs = [opened(database, f"order-{number}", f"node-{number}") for number in range(4)]
    marked(database, "submitted", "delivered", "stored", order_key="order-1")
    marked(database, "unknown", order_key="order-2")

    with database.read() as conn:
        found = journal.jobs_in(conn, jobs[0].account_id)
        assert [job.order_key for job in found] == ["order-0", "order-2", "order-3"]


def test_a_job_that_is_due_is_claimed_once_until_its_time_has_come_again(database: Database) -> None:
    opened(database)
    marked(database, "submitted")

    def claim(at: datetime) -> list[int]:
        with database.write() as conn:
            claimed = journal.claim_due(conn, ["order-1"], at, NOW + timedelta(seconds=1))
            longer = journal.claim_longer(conn, claimed, [NOW + timedelta(seconds=2) for _ in claimed])
        with database.read() as conn:
            assert journal.jobs_among(conn, [job.order_key for job in longer]) == longer
        return [job.asked for job in longer]

    assert [claim(NOW), claim(NOW), claim(LATER), claim(LATER)] == [[1], [], [2], [3]]


def test_two_buyers_at_once_open_one_job(database: Database) -> None:
    account(database)
    barrier, found = Barrier(2), []

    def buy(number: int) -> None:
        barrier.wait()
        try:
            found.append(opened(database, "order-1", run_id=f"run-{number}"))
        except PressroomError as exc:
            found.append(exc)

    threads = [Thread(target=buy, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(job.attempts for job in found) == [1, 2]
