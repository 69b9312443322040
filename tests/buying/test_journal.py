from __future__ import annotations

from threading import Barrier, Thread

import pytest

from pressroom.buying.journal import (
    Job,
    job_for,
    job_of,
    mark_failed,
    mark_stored,
    mark_submitted,
    mark_unknown,
    open_job,
    unfinished,
)
from pressroom.database.engine import Database
from pressroom.domain.errors import Permanent, PressroomError
from tests.support.accounts import ACME, open_accounts


@pytest.fixture
def database(database: Database) -> Database:
    return open_accounts(database)


MARKS = {
    "submitted": lambda conn, key: mark_submitted(conn, ACME, key, "p-1"),
    "unknown": lambda conn, key: mark_unknown(conn, ACME, key),
    "stored": lambda conn, key: mark_stored(conn, ACME, key),
    "failed": lambda conn, key: mark_failed(conn, ACME, key, "no"),
}
ENDED = ("stored", "failed")


def opened(database: Database, order_key: str = "order-1", node_key: str = "node-1", run_id: str = "run-1") -> Job:
    with database.write() as conn:
        return open_job(
            conn,
            ACME,
            order_key=order_key,
            node_key=node_key,
            run_id=run_id,
            provider="simulated",
            model="sim-1",
            hold_id=7,
            credits_bound_micros=5,
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
        assert job_of(conn, ACME, "order-1") == job


def test_a_second_run_takes_up_the_unfinished_job_of_the_node(database: Database) -> None:
    opened(database)
    marked(database, "submitted")

    taken = opened(database, "order-2", run_id="run-2")

    assert (taken.order_key, taken.provider_job_id, taken.state) == ("order-1", "p-1", "submitted")
    assert (taken.run_id, taken.attempts) == ("run-2", 2)


def test_an_intent_found_again_may_have_been_sent(database: Database) -> None:
    opened(database)

    assert not opened(database).fresh


@pytest.mark.parametrize("end", ENDED)
def test_after_its_end_a_node_may_be_bought_again_under_a_new_order_key(database: Database, end: str) -> None:
    opened(database)
    marked(database, "submitted", end)

    assert opened(database, "order-2").fresh
    with pytest.raises(Permanent, match=f"a job that is {end}"):
        opened(database, "order-1", "node-2")


def test_an_unknown_job_can_be_found_and_delivered(database: Database) -> None:
    opened(database)

    job = marked(database, "unknown", "submitted", "stored")

    assert (job.state, job.provider_job_id, job.error) == ("stored", "p-1", "")


@pytest.mark.parametrize("end", ENDED)
@pytest.mark.parametrize("state", list(MARKS))
def test_an_ended_job_changes_no_more(database: Database, end: str, state: str) -> None:
    opened(database)
    marked(database, "submitted", end)

    with pytest.raises(Permanent, match=f"is {end}, it cannot become {state}"):
        marked(database, state)


def test_a_job_has_one_id_at_its_provider(database: Database) -> None:
    opened(database)
    marked(database, "submitted", "submitted")

    with pytest.raises(Permanent, match="sent twice"), database.write() as conn:
        mark_submitted(conn, ACME, "order-1", "p-2")


def test_the_reason_of_a_failure_is_kept(database: Database) -> None:
    opened(database)

    assert marked(database, "failed").error == "no"


def test_marking_a_job_that_never_was_is_refused(database: Database) -> None:
    with pytest.raises(Permanent, match="no job 'order-9'"):
        marked(database, "unknown", order_key="order-9")


def test_unfinished_jobs_are_listed_oldest_first(database: Database) -> None:
    for number in range(4):
        opened(database, f"order-{number}", f"node-{number}")
    marked(database, "stored", order_key="order-1")
    marked(database, "unknown", order_key="order-2")

    with database.read() as conn:
        assert [job.order_key for job in unfinished(conn, ACME)] == ["order-0", "order-2", "order-3"]


def test_the_job_of_a_node_is_the_unfinished_one_or_else_the_newest(database: Database) -> None:
    opened(database)
    marked(database, "failed")
    with database.read() as conn:
        assert job_for(conn, ACME, "node-1").state == "failed"
        assert job_for(conn, ACME, "node-2") is None

    opened(database, "order-2")

    with database.read() as conn:
        assert job_for(conn, ACME, "node-1").order_key == "order-2"


def test_a_delivery_that_is_undone_leaves_the_job_adoptable(database: Database) -> None:
    opened(database)
    marked(database, "submitted")

    def store() -> None:
        with database.write() as conn:
            mark_stored(conn, ACME, "order-1")
            raise PressroomError("disk full")

    with pytest.raises(PressroomError, match="disk full"):
        store()

    with database.read() as conn:
        assert job_of(conn, ACME, "order-1").state == "submitted"


def test_of_eight_threads_exactly_one_opens_the_job_and_the_rest_adopt_it(database: Database) -> None:
    barrier, jobs = Barrier(8), []

    def work(number: int) -> None:
        barrier.wait()
        jobs.append(opened(database, f"order-{number}", run_id=f"run-{number}"))

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({job.order_key for job in jobs}) == 1
    assert sorted(job.attempts for job in jobs) == list(range(1, 9))
    assert [job.fresh for job in jobs].count(True) == 1
