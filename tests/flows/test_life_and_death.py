"""Runs of workers that are killed, stopped and cancelled: another worker goes on, nothing is bought twice, nothing stays held."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import SetStateStatus
from prefect.client.schemas.sorting import ArtifactSort
from prefect.exceptions import ObjectNotFound
from prefect.flow_runs import suspend_flow_run
from prefect.states import AwaitingRetry, Cancelled, Cancelling, Completed, Failed, Running

from flows.campaign import campaign
from flows.recovery import recovery
from pressroom import prefect_server
from pressroom.domain.errors import NotFound
from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.domain.states import JobState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.project import project_root
from pressroom.runs.approvals import approvals_of
from pressroom.runs.records import RunRecord, list_runs
from pressroom.services.jobs import list_jobs
from tasks.engine import ended_flow_runs, forget_flow_runs, restart_flow_run
from tests.support.desks import TINY, Desk, eventually
from tests.support.processes import default_signals

pytestmark = pytest.mark.prefect

# The small one is waited with twice: for its price, and for which of two pictures goes on.
CHOSEN = (
    TINY.replace("name: tiny\n", "name: tiny\napproval: always\n").replace("{{ steps.big }}", "{{ steps.pick }}")
    + """\
  pick: {uses: choose, gather: [mode], with: {images: "{{ steps.big }}", by: person}}
  extra: {uses: upscale, model: simulated/enlarge, with: {image: "{{ inputs.photo }}", scale: 4, mode: fast}}
"""
)
ROOT = project_root()
PREFECT = Path(sys.executable).with_name("prefect")
POOL = "life"
ENDS_WITHIN_SECONDS = 300
LEASE_SECONDS = "3"
NEVER_SECONDS = 3_600  # no job ends before its test says so, however slow the machine is

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def workers(client: SyncPrefectClient, prefect_home: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts process workers, each the leader of a group of its own, as each process of a flow run is."""
    server = prefect_server.status(prefect_home)
    assert server is not None
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PRESSROOM_", "PREFECT_"))}
    environment = {
        **clean,
        **prefect_server.client_environment(prefect_home, server.api_url),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        "PRESSROOM_LEASE_SECONDS": LEASE_SECONDS,
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [PREFECT, "worker", "start", "--pool", POOL, "--type", "process"],
                    cwd=tmp_path,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=default_signals,
                )
            )
        return started[-1]

    client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
    yield start
    for process in started:
        end(process, signal.SIGKILL)


def end(worker: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """The signal to the worker and to all that it has started, as when its machine is switched off."""
    if worker.poll() is None:
        leader = psutil.Process(worker.pid)
        for process in (leader, *leader.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        worker.wait(60)


def launch(client: SyncPrefectClient, desk: Desk) -> UUID:
    deployment = client.create_deployment(
        client.create_flow(campaign),
        "life",
        entrypoint="flows.campaign.campaign",
        work_pool_name=POOL,
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}],
    )
    parameters = {"request": desk.request().model_dump(mode="json")}
    return client.create_flow_run_from_deployment(deployment, parameters=parameters).id


def ordered(client: SyncPrefectClient, desk: Desk) -> UUID:
    """A flow run that has ordered both of its pictures, which no vendor makes before the test says so."""
    slow(desk, NEVER_SECONDS)
    flow_run_id = launch(client, desk)
    assert eventually(lambda: len(desk.purchases()) == 2)
    return flow_run_id


def state(client: SyncPrefectClient, flow_run_id: UUID) -> str:
    found: FlowRun = client.read_flow_run(flow_run_id)
    return found.state_name or ""


def send(client: SyncPrefectClient, flow_run_id: UUID, form: dict[str, Any]) -> None:
    """What a person says in the form, which Prefect saves some moments after it has suspended the flow run."""

    def taken() -> bool:
        if state(client, flow_run_id) != "Suspended":
            return True
        return client.resume_flow_run(flow_run_id, run_input=form).status is SetStateStatus.ACCEPT

    assert eventually(taken, ENDS_WITHIN_SECONDS)


def only_run(desk: Desk) -> RunRecord:
    with desk.context.database.read() as conn:
        (record,) = list_runs(conn, desk.account_id)
    return record


def balance(desk: Desk) -> tuple[int, int]:
    """Available and held micro-credits, of books that add up."""
    with desk.context.database.read() as conn:
        assert check_invariants(conn) == []
        found = balance_of(conn, "default")
    return found.available_micros, found.held_micros


def slow(desk: Desk, seconds: int) -> None:
    (desk.folder / "pressroom.toml").write_text(f"simulated_latency_seconds = {seconds}\nlease_seconds = 3\n")


def flow_process(desk: Desk) -> int:
    """The process that works on the run, as its lease names it."""
    return int(only_run(desk).lease_holder.split("/")[1])


@pytest.mark.timeout(600)  # four starts of a flow run's process, on a machine that may be busy
def test_whatever_dies_the_run_is_gone_on_with_and_nothing_is_bought_twice(
    desk: Desk, client: SyncPrefectClient, workers: Start
) -> None:
    """Its process is killed under a living worker, then a worker is stopped with it, then one dies with its machine."""
    worker = workers()
    flow_run_id = ordered(client, desk)

    # Its worker has it started again, and may then tell of its crash too late; what recovers runs sees to that as well.
    os.kill(flow_process(desk), signal.SIGKILL)
    assert eventually(lambda: recovered(desk, 2), ENDS_WITHIN_SECONDS), state(client, flow_run_id)

    for lease, number in ((3, signal.SIGTERM), (4, signal.SIGKILL)):
        end(worker, number)
        if number == signal.SIGKILL:
            slow(desk, 1)
        worker = workers()
        assert eventually(lambda: recovered(desk, lease), ENDS_WITHIN_SECONDS), state(client, flow_run_id)  # noqa: B023

    assert eventually(lambda: state(client, flow_run_id) == "Completed", ENDS_WITHIN_SECONDS), state(
        client, flow_run_id
    )
    assert only_run(desk).state == "completed"
    assert len(desk.purchases()) == 2
    assert balance(desk) == (micros(6), 0)


def recovered(desk: Desk, lease: int) -> bool:
    """Whether the run has been taken up for the so manyth time, after what the recovery deployment does each minute."""
    recover(desk)
    return only_run(desk).lease == lease


def recover(desk: Desk) -> None:
    asyncio.run(recovery(folder=str(desk.folder), home=str(desk.home)))


def test_a_second_process_of_a_flow_run_leaves_it_to_the_first(
    desk: Desk, client: SyncPrefectClient, workers: Start
) -> None:
    """As where somebody had it started again though its process was only out of touch: how it ends, the first one tells."""
    workers()
    flow_run_id = ordered(client, desk)
    first = flow_process(desk)

    client.set_flow_run_state(flow_run_id, AwaitingRetry(), force=True)
    assert eventually(lambda: said_by_worker(desk, "aborted"), ENDS_WITHIN_SECONDS)

    assert (state(client, flow_run_id), flow_process(desk)) == ("Running", first)
    os.kill(first, signal.SIGKILL)
    slow(desk, 1)

    def completed() -> bool:
        recover(desk)
        return state(client, flow_run_id) == "Completed"

    assert eventually(completed, ENDS_WITHIN_SECONDS), state(client, flow_run_id)
    assert (only_run(desk).state, balance(desk), len(desk.purchases())) == ("completed", (micros(6), 0), 2)


def said_by_worker(desk: Desk, words: str) -> bool:
    return words in (desk.folder.parent / "worker-0.log").read_text()


def test_a_run_that_is_cancelled_on_the_server_gives_back_what_it_held_and_goes_on_when_it_is_resumed(
    desk: Desk, client: SyncPrefectClient, workers: Start, prefect_home: Path
) -> None:
    workers()
    flow_run_id = ordered(client, desk)

    client.set_flow_run_state(flow_run_id, Cancelling())

    assert eventually(lambda: state(client, flow_run_id) == "Cancelled", ENDS_WITHIN_SECONDS)
    assert eventually(lambda: only_run(desk).state == "cancelled", ENDS_WITHIN_SECONDS)
    assert balance(desk) == (micros(10), 0)
    jobs = list_jobs(Principal("default"), desk.context, everything=True)
    assert {job.state for job in jobs} == {JobState.CANCELLED}, "the vendor was asked to stop"

    slow(desk, 1)
    server = prefect_server.status(prefect_home)
    assert server is not None
    said = desk.pressroom("resume", only_run(desk).id, PREFECT_API_URL=server.api_url)

    assert "a worker makes what is missing of it" in said.err, said.err
    assert eventually(lambda: state(client, flow_run_id) == "Completed", ENDS_WITHIN_SECONDS)
    assert (only_run(desk).state, balance(desk)) == ("completed", (micros(6), 0))


def test_a_run_is_approved_in_the_form_of_prefects_pages(desk: Desk, client: SyncPrefectClient, workers: Start) -> None:
    """No worker is held while it waits, for its price and then for a choice; what is decided there is on record with who did."""
    desk.write(CHOSEN)
    workers()
    flow_run_id = launch(client, desk)
    assert eventually(lambda: state(client, flow_run_id) == "Suspended", ENDS_WITHIN_SECONDS), state(
        client, flow_run_id
    )
    assert (balance(desk), desk.purchases()) == ((micros(4), micros(6)), [])

    # As Retry on Prefect's pages does, where nobody has said anything: Prefect would take it for the form as it begins.
    client.set_flow_run_state(flow_run_id, AwaitingRetry(), force=True)
    assert eventually(lambda: only_run(desk).waits_for.count("no answer") == 1, ENDS_WITHIN_SECONDS)
    assert eventually(lambda: state(client, flow_run_id) == "Suspended", ENDS_WITHIN_SECONDS)
    assert (balance(desk), desk.purchases()) == ((micros(4), micros(6)), [])

    send(client, flow_run_id, {"leave_out": ["extra"], "name": "ann"})
    assert eventually(
        lambda: state(client, flow_run_id) == "Suspended" and len(desk.purchases()) == 2, ENDS_WITHIN_SECONDS
    ), state(client, flow_run_id)
    assert balance(desk) == (micros(6), 0)
    send(client, flow_run_id, {"take_1": "2", "name": "bob"})

    assert eventually(lambda: state(client, flow_run_id) == "Completed", ENDS_WITHIN_SECONDS), state(
        client, flow_run_id
    )
    record = only_run(desk)
    with desk.context.database.read() as conn:
        approved, chosen = approvals_of(conn, record.id)
    assert (record.state, len(desk.purchases()), balance(desk)) == ("completed", 2, (micros(6), 0))
    assert (approved.decided_by, approved.decided_from, approved.credits_micros) == ("ann", "Prefect", micros(4))
    assert approved.dropped == ("extra",)
    assert (chosen.decided_by, chosen.chosen) == ("bob", {"pick": 2})
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[flow_run_id]))
    kept = client.read_artifacts(artifact_filter=only, sort=ArtifactSort.CREATED_DESC)
    said = next(each.data for each in kept if each.key and each.key.endswith("-decision"))
    assert f"Run `{record.id}` no longer waits" in str(said)
    assert "by ann from Prefect" in str(said)
    assert "pick is take 2" in str(said)


def test_a_run_that_is_suspended_by_hand_keeps_its_hold_and_goes_on_when_it_is_resumed(
    desk: Desk, client: SyncPrefectClient, workers: Start
) -> None:
    """While its vendor works and no task begins, it hears of it all the same; meanwhile no process works on it."""
    workers()
    flow_run_id = ordered(client, desk)

    suspend_flow_run(flow_run_id=flow_run_id, _sync=True)
    assert eventually(lambda: only_run(desk).state == "suspended", 60)
    assert eventually(lambda: not is_running(flow_process(desk)), 60)
    recover(desk)
    assert (only_run(desk).state, balance(desk)) == ("suspended", (micros(6), micros(4)))
    slow(desk, 1)
    assert client.resume_flow_run(flow_run_id).status is SetStateStatus.ACCEPT

    assert eventually(lambda: state(client, flow_run_id) == "Completed", ENDS_WITHIN_SECONDS), state(
        client, flow_run_id
    )
    assert (only_run(desk).state, len(desk.purchases()), balance(desk)) == ("completed", 2, (micros(6), 0))


def is_running(pid: int) -> bool:
    return (Path("/proc") / str(pid)).exists()


def test_flow_runs_are_asked_for_their_end_and_forgotten_by_the_name_of_their_state(client: SyncPrefectClient) -> None:
    deployment = client.create_deployment(client.create_flow(campaign), "told")
    runs = [client.create_flow_run_from_deployment(deployment).id for _ in range(4)]
    states = (Cancelled(), Failed(), Running(), Completed(name="NothingToDo"))
    for run_id, each in zip(runs, states, strict=True):
        client.set_flow_run_state(run_id, each, force=True)

    ended = ended_flow_runs([str(run_id) for run_id in runs])
    forget_flow_runs(str(deployment), ["NothingToDo"])

    assert set(ended) == {str(run_id) for run_id in runs[:2]}
    assert [state(client, run_id) for run_id in runs[:3]] == ["Cancelled", "Failed", "Running"]
    with pytest.raises(ObjectNotFound):
        client.read_flow_run(runs[3])


@pytest.mark.parametrize("name", ["", "no-id"])
def test_what_is_no_flow_run_is_not_restarted(client: SyncPrefectClient, name: str) -> None:
    assert not restart_flow_run(name, None)


def test_a_flow_run_that_the_server_does_not_know_is_not_said_to_have_ended(client: SyncPrefectClient) -> None:
    with pytest.raises(NotFound, match="does not know flow run"):
        restart_flow_run("00000000-0000-4000-8000-000000000000", None)
