"""What a vendor says of an order that got lost, or whose files cannot be taken, and when it is asked again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pressroom.buying import journal
from pressroom.buying.asking import ask
from pressroom.database.engine import Database
from pressroom.database.schema import job as table
from pressroom.domain.errors import AnswerLost, Corrupt, Permanent, Retryable
from pressroom.domain.states import JobState
from pressroom.library.assets import get_asset
from pressroom.providers.base import (
    UNSAID,
    Absent,
    Billed,
    Delivered,
    Found,
    LostOrder,
    Order,
    Pending,
    Sink,
    Status,
    Undecided,
    Unknowable,
    VendorJob,
)
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.services.run_node import order_node
from tests.support.buying import INK_USD, another, began, captures, job, make
from tests.support.clocks import Clock
from tests.support.studio import CREDIT, Studio, open_studio


class Tardy(SimulatedVendor):
    """A vendor that takes orders, breaks the line, and lists them only after a minute."""

    answers: Iterator[object]

    def submit(self, order: Order) -> Pending | Delivered:
        if self.books.find(order.order_key) is None:
            super().submit(order)
            raise AnswerLost("the line broke")
        return super().submit(order)

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        return next(self.answers, None) or super().look_up(lost)  # type: ignore[return-value]


class Busy(SimulatedVendor):
    """A vendor that takes the third order only."""

    refused = 0

    def submit(self, order: Order) -> Pending | Delivered:
        self.refused += 1
        if self.refused < 3:
            raise Retryable("busy", retry_after_seconds=7.0, unsent=True)
        return super().submit(order)


class Foretelling(SimulatedVendor):
    """A vendor that says what an order costs when it takes it, and never again."""

    def submit(self, order: Order) -> Pending | Delivered:
        answer = super().submit(order)
        assert isinstance(answer, Pending)
        return replace(answer, billed=Billed(123_456, evidence={"order": "1"}))

    def status(self, job: VendorJob) -> Status:
        return replace(super().status(job), billed=UNSAID)


class Garbled(SimulatedVendor):
    """A vendor whose files are web pages at first."""

    broken = 2

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        self.broken -= 1
        if self.broken >= 0:
            raise Corrupt("what was delivered is no picture")
        super().fetch(job, sink)


def test_what_is_not_listed_yet_is_asked_for_again_and_never_sent_meanwhile(studio: Studio) -> None:
    shop = another(studio, Tardy)
    vendor = shop.context.vendors["simulated"]
    assert isinstance(vendor, Tardy)
    vendor.answers = iter([Undecided(40), Undecided(20)])
    run = began(shop)

    assert order_node(shop.principal, shop.context, run, "scene") is not None

    waiting = job(shop, run)
    assert (waiting.state, waiting.vendor_job_id, waiting.error) == (JobState.INTENT, None, "the line broke")
    assert waiting.next_ask_at == shop.context.now() + timedelta(seconds=40) or waiting.next_ask_at is not None
    again = ask(shop.context.market, waiting)
    assert (again.state, again.vendor_job_id) == (JobState.INTENT, None)
    found = ask(shop.context.market, again)
    assert found.state == JobState.SUBMITTED
    assert make(shop, run).state == "done"
    assert len(vendor.purchases()) == 1


class BusyThenLost(SimulatedVendor):
    """A vendor that is busy first, then takes the order and breaks the line; what is looked for is kept."""

    def __init__(self, vendor: SimulatedVendor) -> None:
        self.__dict__.update(vendor.__dict__)
        self.submits = 0
        self.looked_for: list[LostOrder] = []

    def submit(self, order: Order) -> Pending | Delivered:
        self.submits += 1
        if self.submits == 1:
            raise Retryable("busy", retry_after_seconds=90.0, unsent=True)
        super().submit(order)
        raise AnswerLost("the line broke")

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        self.looked_for.append(lost)
        return super().look_up(lost)


def test_how_long_ago_an_order_was_sent_counts_from_when_it_really_left(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    """One that waited for a busy vendor is not old enough to be certainly absent a moment after it was sent."""
    home = open_studio(tmp_path / "home", database, database_url, clock=Clock())
    vendor = BusyThenLost(home.open_vendor())
    shop = home.with_vendor(vendor)
    run = began(shop)

    made = make(shop, run)

    [lost] = vendor.looked_for
    assert made.state == "done"
    assert lost.last_sent_at is not None
    assert lost.last_sent_at - lost.sent_at >= timedelta(seconds=90)
    assert len(vendor.purchases()) == 1


def test_a_lost_order_has_the_digests_of_its_pictures(studio: Studio) -> None:
    """A vendor that lists its orders with their files can be asked for the one of this picture."""
    shop, asked = another(studio, Tardy), []
    shop.context.vendors["simulated"].answers = iter(())  # type: ignore[attr-defined]
    text = (
        "name: bought\nsteps:\n  scene: {uses: draw, model: local/pencil}\n"
        "  scarlet: {uses: tint, model: simulated/brush, with: {image: '{{ steps.scene }}'}}\n"
    )

    def look_up(lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        asked.append(lost)
        return SimulatedVendor.look_up(shop.context.vendors["simulated"], lost)  # type: ignore[arg-type]

    shop.context.vendors["simulated"].look_up = look_up  # type: ignore[method-assign]

    results, _ = shop.go(text)

    made = results["scene"]
    assert not isinstance(made, Exception)
    with shop.context.database.read() as conn:
        picture = get_asset(conn, shop.account_id, made.asset_ids[0])
    assert [dict(lost.inputs) for lost in asked] == [{"image": picture.sha256}]
    assert not isinstance(results["scarlet"], Exception)


def test_what_turns_out_never_to_have_arrived_may_be_sent_again(studio: Studio) -> None:
    shop = another(studio, Tardy)
    vendor = shop.context.vendors["simulated"]
    assert isinstance(vendor, Tardy)
    vendor.answers = iter([Undecided(40), Absent()])
    run = began(shop)
    order_node(shop.principal, shop.context, run, "scene")

    found = ask(shop.context.market, job(shop, run))

    assert (found.state, found.sent, found.next_ask_at) == (JobState.INTENT, False, None)


def test_whoever_takes_an_order_up_meanwhile_decides_about_it(studio: Studio) -> None:
    shop = another(studio, Tardy)
    vendor = shop.context.vendors["simulated"]
    assert isinstance(vendor, Tardy)
    vendor.answers = iter([Undecided(40), Undecided(40)])
    run = began(shop)
    order_node(shop.principal, shop.context, run, "scene")
    claimed = job(shop, run)
    order_node(shop.principal, shop.context, run, "scene")  # another run, say
    vendor.answers = iter([Absent()])

    assert ask(shop.context.market, claimed) == job(shop, run)

    assert next(vendor.answers) == Absent()  # nobody was asked


def test_an_order_is_sent_when_the_vendor_wants_to_be_asked_again(studio: Studio) -> None:
    shop = another(studio, Busy)
    run = began(shop)

    assert order_node(shop.principal, shop.context, run, "scene") is not None
    waiting = job(shop, run)
    assert (waiting.state, waiting.sent) == (JobState.INTENT, False)
    assert ask(shop.context.market, waiting).next_ask_at is None

    order_node(shop.principal, shop.context, run, "scene")
    ask(shop.context.market, job(shop, run))
    assert make(shop, run).state == "done"
    assert (captures(shop), len(shop.vendor.purchases())) == ([CREDIT], 1)


def test_files_that_are_no_media_are_asked_for_again_and_the_job_is_not_given_up(studio: Studio) -> None:
    """They count as spent already: they were made."""
    shop = another(studio, Garbled)
    run = began(shop)
    order_node(shop.principal, shop.context, run, "scene")

    for _ in range(2):
        found = ask(shop.context.market, job(shop, run))
        assert (found.state, found.error) == (JobState.SUBMITTED, "what was delivered is no picture")
        assert (found.spent_usd_micros, found.counted_usd_micros) == (INK_USD, INK_USD)

    assert make(shop, run).state == "done"
    assert (job(shop, run).billed_usd_micros, len(shop.vendor.purchases())) == (INK_USD, 1)


class Forgetful(SimulatedVendor):
    """A vendor that does not know an order of its own for a while."""

    times = 1

    def status(self, job: VendorJob) -> Status:
        self.times -= 1
        if self.times >= 0:
            raise Permanent("no such job", trouble="gone")
        return super().status(job)


@pytest.mark.parametrize(("times", "state"), [(1, "done"), (2, "failed")])
def test_a_job_is_given_up_when_its_vendor_has_said_twice_that_it_is_gone(
    studio: Studio, times: int, state: str
) -> None:
    """Said once, it may be a gateway's word, and the job would be bought again. Either way it was taken, and counts."""
    shop = another(studio, Forgetful)
    shop.context.vendors["simulated"].times = times  # type: ignore[attr-defined]
    run = began(shop)

    if state == "failed":
        with pytest.raises(Permanent, match="no such job"):
            make(shop, run)
    else:
        assert make(shop, run).state == state

    bought = job(shop, run)
    assert (bought.spent_usd_micros, len(shop.vendor.purchases())) == (INK_USD, 1)


def test_what_a_vendor_says_when_it_takes_an_order_is_its_bill_where_it_says_nothing_later(studio: Studio) -> None:
    shop = another(studio, Foretelling)
    run = began(shop)

    order_node(shop.principal, shop.context, run, "scene")
    taken = job(shop, run)
    make(shop, run)

    assert (taken.spent_usd_micros, taken.counted_usd_micros) == (123_456, 123_456)
    bought = job(shop, run)
    assert (bought.billed_usd_micros, bought.spent_usd_micros, bought.evidence) == (123_456, 123_456, {"order": "1"})


def test_the_ids_that_a_vendor_is_known_to_have_are_told(studio: Studio) -> None:
    run = began(studio)
    make(studio, run)
    bought = job(studio, run)

    with studio.context.database.read() as conn:
        assert journal.known_at_vendor(conn, "simulated", bought.created_at) == [bought.vendor_job_id]
        assert journal.known_at_vendor(conn, "simulated", bought.updated_at + timedelta(seconds=1)) == []


def test_the_id_of_an_order_that_is_answered_at_once_is_told_too(studio: Studio) -> None:
    run = began(studio, "ink", "simulated-direct")
    make(studio, run)
    bought = job(studio, run)

    (sold,) = studio.books("simulated-direct").purchases()
    with studio.context.database.read() as conn:
        assert journal.known_at_vendor(conn, "simulated-direct", bought.created_at) == [sold["id"]]


def test_orders_of_a_model_without_an_id_at_the_vendor_are_rivals_of_each_other(studio: Studio) -> None:
    run = began(studio)
    make(studio, run)
    bought = job(studio, run)
    other = replace(bought, order_key="another order")

    with studio.context.database.write() as conn:
        assert journal.without_a_place(conn, other) == 0
        conn.execute(update(table).values(vendor_job_id=None, state="unknown"))
        assert [journal.without_a_place(conn, one) for one in (bought, other)] == [0, 1]


def test_a_job_of_a_vendor_that_refuses_has_failed(studio: Studio) -> None:
    run = began(studio.with_faults("fail"))

    with pytest.raises(Permanent):
        make(studio.with_faults("fail"), run)
