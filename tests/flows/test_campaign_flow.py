"""The campaign flow: gate, nodes with their dependencies, settlement, report; what Prefect shows of it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import TaskRun
from prefect.states import Crashed, Failed, State

from flows.campaign import campaign, shown
from flows.endings import close_on_end, resume_on_crash
from pressroom.bootstrap import open_planning
from pressroom.database.schema import run
from pressroom.domain.errors import Refused, Retryable
from pressroom.domain.identity import Principal
from pressroom.domain.money import micros
from pressroom.domain.states import Runner, RunState
from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.planning.compile import compile_plan
from pressroom.planning.stored_plan import dump_plan, read_plan
from pressroom.reporting.near_duplicates import too_alike
from pressroom.runs.nodes import nodes_of
from pressroom.runs.records import run_of
from pressroom.services.add_media import add_file
from pressroom.services.collections import show_collection
from pressroom.services.crew import Crew
from pressroom.services.documents import store_document
from pressroom.services.elsewhere import Elsewhere
from pressroom.services.generate import Generation, start_generation
from pressroom.services.launch_run import Launched
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_lease import alive
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import show_generation, show_run
from pressroom.services.start_run import begin_run
from tests.flows.conftest import RunFlow
from tests.support.call_counts import calls_of
from tests.support.desks import TINY, Desk, eventually, set_up

pytestmark = [
    pytest.mark.prefect,
    # Prefect's clients leave their connections to the garbage collector when an event loop ends.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]

BOUGHT = {"big[mode=conservative]", "big[mode=fast]"}
NODES = BOUGHT | {"stage", "thumb[mode=conservative]", "thumb[mode=fast]", "banner"}

MANY = """\
pressroom: 1
name: tiny
inputs:
  photo: {type: image, default: photo.png}
  takes: {type: list, of: number, default: TAKES}
steps:
  small:
    uses: resize
    for_each: {n: "{{ inputs.takes }}"}
    with: {image: "{{ inputs.photo }}", width: "{{ each.n }}", height: 20, format: png}
  larger: {uses: upscale, with: {image: "{{ steps.small }}", scale: 2}}
""".replace("TAKES", str([*range(16, 46)]))


def held_micros(desk: Desk) -> int:
    with desk.context.database.read() as conn:
        assert check_invariants(conn) == []
        return balance_of(conn, "default").held_micros


def node_states(desk: Desk, run_id: str) -> dict[str, str]:
    with desk.context.database.read() as conn:
        return {node.node_id: node.state for node in nodes_of(conn, desk.account_id, run_id)}


def task_runs(client: SyncPrefectClient, flow_run_id: str, count: int) -> list[TaskRun]:
    """The flow run's task runs, once the server has written down all of them: it does so in batches."""
    only = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))

    def found() -> list[TaskRun]:
        return client.read_task_runs(flow_run_filter=only)

    assert eventually(
        lambda: len(ended := found()) >= count and all(run.state and run.state.is_final() for run in ended)
    )
    return found()


def how_many(task_run: TaskRun) -> int:
    """Nodes by the task run's name."""
    more = re.search(r" and (\d+) more$", task_run.name)
    return 1 + int(more.group(1)) if more else 1


def artifacts(client: SyncPrefectClient, flow_run_id: str) -> dict[str, Any]:
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(flow_run_id)]))
    return {artifact.key: artifact.data for artifact in client.read_artifacts(artifact_filter=only)}


def test_a_run_makes_everything_pays_what_it_cost_and_releases_the_rest(desk: Desk, run_flow: RunFlow) -> None:
    state = run_flow(desk.request())

    summary = state.result()
    assert state.is_completed()
    assert summary["state"] == "completed"
    assert {node["id"] for node in summary["nodes"]} == NODES
    assert {node["state"] for node in summary["nodes"]} == {"done"}
    assert summary["credits"] == {"held": 4, "captured": 4, "released": 0, "balance": 6}
    assert held_micros(desk) == 0
    assert desk.work_left() == []
    (banner,) = [node["assets"] for node in summary["nodes"] if node["id"] == "banner"]
    _, assets = show_collection(Principal("default"), desk.context, "Banners")
    assert [asset.id for asset in assets] == [each["id"] for each in banner]


def test_a_flow_compiles_writes_its_plan_and_looks_for_likenesses_once(desk: Desk, run_flow: RunFlow) -> None:
    with calls_of(compile_plan, dump_plan, read_plan, too_alike) as calls:
        assert run_flow(desk.request()).is_completed()

    assert calls == {"compile_plan": 1, "dump_plan": 1, "too_alike": 1}


def test_a_second_run_makes_nothing_and_costs_nothing(desk: Desk, run_flow: RunFlow) -> None:
    first = run_flow(desk.request()).result()

    second = run_flow(desk.request()).result()

    assert {node["state"] for node in second["nodes"]} == {"reused"}
    assert second["credits"] == {"held": 0, "captured": 0, "released": 0, "balance": 6}
    assert [node["assets"] for node in second["nodes"]] == [node["assets"] for node in first["nodes"]]
    assert len(desk.purchases()) == 2


def test_prefect_shows_the_campaigns_graph(desk: Desk, run_flow: RunFlow, client: SyncPrefectClient) -> None:
    """Task runs are named by step and variant; each names the task runs of the nodes that it needs as its inputs."""
    summary = run_flow(desk.request()).result()

    runs = task_runs(client, summary["flow_run_id"], len(NODES) + 3)
    by_id = {run.id: run.name for run in runs}
    edges = {
        run.name: {
            by_id[item.id]
            for items in run.task_inputs.values()
            for item in items
            if item.input_type == "task_run" and by_id[item.id] in NODES
        }
        for run in runs
    }
    assert set(edges) == NODES | {"pre-flight", "settle", "report"}
    assert edges["thumb[mode=fast]"] == {"big[mode=fast]"}
    assert edges["thumb[mode=conservative]"] == {"big[mode=conservative]"}
    assert edges["banner"] == {"stage"}
    assert edges["stage"] == set()
    assert edges["settle"] == NODES


def test_many_small_nodes_share_tasks_and_the_graph_still_says_what_needs_what(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient
) -> None:
    (desk.folder / "pressroom.toml").write_text("max_workers = 1\n")
    desk.write(MANY)

    summary = run_flow(desk.request()).result()

    assert {node["state"] for node in summary["nodes"]} == {"done"}
    assert len(summary["nodes"]) == 60
    assert eventually(lambda: sum(map(how_many, task_runs(client, summary["flow_run_id"], 1))) == 60 + 3)
    runs = task_runs(client, summary["flow_run_id"], 1)
    nodes = [run for run in runs if run.name not in {"pre-flight", "settle", "report"}]
    assert max(map(how_many, nodes)) > 1
    settled = next(run for run in runs if run.name == "settle")
    assert {item.id for item in settled.task_inputs["nodes"]} == {run.id for run in nodes}
    assert all(run.task_inputs["upstream"] for run in nodes if run.name.startswith("larger"))


def test_prefect_keeps_the_plan_the_progress_the_statement_and_the_contact_sheet(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient
) -> None:
    summary = run_flow(desk.request()).result()

    kept = artifacts(client, summary["flow_run_id"])
    assert set(kept) == {f"tiny-{what}" for what in ("plan", "progress", "statement", "files", "contact-sheet")}
    assert "simulated/enlarge" in kept["tiny-plan"]
    assert kept["tiny-progress"] == 100.0
    assert "| 4 | 4 | 0 | 6 |" in re.sub(r" +", " ", kept["tiny-statement"])
    assert all(asset["id"] in kept["tiny-files"] for node in summary["nodes"] for asset in node["assets"])
    assert "contact-sheet.html" in kept["tiny-contact-sheet"]
    flow_run = client.read_flow_run(UUID(summary["flow_run_id"]))
    assert flow_run.name == "tiny"
    assert set(flow_run.tags) == {"account:default", "campaign:tiny", f"run:{summary['run_id']}"}


def test_what_went_wrong_in_an_earlier_run_does_not_stay_where_this_one_went_well(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient, tmp_path: Path, prefect_home: Path
) -> None:
    (tmp_path / "mended").mkdir()
    broken, desk = desk, set_up(tmp_path / "mended", prefect_home)
    (broken.folder / "pressroom.toml").write_text('simulated_faults = "fail"\n')
    for each in (broken, desk):
        each.write(TINY.replace("name: tiny", "name: mended"))
    failed = run_flow(broken.request()).result()

    went_well = run_flow(desk.request()).result()

    assert "big" in artifacts(client, failed["flow_run_id"])["mended-failures"]
    said = artifacts(client, went_well["flow_run_id"])["mended-failures"]
    assert said == f"Nothing is wrong: run `{went_well['run_id']}` has made and delivered what it was to make."
    again = artifacts(client, run_flow(desk.request()).result()["flow_run_id"])
    assert "mended-failures" not in again, "once is enough"


def test_no_picture_travels_through_prefect(desk: Desk, run_flow: RunFlow, client: SyncPrefectClient) -> None:
    """Parameters and results are references and numbers: a few hundred characters a node, and nothing is persisted."""
    before = storage(desk)
    summary = run_flow(desk.request()).result()

    flow_run = client.read_flow_run(UUID(summary["flow_run_id"]))
    runs = task_runs(client, summary["flow_run_id"], len(NODES) + 3)
    texts = [json.dumps(flow_run.parameters), *(run.state.model_dump_json() for run in runs)]
    assert all(len(text) < 4_000 and "data:image" not in text and "iVBOR" not in text for text in texts)
    assert storage(desk) == before


def storage(desk: Desk) -> set[str]:
    """What Prefect has persisted; the exceptions of flows that failed are there, of whatever test."""
    return {path.name for path in (desk.home / "prefect").glob("storage/*")}


def test_a_failed_node_fails_its_descendants_and_nothing_else(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient
) -> None:
    """What was delivered is captured, the rest released, and the run ends completed with failures."""
    (desk.folder / "pressroom.toml").write_text('simulated_faults = "fail"\n')

    state = run_flow(desk.request())

    summary = state.result()
    states = {node["id"]: node["state"] for node in summary["nodes"]}
    assert state.name == "CompletedWithFailures"
    assert summary["state"] == "completed_with_failures"
    assert states == {name: "done" if name in {"stage", "banner"} else "failed" for name in NODES}
    assert summary["credits"] == {"held": 4, "captured": 0, "released": 4, "balance": 10}
    assert {node["id"] for node in summary["nodes"] if node["assets"]} == {"stage", "banner"}
    errors = {node["id"]: node["error"] for node in summary["nodes"]}
    assert "the fault 'fail' is switched on" in errors["big[mode=fast]"]
    assert "what it needs has failed" in errors["thumb[mode=fast]"]
    # What a vendor failed to make was ordered and waited for without a task, and there is nothing of it to file.
    ran = task_runs(client, summary["flow_run_id"], 2 + 3)
    assert {run.name for run in ran} == {"stage", "banner", "pre-flight", "settle", "report"}


def test_a_campaign_that_the_gate_refuses_holds_and_makes_nothing(desk: Desk, run_flow: RunFlow) -> None:
    (desk.folder / "pressroom.toml").write_text("grant_credits = 3\n")

    state = run_flow(desk.request())

    with pytest.raises(Refused, match="needs up to 4 credits, account 'default' has 3"):
        state.result()
    with desk.context.database.read() as conn:
        assert conn.execute(run.select()).all() == []
        assert check_invariants(conn) == []
    assert desk.purchases() == []


def test_a_plan_that_has_changed_since_it_was_shown_is_refused(desk: Desk, run_flow: RunFlow) -> None:
    with pytest.raises(Refused, match="the plan has changed"):
        run_flow(desk.request(plan_hash="0" * 64)).result()


@pytest.mark.parametrize(("hook", "ended"), [(resume_on_crash, Crashed), (close_on_end, Failed)])
def test_the_hook_releases_what_a_dead_flow_run_held_that_no_worker_runs(
    desk: Desk, client: SyncPrefectClient, hook: Callable[..., None], ended: Callable[..., State[Any]]
) -> None:
    """Prefect calls it in another process, with nothing but the flow run: after a crash or a failure."""
    flow_run = client.create_flow_run(campaign, parameters={"request": desk.request().model_dump()})
    run_id = begin(desk, str(flow_run.id))
    assert held_micros(desk) == micros(4)

    for _ in range(2):
        hook(campaign, client.read_flow_run(flow_run.id), ended(message="killed"))

    with desk.context.database.read() as conn:
        record = run_of(conn, desk.account_id, run_id)
    assert held_micros(desk) == 0
    assert (record.state, record.error) == ("failed", "killed")
    assert set(node_states(desk, run_id).values()) == {"cancelled"}


def begin(desk: Desk, flow_run_id: str) -> str:
    """A run that has passed the gate and got no further: its process is gone."""
    planned = plan_campaign(Principal(desk.settings.account), open_planning(desk.settings), desk.request())
    run = begin_run(
        desk.context,
        planned.plan,
        planned.files,
        account=desk.settings.account,
        flow_run_id=flow_run_id,
        out_dir=str(desk.folder / "out" / "tiny"),
    )
    with alive(desk.context, run):
        return run.id


def test_a_stored_campaign_is_run_by_a_flow_from_its_name_alone(desk: Desk, run_flow: RunFlow) -> None:
    me, context = Principal(desk.settings.account), desk.context
    asset = add_file(me, context, desk.folder / "photo.png")
    store_document(me, context, "stored", TINY.replace("default: photo.png", f"default: asset:{asset.id}"))

    summary = run_flow(RunRequest(document="stored", home=str(desk.home))).result()

    assert summary["state"] == RunState.COMPLETED
    assert summary["credits"]["captured"] == 4
    assert (desk.home / "out" / "tiny").is_dir()


def test_a_generation_that_the_server_leaves_is_made_by_a_flow_under_its_id_and_hold(
    desk: Desk, run_flow: RunFlow
) -> None:
    asked: list[RunRequest] = []

    class Workers:
        def launch(self, principal: Principal, request: RunRequest) -> Launched:
            asked.append(request)
            return Launched(request.run_id, "00000000-0000-0000-0000-000000000001")

    settings = desk.settings.model_copy(update={"long_seconds": -1.0})
    context, me = replace(desk.context, settings=settings), Principal("default")
    crew = Crew(context, 1, Elsewhere(context, generations=Workers()))
    wanted = Generation(media_type="image", prompt="a kettle", width=64, height=64)
    name = start_generation(me, desk.context, crew, open_planning(desk.settings), wanted, "")

    def left() -> Any:
        return show_run(me, desk.context, name).line.run

    assert eventually(lambda: left().runner == Runner.DEPLOYMENT, 60)
    hold = left().hold_id
    state = run_flow(asked[0].model_copy(update={"home": str(desk.home)}))

    assert state.is_completed(), state
    assert (left().state, left().hold_id, len(show_generation(me, desk.context, name)["assets"])) == (
        "completed",
        hold,
        2,
    )


def test_a_failed_delivery_is_said_in_the_state_the_log_and_an_artifact_with_what_was_paid(
    desk: Desk, run_flow: RunFlow, client: SyncPrefectClient
) -> None:
    (desk.folder / "pressroom.toml").write_text("simulated_latency_seconds = 10\n")
    taken = desk.folder / "taken"

    def take() -> None:
        """Once something is ordered, a file is where a folder has to be."""
        eventually(lambda: bool(desk.purchases()))
        taken.write_text("a file")

    taking = threading.Thread(target=take)
    taking.start()
    state = run_flow(desk.request(out=str(taken)))
    taking.join()

    summary = state.result()
    assert state.name == "DeliveryFailed"
    assert (summary["state"], summary["delivered"]) == (RunState.COMPLETED, False)
    for part in ("delivery failed", "4 credits ($0.04 at vendors) were paid", f"runs deliver {summary['run_id']}"):
        assert part in state.message
    kept = artifacts(client, summary["flow_run_id"])
    assert kept["tiny-delivery"] == state.message
    assert f"runs deliver {summary['run_id']}" in kept["tiny-failures"]


@pytest.mark.parametrize("fails_from", [1, 2])
def test_a_run_goes_on_where_nobody_can_say_how_far_it_is(client: SyncPrefectClient, fails_from: int) -> None:
    asked: list[int] = []

    def standing() -> tuple[float, str]:
        asked.append(1)
        if len(asked) >= fails_from:
            raise Retryable("the database is away")
        return 0.0, "0 of 1 nodes made"

    @flow
    async def shows() -> str:
        async with shown(standing, "tiny-progress"):
            return "made"

    assert asyncio.run(shows()) == "made"
    assert len(asked) == fails_from
