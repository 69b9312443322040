"""Deployments of campaigns on a real Prefect server: made, left alone, updated, retired; and what its API refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pressroom import prefect_server
from pressroom.campaign.load import parse_campaign
from pressroom.domain.errors import Invalid
from pressroom.planning.plan import Totals
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.deployments import GROUP, SOURCE, Change, Deployments
from pressroom.services.deployment_spec import DeploymentSpec, deployment_spec
from pressroom.services.run_request import RunRequest

pytestmark = pytest.mark.prefect

CAMPAIGN = """\
name: NAME
title: Spring <sale>
inputs:
  photo: {type: image}
  price: {type: number, default: 24, min: 1, max: 100}
deploy: DEPLOY
steps:
  cutout: {uses: remove_background, with: {image: "{{ inputs.photo }}"}}
"""
DEPLOY = """{concurrency: 1, overlap: skip, tags: [eu], weight: paid, inputs: {photo: "asset:abcd"},
  schedules: [{cron: "0 6 * * mon", timezone: Europe/Berlin, inputs: {price: 30}}, {every: 6h, active: false}]}"""
Made = Callable[..., DeploymentSpec]


@pytest.fixture
def api(prefect_home: Path) -> PrefectServer:
    server = prefect_server.status(prefect_home)
    assert server is not None
    return PrefectServer(server.api_url)


@pytest.fixture
def name() -> str:
    """One that no other test has deployed."""
    return f"t{uuid4().hex[:10]}"


@pytest.fixture
def deployments(api: PrefectServer, name: str) -> Deployments:
    return Deployments(api, f"pool-{name}")


@pytest.fixture
def made(name: str) -> Made:
    def make(
        deploy: str = DEPLOY, *, called: str = name, source: str = f"{name}.yaml", group: str = name
    ) -> DeploymentSpec:
        text = CAMPAIGN.replace("NAME", called).replace("DEPLOY", deploy)
        campaign = parse_campaign(text, "c.yaml").campaign
        totals = Totals(credits_estimate=2_000_000, credits_bound=3_000_000, usd_bound=90_000)
        return deployment_spec(campaign, RunRequest(yaml=text), totals, source=source, group=group)

    return make


def read(api: PrefectServer, name: str) -> dict[str, Any]:
    found: dict[str, Any] = api.do(name, "GET", f"/deployments/name/campaign/{name}")
    return found


def everything(_source: str) -> bool:
    return True


def test_a_campaign_becomes_a_deployment_with_its_schedules_queue_and_limit(
    deployments: Deployments, made: Made, name: str
) -> None:
    api = deployments.server

    changes = deployments.apply([made()], name, everything)

    found = read(api, name)
    assert changes == [Change(name, "created", found["id"])]
    by_slug = {each["slug"]: each for each in found["schedules"]}
    weekly, often = by_slug["schedule-1"], by_slug["schedule-2"]
    assert (weekly["schedule"]["cron"], weekly["schedule"]["timezone"]) == ("0 6 * * mon", "Europe/Berlin")
    assert (weekly["active"], weekly["parameters"]) == (True, {"inputs": {"price": 30}})
    assert (often["active"], often["schedule"]["interval"]) == (False, 6 * 3600)
    assert found["global_concurrency_limit"]["limit"] == 1
    assert found["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    assert (found["work_pool_name"], found["work_queue_name"]) == (deployments.pool, "paid")
    assert found["tags"] == ["eu", "pressroom"]
    assert found["description"].startswith("Spring &lt;sale&gt;\n\nCosts about 2 credits, at most 3, $0.09 to vendors")
    queue = api.do("queue", "GET", f"/work_pools/{deployments.pool}/queues/paid")
    assert (queue["priority"], queue["concurrency_limit"]) == (20, 6)


def test_what_has_not_changed_is_left_alone_and_keeps_the_runs_that_are_scheduled(
    deployments: Deployments, made: Made, name: str
) -> None:
    deployments.apply([made()], name, everything)
    before = read(deployments.server, name)["updated"]

    (again,) = deployments.apply([made()], name, everything)
    (foreseen,) = deployments.apply(
        [made("{weight: heavy, inputs: {photo: 'asset:abcd'}}")], name, everything, dry_run=True
    )
    untouched = read(deployments.server, name)
    (changed,) = deployments.apply([made("{weight: heavy, inputs: {photo: 'asset:abcd'}}")], name, everything)

    assert (again.action, foreseen.action, changed.action) == ("unchanged", "updated", "updated")
    assert untouched["updated"] == before
    found = read(deployments.server, name)
    assert (found["id"], found["schedules"], found["work_queue_name"]) == (untouched["id"], [], "heavy")
    assert found["global_concurrency_limit"] is None


def test_a_deployment_whose_file_was_removed_or_renamed_is_retired_and_no_other(
    deployments: Deployments, made: Made, name: str
) -> None:
    gone, kept, renamed = f"{name}-gone", f"{name}-kept", f"{name}-renamed"
    deployments.apply(
        [made(), made(called=gone, source="gone.yaml"), made(called=kept, source="kept.yaml")], name, everything
    )
    other = Deployments(deployments.server, deployments.pool)
    group = f"{name}-other"
    other_group = other.apply([made(called=group, group=group)], group, lambda source: False)
    without_files = other.apply([], name, lambda source: False)

    changes = deployments.apply([made(called=renamed)], name, lambda source: source == "kept.yaml")

    assert [change.action for change in other_group] == ["created"]
    assert without_files == []
    assert [(change.name, change.action) for change in changes] == [
        (renamed, "created"),
        *sorted([(name, "retired"), (gone, "retired")]),
    ]
    assert read(deployments.server, kept)["labels"][SOURCE] == "kept.yaml"
    assert deployments.server.ask("GET", f"/deployments/name/campaign/{gone}")[0] == 404


def test_a_name_that_another_has_is_refused_before_anything_changes(
    deployments: Deployments, made: Made, name: str
) -> None:
    flow = deployments.server.do("flow", "POST", "/flows/", {"name": "campaign"})
    deployments.server.do("x", "POST", "/deployments/", {"name": name, "flow_id": flow["id"], "entrypoint": "a.b"})
    fresh = f"{name}-fresh"

    with pytest.raises(Invalid, match=f"campaign/{name} belongs to somebody else"):
        deployments.apply([made(called=fresh, source="fresh.yaml"), made()], name, everything)
    with pytest.raises(Invalid, match="are both called"):
        deployments.apply([made(called=fresh), made(called=fresh, source="b.yaml")], name, everything)

    assert GROUP not in read(deployments.server, name)["labels"]
    assert deployments.server.ask("GET", f"/deployments/name/campaign/{fresh}")[0] == 404


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"parameters": {"inputs": {"price": 101}}}, 409, "101 is greater than the maximum of 100"),
        ({"parameters": {"inputs": {"prise": 1}}}, 409, "'prise' was unexpected"),
        ({"parameters": {"inputs": {"photo": "/etc/passwd"}}}, 409, "does not match"),
        ({"parameters": {"input": {"price": 3}}}, 409, "'input' was unexpected"),
        ({"parameters": {"request": {"document": "d", "account": "rich"}}}, 409, "Validation failed for field"),
        ({"job_variables": {"env": {"PRESSROOM_PLAN": "enterprise"}}}, 422, "'env' was unexpected"),
        ({"job_variables": {"command": "sh"}}, 422, "'command' was unexpected"),
        ({"parameters": {"inputs": {"price": 100}}}, 201, ""),
    ],
)
def test_the_api_refuses_what_the_form_does_not_offer(
    deployments: Deployments, made: Made, name: str, body: dict[str, Any], status: int, words: str
) -> None:
    (change,) = deployments.apply([made()], name, everything)

    answered, answer = deployments.server.ask("POST", f"/deployments/{change.deployment_id}/create_flow_run", body)

    assert (answered, words in str(answer)) == (status, True), answer


def test_a_schedule_without_an_input_that_its_runs_need_is_refused(made: Made) -> None:
    with pytest.raises(Invalid, match="its runs need input 'photo'"):
        made("{schedules: [{every: 1d}]}")
