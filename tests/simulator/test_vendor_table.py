"""The table of docs/vendors.md, row by row: what each vendor lets a program do, tried over HTTP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from pressroom.catalog.load import load_catalog
from pressroom.domain.errors import AnswerLost
from pressroom.providers.base import Found, LostOrder, NoRecord, Order, Pending, Unknowable, VendorJob, VendorState
from pressroom.providers.webhooks import READERS
from pressroom.simulator.serve import SPOKEN
from tests.simulator.conftest import Market, Open
from tests.simulator.test_odd_answers import ORDERS

PAGE: Final = Path(__file__).parents[2] / "docs" / "vendors.md"
HEAD: Final = "| vendor | idempotency key |"
TITLES: Final = {row.title: name for name, row in load_catalog().providers.items() if name in SPOKEN}
# What of a vendor's a row is about, where it has several.
CASES: Final = {
    "ElevenLabs, speech": "elevenlabs speech",
    "ElevenLabs, sound effects": "elevenlabs",
    "Google Gemini, clips": "gemini film",
    "Google Gemini, pictures, words and voices": "gemini",
}


def rows() -> dict[str, dict[str, str]]:
    lines = PAGE.read_text(encoding="utf-8").partition(HEAD)[2].partition("\n\n")[0].splitlines()
    names = [HEAD.split(" | ")[1].rstrip(" |"), *(cell.strip() for cell in lines[0].strip("| ").split("|"))]
    cells = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:])
    return {vendor: dict(zip(names, said, strict=True)) for vendor, *said in cells}


ROWS: Final = rows()
every: Final = pytest.mark.parametrize("title", ROWS)


def case_of(title: str) -> str:
    return CASES.get(title) or TITLES[title]


def order_of(title: str) -> Order:
    return ORDERS[case_of(title)]


def opened(market: Open, title: str, **how: Any) -> Market:
    return market(case_of(title).partition(" ")[0], **how)


def test_every_vendor_has_its_row() -> None:
    assert {case_of(title).partition(" ")[0] for title in ROWS} == SPOKEN.keys()


@every
def test_no_order_carries_a_key_of_which_the_vendor_knows_nothing(market: Open, title: str) -> None:
    shop = opened(market, title)
    client, asked = shop.vendor._client(), []

    class Noting:
        def send(self, request: Any, key_headers: Mapping[str, str]) -> Any:
            asked.append(request)
            return client.send(request, key_headers)

    shop.vendor._client = Noting
    shop.vendor.submit(order_of(title))

    [paid] = [request for request in asked if request.spends]
    assert (ROWS[title]["idempotency key"], [name for name in paid.headers if "idempotency" in name.lower()]) == (
        "none",
        [],
    )


@every
def test_a_lost_answer_is_looked_for_where_orders_are_listed(market: Open, title: str) -> None:
    shop, wanted = opened(market, title, lost_answer=1), order_of(title)
    with pytest.raises(AnswerLost):
        shop.vendor.submit(wanted)
    lost = LostOrder(wanted.order_key, wanted.operation, wanted.model, wanted.params, datetime.now(UTC))

    found = shop.vendor.look_up(lost)
    among_others = shop.vendor.look_up(
        LostOrder(
            *(lost.order_key, lost.operation, lost.model), {**wanted.params, "prompt": "x", "text": "x"}, lost.sent_at
        )
    )

    says = ROWS[title]["lists orders"]
    assert isinstance(found, Unknowable if says == "no" else Found)
    if says != "no":
        assert isinstance(among_others, Found) == (says == "without it")


@every
def test_who_calls_has_a_reader_of_its_signature(title: str) -> None:
    assert (ROWS[title]["calls"] == "yes") == (case_of(title).partition(" ")[0] in READERS)


@every
def test_what_can_be_cancelled_is(market: Open, title: str) -> None:
    says, wanted = ROWS[title]["can be cancelled"], order_of(title)
    answered_at_once = "in its answer alone" in ROWS[title]["files can be fetched"] or "speech" in title
    shop = opened(market, title, latency_seconds=0.0 if answered_at_once else 600.0)
    answer = shop.vendor.submit(wanted)
    assert isinstance(answer, Pending) != answered_at_once
    if isinstance(answer, Pending):
        job = VendorJob(answer.vendor_job_id, wanted.model)

        shop.vendor.cancel(job)

        assert shop.vendor.status(job).state is (VendorState.CANCELLED if says == "yes" else VendorState.RUNNING)
    else:
        assert says == "no"


@every
def test_what_it_charged_is_on_record_or_not(market: Open, title: str) -> None:
    shop, wanted, now, day = opened(market, title), order_of(title), datetime.now(UTC), timedelta(days=1)
    answer = shop.vendor.submit(wanted)
    jobs = [VendorJob(str(answer.vendor_job_id), wanted.model)]
    if isinstance(answer, Pending):
        shop.vendor.status(jobs[0])

    found = shop.vendor.charges(now - day, now + day, jobs)

    says = ROWS[title]["record of what it charged"]
    assert (says == "yes") == (not isinstance(found, NoRecord) and len(found) == 1)
    assert not re.search("tokens|answer", says) or (answer.billed.usd_micros or isinstance(answer, Pending))


@every
def test_what_resolves_a_lost_answer_follows_from_what_the_vendor_can_do(title: str) -> None:
    ways = [way for name, way in (("lists orders", "its list"), ("calls", "its call")) if ROWS[title][name] != "no"]

    assert ROWS[title]["a lost answer is resolved by"] == (", or ".join(ways) or "a person")
