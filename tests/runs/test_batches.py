"""The records of batches, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pressroom.domain.errors import NotFound
from pressroom.domain.states import RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.runs import batches
from pressroom.runs.batches import Batch, Standing
from pressroom.services.cancel_run import cancel_run
from pressroom.services.launch_run import see_through
from pressroom.services.run_lease import alive
from tests.support.studio import Studio

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
TEXT = "name: cards\nsteps:\n  scene: {uses: draw, model: simulated/ink, with: {prompt: sea}}\n"


def written(studio: Studio, name: str = "batch_1", rows: int = 3, later: int = 0) -> Batch:
    with studio.context.database.write() as conn:
        account_id, now = account_id_of(conn, "default"), NOON + timedelta(minutes=later)
        found = Batch(name, account_id, "cards", "d1", ("scene",), False, 3_000_000, "", now, None, None)
        batches.add_batch(conn, found, [{"n": number} for number in range(rows)])
    return found


def standing(studio: Studio, found: Batch) -> Standing:
    with studio.context.database.read() as conn:
        return batches.standing_of(conn, batches.batch_of(conn, found.account_id, found.id))


def test_a_batch_stands_as_its_runs_do(studio: Studio) -> None:
    first, second = (studio.begin(studio.plan(TEXT, refresh=["*"] if number else [])) for number in range(2))
    found = written(studio)
    assert standing(studio, found) == Standing({"waiting": 3}, 0, 0, 0, 0)

    with studio.context.database.write() as conn:
        batches.set_begun(conn, found.id, 0, first.id)
        batches.set_begun(conn, found.id, 1, second.id)
        batches.set_refused(conn, found.id, 2, "too dear")
    running = standing(studio, found)
    with alive(studio.context, first) as life:
        see_through(studio.context, first, life)
    cancel_run(studio.principal, studio.context, second.id)
    over = standing(studio, found)

    assert (running.state, dict(running.rows)) == (RunState.RUNNING, {"running": 2, "refused": 1})
    assert (running.held_micros, running.left_micros, running.released_micros) == (2_000_000, 2_000_000, 0)
    assert over.state == RunState.COMPLETED_WITH_FAILURES
    assert (over.captured_micros, over.left_micros, over.released_micros) == (1_000_000, 0, 1_000_000)
    with studio.context.database.read() as conn:
        rows = batches.rows_of(conn, found)
    assert [(row.inputs, row.state) for row in rows] == [
        ({"n": 0}, "completed"),
        ({"n": 1}, "cancelled"),
        ({"n": 2}, "refused"),
    ]
    assert rows[2].error == "too dear"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ({"completed": 2}, "completed"),
        ({"completed": 1, "waiting": 1}, "running"),
        ({"suspended": 1, "completed": 1}, "suspended"),
        ({"suspended": 1, "running": 1}, "running"),
        ({"refused": 2}, "failed"),
        ({"failed": 1, "refused": 1}, "failed"),
        ({"cancelled": 2}, "cancelled"),
        ({"completed": 1, "cancelled": 1}, "completed_with_failures"),
    ],
)
def test_the_state_of_a_batch_is_that_of_its_rows(rows: dict[str, int], state: str) -> None:
    assert Standing(rows, 0, 0, 0, 0).state == state


def test_batches_are_listed_newest_first_and_of_one_account(studio: Studio) -> None:
    studio.begin(studio.plan(TEXT))
    made = [written(studio, f"batch_{number}", later=number // 2) for number in range(5)]

    with studio.context.database.read() as conn:
        mine = made[0].account_id
        pages = [batches.batches_of(conn, mine, before=before, limit=3) for before in ("", "batch_2")]
        with pytest.raises(NotFound):
            batches.batch_of(conn, mine + 1, "batch_1")

    assert [[each.id for each in page] for page in pages] == [
        ["batch_4", "batch_3", "batch_2"],
        ["batch_1", "batch_0"],
    ]
