"""prefect.yaml, as an operator uses it: a work pool, `prefect deploy --all`, a worker, a run by HTTP."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from PIL import Image
from prefect import Flow
from pydantic import SecretStr
from starlette.testclient import TestClient

from pressroom import prefect_server
from pressroom.api.backend import open_backend
from pressroom.domain.identity import ALL_SCOPES, Principal
from pressroom.ledger.accounts import balance_of
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.deployment import PrefectDeployment
from pressroom.project import project_root
from pressroom.runs.records import RunRecord
from pressroom.services.add_media import add_file
from pressroom.services.run_request import RunRequest
from pressroom.services.show_run import show_run
from pressroom.services.tokens import create_token
from pressroom.serving.app import create_app
from tests.support.desks import PROGRAM, TINY, Desk, eventually
from tests.support.processes import default_signals

ROOT = project_root()
PREFECT = Path(sys.executable).with_name("prefect")
TIMEOUT_SECONDS = 240
TRIES = 20
BETWEEN_TRIES_SECONDS = 0.5
DEPLOYMENTS = {
    deployment["name"]: deployment for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_entrypoint_is_a_flow(name: str) -> None:
    module, _, attribute = DEPLOYMENTS[name]["entrypoint"].rpartition(".")

    flow = getattr(importlib.import_module(module), attribute)

    assert isinstance(flow, Flow)
    assert flow.name == attribute


def test_every_flow_of_the_project_is_deployed() -> None:
    helpers = ("clusters", "crew", "decisions", "deployed", "doctor", "endings", "hearing", "leaving", "outdated")
    parts = {"__init__", *helpers}
    modules = {path.stem for path in (ROOT / "flows").glob("*.py")} - parts

    assert {deployment["entrypoint"] for deployment in DEPLOYMENTS.values()} == {
        f"flows.{name}.{name}" for name in modules
    }


@pytest.fixture(scope="module")
def environment(prefect_home: Path) -> dict[str, str]:
    """What an operator's shell holds: where the server is, and where Prefect keeps its own things."""
    server = prefect_server.status(prefect_home)
    assert server is not None
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PRESSROOM_", "PREFECT_"))}
    return {
        **clean,
        **prefect_server.client_environment(prefect_home, server.api_url),
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }


@pytest.fixture(scope="module")
def deployed(environment: dict[str, str]) -> None:
    """A work pool and every deployment, sent from the checkout."""
    for command in ((PROGRAM, "deploy"), (PREFECT, "--no-prompt", "deploy", "--all")):
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def worker(deployed: None, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A process worker, started anywhere, that knows nothing but its server; gives the file it logs to."""
    folder = tmp_path_factory.mktemp("worker")
    log = folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PREFECT, "worker", "start", "--pool", "pressroom", "--type", "process"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=default_signals,
        )
    yield log
    process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Patient(httpx.HTTPTransport):
    """Asks again where Prefect's server, on SQLite on a busy machine, answers that its database is locked, as its clients do."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(TRIES):
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            answer.read()
            time.sleep(BETWEEN_TRIES_SECONDS)
        return answer


@pytest.fixture
def api(environment: dict[str, str]) -> Iterator[httpx.Client]:
    address, transport = environment["PREFECT_API_URL"], Patient(trust_env=False)
    with httpx.Client(base_url=address, timeout=60, transport=transport, trust_env=False) as client:
        yield client


def trigger(api: httpx.Client, name: str, parameters: dict[str, Any]) -> httpx.Response:
    """What any program does to start a campaign."""
    deployment = api.get(f"/deployments/name/{name}/{name}").raise_for_status().json()
    return api.post(f"/deployments/{deployment['id']}/create_flow_run", json={"parameters": parameters})


def wait(api: httpx.Client, flow_run_id: str, log: Path) -> dict[str, Any]:
    final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    assert eventually(lambda: read_run(api, flow_run_id)["state_type"] in final, TIMEOUT_SECONDS), log.read_text()
    return read_run(api, flow_run_id)


@pytest.mark.prefect
def test_a_campaign_triggered_by_http_is_run_by_a_worker(desk: Desk, worker: Path, api: httpx.Client) -> None:
    launcher = PrefectDeployment(PrefectServer(str(api.base_url).rstrip("/")))
    request = RunRequest(file=str(desk.campaign), home=str(desk.home))

    launched = launcher.launch(Principal("acme"), request)
    again = launcher.launch(Principal("acme"), request.model_copy(update={"run_id": launched.run_id}))

    ended = wait(api, launched.flow_run_id, worker)
    assert again == launched
    with desk.context.database.read() as conn:
        assert balance_of(conn, "acme").available_micros == 6_000_000

    assert ended["state_name"] == "Completed", worker.read_text()
    assert ended["name"] == "tiny"
    files = {path.name for path in (desk.folder / "out" / "@acme" / "tiny").iterdir()}
    assert {"banner.png", "thumb-conservative.jpg", "thumb-fast.jpg", "contact-sheet.html"} <= files
    with Image.open(desk.folder / "out" / "@acme" / "tiny" / "banner.png") as image:
        image.load()
        assert image.size == (90, 50)
    assert len(desk.purchases()) == 2


DEPLOYED = f"""
deploy: {{name: typed, schedules: [{{cron: "0 6 * * mon", timezone: Europe/Berlin, inputs: {{width: 50}}}}]}}
{TINY}"""


@pytest.mark.prefect
def test_a_campaign_of_its_own_deployment_runs_without_its_folder(
    desk: Desk, worker: Path, api: httpx.Client, environment: dict[str, str]
) -> None:
    server = {"PREFECT_API_URL": environment["PREFECT_API_URL"]}
    assert desk.pressroom("home", "register", "desk", "--shared-disk", **server).code == 0

    def deploy(text: str) -> Any:
        desk.write(text)
        done = desk.pressroom("deploy", "campaign.yaml", "--home-block", "desk", "--json", **server)
        assert done.code == 0, done.err
        return done.json

    def start(inputs: dict[str, Any]) -> httpx.Response:
        return api.post(f"/deployments/{made['id']}/create_flow_run", json={"parameters": {"inputs": inputs}})

    later = datetime.now(UTC) + timedelta(hours=3)
    (made,) = deploy(f"{DEPLOYED}\n".replace("name: typed", f"name: typed, window: '{later:%H}:00-{later:%H}:59 UTC'"))
    early = start({"width": 66}).raise_for_status().json()["id"]

    assert eventually(lambda: read_run(api, early)["state_name"] == "AwaitingWindow", TIMEOUT_SECONDS), (
        worker.read_text()
    )
    assert datetime.fromisoformat(read_run(api, early)["next_scheduled_start_time"]).hour == later.hour
    assert desk.purchases() == []

    (again,) = deploy(DEPLOYED)
    (desk.folder / "photo.png").unlink()
    desk.campaign.unlink()
    refused = start({"width": "wide"})
    ended = wait(api, start({"width": 70}).raise_for_status().json()["id"], worker)

    assert (again["change"], again["id"]) == ("updated", made["id"])
    assert refused.status_code == 409
    assert (ended["state_name"], ended["name"]) == ("Completed", "typed"), worker.read_text()
    (thumb,) = (desk.home / "out").glob("tiny-70-*/thumb-fast.jpg")
    with Image.open(thumb) as image:
        assert image.size == (70, 60)
    assert len(desk.purchases()) == 2


LEFT = """\
pressroom: 1
name: left
inputs: {photo: {type: image}}
steps:
  big: {uses: upscale, model: simulated/enlarge, with: {image: "{{ inputs.photo }}", scale: 2}}
  thumb: {uses: resize, with: {image: "{{ steps.big }}", width: 60, height: 40, format: jpeg}}
"""


@pytest.mark.prefect
def test_a_run_that_is_begun_over_http_is_made_by_a_worker(
    desk: Desk, worker: Path, api: httpx.Client, environment: dict[str, str]
) -> None:
    """The worker has the server's database and store, and of the campaign neither text nor files."""
    url = environment["PREFECT_API_URL"]
    assert desk.pressroom("home", "register", "hands", "--shared-disk", PREFECT_API_URL=url).code == 0
    more = {"run_deployment": "campaign/campaign", "workers_home": "hands", "prefect_api_url": SecretStr(url)}
    me, settings = Principal("default"), desk.settings.model_copy(update=more)
    photo = add_file(me, desk.context, desk.folder / "photo.png")
    (desk.folder / "photo.png").unlink()
    headers = {"Authorization": f"Bearer {create_token(me, desk.context, 'try', scopes=ALL_SCOPES).secret}"}
    campaign = {"yaml": LEFT, "inputs": {"photo": f"asset:{photo.id}"}}

    def record() -> RunRecord:
        return show_run(me, desk.context, run_id).line.run

    with TestClient(create_app(open_backend(settings)), base_url="http://test/api/v1/", headers=headers) as client:
        shown = client.post("plans", json=campaign).raise_for_status().json()["plan_hash"]
        twice = [
            client.post("runs", json={**campaign, "plan_hash": shown}, headers={"Idempotency-Key": "once"}).json()["id"]
            for _ in range(2)
        ]
        run_id = twice[0]
        assert eventually(lambda: bool(record().flow_run_id), TIMEOUT_SECONDS)
        ended = wait(api, record().flow_run_id, worker)
        run = client.get(f"runs/{run_id}").json()
        told = client.get(f"runs/{run_id}/events").text
        sheet = client.get(f"runs/{run_id}/contact-sheet").text

    assert (run["state"], run["plan_hash"], run["credits"]["captured"]) == ("completed", shown, 2)
    assert (ended["state_name"], ended["name"]) == ("Completed", "left"), worker.read_text()
    assert f"run:{run_id}" in ended["tags"]
    assert (set(twice), len(desk.purchases())) == ({run_id}, 1)
    assert [told.count(f"event: pressroom.run.{name}") for name in ("held", "completed")] == [1, 1], told
    assert sheet.startswith("<!doctype html>")


@pytest.mark.prefect
def test_the_doctor_tells_what_a_worker_sees(desk: Desk, worker: Path, environment: dict[str, str]) -> None:
    server = {"PREFECT_API_URL": environment["PREFECT_API_URL"]}
    assert desk.pressroom("home", "register", "seen", "--shared-disk", **server).code == 0

    done = desk.pressroom("doctor", "--from-worker", "pressroom", "--home-block", "seen", **server)
    nowhere = desk.pressroom("doctor", "--from-worker", "no-such-pool", **server)

    seen = {line.split()[1]: line for line in done.out.splitlines()}
    assert done.code == 0, done.out + done.err + worker.read_text()
    assert str(desk.home) in seen["home"]
    assert "written and read back" in seen["store"]
    assert (nowhere.code, "there is no work pool 'no-such-pool'" in nowhere.err) == (2, True)


def read_run(api: httpx.Client, flow_run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/flow_runs/{flow_run_id}").raise_for_status().json()
    return found


@pytest.mark.prefect
@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "should not be valid under {'properties': {'document'"),
        ({"file": "", "document": ""}, "should not be valid under {'properties': {'document'"),
        ({"file": "campaign.yaml", "flie": "x"}, "flie"),
        ({"file": "campaign.yaml", "feeds": "rows.csv"}, "request.feeds"),
        ({"file": "campaign.yaml", "run_id": "mine"}, "does not match"),
    ],
)
def test_the_api_refuses_bad_parameters(
    deployed: None, api: httpx.Client, request_: dict[str, Any], words: str
) -> None:
    answer = trigger(api, "campaign", {"request": request_})

    assert answer.status_code == 409
    assert words in answer.json()["detail"]


@pytest.mark.prefect
def test_a_schedule_makes_runs(deployed: None, api: httpx.Client) -> None:
    """Some releases of Prefect and its libraries fail every pass of the scheduler without a word to anybody."""
    deployment = api.get("/deployments/name/maintenance/maintenance").raise_for_status().json()
    which = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }

    def made() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.post("/flow_runs/filter", json=which).raise_for_status().json()
        return [run for run in found if run["auto_scheduled"]]

    assert eventually(lambda: bool(made()), TIMEOUT_SECONDS)
    assert {run["expected_start_time"][14:16] for run in made()} == {"17"}


@pytest.mark.prefect
def test_an_event_starts_the_campaign_that_it_asks_for(deployed: None, api: httpx.Client) -> None:
    request = {"document": "spring", "inputs": {"headline": 'Say "hello"', "takes": 2}, "account": "acme"}
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "pressroom.campaign.wanted",
        "resource": {"prefect.resource.id": "shop.product.4711"},
        "payload": {"request": request},
    }
    deployment = api.get("/deployments/name/campaign/on-event").raise_for_status().json()

    api.post("/events", json=[event]).raise_for_status()

    def started() -> list[dict[str, Any]]:
        which = {"deployments": {"id": {"any_": [deployment["id"]]}}}
        found: list[dict[str, Any]] = api.post("/flow_runs/filter", json=which).raise_for_status().json()
        return found

    assert eventually(lambda: bool(started()), TIMEOUT_SECONDS)
    assert [run["parameters"]["request"] for run in started()] == [request]
