"""A server's runs: begun within a call, made by its threads, and taken up by the next server where it was killed."""

from __future__ import annotations

import errno
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pressroom.database.dialect import clock
from pressroom.database.plan_reader import plan_reader_for
from pressroom.database.schema import run as run_table
from pressroom.domain.errors import NotFound, Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.states import Decision, JobState, Runner, RunState
from pressroom.ledger.accounts import balance_of
from pressroom.planning.offers import configured_providers
from pressroom.runs.records import RunRecord
from pressroom.services.cancel_run import cancel_run
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.elsewhere import Elsewhere
from pressroom.services.jobs import list_jobs
from pressroom.services.launch_run import Launched, see_through
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.recover_runs import Recovered, recover_runs
from pressroom.services.run_lease import alive
from pressroom.services.run_node import order_node
from pressroom.services.run_request import RunRequest
from pressroom.services.settle_run import settle_run
from pressroom.services.show_run import show_run
from pressroom.services.suspend_run import Verdict, decide
from pressroom.services.take_up_run import take_up
from tests.support.desks import eventually
from tests.support.studio import Studio

pytestmark = pytest.mark.both_databases

TEXT = """\
pressroom: 1
name: served
steps:
  scene: {uses: draw, count: 3, with: {prompt: sea}}
  big: {uses: tint, model: simulated/brush, with: {image: "{{ steps.scene }}"}}
"""


@dataclass
class Workers:
    """Those of a deployment that are there, or whose server does not answer."""

    away: bool = False
    asked: list[RunRequest] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    restarts: bool = True

    def launch(self, principal: Principal, request: RunRequest) -> Launched:
        if self.away:
            raise Retryable("the Prefect server cannot be reached")
        self.asked.append(request)
        return Launched(request.run_id, "flow-1")

    def restart(self, flow_run_id: str, left: datetime | None) -> bool:
        if self.away:
            raise Retryable("the Prefect server cannot be reached")
        self.restarted.append(flow_run_id)
        return self.restarts


def crew_of(studio: Studio, **launchers: Workers) -> Crew:
    """One that leaves generations, or campaigns, to workers, however short they are."""
    settings = studio.context.settings.model_copy(update={"long_seconds": -1.0, "workers_home": "team"})
    context = replace(studio.context, settings=settings)
    restart = next(iter(launchers.values())).restart
    return Crew(context, 2, Elsewhere(context, **launchers, restart=restart))


def begun(studio: Studio, crew: Crew, *, generation: bool = False) -> str:
    """The id of a run that the crew has begun."""
    settings = studio.context.settings
    request = RunRequest(yaml=TEXT, label="served", generation=generation)
    context = studio.context
    planning = PlanningContext(
        settings=settings,
        catalog=context.catalog,
        configured=configured_providers(context.catalog),
        operations=context.operations,
        reader=lambda account: plan_reader_for(studio.url, account),
        has_media=None,
        media_path=context.store.local_path,
        check_signing=lambda: None,
        now=context.now,
    )
    return crew.launch(studio.principal, planning, request)


@pytest.mark.parametrize("what", ["generations", "campaigns"])
def test_what_is_left_to_workers_is_made_under_its_own_id_and_hold_without_a_file_of_the_server(
    studio: Studio, what: str
) -> None:
    workers = Workers()

    run_id = begun(studio, crew_of(studio, **{what: workers}), generation=what == "generations")

    assert eventually(lambda: record(studio, run_id).runner == Runner.DEPLOYMENT, 30)
    left = record(studio, run_id)
    (asked,) = workers.asked
    assert (asked.run_id, asked.begun, asked.yaml, asked.home_block) == (run_id, True, "", "team")
    assert left.flow_run_id == "flow-1"
    assert recover_runs(studio.context, {Runner.SERVER: Crew(studio.context, 1).take_up}) == Recovered()
    assert recover_runs(studio.context, {Runner.DEPLOYMENT: lambda run: run.flow_run_id == "flow-1"}).resumed == (
        run_id,
    )
    run = take_up(studio.principal, studio.context, run_id, "flow-1", runner=Runner.DEPLOYMENT, begun=True)
    assert run is not None
    assert record(studio, run_id).hold_id == left.hold_id
    with alive(studio.context, run) as life:
        see_through(studio.context, run, life)
    assert state_of(studio, run_id) == RunState.COMPLETED

    again = begun(studio, crew_of(studio, campaigns=workers))
    assert eventually(lambda: state_of(studio, again) == RunState.COMPLETED, 60), "all of it is there: nobody is asked"
    assert len(workers.asked) == 1


def test_what_was_cancelled_before_a_worker_came_is_not_begun(studio: Studio) -> None:
    run_id = begun(studio, crew_of(studio, campaigns=Workers()))
    assert eventually(lambda: record(studio, run_id).runner == Runner.DEPLOYMENT, 30)

    cancel_run(studio.principal, studio.context, run_id)

    with pytest.raises(Refused, match="was cancelled before anybody began it"):
        take_up(studio.principal, studio.context, run_id, "flow-1", runner=Runner.DEPLOYMENT, begun=True)
    assert state_of(studio, run_id) == RunState.CANCELLED


@pytest.mark.parametrize(
    ("launchers", "generation"),
    [
        ({"campaigns": Workers(away=True)}, False),
        ({"generations": Workers(away=True)}, True),
        ({"generations": Workers()}, False),
        ({"campaigns": Workers()}, True),
    ],
)
def test_what_no_worker_can_be_asked_for_the_server_makes(
    studio: Studio, launchers: dict[str, Workers], generation: bool
) -> None:
    run_id = begun(studio, crew_of(studio, **launchers), generation=generation)

    assert eventually(lambda: state_of(studio, run_id) == RunState.COMPLETED, 60)
    assert record(studio, run_id).runner == Runner.SERVER
    with pytest.raises(Refused, match="is completed"):
        # Prefect had begun a flow run after all, which comes now.
        take_up(studio.principal, studio.context, run_id, "flow-1", runner=Runner.DEPLOYMENT, begun=True)


def test_the_run_of_a_server_that_was_killed_on_the_way_is_left_by_the_next(studio: Studio, killed: str) -> None:
    workers = Workers()
    crew, held = crew_of(studio, campaigns=workers), record(studio, killed).hold_id

    recover_runs(studio.context, {Runner.SERVER: crew.take_up})

    assert eventually(lambda: record(studio, killed).runner == Runner.DEPLOYMENT, 30)
    assert ([each.run_id for each in workers.asked], record(studio, killed).hold_id) == ([killed], held)


def test_an_approved_run_is_left_to_workers(studio: Studio) -> None:
    workers = Workers()
    crew = crew_of(studio, campaigns=workers)
    waiting = TEXT.replace("name: served", "name: served\napproval: always")
    run = studio.begin(studio.plan(waiting), runner=Runner.SERVER)
    decide(studio.principal, studio.context, run.id, Verdict(Decision.APPROVED, "here"))

    recover_runs(studio.context, {Runner.SERVER: crew.take_up})

    assert eventually(lambda: record(studio, run.id).runner == Runner.DEPLOYMENT, 30)
    assert [each.run_id for each in workers.asked] == [run.id]


def test_the_run_of_a_worker_that_is_gone_is_taken_up_by_another_or_closed(studio: Studio) -> None:
    workers = Workers()
    elsewhere = Elsewhere(studio.context, campaigns=workers, restart=workers.restart)
    run_id = begun(studio, crew_of(studio, campaigns=workers))
    assert eventually(lambda: record(studio, run_id).runner == Runner.DEPLOYMENT, 30)
    takers = {Runner.DEPLOYMENT: elsewhere.take_up}

    recover_runs(studio.context, takers)
    recover_runs(studio.context, takers)
    assert workers.restarted == ["flow-1"], "one that waits for a worker is not asked after all the time"

    take_up(studio.principal, studio.context, run_id, "flow-1", runner=Runner.DEPLOYMENT, begun=True)
    lose(studio, run_id)
    workers.away = True
    assert recover_runs(studio.context, takers).resumed == (run_id,), "it waits until Prefect answers"
    workers.away = False
    recover_runs(studio.context, takers)
    assert workers.restarted == ["flow-1"] * 2
    workers.restarts = False

    assert recover_runs(studio.context, takers).closed == (run_id,)
    with studio.context.database.read() as conn:
        assert balance_of(conn, studio.account).held_micros == 0


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_run_that_was_begun_on_the_command_line_and_approved_at_a_server_goes_on_there(
    studio: Studio, elsewhere: bool
) -> None:
    """At the server, or at the workers that it leaves campaigns to."""
    workers = Workers()
    crew = crew_of(studio, campaigns=workers) if elsewhere else Crew(studio.context, 2)
    run = studio.begin(studio.plan(TEXT.replace("name: served", "name: served\napproval: always")))
    takers = {Runner.SERVER: crew.take_up}
    approval = Verdict(Decision.APPROVED, "the API", runner=Runner.SERVER)

    found = decide(studio.principal, studio.context, run.id, approval)

    assert (found.why if found else None) == ""
    assert recover_runs(studio.context, takers).resumed == (run.id,)
    if elsewhere:
        assert eventually(lambda: record(studio, run.id).runner == Runner.DEPLOYMENT, 30)
        assert [each.run_id for each in workers.asked] == [run.id]
    else:
        assert eventually(lambda: state_of(studio, run.id) == RunState.COMPLETED, 60)


def test_a_run_whose_vendors_key_is_where_it_was_begun_alone_goes_on_there(studio: Studio) -> None:
    rows = {**studio.context.catalog.providers}
    rows["simulated"] = rows["simulated"].model_copy(update={"keys": ("KEY_THAT_IS_NOT_HERE",)})
    server = replace(studio.context, catalog=replace(studio.context.catalog, providers=rows))
    run = studio.begin(studio.plan(TEXT.replace("name: served", "name: served\napproval: always")))

    found = decide(studio.principal, server, run.id, Verdict(Decision.APPROVED, "the API", runner=Runner.SERVER))

    assert found is not None
    assert found.why == f"it goes on where it was begun: pressroom resume {run.id}"
    assert recover_runs(server, {Runner.SERVER: Crew(server, 2).take_up}) == Recovered()


def test_the_run_of_another_prefect_server_is_left_to_it_while_its_credits_are_held(studio: Studio) -> None:
    """Two servers of one database, each with a Prefect server of its own: neither closes what the other's workers make."""

    def unknown(flow_run_id: str, left: datetime | None) -> bool:
        raise NotFound(f"no flow run {flow_run_id}")

    run_id = begun(studio, crew_of(studio, campaigns=Workers()))
    assert eventually(lambda: record(studio, run_id).runner == Runner.DEPLOYMENT, 30)
    takers = {Runner.DEPLOYMENT: Elsewhere(studio.context, restart=unknown).take_up}

    assert recover_runs(studio.context, takers) == Recovered()
    take_up(studio.principal, studio.context, run_id, "flow-1", runner=Runner.DEPLOYMENT, begun=True)
    lose(studio, run_id)  # its worker is cut off for a moment
    assert recover_runs(studio.context, takers) == Recovered()
    assert state_of(studio, run_id) == RunState.RUNNING

    later = replace(studio.context, now=lambda: studio.context.now() + timedelta(days=2))
    assert recover_runs(later, takers).closed == (run_id,), "nobody has gone on with it for as long as credits are held"
    with studio.context.database.read() as conn:
        assert balance_of(conn, studio.account).held_micros == 0


def record(studio: Studio, run_id: str) -> RunRecord:
    return show_run(studio.principal, studio.context, run_id).line.run


def state_of(studio: Studio, run_id: str) -> str:
    return show_run(studio.principal, studio.context, run_id).line.run.state


@pytest.fixture
def killed(studio: Studio) -> str:
    """A run that a server on another machine had begun before it was killed."""
    run = studio.begin(studio.plan(TEXT), runner=Runner.SERVER)
    lose(studio, run.id)
    return run.id


def lose(studio: Studio, run_id: str) -> None:
    """The process that works on the run is gone."""
    with studio.context.database.write() as conn:
        values = {"lease_holder": "other-machine/4711/boot:1", "lease_until": clock(conn)}
        conn.execute(update(run_table).where(run_table.c.id == run_id).values(**values))


def test_the_run_of_a_killed_server_is_taken_up_by_the_next(studio: Studio, killed: str) -> None:
    crew = Crew(studio.context, 2)

    assert recover_runs(studio.context) == Recovered(), "who has no crew leaves it alone"
    assert state_of(studio, killed) == RunState.RUNNING, "it is not told as failed: a server will take it up"
    assert recover_runs(studio.context, {Runner.SERVER: crew.take_up}) == Recovered(resumed=(killed,))

    assert eventually(lambda: state_of(studio, killed) == RunState.COMPLETED, 60)


def test_a_server_that_stops_takes_up_nothing(studio: Studio, killed: str) -> None:
    crew = Crew(studio.context, 2)
    crew.stop()

    recover_runs(studio.context, {Runner.SERVER: crew.take_up})

    assert show_run(studio.principal, studio.context, killed).line.run.lease == 1
    assert state_of(studio, killed) == RunState.RUNNING


def test_an_approved_run_goes_on_at_the_server(studio: Studio) -> None:
    crew = Crew(studio.context, 2)
    run = studio.begin(
        studio.plan(TEXT.replace("name: served", "name: served\napproval: always")), runner=Runner.SERVER
    )
    takers = {Runner.SERVER: crew.take_up}

    assert recover_runs(studio.context, takers) == Recovered()
    decide(studio.principal, studio.context, run.id, Verdict(Decision.APPROVED, "here"))

    assert recover_runs(studio.context, takers).resumed == (run.id,)
    assert eventually(lambda: state_of(studio, run.id) == RunState.COMPLETED, 60)


def test_a_server_keeps_the_house_where_no_deployment_does(studio: Studio) -> None:
    """What a dead run had ordered is collected, what was filed is tagged."""
    run = studio.begin(studio.plan("name: one\nsteps: {a: {uses: draw, model: simulated/ink}}"))
    assert order_node(run.principal, studio.context, run, "a") is not None
    settle_run(studio.context, run.id, error="killed")
    crew = Crew(studio.context, 2)
    crew.begin()

    try:
        assert eventually(
            lambda: (
                [job.state for job in list_jobs(run.principal, studio.context, everything=True)] == [JobState.DELIVERED]
            )
        )
    finally:
        crew.stop()


def test_dead_runs_do_not_wait_for_the_house(studio: Studio, killed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor for a fault in a round: neither thread ends before its server."""
    begun, looked, over = threading.Event(), [], threading.Event()

    def faulty(*given: Any) -> Recovered:
        looked.append(given)
        if len(looked) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return recover_runs(*given)

    def long_work(context: Context) -> None:
        begun.set()
        over.wait(60)
        raise ZeroDivisionError

    swept = threading.Event()
    monkeypatch.setattr("pressroom.services.crew.RECOVER_SECONDS", 0.1)
    monkeypatch.setattr("pressroom.services.crew.recover_runs", faulty)
    monkeypatch.setattr("pressroom.services.keep_house.collect_all", long_work)
    monkeypatch.setattr("pressroom.services.keep_house.sweep_store", lambda context: swept.set())
    crew = Crew(studio.context, 2)
    crew.begin()
    try:
        assert begun.wait(10)
        assert eventually(lambda: state_of(studio, killed) == RunState.COMPLETED, 60)
        over.set()
        assert swept.wait(10)
    finally:
        over.set()
        crew.stop()
