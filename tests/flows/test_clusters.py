"""Nodes of a flow run on a cluster: a Dask scheduler and two workers, each a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dask.config
import pytest
from prefect.client.orchestration import SyncPrefectClient

from flows.clusters import connected
from pressroom.domain.errors import Invalid
from pressroom.ledger.invariants import check_invariants
from pressroom.project import project_root
from pressroom.runs.nodes import nodes_of
from pressroom.settings import settings_for
from tests.flows.conftest import RunFlow
from tests.support.desks import Desk, eventually

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def scheduler(tmp_path: Path, client: SyncPrefectClient) -> Iterator[str]:
    """The address of a scheduler that has two workers; all of them find the project and write beside the test."""
    environment = {**os.environ, "PYTHONPATH": str(project_root()), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = tmp_path / f"{name}.log"
        with log.open("wb") as out:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *arguments],
                    cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                )
            )  # fmt: skip
        return log

    log = start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    assert eventually(lambda: bool(_address(log)), 60), log.read_text()
    address = _address(log)
    for name in ("one", "two"):
        start(name, "worker", f"tcp://{address}", "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard",
              "--nworkers", "1", "--no-nanny", "--name", name)  # fmt: skip
    assert eventually(lambda: log.read_text().count("Register worker") == 2, 60), log.read_text()
    try:
        yield f"dask://{address}"
    finally:
        for process in started:
            process.kill()
            process.wait(30)


def _address(log: Path) -> str:
    found = re.search(r"Scheduler at: +tcp://(127\.0\.0\.1:\d+)", log.read_text())
    return found[1] if found else ""


def test_a_campaign_is_made_by_a_clusters_processes_and_filed_as_any_other(
    desk: Desk, scheduler: str, run_flow: RunFlow, tmp_path: Path
) -> None:
    (desk.folder / "pressroom.toml").write_text(f'cluster = "{scheduler}"\n')

    summary = run_flow(desk.request()).result()

    assert (summary["state"], summary["credits"]["captured"]) == ("completed", 4)
    with desk.context.database.read() as conn:
        assert check_invariants(conn) == []
        assert {node.state for node in nodes_of(conn, desk.account_id, summary["run_id"])} == {"done"}
    assert len(desk.purchases()) == 2


def test_a_cluster_that_nobody_serves_is_said() -> None:
    patience = dask.config.set({"distributed.comm.timeouts.connect": "1s"})
    with patience, pytest.raises(Invalid, match=r"dask://127\.0\.0\.1:1"), connected("dask://127.0.0.1:1"):
        pass


def test_an_address_that_is_no_cluster_is_named_with_an_example(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"'tcp://here' is no cluster, e\.g\. dask://scheduler:8786"):
        settings_for(tmp_path, {"PRESSROOM_CLUSTER": "tcp://here"})


def test_without_a_cluster_there_is_none() -> None:
    with connected("") as cluster:
        assert cluster is None
