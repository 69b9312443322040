"""Tasks that bring masters to the platforms' sizes."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.runtime import task_run

from pressroom.services.run_node import NodeResult
from tasks.node import NODE_TASK, NodeRef, make


@task(name="export", **NODE_TASK)
def make_export(node: NodeRef, upstream: list[Any]) -> NodeResult:
    """Make every rendition of one master."""
    return make(node, upstream, task_run.run_count)
