"""A run ends once: what is said later changes neither when nor how."""

from __future__ import annotations

import pytest

from pressroom.runs.records import RunRecord, run_of
from pressroom.services.settle_run import settle_run
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases


def record(studio: Studio, run_id: str) -> RunRecord:
    with studio.context.database.read() as conn:
        return run_of(conn, studio.account_id, run_id)


def test_settling_again_changes_nothing(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    studio.walk(run)
    first = settle_run(studio.context, run.id)
    ended = record(studio, run.id)

    for again in ({}, {"cancelled": True}, {"error": "too late"}, {"cancelled": True, "error": "too late"}):
        assert settle_run(studio.context, run.id, **again) == first

    assert ended.finished_at is not None
    assert record(studio, run.id) == ended


def test_a_run_has_failed_where_nothing_that_it_was_to_deliver_was_made(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: two\nsteps: {a: {uses: draw}, b: {uses: draw, with: {prompt: other}}}"))

    assert settle_run(studio.context, run.id).state == "failed"
