"""What has to be done from time to time, whether anybody runs a campaign or not."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from pressroom.ledger.invariants import check_invariants
from pressroom.services.jobs import collect_all
from pressroom.services.recover_runs import release_abandoned
from tasks.context import HomeRef


@task(
    name="release abandoned", task_run_name="release abandoned", cache_policy=NO_CACHE, persist_result=False, retries=2
)
def release_dead_runs(home: HomeRef) -> list[str]:
    """Release the holds of runs that died here, and every hold past its expiry."""
    found = release_abandoned(home.open())
    get_run_logger().info("%d abandoned runs released", len(found))
    return found


@task(name="collect purchases", task_run_name="collect purchases", cache_policy=NO_CACHE, persist_result=False)
def collect_purchases(home: HomeRef) -> list[str]:
    """Ask vendors about what runs that have ended had ordered, and keep what is done; the next run that needs it files it."""
    moved = collect_all(home.open())
    for job in moved:
        get_run_logger().info("job %s of %s is %s", job.order_key, job.maker, job.state)
    return [job.order_key for job in moved]


@task(name="audit", task_run_name="audit", cache_policy=NO_CACHE, persist_result=False)
def audit_ledger(home: HomeRef) -> list[str]:
    """Every way in which the books do not add up; none is expected."""
    context = home.open()
    with context.database.read() as conn:
        wrong = check_invariants(conn)
    for sentence in wrong:
        get_run_logger().error("ledger: %s", sentence)
    return wrong
