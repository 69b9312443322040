"""Cancelling a run from elsewhere: it stops, gives back what it held, and only its owner can do it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PIL import Image

from pressroom.bootstrap import open_context, open_planning
from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid
from pressroom.domain.identity import Principal
from pressroom.domain.states import JobState, RunState
from pressroom.ledger.accounts import account_id_of, balance_of
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import run_of
from pressroom.services.cancel_run import cancel_run
from pressroom.services.jobs import collect_all, list_jobs
from pressroom.services.launch_run import InProcess, Launched
from pressroom.services.run_node import order_node
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from pressroom.services.start_run import new_run_id
from pressroom.settings import settings_for
from tests.support.clocks import Clock
from tests.support.desks import eventually
from tests.support.studio import Studio, open_studio

pytestmark = pytest.mark.both_databases

ACME = Principal("acme")
CAMPAIGN = """
name: slow
steps:
  big: {uses: upscale, model: simulated/enlarge, with: {image: photo.png, scale: 2}}
  square: {uses: resize, with: {image: "{{ steps.big }}", placements: [instagram.feed_square]}}
"""


def test_a_run_under_way_stops_and_gives_back_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN)
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(tmp_path / "photo.png")
    settings = settings_for(tmp_path, {}, simulated_latency_seconds=600)
    context, run_id = open_context(settings), new_run_id()
    ended: list[Launched] = []
    request = RunRequest(file=str(tmp_path / "campaign.yaml"), run_id=run_id)
    launcher = InProcess(open_planning(settings), context)
    running = threading.Thread(target=lambda: ended.append(launcher.launch(ACME, request)))

    running.start()
    assert eventually(lambda: bool(list((tmp_path / ".pressroom" / "simulated").glob("*.json"))))
    cancelled = cancel_run(ACME, context, run_id)
    running.join(60)

    assert (cancelled.state, cancelled.captured_micros) == (RunState.CANCELLED, 0)
    assert [launched.report.state for launched in ended if launched.report] == [RunState.CANCELLED]
    with context.database.read() as conn:
        owner = account_id_of(conn, "acme")
        run = run_of(conn, owner, run_id)
        assert run.state == RunState.CANCELLED
        assert {node.state for node in nodes_of(conn, owner, run.id)} == {"cancelled"}
        assert balance_of(conn, "acme").available_micros == 10_000_000


def test_a_run_that_has_ended_stays_as_it_ended(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    studio.walk(run)

    first = cancel_run(Principal("default"), studio.context, run.id)
    second = cancel_run(Principal("default"), studio.context, run.id)

    assert first.state == second.state == RunState.CANCELLED


def test_the_run_of_another_account_does_not_exist(studio: Studio) -> None:
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw}}"))
    studio.begin(studio.plan("name: two\nsteps: {b: {uses: draw}}"), account="bob")

    with pytest.raises(Invalid) as theirs:
        cancel_run(Principal("bob"), studio.context, run.id)
    with pytest.raises(Invalid) as missing:
        cancel_run(Principal("bob"), studio.context, "r0000000000000000")

    assert str(theirs.value).replace(run.id, "") == str(missing.value).replace("r0000000000000000", "")


def test_what_it_ordered_is_stopped_at_the_vendor(tmp_path: Path, database: Database, database_url: str) -> None:
    studio = open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=Clock())
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw, model: simulated/ink}}"))
    assert order_node(run.principal, studio.context, run, "a") is not None

    cancel_run(run.principal, studio.context, run.id)

    assert [job.state for job in list_jobs(run.principal, studio.context, everything=True)] == [JobState.CANCELLED]


def test_housekeeping_collects_what_the_dead_runs_of_every_account_ordered(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    clock = Clock()
    studio = open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=clock)
    text = "name: one\nsteps: {a: {uses: draw, model: simulated/ink}}"
    for name in ("default", "bob"):
        run = studio.begin(studio.plan(text), account=name)
        order_node(run.principal, studio.context, run, "a")
        settle_run(studio.context, run.id, error="killed")
    clock.pause(30)

    moved = collect_all(studio.context)

    assert [job.state for job in moved] == [JobState.DELIVERED, JobState.DELIVERED]
    assert len({job.account_id for job in moved}) == 2
