"""What is spent counts against the month's allowances in full and once: units as dollars, whatever becomes of the job."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pressroom.buying import journal
from pressroom.buying.costs import bring_captured_to, count_spent
from pressroom.database.engine import Database
from pressroom.database.schema import allowance
from pressroom.domain.errors import PressroomError
from pressroom.ledger.accounts import ensure_account
from pressroom.ledger.holds import place_hold
from pressroom.ledger.invariants import check_invariants
from pressroom.planning.plan import Quote
from pressroom.providers.base import Billed
from pressroom.services.jobs import Reconciled, forget, list_jobs, reconcile
from pressroom.services.settle_run import settle_run
from tests.support.buying import INK_USD, Deaf, another, began, bought, job, make
from tests.support.studio import CREDIT, Studio

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 29, tzinfo=UTC)
LATER = START + timedelta(days=36_500)
ROUNDS = 25


def used(database: Database) -> dict[str, tuple[int, int]]:
    """Family -> units used and held of all months; a family of which nothing is used or held is left out."""
    with database.read() as conn:
        assert check_invariants(conn) == []
        rows = conn.execute(select(allowance.c.family, allowance.c.used, allowance.c.held))
        return {family: (units, held) for family, units, held in rows if units or held}


def lost(studio: Studio, fault: str = "lost_order") -> str:
    """The key of a job that became unknown in a run that has ended."""
    studio.with_faults(fault, name="simulated-direct").go(bought("ink", "simulated-direct"))
    [found] = list_jobs(studio.principal, studio.context)
    return found.order_key


def test_an_unknown_order_counts_as_one_of_its_family(studio: Studio) -> None:
    lost(studio)

    assert used(studio.context.database) == {"edit": (1, 0), "usd": (INK_USD, 0)}


def test_what_was_never_taken_gives_its_unit_back_with_its_credits_and_dollars(studio: Studio) -> None:
    key = lost(studio)

    reconcile(studio.principal, studio.context, key, Reconciled(absent=True))

    assert used(studio.context.database) == {}
    studio.go(bought("ink", "simulated-direct"))
    assert used(studio.context.database) == {"edit": (1, 0), "usd": (INK_USD, 0)}


@pytest.mark.parametrize(("usd", "units"), [(INK_USD, 1), (3 * INK_USD, 1), (0, 0)])
def test_what_was_billed_and_cannot_be_had_keeps_its_unit(studio: Studio, usd: int, units: int) -> None:
    key = lost(studio, "lost_answer")

    reconcile(studio.principal, studio.context, key, Reconciled(billed_usd_micros=usd))

    assert used(studio.context.database).get("edit", (0, 0)) == (units, 0)


def test_what_was_given_up_keeps_its_unit_until_its_bill_is_known(studio: Studio) -> None:
    key = lost(studio)

    forget(studio.principal, studio.context, key)
    assert used(studio.context.database)["edit"] == (1, 0)

    reconcile(studio.principal, studio.context, key, Reconciled(billed_usd_micros=0))
    assert used(studio.context.database) == {}


def test_what_is_found_and_filed_after_all_counts_once(studio: Studio) -> None:
    key = lost(studio, "lost_answer")
    [taken] = studio.books("simulated-direct").purchases()

    reconcile(studio.principal, studio.context, key, Reconciled(vendor_job_id=taken["id"]))
    assert used(studio.context.database)["edit"] == (1, 0)

    studio.go(bought("ink", "simulated-direct"))
    assert used(studio.context.database) == {"edit": (1, 0), "usd": (INK_USD, 0)}


@pytest.mark.parametrize("fault", ["lost_order", "lost_answer"])
def test_what_a_later_run_looks_up_counts_once(studio: Studio, fault: str) -> None:
    deaf = another(studio, Deaf, fault)
    run = began(deaf)
    with suppress(PressroomError):
        make(deaf, run)
    assert used(deaf.context.database)["edit"] == (1, 0)
    settle_run(deaf.context, run.id)

    studio.go(bought())

    assert used(studio.context.database) == {"edit": (1, 0), "usd": (INK_USD, 0)}


@pytest.mark.parametrize("fault", ["charged_fail", "damaged", "fail"])
def test_what_gave_no_files_counts_its_bill_and_no_unit(studio: Studio, fault: str) -> None:
    shop = studio.with_faults(fault)
    run = began(shop)

    shop.walk(run)
    settle_run(shop.context, run.id)

    counted = {"usd": (job(shop, run).spent_usd_micros, 0)} if fault != "fail" else {}
    assert used(shop.context.database) == counted


def _opened(database: Database, older: int, name: str) -> None:
    """A job of the older hold's run, which has spent something already and is taken up by the newer one's."""
    with database.write() as conn:
        journal.open_job(conn, 1, order_key=name, node_key=name, run_id="r1", provider="v", model="m", now=START,
                         hold_id=older, quote=Quote(CREDIT, CREDIT, 5, 9), ordered={"family": "image"})  # fmt: skip
        count_spent(conn, journal.mark_unknown(conn, name, "lost", START))


def test_jobs_that_count_through_an_older_hold_wait_for_nobody_in_a_ring(database: Database, database_url: str) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 100 * CREDIT)
    holds = []
    for name in ("older", "newer"):
        with database.write() as conn:
            holds.append(place_hold(conn, name, "acme", 10 * CREDIT, LATER, allowances={"image": 50, "usd": 500}).id)
    tasks = [("lose", "one"), ("buy", "two"), ("lose", "three"), ("buy", "four")]
    for task, name in tasks:
        if task == "lose":
            _opened(database, holds[0], name)

    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.counting", database_url, task, name, *map(str, holds), str(ROUNDS)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for task, name in tasks
    ]  # fmt: skip
    assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * len(tasks)
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    ended = [worker.communicate(timeout=300) for worker in workers]

    assert [error[-300:] for _, error in ended] == [""] * len(tasks)
    found = used(database)
    assert (found["image"][0], found["usd"][0]) == (2 * ROUNDS, 2 * 3 * ROUNDS)


def test_a_second_run_counts_anew_what_had_come_back_to_nothing(database: Database) -> None:
    with database.write() as conn:
        ensure_account(conn, "acme", 100 * CREDIT)
    holds = []
    for month in ("2026-11", "2026-12"):
        with database.write() as conn:
            holds.append(place_hold(conn, month, "acme", CREDIT, LATER, month=month, allowances={"image": 1}).id)
    _opened(database, holds[0], "job")
    with database.write() as conn:
        count_spent(conn, journal.mark_absent(conn, "job", "not there", START))
        journal.open_job(conn, 1, order_key="x", node_key="job", run_id="r2", provider="v", model="m", now=START,
                         hold_id=holds[1])  # fmt: skip
    with database.write() as conn:
        found = journal.mark_unknown(conn, "job", "lost", START, Billed(7, {}, {}))
        bring_captured_to(conn, found, 1, holds[1])

    with database.read() as conn:
        rows = conn.execute(select(allowance.c.month, allowance.c.family, allowance.c.used))
        assert {tuple(row) for row in rows if row.used} == {("2026-12", "image", 1), ("2026-12", "usd", 7)}
        assert check_invariants(conn) == []
