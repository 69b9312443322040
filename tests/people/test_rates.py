"""Limits of requests: never above, whatever servers answer at once, and anew in the next window."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pressroom.database.engine import Database
from pressroom.people.rates import Limit, Rates

READS = Limit("read", 40, 60)


def answered(rates: Rates, times: int, now: int = 1_000, subject: str = "token:1") -> int:
    return sum(rates.count(subject, READS, now).allowed for _ in range(times))


def test_one_server_answers_exactly_the_limit_and_tells_what_is_left(database: Database) -> None:
    rates = Rates(database)

    first = rates.count("token:1", READS, 1_000)

    assert (first.allowed, first.remaining, first.reset_seconds) == (True, 39, 60)
    assert answered(rates, 60, now=1_010) == 39
    refused = rates.count("token:1", READS, 1_020)
    assert (refused.allowed, refused.remaining, refused.reset_seconds) == (False, 0, 40)
    assert answered(rates, 60, now=1_060) == 40


def test_others_and_other_kinds_have_their_own(database: Database) -> None:
    rates = Rates(database)
    answered(rates, 60)

    assert answered(rates, 60, subject="token:2") == 40
    assert rates.count("token:1", Limit("write", 2, 60), 1_000).allowed


def test_several_servers_together_never_answer_more_and_the_last_ones_one_by_one(database: Database) -> None:
    servers = [Rates(database) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        found = sum(pool.map(lambda server: answered(server, 40), servers))

    # What is left in a share that its server does not use is refused elsewhere.
    assert 40 - 4 * 2 <= found <= 40
    assert answered(Rates(database), 5) == 0


def test_the_database_is_asked_once_for_many_requests(database: Database) -> None:
    """Shares of a limit of 300: a read costs the database a fraction of a write."""
    rates, taken = Rates(database), 0
    whole = Limit("read", 300, 60)
    before = 0
    for _ in range(200):
        rates.count("token:1", whole, 1_000)
        (share,) = rates._shares.values()
        taken += share.left > before
        before = share.left

    assert taken <= 20


@pytest.mark.parametrize("now", [1_059, 1_060])
def test_a_window_begins_with_the_first_request_in_it(database: Database, now: int) -> None:
    rates = Rates(database)
    answered(rates, 40, now=1_000)

    assert answered(Rates(database), 40, now=now) == (40 if now == 1_060 else 0)
