"""Runs as they stand, whoever works on them meanwhile."""

from __future__ import annotations

import os
import tracemalloc

from pressroom.domain.states import Decision, RunState, WaitsFor
from pressroom.services.finding import search_assets
from pressroom.services.list_runs import line_of
from pressroom.services.show_run import view_of, zip_run
from pressroom.services.suspend_run import Verdict, decide
from pressroom.services.take_up_run import take_up
from tests.support.studio import Studio


def test_a_run_that_is_taken_up_while_it_is_looked_at_waits_for_nobody(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\napproval: always\nsteps: {scene: {uses: draw}}"))
    who, context = studio.principal, studio.context
    line = line_of(who, context, run.id)
    waiting = view_of(who, context, line)
    decide(who, context, run.id, Verdict(Decision.APPROVED, "a test"))
    take_up(who, context, run.id)

    seen = view_of(who, context, line)

    assert waiting.waits_for is not None
    assert waiting.waits_for.waits_for is WaitsFor.APPROVAL
    assert (seen.waits_for, seen.line.run.state) == (None, RunState.RUNNING)


def test_a_zip_of_large_files_is_told_in_small_pieces(studio: Studio) -> None:
    _, settlement = studio.go("name: one\nsteps: {scene: {uses: draw}}")
    (large,) = search_assets(studio.principal, studio.context).items
    path = studio.context.store.local_path(large.sha256)
    assert path is not None
    path.chmod(0o600)
    os.truncate(path, 300_000_000)
    tracemalloc.start()
    try:
        total = sum(map(len, zip_run(studio.principal, studio.context, settlement.run_id)))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert total > 300_000_000
    assert most < 16_000_000, "of 64 MB that the server may take for it"
