"""Runs that several workers share: the leader's flow run asks for helpers, and a helper makes what it takes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.states import StateType

from flows.helper import HELPER, helper
from pressroom.bootstrap import open_planning
from pressroom.domain.identity import Principal
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.nodes import nodes_of
from pressroom.services.launch_run import works_of
from pressroom.services.plan_campaign import plan_campaign
from pressroom.services.run_lease import alive
from pressroom.services.share_run import share_out
from pressroom.services.start_run import start_run
from tests.flows.conftest import RunFlow
from tests.support.desks import Desk

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


def states(desk: Desk, run_id: str) -> set[str]:
    with desk.context.database.read() as conn:
        assert check_invariants(conn) == []
        return {node.state for node in nodes_of(conn, desk.account_id, run_id)}


def helped(**parameters: Any) -> Any:
    return asyncio.run(helper(**parameters, return_state=True))  # type: ignore[call-overload]


def test_a_run_asks_for_helpers_and_does_not_wait_for_them(
    desk: Desk, client: SyncPrefectClient, run_flow: RunFlow
) -> None:
    client.create_deployment(client.create_flow(helper), HELPER.partition("/")[2], entrypoint="flows.helper.helper")

    summary = run_flow(desk.request(workers=3)).result()

    assert (summary["state"], summary["credits"]["captured"]) == ("completed", 4)
    assert states(desk, summary["run_id"]) == {"done"}
    tag = FlowRunFilter(tags=FlowRunFilterTags(all_=[f"run:{summary['run_id']}"]))
    children = [each for each in client.read_flow_runs(flow_run_filter=tag) if each.parent_task_run_id]
    assert sorted(each.name for each in children) == ["tiny · worker 2", "tiny · worker 3"]
    # One that comes too late finds nothing to do.
    late = helped(**children[0].parameters)
    assert (late.type, late.message) == (StateType.COMPLETED, "0 nodes made, 0 failed")


def test_a_helper_makes_what_it_takes_and_leaves_the_rest_of_the_run_to_its_leader(
    desk: Desk, client: SyncPrefectClient
) -> None:
    request, me = desk.request(), Principal(desk.settings.account)
    run = start_run(me, desk.context, plan_campaign(me, open_planning(desk.settings), request))
    asked = {"home": {"folder": str(desk.folder), "home": str(desk.home)}, "run_id": run.id, "name": "tiny · worker 2"}
    with alive(desk.context, run):
        assert share_out(desk.context, run, works_of(desk.context, run), 2) is not None

        outdated = helped(**asked, lease=run.lease - 1)
        assert (outdated.type, states(desk, run.id)) == (StateType.COMPLETED, {"waiting"})
        assert "taken up by another process" in outdated.message
        ended = helped(**asked, lease=run.lease)

    assert (ended.type, ended.message) == (StateType.COMPLETED, "6 nodes made, 0 failed")
    assert states(desk, run.id) == {"done"}
    assert len(desk.purchases()) == 2
