"""The stack's files: what their linters say, what runs in it, and the same stack as processes. No container engine is here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.support.desks import eventually

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = ROOT / "deployments"
PROGRAMS = Path(sys.executable).parent
COMPOSE = yaml.safe_load((DEPLOYMENTS / "compose.yaml").read_text())
MANIFESTS = list(yaml.safe_load_all((DEPLOYMENTS / "kubernetes" / "pressroom.yaml").read_text()))
JOB = json.loads((DEPLOYMENTS / "pools" / "kubernetes.json").read_text())["job_configuration"]["job_manifest"]
ONCE = {"minio-volume", "setup"}  # done when they end
PINNED = re.compile(r"[\w./-]+:[\w.-]*\d[\w.-]*")


def run(*command: str | Path) -> str:
    done = subprocess.run([PROGRAMS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_dockerfile_passes_its_linter() -> None:
    assert run("hadolint", DEPLOYMENTS / "Dockerfile") == ""


def test_the_compose_file_is_one() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOYMENTS / "compose.yaml")


def test_the_manifests_are_valid_and_so_is_the_job_of_the_work_pool(tmp_path: Path) -> None:
    named = {**JOB, "metadata": {**JOB["metadata"], "name": "run"}}
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(named))

    said = run("kubernetes-validate", "--strict", DEPLOYMENTS / "kubernetes" / "pressroom.yaml", tmp_path / "job.yaml")

    assert said.count(" passed for resource ") == len(MANIFESTS) + 1
    assert "ERROR" not in said


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_is_pinned_healthy_and_not_root(name: str) -> None:
    service = COMPOSE["services"][name]

    assert PINNED.fullmatch(service["image"])
    assert ("healthcheck" in service) != (name in ONCE)
    if "build" not in service and name != "minio-volume":
        assert int(service["user"].split(":")[0]) > 0


def test_the_image_is_built_of_pinned_ones_and_does_not_run_as_root() -> None:
    lines = (DEPLOYMENTS / "Dockerfile").read_text().splitlines()

    assert all(PINNED.fullmatch(line.split()[1]) for line in lines if line.startswith("FROM "))
    assert "USER 10001:10001" in lines


def pods() -> list[dict[str, Any]]:
    return [each["spec"]["template"]["spec"] for each in (*MANIFESTS, JOB) if each["kind"] in ("Deployment", "Job")]


def test_no_pod_runs_as_root_or_writes_where_it_should_not() -> None:
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            assert PINNED.fullmatch(container["image"])
            closed = container["securityContext"]
            assert (closed["allowPrivilegeEscalation"], closed["readOnlyRootFilesystem"]) == (False, True)
            assert closed["capabilities"] == {"drop": ["ALL"]}
            assert {"requests", "limits"} <= container["resources"].keys()


@pytest.mark.parametrize("name", ["process", "kubernetes"])
def test_no_work_pool_takes_an_environment_from_callers(name: str) -> None:
    template = json.loads((DEPLOYMENTS / "pools" / f"{name}.json").read_text())

    assert template["variables"]["additionalProperties"] is False
    assert not template["variables"]["properties"].keys() & {"env", "command", "image", "working_dir"}
    assert template["job_configuration"]["env"] == {}


@pytest.mark.skipif(
    "PRESSROOM_TEST_S3_ENDPOINT" not in os.environ or "PRESSROOM_TEST_POSTGRES_URL" not in os.environ,
    reason="NO SERVERS: run the tests under `python tests/servers.py`",
)
@pytest.mark.timeout(600)  # a server, two workers and a run on one of them
def test_the_stack_runs_as_processes_and_ends_at_a_word(tmp_path: Path) -> None:
    """With the servers of the tests in place of its own."""
    folder = tmp_path / "stack"
    script = [sys.executable, str(DEPLOYMENTS / "stack.py"), "--folder", str(folder)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(script, cwd=tmp_path, stdout=log, stderr=log)
    said = (tmp_path / "log").read_text
    try:
        assert eventually(lambda: "Prefect is at" in said() or process.poll() is not None, 240), said()
        assert process.poll() is None, said()
        variables = dict(
            line.removeprefix("export ").replace("'", "").split("=", 1)
            for line in (folder / "env").read_text().splitlines()
        )
        command = [PROGRAMS / "pressroom", "doctor", "--from-worker", "pressroom", "--home-block", "stack"]
        seen = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        assert seen.returncode == 0, seen.stdout + seen.stderr
        assert "PostgreSQL" in seen.stdout
        assert "bucket s3://pressroom" in seen.stdout

        next(each for each in psutil.Process(process.pid).children() if "worker-1" in each.cmdline()).kill()

        assert eventually(lambda: "worker-1 has ended and is started again" in said(), 30), said()
        assert process.poll() is None, said()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, said()
    assert not (folder / "pid").exists()
