"""A vendor's month against our books: what is equal, what is not and why, and what nobody here knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pressroom.database.engine import Database
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.identity import Principal
from pressroom.domain.months import bounds_of, month_of
from pressroom.providers.base import Billed, Charge, Order, Pending, VendorJob
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.adopt_job import adopt_job
from pressroom.services.jobs import list_jobs
from pressroom.services.reconcile_bill import Proof, Statement, Verdict, reconcile_bill
from pressroom.services.settle_run import settle_run
from tests.services.test_jobs import available, counted, ordered
from tests.support.clocks import Clock
from tests.support.planning import with_model
from tests.support.studio import CATALOG, CREDIT, Studio, open_studio

USD = CREDIT // 100
DRAW = "name: bill\nsteps:\n  scene: {{uses: draw, model: {maker}, with: {{prompt: {prompt}}}}}\n"


@pytest.fixture
def home(tmp_path: Path, database: Database, database_url: str) -> Studio:
    return open_studio(tmp_path / "home", database, database_url)


def buy(studio: Studio, prompt: str = "a red kettle", maker: str = "simulated/ink") -> None:
    studio.go(DRAW.format(maker=maker, prompt=prompt))


def statement(studio: Studio, vendor: str = "simulated", *, settle: bool = False) -> Statement:
    month = month_of(studio.context.now())
    return reconcile_bill(studio.principal, studio.context, vendor, month, settle=settle)


def shown(found: Statement) -> list[tuple[str, int | None, int | None]]:
    return [(str(line.verdict), line.ours_micros, line.theirs_micros) for line in found.lines]


def stray(studio: Studio, *faults: str) -> str:
    """An order that somebody else has placed with the same key."""
    shop = studio.open_vendor(*faults)
    answer = shop.submit(Order("9:x:0", "draw", "ink", {"prompt": "a stray"}, units={"image": 1}))
    assert isinstance(answer, Pending)
    shop.status(VendorJob(answer.vendor_job_id, "ink"))
    return answer.vendor_job_id


def test_what_the_vendor_says_and_has_on_record_is_equal(home: Studio) -> None:
    buy(home)
    buy(home, "a blue kettle")

    found = statement(home)

    assert shown(found) == [("equal", USD, USD)] * 2
    assert (found.agrees, found.ours_micros, found.theirs_micros) == (True, 2 * USD, 2 * USD)
    assert found.proofs == (Proof.RECORD,)
    assert home.vendor.books.billed_usd_micros() == found.theirs_micros


def test_what_was_charged_beyond_the_assumed_quote_differs_until_it_is_booked(home: Studio) -> None:
    shop = home.with_faults("overcharge", "silent")
    buy(shop)
    before = counted(shop)

    found = statement(shop)
    assert shown(found) == [("differs", USD, 3 * USD)]
    assert "it had not said what it charges" in found.lines[0].reason
    assert not found.agrees

    assert shown(statement(shop, settle=True)) == [("equal", 3 * USD, 3 * USD)]
    assert shown(statement(shop)) == [("equal", 3 * USD, 3 * USD)]
    assert counted(shop) - before == 2 * USD
    [job] = list_jobs(shop.principal, shop.context, everything=True)
    assert (job.billed_usd_micros, job.assumed, job.evidence["reconciled"]) == (3 * USD, False, "record")
    assert available(shop) == 99 * CREDIT  # what the account pays was agreed before


def test_a_lost_answer_is_named_beside_the_order_that_it_may_be(home: Studio) -> None:
    shop = home.with_faults("lost_answer", name="simulated-direct")
    buy(shop, maker="simulated-direct/ink")
    [job] = list_jobs(shop.principal, shop.context)
    listing = shop.with_vendor(Listing(shop, [Charge("it-1", "ink", shop.context.now(), Billed(USD))]))

    lost, stranger = statement(listing, "simulated-direct").lines

    assert (lost.verdict, lost.ours_micros, lost.theirs_micros) == (Verdict.NOT_BILLED, USD, 0)
    assert (stranger.verdict, stranger.ours_micros, stranger.theirs_micros) == (Verdict.UNKNOWN, None, USD)
    assert f"pressroom jobs reconcile {job.order_key} --vendor-job it-1" in stranger.reason


def test_an_order_that_nobody_here_knows_is_listed_and_adopted(home: Studio) -> None:
    name = stray(home)

    found = statement(home)
    assert shown(found) == [("unknown here", None, USD)]
    assert f"pressroom jobs adopt simulated ink {name}" in found.lines[0].reason

    adopted = adopt_job(home.principal, home.context, "simulated", "ink", name)

    assert (adopted.job.state, adopted.job.billed_usd_micros, adopted.job.captured_micros) == ("stored", USD, 0)
    assert [(asset.width, asset.height) for asset in adopted.assets] == [(24, 16)]
    assert home.context.store.has(adopted.assets[0].sha256)
    assert shown(statement(home)) == [("equal", USD, USD)]
    assert (available(home), counted(home)) == (100 * CREDIT, USD)
    with pytest.raises(Refused, match="on record here already"):
        adopt_job(home.principal, home.context, "simulated", "ink", name)


def test_an_adopted_order_of_a_vendor_that_names_no_amount_counts_at_the_catalogs_price(home: Studio) -> None:
    name = stray(home, "silent")
    used = Listing(home, [Charge(name, "ink", home.context.now(), Billed(None, {}, {"seconds": 2}))], "simulated")
    shop = home.with_vendor(used)

    adopted = adopt_job(shop.principal, shop.context, "simulated", "ink", name)

    assert (adopted.job.spent_usd_micros, adopted.job.assumed) == (USD, True)
    found = statement(shop)
    assert (shown(found), found.proofs) == ([("equal", USD, USD)], (Proof.USAGE,))


def test_an_adoption_that_was_killed_before_it_filed_is_finished_by_the_next(
    home: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = stray(home)
    with monkeypatch.context() as patch:
        patch.setattr("pressroom.services.adopt_job.add_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            adopt_job(home.principal, home.context, "simulated", "ink", name)

    adopted = adopt_job(home.principal, home.context, "simulated", "ink", name)

    assert (adopted.job.state, len(adopted.assets)) == ("stored", 1)
    assert shown(statement(home)) == [("equal", USD, USD)]


@pytest.mark.parametrize("fault", ["fail", "charged_fail"])
def test_what_failed_there_is_not_adopted(home: Studio, fault: str) -> None:
    name = stray(home, fault)

    with pytest.raises(Refused, match="failed"):
        adopt_job(home.principal, home.context, "simulated", "ink", name)

    assert list_jobs(home.principal, home.context, everything=True) == []


def test_only_a_known_model_is_adopted(home: Studio) -> None:
    with pytest.raises(Invalid, match="no model simulated/clay"):
        adopt_job(home.principal, home.context, "simulated", "clay", "x")


def test_without_a_record_only_what_was_said_is_proven(home: Studio) -> None:
    buy(home, maker="simulated-direct/ink")
    buy(home.with_faults("silent", name="simulated-direct"), "a blue kettle", "simulated-direct/ink")

    found = statement(home, "simulated-direct")

    assert shown(found) == [("equal", USD, USD), ("not provable", USD, None)]
    assert (found.theirs_micros, found.agrees, found.proofs) == (None, False, (Proof.ANSWER,))
    assert "stands in the answer" in found.no_record


def test_what_failed_and_was_charged_all_the_same_is_equal(home: Studio) -> None:
    buy(home.with_faults("charged_fail"))
    buy(home.with_faults("fail"), "a blue kettle")

    assert sorted(shown(statement(home))) == [("equal", 0, 0), ("equal", USD, USD)]


def test_what_is_under_way_is_no_difference(tmp_path: Path, database: Database, database_url: str) -> None:
    still = open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=Clock())
    run = ordered(still)

    found = statement(still)

    assert (shown(found), found.agrees) == ([("under way", None, None)], True)
    settle_run(still.context, run.id)


def test_several_charges_of_one_order_are_added_up(home: Studio) -> None:
    buy(home)
    [job] = list_jobs(home.principal, home.context, everything=True)
    assert job.vendor_job_id is not None
    parts = [Charge(job.vendor_job_id, "ink", home.context.now(), Billed(USD // 2, {}, {"n": n})) for n in (1, 2)]

    [line] = statement(home.with_vendor(Listing(home, parts, "simulated"))).lines

    assert (line.verdict, line.theirs_micros) == (Verdict.EQUAL, USD)


def test_usage_without_an_amount_is_priced_by_the_catalog(home: Studio) -> None:
    buy(home)
    [job] = list_jobs(home.principal, home.context, everything=True)
    assert job.vendor_job_id is not None
    used = [Charge(job.vendor_job_id, "ink", home.context.now(), Billed(None, {"image": 2.0}, {"images": 2}))]

    found = statement(home.with_vendor(Listing(home, used, "simulated")))

    assert (shown(found), found.proofs) == ([("differs", USD, 2 * USD)], (Proof.USAGE,))


def test_usage_counted_in_what_a_model_has_prices_for_is_priced_by_them(home: Studio) -> None:
    buy(home)
    [job] = list_jobs(home.principal, home.context, everything=True)
    counted = with_model(CATALOG, "simulated/ink", usd_per_million_tokens={"word": USD / 4})
    said = [Charge(f"{job.vendor_job_id}@shelf", "ink", home.context.now(), Billed(None, {"word": 4.0}))]
    shop = home.with_vendor(Listing(home, said, "simulated"))

    found = statement(replace(shop, context=replace(shop.context, catalog=counted)))

    assert (shown(found), found.proofs) == ([("equal", USD, USD)], (Proof.USAGE,))


def test_an_order_that_a_record_never_has_is_proven_by_its_answer_or_not_at_all(home: Studio) -> None:
    buy(home)
    buy(home.with_faults("silent"), "a blue kettle")
    shop = home.with_vendor(Listing(home, [], "simulated"))
    unlisted = with_model(CATALOG, "simulated/ink", on_record=False)

    found = statement(replace(shop, context=replace(shop.context, catalog=unlisted)))

    assert shown(found) == [("equal", USD, USD), ("not provable", USD, None)]
    assert found.theirs_micros is None


def test_a_month_has_its_own_orders_only(home: Studio) -> None:
    buy(home)
    since, until = bounds_of(month_of(home.context.now()))

    for moment in (since - timedelta(days=1), until + timedelta(days=1)):
        assert reconcile_bill(home.principal, home.context, "simulated", month_of(moment)).lines == ()


def test_months_begin_and_end_where_the_year_does() -> None:
    assert bounds_of("2026-12") == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert bounds_of("2026-02") == (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def test_every_account_is_on_the_bill_and_only_the_operator_reads_it(home: Studio) -> None:
    buy(home)
    settings = home.context.settings.model_copy(update={"account": "acme"})
    acme = replace(home, context=replace(home.context, settings=settings))
    buy(acme)

    assert [line.account for line in statement(home).lines] == ["default", "acme"]
    with pytest.raises(Refused, match="whoever runs this installation"):
        reconcile_bill(Principal("acme", "kim@acme.example"), home.context, "simulated", "2026-11")


@pytest.mark.parametrize(("vendor", "month", "says"), [("fall", "2026-11", "no vendor"), ("simulated", "11", "month")])
def test_a_wrong_vendor_or_month_is_named(home: Studio, vendor: str, month: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        reconcile_bill(home.principal, home.context, vendor, month)


class Listing(SimulatedVendor):
    """A vendor whose record is as given."""

    def __init__(self, studio: Studio, record: Sequence[Charge], name: str = "simulated-direct") -> None:
        self.__dict__.update(studio.open_vendor(name=name).__dict__)
        self.record = record

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Sequence[Charge]:
        return self.record
