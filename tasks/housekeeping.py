"""What has to be done from time to time, whether anybody runs a campaign or not."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from pressroom.ledger.invariants import check_invariants
from pressroom.runs.records import known_flow_runs
from pressroom.services.auto_tagging import tag_all
from pressroom.services.close_ended import close_ended
from pressroom.services.jobs import collect_all
from pressroom.services.recover_runs import recover_runs
from pressroom.services.refill_accounts import refill_all
from pressroom.services.sweep_store import sweep_store
from tasks.context import HomeRef
from tasks.engine import TAKERS, ended_flow_runs, restart_lost


@task(name="recover runs", task_run_name="recover runs", cache_policy=NO_CACHE, persist_result=False, retries=2)
def recover(home: HomeRef) -> dict[str, list[str]]:
    """Have workers take up runs whose process is gone, close those that no worker runs, and release holds past their expiry.

    A process may have gone before its run was in the books: then its flow run is begun anew.
    """
    context = home.open()

    def known(flow_run_ids: Sequence[str]) -> set[str]:
        with context.database.read() as conn:
            return known_flow_runs(conn, flow_run_ids)

    found, ended = recover_runs(context, TAKERS), close_ended(context, ended_flow_runs)
    closed, begun = [*found.closed, *ended], restart_lost(home.block, known)
    get_run_logger().info(
        "%d runs closed, %d taken up again, %d flow runs begun anew", len(closed), len(found.resumed), len(begun)
    )
    return {"closed": closed, "resumed": list(found.resumed), "begun_anew": begun}


@task(name="collect purchases", task_run_name="collect purchases", cache_policy=NO_CACHE, persist_result=False)
def collect_purchases(home: HomeRef) -> list[str]:
    """Ask vendors about what runs that have ended had ordered, and keep what is done; the next run that needs it files it."""
    moved = collect_all(home.open())
    for job in moved:
        get_run_logger().info("job %s of %s is %s", job.order_key, job.maker, job.state)
    return [job.order_key for job in moved]


@task(name="sweep", task_run_name="sweep", cache_policy=NO_CACHE, persist_result=False)
def sweep(home: HomeRef) -> int:
    """Purge what has lain in the trash long enough and remove objects that nothing refers to; how many of killed processes."""
    found = sweep_store(home.open())
    return found.objects if found else 0


@task(name="refill", task_run_name="refill", cache_policy=NO_CACHE, persist_result=False, retries=2)
def refill(home: HomeRef) -> list[str]:
    """Give accounts the credits of the month that they have not had; names of the accounts."""
    return refill_all(home.open())


@task(name="tag", task_run_name="tag", cache_policy=NO_CACHE, persist_result=False)
def tag(home: HomeRef) -> int:
    """Put the tags of rules on what was filed since; returns on how many assets."""
    return tag_all(home.open())


@task(name="audit", task_run_name="audit", cache_policy=NO_CACHE, persist_result=False)
def audit_ledger(home: HomeRef) -> list[str]:
    """Every way in which the books do not add up; none is expected."""
    context = home.open()
    with context.database.read() as conn:
        wrong = check_invariants(conn)
    for sentence in wrong:
        get_run_logger().error("ledger: %s", sentence)
    return wrong
