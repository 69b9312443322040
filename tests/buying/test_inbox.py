"""Vendors that call back: a call wakes its job, and a forged, doubled or late one changes nothing."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from pressroom.buying.admission import Wait
from pressroom.buying.asking import ask
from pressroom.buying.inbox import receive, take
from pressroom.buying.job import Job
from pressroom.buying.market import Market
from pressroom.buying.spooling import again_later, failed, in_line, submitted, unsent, unusable
from pressroom.database.engine import Database
from pressroom.database.schema import inbox
from pressroom.database.schema import job as table
from pressroom.domain.errors import AnswerLost, Permanent
from pressroom.domain.states import JobState
from pressroom.providers.base import FREE_OF_CHARGE, Delivered, LostOrder, Order, Pending, Unknowable
from pressroom.providers.simulator.vendor import SimulatedVendor
from pressroom.providers.webhooks import Delivery, Refusal
from pressroom.services.run_node import RunningRun, order_node, run_node
from tests.support.buying import job
from tests.support.clocks import Clock
from tests.support.studio import Studio, open_studio

CALLER = "simulated-callback"
TEXT = f"name: called\nsteps:\n  scene: {{uses: draw, model: {CALLER}/ink}}\n"


@pytest.fixture
def still(tmp_path: Path, database: Database, database_url: str) -> Studio:
    return open_studio(tmp_path / "home", database, database_url, latency_seconds=20, clock=Clock())


def ordered(studio: Studio, text: str = TEXT) -> tuple[RunningRun, Job]:
    run = studio.begin(studio.plan(text))
    order_node(studio.principal, studio.context, run, "scene")
    return run, job(studio, run)


def messages(studio: Studio) -> int:
    with studio.context.database.read() as conn:
        return conn.execute(select(func.count()).select_from(inbox)).scalar_one()


def test_a_call_makes_its_job_due_at_once(still: Studio) -> None:
    run, before = ordered(still)

    assert receive(still.context.market, CALLER, before.callback_key, before.vendor_job_id or "", b"done")

    after = job(still, run)
    assert before.next_ask_at is not None
    assert after.next_ask_at is not None
    assert after.next_ask_at < before.next_ask_at
    assert messages(still) == 1


@pytest.mark.parametrize(
    ("vendor", "key", "vendor_job_id"),
    [(CALLER, "guessed", None), ("simulated", None, None), (CALLER, None, "another-job")],
)
def test_a_forged_call_changes_nothing(still: Studio, vendor: str, key: str | None, vendor_job_id: str | None) -> None:
    run, before = ordered(still)

    told = receive(
        still.context.market, vendor, key or before.callback_key, vendor_job_id or before.vendor_job_id or "", b"x"
    )

    assert (told, messages(still), job(still, run)) == (False, 0, before)


def test_a_doubled_call_is_written_down_once(still: Studio) -> None:
    run, before = ordered(still)
    call = (still.context.market, CALLER, before.callback_key, before.vendor_job_id or "", b"done")
    assert receive(*call)
    after = job(still, run)

    assert not receive(*call)

    assert (messages(still), job(still, run)) == (1, after)


def test_a_late_call_changes_nothing(still: Studio) -> None:
    run, before = ordered(still)
    run_node(still.principal, still.context, run, "scene")
    after = job(still, run)

    assert not receive(still.context.market, CALLER, before.callback_key, before.vendor_job_id or "", b"very late")

    assert job(still, run) == after


def test_a_call_tells_where_an_order_is_whose_answer_was_lost(still: Studio) -> None:
    """The address it comes in at was given with the order: it says what nobody else could."""
    mute = still.with_vendor(still.open_vendor("lost_answer", name="simulated-direct"))
    run = mute.begin(mute.plan(TEXT.replace(CALLER, "simulated-direct")))
    with pytest.raises(AnswerLost):
        order_node(mute.principal, mute.context, run, "scene")
    lost = job(mute, run)
    [taken] = mute.books("simulated-direct").purchases()

    assert receive(mute.context.market, "simulated-direct", lost.callback_key, taken["id"], b"done")

    assert (job(mute, run).state, job(mute, run).vendor_job_id) == ("submitted", taken["id"])
    assert run_node(mute.principal, mute.context, run, "scene").state == "done"
    assert len(mute.books("simulated-direct").purchases()) == 1


SECRET = "secret of this order"


def signed(body: bytes, secret: str = SECRET) -> Delivery:
    return Delivery({"x-bfl-signature": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"}, body)


def test_a_signed_call_tells_where_a_lost_order_is_at_a_vendor_without_a_list(still: Studio) -> None:
    mute = still.with_vendor(still.open_vendor("lost_answer", name="simulated-direct"))
    run = mute.begin(mute.plan(TEXT.replace(CALLER, "simulated-direct")))
    with pytest.raises(AnswerLost):
        order_node(mute.principal, mute.context, run, "scene")
    [taken] = mute.books("simulated-direct").purchases()
    body = json.dumps({"id": taken["id"]}).encode()

    with mute.context.database.write() as conn:
        conn.execute(update(table).values(provider="bfl"))
    told = take(mute.context.market, "bfl", job(mute, run).callback_key, signed(body), SECRET)

    assert (told, job(mute, run).vendor_job_id) == (True, taken["id"])


def test_an_unsigned_call_is_refused_with_a_reason(still: Studio) -> None:
    run, before = ordered(still)

    told = take(still.context.market, "bfl", before.callback_key, signed(b'{"id": "x"}', "guessed"), SECRET)

    assert isinstance(told, Refusal)
    assert (messages(still), job(still, run)) == (0, before)


def test_a_vendor_calls_an_order_by_its_name_alone(still: Studio) -> None:
    """Where it is asked for (`NAME@PLACE`) is our part of its id."""
    run, before = ordered(still)
    placed = f"{before.vendor_job_id}@some/endpoint"
    with still.context.database.write() as conn:
        conn.execute(update(table).values(vendor_job_id=placed))

    assert receive(still.context.market, CALLER, before.callback_key, before.vendor_job_id or "", b"done")

    assert job(still, run).vendor_job_id == placed


class Interrupted(SimulatedVendor):
    """A vendor that lists nothing, and calls just while it is asked for a lost order."""

    calls: Callable[[], object]

    def look_up(self, lost: LostOrder) -> Unknowable:
        self.calls()
        return Unknowable()


def test_a_call_that_comes_while_the_vendor_is_asked_is_not_forgotten(still: Studio) -> None:
    vendor = still.open_vendor("lost_answer", name="simulated-direct", kind=Interrupted)
    shop = still.with_vendor(vendor)
    run = shop.begin(shop.plan(TEXT.replace(CALLER, "simulated-direct")))

    def calls() -> None:
        [taken] = vendor.purchases()
        assert receive(shop.context.market, "simulated-direct", job(shop, run).callback_key, taken["id"], b"done")

    vendor.calls = calls  # type: ignore[attr-defined]
    order_node(shop.principal, shop.context, run, "scene")

    assert job(shop, run).state == JobState.SUBMITTED
    assert run_node(shop.principal, shop.context, run, "scene").state == "done"
    assert len(vendor.purchases()) == 1


class Prompt(SimulatedVendor):
    """A vendor that has made the files, and called, before its answer to the order is read."""

    meanwhile: Callable[[str], object]

    def submit(self, order: Order) -> Pending | Delivered:
        answer = super().submit(order)
        assert isinstance(answer, Pending)
        self.meanwhile(answer.vendor_job_id)
        return answer


def test_an_order_whose_call_was_taken_before_its_answer_is_filed_in_the_same_run(still: Studio) -> None:
    vendor = still.open_vendor(name=CALLER, kind=Prompt, latency_seconds=0)
    assert isinstance(vendor, Prompt)
    prompt = still.with_vendor(vendor)
    run, market = prompt.begin(prompt.plan(TEXT)), prompt.context.market

    def elsewhere(vendor_job_id: str) -> None:
        assert receive(market, CALLER, job(prompt, run).callback_key, vendor_job_id, b"done")
        assert ask(market, job(prompt, run)).state == JobState.DELIVERED

    vendor.meanwhile = elsewhere

    assert run_node(prompt.principal, prompt.context, run, "scene").state == "done"
    assert (job(prompt, run).state, len(vendor.purchases())) == (JobState.STORED, 1)


@pytest.mark.parametrize(
    "late",
    [
        lambda market, one: submitted(market, one, one.vendor_job_id or ""),
        lambda market, one: unusable(market, one, "a page of a gateway"),
        lambda market, one: unsent(market, one, "busy"),
        lambda market, one: again_later(market, one, 5.0, "not listed yet"),
        lambda market, one: in_line(market, one, Wait(5.0, "others go first")),
    ],
    ids=["submitted", "unusable", "unsent", "later", "in line"],
)
def test_what_is_said_late_of_a_job_that_is_delivered_changes_nothing(
    still: Studio, late: Callable[[Market, Job], Job]
) -> None:
    prompt = still.with_vendor(still.open_vendor(name=CALLER, latency_seconds=0))
    run, before = ordered(prompt)
    delivered = ask(prompt.context.market, before)
    assert delivered.state == JobState.DELIVERED

    assert late(prompt.context.market, before) == delivered == job(prompt, run)


def test_an_order_that_has_ended_without_files_is_not_taken_for_placed(still: Studio) -> None:
    run, before = ordered(still)
    failed(still.context.market, before, "nothing was made", FREE_OF_CHARGE)

    with pytest.raises(Permanent, match="is failed, it cannot become submitted"):
        submitted(still.context.market, before, before.vendor_job_id or "")

    assert job(still, run).state == JobState.FAILED
