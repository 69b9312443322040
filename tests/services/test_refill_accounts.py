"""Credits of the month: given once, whoever sees to it and however often, and only by whoever runs the installation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pressroom.domain.errors import Refused
from pressroom.domain.identity import Principal
from pressroom.ledger.invariants import check_invariants
from pressroom.services.accounts import open_account, show_account, show_statement
from pressroom.services.context import Context
from pressroom.services.refill_accounts import refill_all, set_refill
from tests.support.studio import CREDIT, Studio

pytestmark = pytest.mark.both_databases


def at(studio: Studio, month: int) -> Context:
    return replace(studio.context, now=lambda: datetime(2027, month, 1, 0, 20, tzinfo=UTC))


def available(studio: Studio) -> int:
    return show_account(studio.principal, studio.context).available_micros // CREDIT


def test_credits_are_given_once_a_month_whoever_looks(studio: Studio) -> None:
    open_account(studio.principal, studio.context)
    before = available(studio)
    assert set_refill(studio.principal, at(studio, 1), 20 * CREDIT).as_dict()["refill"] == 20
    assert (available(studio) - before, refill_all(at(studio, 1))) == (20, [])

    with ThreadPoolExecutor(4) as pool:
        given = [name for names in pool.map(lambda _: refill_all(at(studio, 2)), range(4)) for name in names]

    assert (given, available(studio) - before) == (["default"], 40)
    newest = show_statement(studio.principal, studio.context)[0]
    assert newest.memo == "refill of 2027-02"
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []


def test_another_amount_counts_from_the_next_month_and_none_ends_it(studio: Studio) -> None:
    open_account(studio.principal, studio.context)
    before = available(studio)
    set_refill(studio.principal, at(studio, 1), 20 * CREDIT)

    set_refill(studio.principal, at(studio, 1), 50 * CREDIT)
    assert available(studio) - before == 20
    refill_all(at(studio, 2))
    assert available(studio) - before == 70

    set_refill(studio.principal, at(studio, 2), None)
    assert (refill_all(at(studio, 3)), available(studio) - before) == ([], 70)


def test_no_customer_gives_itself_credits(studio: Studio) -> None:
    open_account(studio.principal, studio.context)
    member = Principal("default", "ann@example.com")

    with pytest.raises(Refused):
        set_refill(member, studio.context, CREDIT)
