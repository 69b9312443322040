"""Ask a worker what it sees: a small flow on its pool, whose answer is an artifact of the run."""

from __future__ import annotations

import json
import time
from typing import Any, Final
from urllib.parse import quote

from pressroom.domain.errors import Invalid, Permanent, Problem, Retryable
from pressroom.prefect_server.api import PrefectServer
from pressroom.project import ENTER
from pressroom.surroundings import Check

FLOW: Final = "doctor"
ENTRYPOINT: Final = "flows.doctor.doctor"
ARTIFACT: Final = "doctor"
WAIT_SECONDS: Final = 180
ASK_SECONDS: Final = 1.0
_ENDED: Final = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def checks_of_worker(server: PrefectServer, pool: str, home_block: str) -> list[Check]:
    """The checks as a worker of the pool found them.

    Raises Invalid for a pool that is not there, Retryable when no worker has answered in time, Permanent when the run broke.
    """
    run_id = _start(server, pool, home_block)
    deadline = time.monotonic() + WAIT_SECONDS
    while (run := server.do("the run", "GET", f"/flow_runs/{run_id}"))["state_type"] not in _ENDED:
        if time.monotonic() > deadline:
            server.do("the run", "DELETE", f"/flow_runs/{run_id}")
            hint = f"is one running? prefect worker start --pool {pool}"
            raise Retryable(f"no worker of pool {pool!r} has answered in {WAIT_SECONDS} s", hint=hint)
        server.sleep(ASK_SECONDS)
    if run["state_type"] != "COMPLETED":
        said = (run["state"] or {}).get("message") or run["state_name"]
        raise Permanent(f"the worker could not look: {said}", hint=f"its log has more: flow run {run['name']}")
    return _answer(server, run_id)


def _start(server: PrefectServer, pool: str, home_block: str) -> str:
    if server.ask("GET", f"/work_pools/{quote(pool, safe='')}")[0] == 404:
        raise Invalid.of([Problem("deployment", f"there is no work pool {pool!r}", "`pressroom deploy` makes it")])
    flow = server.do("the flow", "POST", "/flows/", {"name": FLOW})
    body = {
        "name": pool,
        "description": "What a worker sees of its home: `pressroom doctor --from-worker`.",
        "flow_id": flow["id"],
        "entrypoint": ENTRYPOINT,
        "pull_steps": [{ENTER: {}}],
        "work_pool_name": pool,
        "parameters": {"home_block": ""},
        "tags": ["pressroom"],
    }
    deployment = server.do("the deployment", "POST", "/deployments/", body)
    asked = {"parameters": {"home_block": home_block}, "state": {"type": "SCHEDULED"}}
    return str(server.do("the run", "POST", f"/deployments/{deployment['id']}/create_flow_run", asked)["id"])


def _answer(server: PrefectServer, run_id: str) -> list[Check]:
    where = {"artifacts": {"key": {"any_": [ARTIFACT]}, "flow_run_id": {"any_": [run_id]}}}
    found: list[dict[str, Any]] = server.do("the answer", "POST", "/artifacts/filter", where)
    if not found:
        raise Permanent("the worker gave no answer", hint=f"see flow run {run_id}")
    data = found[0]["data"]
    rows = json.loads(data) if isinstance(data, str) else data
    return [Check(str(row["what"]), row["ok"] == "yes", str(row["found"])) for row in rows]
