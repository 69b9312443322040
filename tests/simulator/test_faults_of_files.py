"""A vendor's file host that fails, from the order to the library: money and files are right, whatever comes instead of a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pressroom.buying.journal import jobs_in
from pressroom.catalog.load import load_catalog
from pressroom.database.engine import Database
from pressroom.domain.errors import Refused
from pressroom.domain.states import JobState
from pressroom.ledger.invariants import check_invariants
from pressroom.library.assets import assets_of_node
from pressroom.operations import OPERATIONS
from pressroom.services.jobs import fetch_again, find_job, list_jobs
from tests.simulator.conftest import Market, Open
from tests.support.clocks import Clock
from tests.support.studio import CREDIT, Studio, open_studio

TEXT = """
name: art
steps:
  art: {uses: generate_image, model: fal/flux-schnell, with: {prompt: a barn, width: 576, height: 1024}}
"""
PRICE = 3_000


def bought(shop: Market, studio: Studio) -> tuple[int, int, list[JobState], int]:
    """Credits captured, dollars counted, the states of all jobs, and how many files the library has, after one run."""
    studio = studio.with_vendor(shop.vendor)
    run = studio.begin(plan := studio.plan(TEXT))
    studio.walk(run)
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        jobs = jobs_in(conn, studio.account_id, tuple(JobState))
        files = assets_of_node(conn, studio.account_id, plan.nodes[0].key)
    return (
        sum(job.captured_micros for job in jobs),
        sum(job.spent_usd_micros for job in jobs),
        [job.state for job in jobs],
        len(files),
    )


@pytest.mark.parametrize("fault", ["noise", "truncated", "shortened", "mislabelled", "html", "gone", "other_kind"])
def test_a_file_that_cannot_be_had_at_first_is_asked_for_again_and_paid_once(
    market: Open, tmp_path: Path, database: Database, database_url: str, fault: str
) -> None:
    shop = market("fal", **{fault: 1})
    studio = opened(tmp_path, database, database_url)

    found = bought(shop, studio)
    if found[3] == 0:  # what is not there is asked for by the next run, and not bought again
        assert found[0] == 0
        found = bought(shop, studio)

    assert found == (CREDIT, PRICE, [JobState.STORED], 1)
    assert shop.billed() == PRICE


def test_a_file_that_breaks_off_again_and_again_ends_the_run_soon_and_not_the_purchase(
    market: Open, tmp_path: Path, database: Database, database_url: str
) -> None:
    shop = market("fal", truncated=9)
    studio = opened(tmp_path, database, database_url)
    began = studio.context.now()

    first = bought(shop, studio)

    assert (first[0], first[2:]) == (0, ([JobState.SUBMITTED], 0))
    assert studio.context.now() - began < timedelta(minutes=2)
    assert bought(shop, studio) == (CREDIT, PRICE, [JobState.STORED], 1)
    assert shop.billed() == PRICE


@pytest.mark.parametrize(("fault", "state"), [("other_kind", JobState.REJECTED), ("gone", JobState.FAILED)])
def test_a_file_that_is_lost_for_good_keeps_its_bill_and_takes_no_credits(
    market: Open, tmp_path: Path, database: Database, database_url: str, fault: str, state: JobState
) -> None:
    shop = market("fal", **{fault: 9})

    found = bought(shop, opened(tmp_path, database, database_url))

    assert found == (0, PRICE, [state], 0)
    assert shop.billed() == PRICE


def test_what_was_rejected_is_fetched_again_by_hand_and_filed_by_the_next_run(
    market: Open, tmp_path: Path, database: Database, database_url: str
) -> None:
    shop = market("fal", other_kind=3)
    studio = opened(tmp_path, database, database_url)
    assert bought(shop, studio) == (0, PRICE, [JobState.REJECTED], 0)
    seller = studio.with_vendor(shop.vendor)
    [job] = list_jobs(seller.principal, seller.context)
    assert job.may_be_fetched

    found = fetch_again(seller.principal, seller.context, job.order_key)

    assert (found.state, found.error) == (JobState.DELIVERED, "")
    assert bought(shop, studio) == (CREDIT, PRICE, [JobState.STORED], 1)
    assert shop.billed() == PRICE
    with pytest.raises(Refused, match="is stored"):
        fetch_again(seller.principal, seller.context, job.order_key)


def test_the_same_file_again_is_no_other(market: Open, tmp_path: Path, database: Database, database_url: str) -> None:
    shop = market("fal", other_kind=9)
    studio = opened(tmp_path, database, database_url)
    bought(shop, studio)
    seller = studio.with_vendor(shop.vendor)
    [job] = list_jobs(seller.principal, seller.context)

    with pytest.raises(Refused, match="the same files"):
        fetch_again(seller.principal, seller.context, job.order_key)

    assert find_job(seller.principal, seller.context, job.order_key) == job


def test_what_expired_is_fetched_again_where_it_is_there_after_all(
    market: Open, tmp_path: Path, database: Database, database_url: str
) -> None:
    shop = market("fal", gone=3)
    studio = opened(tmp_path, database, database_url)
    assert bought(shop, studio)[2:] == ([JobState.FAILED], 0)
    seller = studio.with_vendor(shop.vendor)
    [job] = list_jobs(seller.principal, seller.context, everything=True)
    with pytest.raises(Refused, match="does not hand it out"):
        fetch_again(seller.principal, seller.context, job.order_key)

    assert fetch_again(seller.principal, seller.context, job.order_key).state == JobState.DELIVERED
    assert bought(shop, studio) == (CREDIT, PRICE, [JobState.STORED], 1)


def test_what_the_vendor_failed_to_make_is_not_fetched(
    market: Open, tmp_path: Path, database: Database, database_url: str
) -> None:
    shop = market("fal", fail=1)
    studio = opened(tmp_path, database, database_url)
    bought(shop, studio)
    seller = studio.with_vendor(shop.vendor)
    [job] = list_jobs(seller.principal, seller.context, everything=True)

    with pytest.raises(Refused, match="is failed"):
        fetch_again(seller.principal, seller.context, job.order_key)


def test_what_was_bought_again_is_not_fetched(
    market: Open, tmp_path: Path, database: Database, database_url: str
) -> None:
    shop = market("fal", other_kind=3)
    studio = opened(tmp_path, database, database_url)
    bought(shop, studio)
    seller = studio.with_vendor(shop.vendor)
    [job] = list_jobs(seller.principal, seller.context)
    assert bought(shop, studio)[3] == 1

    with pytest.raises(Refused, match="ordered again, or is there"):
        fetch_again(seller.principal, seller.context, job.order_key)


def opened(folder: Path, database: Database, url: str, vendor: str = "fal") -> Studio:
    shipped = load_catalog()
    keyless = shipped.providers[vendor].model_copy(update={"keys": ()})  # the adapter has its key already
    catalog = replace(shipped, providers={**shipped.providers, vendor: keyless})
    options = {"operations": OPERATIONS, "catalog": catalog, "clock": Clock(), "provenance": "off"}
    return open_studio(folder / "home", database, url, **options)
