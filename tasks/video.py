"""Tasks that make moving pictures."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.runtime import task_run

from pressroom.services.run_node import NodeResult
from tasks.node import NODE_TASK, NodeRef, make


@task(name="video", **NODE_TASK)
def make_video(node: NodeRef, upstream: list[Any]) -> NodeResult:
    """Turn pictures into a clip."""
    return make(node, upstream, task_run.run_count)
