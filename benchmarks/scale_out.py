"""How much sooner a campaign is done when a second worker helps, each worker on a core of its own.

    python benchmarks/scale_out.py [VARIANTS]

Two worker processes of a Prefect server, each pinned to one core with all that it starts, make the same campaign of real media
work: once by one of them, then in an empty home shared by both. The time is that of the run's flow run, from its start to its
end, its helper's start included. Yardstick: the same work by one worker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POOL = "scale"
ENDS_WITHIN_SECONDS = 1_800
# Five nodes a variant, each variant a group of its own.
CAMPAIGN = """\
pressroom: 1
name: scale
inputs:
  product: {type: image, default: product.png}
  takes: {type: list, of: number, default: TAKES}
steps:
  scene:
    uses: replace_background
    for_each: {n: "{{ inputs.takes }}"}
    with: {image: "{{ inputs.product }}", color: "#8090a0", seed: "{{ each.n }}", width: 1600, height: 1200}
  larger: {uses: upscale, with: {image: "{{ steps.scene }}", scale: 2}}
  square: {uses: resize, with: {image: "{{ steps.larger }}", width: 1080, height: 1080, format: jpeg}}
  story: {uses: resize, with: {image: "{{ steps.larger }}", width: 1080, height: 1920, format: jpeg}}
  wide: {uses: resize, with: {image: "{{ steps.larger }}", width: 1920, height: 1080, format: webp}}
"""


def main() -> None:
    variants = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    sys.path.insert(0, str(ROOT))
    from pressroom.prefect_server import client_environment, ensure_started, stop

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = ensure_started(folder / "prefect")
        try:
            server.wait_ready()
            os.environ.update(client_environment(folder / "prefect", server.api_url))
            from prefect.client.orchestration import get_client

            with get_client(sync_client=True) as client, workers(client, folder):
                flow = deployed(client)
                alone, shared = (timed(client, flow, folder / str(number), variants, number) for number in (1, 2))
        finally:
            stop(folder / "prefect")
    print(json.dumps({"nodes": variants * 5, "alone": alone, "shared": shared, "speed_up": alone["s"] / shared["s"]}))


@contextmanager
def workers(client: Any, folder: Path) -> Iterator[None]:
    from prefect.client.schemas.actions import WorkPoolCreate

    client.create_work_pool(WorkPoolCreate(name=POOL, type="process"), overwrite=True)
    prefect = Path(sys.executable).with_name("prefect")
    environment = {**os.environ, "PREFECT_WORKER_QUERY_SECONDS": "1", "PRESSROOM_MAX_WORKERS": "1"}
    started = []
    for core in sorted(os.sched_getaffinity(0))[:2]:
        with (folder / f"worker-{core}.log").open("wb") as log:
            process = subprocess.Popen(
                [prefect, "worker", "start", "--pool", POOL, "--type", "process", "--limit", "1"],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        os.sched_setaffinity(process.pid, {core})  # and so is all that it starts
        started.append(process)
    try:
        yield
    finally:
        for process in started:
            process.kill()  # it has nothing to do, and may take its time over that
            process.wait(60)


def deployed(client: Any) -> Any:
    """The campaign flow's deployment and the helpers', for these workers."""
    from flows.campaign import campaign
    from flows.helper import HELPER, helper

    steps = [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    made = [
        client.create_deployment(
            client.create_flow(flow), name, entrypoint=entrypoint, work_pool_name=POOL, pull_steps=steps
        )
        for flow, name, entrypoint in (
            (campaign, "scale", "flows.campaign.campaign"),
            (helper, HELPER.partition("/")[2], "flows.helper.helper"),
        )
    ]
    return made[0]


def timed(client: Any, deployment: Any, folder: Path, variants: int, count: int) -> dict[str, Any]:
    """Seconds of the run's flow run, and how many nodes were made by the helper."""
    from pressroom.services.run_request import RunRequest
    from tests.support.media import product

    folder.mkdir()
    product(1600, 1200).save(folder / "product.png")
    path = folder / "campaign.yaml"
    path.write_text(CAMPAIGN.replace("TAKES", str([*range(variants)])), encoding="utf-8")
    request = RunRequest(file=str(path), home=str(folder / "home"), label=f"by {count}", workers=count)
    made = client.create_flow_run_from_deployment(deployment, parameters={"request": request.model_dump(mode="json")})
    deadline = time.monotonic() + ENDS_WITHIN_SECONDS
    while not (found := client.read_flow_run(made.id)).state.is_final():
        if time.monotonic() > deadline:
            raise SystemExit(f"not done within {ENDS_WITHIN_SECONDS} s: {found.state}")
        time.sleep(1)
    if found.state.name != "Completed":
        raise SystemExit(f"{found.state.name}: {found.state.message}")
    return {"s": round(found.total_run_time.total_seconds(), 1), "helpers": helpers(client, made.id)}


def helpers(client: Any, flow_run_id: Any) -> list[str]:
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentFlowRunId

    children = FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id]))
    return [str(each.state.message) for each in client.read_flow_runs(flow_run_filter=children)]


if __name__ == "__main__":
    main()
