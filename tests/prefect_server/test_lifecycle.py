"""The local Prefect server: one per home, found again, never confused with another process."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest

from pressroom import prefect_server, processes
from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import Retryable
from pressroom.keys.vendor_keys import variables_of
from pressroom.prefect_server import database, make_schema
from pressroom.prefect_server.child import Activity
from pressroom.prefect_server.environment import client_environment, server_environment, tuned_settings
from pressroom.prefect_server.record import ServerRecord, load, record_path, save, server_folder
from pressroom.project import project_root

READY_SECONDS = 120


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home on a path with a space; whatever server it got ends with the test."""
    folder = tmp_path / "a home"
    yield folder
    prefect_server.stop(folder)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[prefect_server.PendingServer]:
    """A server on an empty home, shared by the tests that only look at it."""
    home = tmp_path_factory.mktemp("shared") / "a home"
    server = prefect_server.ensure_started(home)
    server.wait_ready(READY_SECONDS)
    yield server
    prefect_server.stop(home)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def eventually(condition: Callable[[], bool], seconds: float = 600) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def told(server: prefect_server.PendingServer, path: str, body: dict[str, object]) -> dict[str, Any]:
    """What the server answers to a POST that it takes, asked again while its database is busy, as Prefect's clients do."""
    for _ in range(60):
        answer = httpx.post(server.api_url + path, json=body, timeout=30)
        if answer.status_code != 503:
            break
        time.sleep(1)
    answer.raise_for_status()
    return answer.json() if answer.content else {}


def is_free(port: int) -> bool:
    """True once no process listens there any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def record_of(pid: int, **changes: object) -> ServerRecord:
    identity = processes.identity(pid) or "gone"
    record = ServerRecord(pid, 4999, "2026-01-01T00:00:00+00:00", identity, prefect_server.lifecycle.prefect_version())
    return dataclasses.replace(record, **changes)


def test_a_started_server_answers_on_loopback_and_shows_its_pages(running: prefect_server.PendingServer) -> None:
    with urlopen(f"{running.api_url}/health") as health, urlopen(running.ui_url) as page:
        assert json.load(health) is True
        assert b"<html" in page.read()
    with urlopen(f"{running.ui_url}/ui-settings") as settings:
        assert json.load(settings)["api_url"] == "/api"


def test_later_commands_find_the_server_that_runs(running: prefect_server.PendingServer) -> None:
    again = prefect_server.ensure_started(running.home)
    found = prefect_server.status(running.home)

    assert again.reused
    assert again.record == running.record
    assert found is not None
    assert found.ready
    assert f"answers at {running.ui_url}" in prefect_server.check(running.home)


def test_everything_the_server_keeps_is_in_the_home(running: prefect_server.PendingServer) -> None:
    kept = {path.name for path in server_folder(running.home).iterdir()}

    assert {"prefect.db", "server.json", "server.log"} <= kept


def test_a_client_with_our_environment_talks_to_this_server(running: prefect_server.PendingServer) -> None:
    program = "from prefect.client.orchestration import get_client\n"
    program += "with get_client(sync_client=True) as client: print(client.api_url, client.api_healthcheck())"
    environment = {**os.environ, "PREFECT_PROFILE": "of-the-user"}
    environment |= client_environment(running.home, running.api_url)

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=running.home, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == [f"{running.api_url}/", "None"]
    assert done.stderr == ""


def test_the_server_does_not_hear_the_ctrl_c_of_the_command_that_started_it(home: Path) -> None:
    program = "import sys, time; from pathlib import Path; from pressroom import prefect_server\n"
    program += "print(prefect_server.ensure_started(Path(sys.argv[1])).record.pid, flush=True); time.sleep(600)"
    command = subprocess.Popen(
        [sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert command.stdout is not None
    pid = int(command.stdout.readline())

    os.killpg(command.pid, signal.SIGINT)
    command.wait()
    command.stdout.close()

    found = prefect_server.status(home)
    assert found is not None
    assert found.record.pid == pid
    prefect_server.ensure_started(home).wait_ready(READY_SECONDS)


def test_two_commands_at_once_end_with_one_server(home: Path) -> None:
    program = "import sys; from pathlib import Path; from pressroom import prefect_server\n"
    program += "print(prefect_server.ensure_started(Path(sys.argv[1])).record.pid)"
    arguments = [sys.executable, "-c", program, str(home)]
    commands = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    pids = {command.communicate()[0].strip() for command in commands}

    assert len(pids) == 1


def test_stop_ends_the_server_and_may_be_repeated(home: Path) -> None:
    server = prefect_server.ensure_started(home)

    assert prefect_server.stop(home)

    assert processes.identity(server.record.pid) != server.record.process_identity
    assert not prefect_server.stop(home)
    assert prefect_server.status(home) is None
    assert "not running" in prefect_server.check(home)


def test_stop_in_a_home_that_never_had_a_server_leaves_it_as_it_was(tmp_path: Path) -> None:
    assert not prefect_server.stop(tmp_path / "nothing")

    assert list(tmp_path.iterdir()) == []


def test_a_killed_server_is_replaced_on_the_same_port_with_its_records(home: Path) -> None:
    first = prefect_server.ensure_started(home)
    first.wait_ready(READY_SECONDS)
    os.kill(first.record.pid, signal.SIGKILL)
    assert eventually(lambda: is_free(first.record.port))

    second = prefect_server.ensure_started(home)
    second.wait_ready(READY_SECONDS)

    assert not second.reused
    assert second.record.pid != first.record.pid
    assert second.api_url == first.api_url


def test_a_killed_server_still_knows_which_flow_run_has_the_place_of_a_deployment(home: Path) -> None:
    first = prefect_server.ensure_started(home)
    first.wait_ready(READY_SECONDS)
    flow = told(first, "/flows/", {"name": "one-at-a-time"})
    limited = {"name": "one", "flow_id": flow["id"], "concurrency_limit": 1}
    deployment = told(first, "/deployments/", limited)
    runs = [told(first, f"/deployments/{deployment['id']}/create_flow_run", {})["id"] for _ in range(2)]
    pending: dict[str, object] = {"state": {"type": "PENDING"}}
    begun = told(first, f"/flow_runs/{runs[0]}/set_state", pending)
    lease = begun["state"]["state_details"]["deployment_concurrency_lease_id"]
    os.kill(first.record.pid, signal.SIGKILL)
    assert eventually(lambda: is_free(first.record.port))
    second = prefect_server.ensure_started(home)
    second.wait_ready(READY_SECONDS)

    told(second, f"/v2/concurrency_limits/leases/{lease}/renew", {"lease_duration": 60})
    waits = told(second, f"/flow_runs/{runs[1]}/set_state", pending)
    told(second, f"/flow_runs/{runs[0]}/set_state", {"state": {"type": "CRASHED"}})
    begins = told(second, f"/flow_runs/{runs[1]}/set_state", pending)

    assert [(each["status"], each["state"]["name"]) for each in (waits, begins)] == [
        ("REJECT", "AwaitingConcurrencySlot"),
        ("ACCEPT", "Pending"),
    ]


def test_a_port_that_someone_else_took_meanwhile_is_left_to_them(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        server_folder(home).mkdir(parents=True)
        save(home, record_of(os.getpid(), port=taken, process_identity="an earlier boot"))

        server = prefect_server.ensure_started(home)

        assert server.record.port != taken


def test_a_recycled_pid_is_never_ended(home: Path, bystander: subprocess.Popen[bytes]) -> None:
    server_folder(home).mkdir(parents=True)
    save(home, record_of(bystander.pid, process_identity="an earlier process"))

    assert prefect_server.status(home) is None
    assert not prefect_server.stop(home)

    assert bystander.poll() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "all"}'])
def test_an_unreadable_record_counts_as_none(home: Path, text: str) -> None:
    server_folder(home).mkdir(parents=True)
    record_path(home).write_text(text)

    assert load(home) is None
    assert prefect_server.status(home) is None
    assert not prefect_server.stop(home)


def test_a_server_of_another_prefect_version_is_replaced(home: Path) -> None:
    first = prefect_server.ensure_started(home)
    save(home, dataclasses.replace(first.record, prefect_version="3.0.0"))

    second = prefect_server.ensure_started(home)

    assert not second.reused
    assert processes.identity(first.record.pid) != first.record.process_identity


def test_a_server_whose_home_was_deleted_ends_by_itself(home: Path) -> None:
    server = prefect_server.ensure_started(home)
    server.wait_ready(READY_SECONDS)

    eventually(lambda: _gone(home))  # the server may write a file into a folder that is just being emptied

    assert prefect_server.status(home) is None
    assert eventually(lambda: not processes.is_running(server.record.pid, server.record.process_identity))


def _gone(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def test_a_server_that_cannot_start_says_why_and_what_to_do(home: Path) -> None:
    server_folder(home).mkdir(parents=True)
    (server_folder(home) / "prefect.db").write_text("this is not a database, and no migration can make it one" * 100)

    with pytest.raises(Retryable, match="ended while it started") as caught:
        prefect_server.ensure_started(home).wait_ready(READY_SECONDS)

    assert "file is not a database" in str(caught.value)
    assert "pressroom down" in caught.value.hint


def test_waiting_ends_at_the_time_limit(home: Path, bystander: subprocess.Popen[bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        record = record_of(bystander.pid, port=silent.getsockname()[1])

        with pytest.raises(Retryable, match=r"did not answer within 0\.2 s"):
            prefect_server.PendingServer(home, record, reused=True).wait_ready(0.2)


def test_every_name_in_prefect_toml_is_a_setting_of_the_installed_prefect() -> None:
    from prefect.settings.legacy import _get_settings_fields
    from prefect.settings.models.root import Settings

    variables = tuned_settings(project_root() / "prefect.toml")

    assert variables["PREFECT_SERVER_UI_API_URL"] == "/api"
    assert set(variables) <= set(_get_settings_fields(Settings))


def test_the_server_gets_none_of_the_users_prefect_settings(tmp_path: Path) -> None:
    theirs = {"PREFECT_API_DATABASE_CONNECTION_URL": "postgresql://production", "PREFECT_API_URL": "x", "PATH": "/bin"}

    environment = server_environment(tmp_path, 4999, theirs)

    assert environment["PATH"] == "/bin"
    assert "production" not in str(environment)
    assert "PREFECT_API_URL" not in environment


def test_the_server_gets_no_key_of_a_vendor(tmp_path: Path) -> None:
    theirs = {
        "FAL_KEY": "a:b",
        "FAL_ADMIN_KEY": "c:d",
        "REPLICATE_API_TOKEN_FILE": "/run/secrets/token",
        "PATH": "/bin",
    }

    environment = server_environment(tmp_path, 4999, theirs, withheld=variables_of(load_catalog()))

    assert environment["PATH"] == "/bin"
    assert not theirs.keys() & environment.keys() - {"PATH"}


def test_clients_never_send_loopback_requests_to_a_proxy(tmp_path: Path) -> None:
    assert client_environment(tmp_path, "http://127.0.0.1:4999/api")["NO_PROXY"].endswith("127.0.0.1")


def schema_of(path: Path) -> dict[str, object]:
    """Every object with its columns in order and the lines of its SQL in any order.

    Migrating twice already gives a table's constraints in two different orders, which mean the same.
    """
    with closing(sqlite3.connect(path)) as connection:
        objects = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {
            f"{kind} {name}": (
                connection.execute(f"PRAGMA table_xinfo('{name}')").fetchall(),
                sorted(line.strip(" ,\t") for line in sql.splitlines()),
            )
            for kind, name, sql in objects
        }


def test_the_prepared_database_is_exactly_what_migrating_makes(tmp_path: Path) -> None:
    """After an upgrade of Prefect, `python -m pressroom.prefect_server.make_schema` writes schema.sql anew."""
    (tmp_path / "migrated").mkdir()
    migrated = make_schema.migrated(tmp_path / "migrated")

    assert database.prepare(tmp_path), "schema.sql belongs to another Prefect than the installed one"

    assert schema_of(tmp_path / "prefect.db") == schema_of(migrated)
    assert rows_of(tmp_path / "prefect.db") == rows_of(migrated)


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables}


def test_a_database_that_exists_is_not_touched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('older')")
        connection.commit()

    assert not database.prepare(tmp_path), "an older database must be migrated by Prefect"

    assert rows_of(tmp_path / "prefect.db") == {"alembic_version": [("older",)]}


def test_a_server_is_idle_only_while_no_request_is_open() -> None:
    seen: list[float] = []

    async def application(scope: object, receive: object, send: object) -> None:
        await asyncio.sleep(0.05)
        seen.append(activity.idle_seconds)

    async def nothing() -> None:
        """The channels are not used here."""

    activity = Activity(application)
    asyncio.run(activity({"type": "http"}, nothing, nothing))
    time.sleep(0.05)

    assert seen == [0.0]
    assert activity.idle_seconds >= 0.05


NO_HOME = """
import os, pwd, sys
from pathlib import Path
from pressroom.prefect_server.environment import home_variable
os.setuid(12345)
print(home_variable(Path(sys.argv[1])))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may act as a user who is not in the list of users")
def test_prefect_is_given_a_home_where_the_user_has_none(tmp_path: Path) -> None:
    def given(**environment: str) -> str:
        command = [sys.executable, "-c", NO_HOME, str(tmp_path)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert given() == f"{ ({'HOME': str(server_folder(tmp_path))}) }\n"
    assert given(HOME="/tmp") == "{}\n"
