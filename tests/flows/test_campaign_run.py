"""Campaigns that are built in Python: the same plan as from YAML, gated as one, run as a flow of Prefect's."""

from __future__ import annotations

import asyncio
import inspect
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId

from pressroom.bootstrap import open_planning
from pressroom.database.schema import run as run_table
from pressroom.domain.errors import Invalid, Permanent, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.states import NodeState, RunState
from pressroom.flows import (
    Budget,
    CampaignRun,
    Policy,
    StepHandle,
    StepOptions,
    campaign_run,
    each,
    generate_image,
    replace_background,
    resize,
    upscale,
)
from pressroom.operations import ALL
from pressroom.planning.plan import Plan
from pressroom.project import put_on_path
from pressroom.services.plan_campaign import plan_campaign
from tests.flows.conftest import RunFlow
from tests.support.desks import Desk
from tests.support.pages import ROOT

pytestmark = [
    pytest.mark.prefect,
    # Prefect's clients leave their connections to the garbage collector when an event loop ends.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


def tiny(desk: Desk, **options: Any) -> tuple[CampaignRun, StepHandle]:
    """The campaign of `desks.TINY`, built; and the step that both thumbnails are of."""
    with campaign_run("tiny", folder=desk.folder, home=desk.home, **options) as built:
        modes: StepOptions = {"for_each": {"mode": ["conservative", "fast"]}, "model": "simulated/enlarge"}
        big = upscale.with_options(name="big", **modes)(image="photo.png", scale=2, mode=each("mode"))
        stage = replace_background.with_options(name="stage")(
            image=Path("photo.png"), color="#204060", width=96, height=64, shadow="none"
        )
        thumb = resize.with_options(name="thumb")(image=big, width=80, height=60, format="jpeg")
        resize.with_options(name="banner")(image=stage, width=90, height=50, format="png")
    return built, thumb


def yaml_plan(desk: Desk) -> Plan:
    return plan_campaign(Principal(desk.settings.account), open_planning(desk.settings), desk.request()).plan


def test_the_same_campaign_has_the_same_plan_whoever_wrote_it(desk: Desk) -> None:
    built, _ = tiny(desk)

    plan, written = built.plan().plan, yaml_plan(desk)

    assert plan.hash == written.hash
    assert [(node.id, node.key, node.quote) for node in plan.nodes] == [
        (node.id, node.key, node.quote) for node in written.nodes
    ]


def test_what_a_yaml_run_has_made_is_not_made_again(desk: Desk, run_flow: RunFlow) -> None:
    first = run_flow(desk.request()).result()
    built, thumb = tiny(desk)

    result = built.run()

    assert result.state == RunState.COMPLETED
    assert {node["state"] for node in result.summary["nodes"]} == {NodeState.REUSED}
    assert result.summary["credits"]["captured"] == 0
    assert len(desk.purchases()) == 2
    made = [asset["id"] for node in first["nodes"] if node["step"] == "thumb" for asset in node["assets"]]
    assert [asset["id"] for asset in result.assets(thumb)] == made
    assert all(file.is_file() for file in result.files(thumb))


def test_it_is_a_flow_run_within_the_flow_that_runs_it(desk: Desk, client: SyncPrefectClient) -> None:
    @flow(persist_result=False)
    async def ours() -> str:
        built, _ = tiny(desk)
        return (await built.arun()).run_id

    state: Any = asyncio.run(ours(return_state=True))  # type: ignore[call-overload]

    run_id = state.result()
    inside = FlowRunFilter(
        parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[UUID(str(state.state_details.flow_run_id))])
    )
    (child,) = client.read_flow_runs(flow_run_filter=inside)
    assert (child.name, child.parameters["request"]["run_id"]) == ("tiny", run_id)
    assert len(desk.purchases()) == 2


def test_what_does_not_fit_the_budget_is_refused_as_a_whole_before_anything_is_bought(desk: Desk) -> None:
    built, _ = tiny(desk, budget=Budget(credits=3))

    with pytest.raises(Refused, match="budget"):
        built.run()

    assert desk.purchases() == []
    with desk.context.database.read() as conn:
        assert conn.execute(run_table.select()).all() == []


def test_everything_wrong_is_said_at_once_each_with_its_line_in_python(desk: Desk) -> None:
    with campaign_run("wrong", folder=Path(__file__).parent, home=desk.home) as wrong:
        hero = generate_image(promt="a bottle")  # type: ignore[call-arg]
        here = inspect.currentframe().f_lineno  # type: ignore[union-attr]
        resize(image=hero, width=2, hight=3)  # type: ignore[call-arg]

    with pytest.raises(Invalid) as raised:
        wrong.plan()

    assert [(problem.file, problem.line) for problem in raised.value.problems] == [
        (__file__, here - 1),
        (__file__, here + 1),
    ]
    assert "did you mean 'prompt'?" in str(raised.value.problems[0])


def test_steps_are_named_by_their_operation_and_never_twice(desk: Desk) -> None:
    with campaign_run("names", folder=desk.folder, home=desk.home, policy=Policy(tier="free")) as names:
        first, second = (generate_image(prompt="a bottle", seed=seed) for seed in (1, 2))
        with pytest.raises(Invalid, match="there is a step 'generate_image_2' already"):
            resize.with_options(name="generate_image_2")(image=first, width=16, height=16)
        resize.with_options(name="last-one")(image=second, width=16, height=16)

    assert [node.id for node in names.plan().plan.nodes] == ["generate_image", "generate_image_2", "last-one"]


def test_an_operation_outside_of_a_campaign_and_a_run_inside_of_a_loop_say_what_to_do(desk: Desk) -> None:
    async def run_inside() -> None:
        tiny(desk)[0].run()

    with pytest.raises(Invalid, match="with campaign_run"):
        generate_image(prompt="a bottle")
    with pytest.raises(Invalid, match="await arun"):
        asyncio.run(run_inside())
    with pytest.raises(TypeError, match="by name"):
        generate_image("a bottle")  # type: ignore[misc]


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.name)
def test_every_operation_is_there_with_its_parameters(operation: Any) -> None:
    task = getattr(import_module("pressroom.flows"), operation.name)

    assert list(inspect.signature(task).parameters) == list(operation.params.model_fields)
    assert task.__doc__ == operation.summary


def test_the_example_flow_runs(desk: Desk, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "deployments" / "flows"))
    monkeypatch.setenv("PRESSROOM_HOME", str(desk.home))
    shop_window = import_module("shop_window").shop_window

    files = shop_window(headline="Made for mornings", scenes=("podium",), out=desk.folder / "out")

    assert [file.suffix for file in files] == [".jpg"]
    assert all(file.is_relative_to(desk.folder / "out") for file in files)


def test_another_package_by_the_name_of_ours_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = ModuleType("tasks")
    theirs.__path__ = ["/srv/theirs/tasks"]
    monkeypatch.setitem(sys.modules, "tasks", theirs)

    with pytest.raises(Permanent, match=r"/srv/theirs/tasks is imported as 'tasks'"):
        put_on_path()
