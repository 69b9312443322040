"""Seeded faults: whatever is killed, lost, doubled, garbled or overcharged, the vendors' books and ours agree afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pressroom.database.schema import job
from tests.support.fault_audit import wrongs
from tests.support.faults import Stage, command, play

SEEDS = 60  # `benchmarks/fault_seeds.py` plays thousands
PART = 20


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage.built(tmp_path_factory.mktemp("faults") / "stage") as built:
        yield built


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_after_every_seed_nothing_is_lost_held_or_bought_twice(stage: Stage, first: int) -> None:
    found = [f"seed {seed}: {wrong}" for seed in range(first, first + PART) for wrong in stage.play(seed)]

    assert found == [], "replay one: python benchmarks/fault_seeds.py --seed N"


def test_a_seed_tells_the_same_story_each_time(stage: Stage) -> None:
    def story() -> list[tuple[object, ...]]:
        made = stage.world(7)
        play(made)
        with made.database.read() as conn:
            rows = conn.execute(job.select().order_by(job.c.order_key)).all()
        return [(made.deaths, row.order_key, row.state, row.captured_micros, row.spent_usd_micros) for row in rows]

    assert story() == story()


def test_the_comparison_notices_a_second_purchase_a_wrong_bill_and_a_lost_delivery(stage: Stage) -> None:
    made = stage.world(0)
    made.trouble, made.plan = 0, stage.plan
    for _ in command(made, "ann"):
        made.clock.pause(5)
    assert wrongs(made) == []
    books = made.studios["ann"].books("simulated")
    bought = books.purchases()[0]

    books.write({**bought, "id": "again"})
    with made.database.write() as conn:
        conn.execute(job.update().where(job.c.provider == "simulated-direct").values(billed_usd_micros=1))
        conn.execute(job.update().where(job.c.provider == "simulated-callback").values(state="submitted"))

    sentences = " / ".join(wrongs(made))
    assert "was bought 2 times" in sentences
    assert "in our books 1" in sentences
    assert "is left submitted" in sentences
