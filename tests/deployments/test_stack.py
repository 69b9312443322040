"""The stack's files: what their linters say, what runs in it, and the same stack as processes. No container engine is here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from fnmatch import fnmatchcase
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
ONCE = {"minio-volume", "setup", "rehearsal"}  # done when they end
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


def is_sent_to_the_builder(path: str) -> bool:
    """By .dockerignore: the last line that names the path, or a folder that it lies in."""
    names = [path, *map(str, Path(path).parents)][:-1]
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        if pattern.startswith("**/"):
            meant = any(fnmatchcase(Path(name).name, pattern.removeprefix("**/")) for name in names)
        else:
            meant = any(fnmatchcase(name, pattern) and name.count("/") == pattern.count("/") for name in names)
        if meant and line and not line.startswith("#"):
            sent = line.startswith("!")
    return sent


def test_the_builder_is_sent_what_the_wheel_is_built_from_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (?!--|\. )(.+) \S+$", (DEPLOYMENTS / "Dockerfile").read_text(), re.MULTILINE)
    wanted = {*wheel["only-include"], *wheel["force-include"], *(name for line in copied for name in line.split())}

    assert {"pyproject.toml", "prefect.yaml", "flows", "docs/errors.md"} <= wanted
    assert [name for name in sorted(wanted) if not is_sent_to_the_builder(name)] == []
    left = [
        "deployments/campaigns/print-and-web/.pressroom/pressroom.db",
        "deployments/campaigns/print-and-web/out/a.jpg",
    ]
    others = [
        ".git/config",
        ".venv/bin/python",
        "tests/servers.py",
        "docs/api.md",
        "deployments/.env",
        "pressroom.toml",
    ]
    assert [name for name in (*left, *others, "flows/__pycache__/a.pyc") if is_sent_to_the_builder(name)] == []


def test_folders_of_the_project_are_not_forced_into_the_wheel() -> None:
    """What is forced in takes along what git ignores: databases, keys and media that runs leave beside the examples."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert all((ROOT / source).is_file() for source in wheel["force-include"])
    assert {f"pressroom/_project/{name}" for name in wheel["only-include"][1:]} == set(wheel["sources"].values())


def test_whoever_ends_is_waited_for_by_somebody_who_stays() -> None:
    """Or `docker compose up --wait` takes the end for a failure."""
    staying = [service for name, service in COMPOSE["services"].items() if name not in ONCE]
    awaited = {
        name
        for service in staying
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }

    assert awaited == ONCE


def test_the_key_of_the_store_is_no_word_that_is_printed_otherwise() -> None:
    """Secrets are blotted out wherever they stand: as `pressroom` it took the names of folders, buckets and databases along."""
    home = COMPOSE["x-home"]
    key = home["PRESSROOM_STORE_ACCESS_KEY"]

    assert COMPOSE["services"]["minio"]["environment"]["MINIO_ROOT_USER"] == key
    assert not [name for name, value in home.items() if key in value and name != "PRESSROOM_STORE_ACCESS_KEY"]


def test_the_rehearsal_buys_from_its_simulator() -> None:
    simulator = COMPOSE["services"]["simulator"]
    options = dict(zip(simulator["command"][2::2], simulator["command"][3::2], strict=True))
    called = re.findall(r"Address\((.+?)\)", COMPOSE["services"]["rehearsal"]["command"][-1])

    assert options["--host"] == simulator["hostname"] == "simulator"
    assert called == [f'{options["--port"]}, {options["--files-port"]}, "simulator"']


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
