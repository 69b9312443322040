"""Tasks that make or change pictures."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.runtime import task_run

from pressroom.services.run_node import NodeResult
from tasks.node import NODE_TASK, NodeRef, make


@task(name="image", **NODE_TASK)
def make_image(node: NodeRef, upstream: list[Any]) -> NodeResult:
    """Generate, cut out, compose, enlarge or letter one picture."""
    return make(node, upstream, task_run.run_count)
