"""After the nodes: give back what was not spent, put the files where people look, and say how it went."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from pressroom.domain.money import credits_text
from pressroom.reporting.summary import summary_of
from pressroom.runs.settlement import Settlement
from pressroom.services.deliver_run import publish
from pressroom.services.finish_run import settle_finished
from pressroom.services.library import links_to, run_page_of
from tasks.context import HomeRef, open_run


@task(name="settle", task_run_name="settle", cache_policy=NO_CACHE, persist_result=False, retries=2)
def settle(home: HomeRef, run_id: str, lease: int, nodes: list[Any]) -> Settlement:
    """Put the files on their collections and release the rest of the hold.

    `nodes` are the results waited for; what counts is what was recorded.
    """
    context = home.open()
    found = settle_finished(context, open_run(context, run_id, lease))
    get_run_logger().info(
        "%s: captured %s, released %s credits",
        found.state,
        credits_text(found.captured_micros),
        credits_text(found.released_micros),
    )
    return found


@task(name="report", task_run_name="report", cache_policy=NO_CACHE, persist_result=False)
def report(home: HomeRef, lease: int, settled: Settlement) -> dict[str, Any]:
    """Deliver the files, write the contact sheet, and return the run as JSON values, with `links` by asset id and its `page`."""
    context = home.open()
    found = publish(context, open_run(context, settled.run_id, lease).plan, settled)
    if found.delivery.problem is not None:
        get_run_logger().error("%s", found.delivery.problem)
    else:
        get_run_logger().info("delivered to %s", found.delivery.folder)
    summary = summary_of(found)
    return {**summary, "links": links_to(context, summary), "page": run_page_of(context, settled.run_id)}
