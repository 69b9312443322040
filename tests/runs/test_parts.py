"""Parts of a run: each is taken by one process, given up by none that lives, and only under the run's lease."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from pressroom.database.engine import Database
from pressroom.database.schema import EPOCH, run_part
from pressroom.domain.errors import Permanent
from pressroom.domain.states import PartState
from pressroom.runs import leases, parts
from pressroom.runs.parts import Part, Standing
from tests.runs.test_records import created

RUN = "run-1"
THREE = [["a", "b"], ["c"], ["d"]]


@pytest.fixture
def lease(database: Database) -> int:
    created(database)
    with database.write() as conn:
        number = leases.take(conn, RUN, 60)
        assert number is not None
        parts.lay_out(conn, RUN, number, THREE)
    return number


def take(database: Database, lease: int, holder: str = "one/1/x") -> Part | None:
    with database.write() as conn:
        return parts.take(conn, RUN, lease, holder, 60)


def leave(database: Database, lease: int, holder: str, state: PartState) -> None:
    with database.write() as conn:
        parts.leave(conn, RUN, lease, holder, state)


def standing(database: Database, lease: int, holder: str = "one/1/x") -> Standing:
    with database.read() as conn:
        return parts.standing(conn, RUN, lease, holder)


def let_lapse(database: Database) -> None:
    with database.write() as conn:
        conn.execute(update(run_part).values(held_until=EPOCH))


def test_each_part_is_taken_once_in_order(database: Database, lease: int) -> None:
    found = [take(database, lease, holder) for holder in ("one/1/x", "two/2/x", "one/1/x", "two/2/x")]

    assert found == [Part(1, ("a", "b")), Part(2, ("c",)), Part(3, ("d",)), None]


def test_the_part_of_a_process_that_is_silent_is_taken_again_and_of_one_that_speaks_is_not(
    database: Database, lease: int
) -> None:
    for holder in ("one/1/x", "two/2/x", "three/3/x"):
        take(database, lease, holder)
    let_lapse(database)
    with database.write() as conn:
        parts.keep(conn, RUN, lease, "one/1/x", 60)

    assert take(database, lease, "four/4/x") == Part(2, ("c",))
    assert take(database, lease, "four/4/x") == Part(3, ("d",))
    assert take(database, lease, "four/4/x") is None


def test_what_a_process_leaves_is_free_ended_or_short(database: Database, lease: int) -> None:
    assert standing(database, lease) == Standing(others_work=True, short=False)
    take(database, lease, "one/1/x")
    take(database, lease, "two/2/x")
    take(database, lease, "two/2/x")

    leave(database, lease, "two/2/x", PartState.FREE)
    assert take(database, lease, "one/1/x") == Part(2, ("c",))
    assert take(database, lease, "three/3/x") == Part(3, ("d",))
    leave(database, lease, "one/1/x", PartState.ENDED)
    assert standing(database, lease, "one/1/x") == Standing(others_work=True, short=False)
    leave(database, lease, "three/3/x", PartState.SHORT)

    assert standing(database, lease, "one/1/x") == Standing(others_work=False, short=True)
    assert take(database, lease, "four/4/x") is None


def test_under_a_lease_that_is_another_processs_nothing_is_taken_laid_out_or_left(
    database: Database, lease: int
) -> None:
    take(database, lease, "one/1/x")
    with database.write() as conn:
        leases.drop(conn, RUN, lease)
        new = leases.take(conn, RUN, 60)
        assert new == lease + 1
        parts.lay_out(conn, RUN, new, [["a"], ["b"]])

    with pytest.raises(Permanent, match="taken up by another process"):
        take(database, lease)
    with pytest.raises(Permanent, match="taken up by another process"), database.write() as conn:
        parts.lay_out(conn, RUN, lease, THREE)
    leave(database, lease, "one/1/x", PartState.ENDED)

    assert standing(database, lease) == Standing(others_work=False, short=False)
    assert [take(database, new), take(database, new), take(database, new)] == [Part(1, ("a",)), Part(2, ("b",)), None]
