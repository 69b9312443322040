"""Caps of tokens: so much a day, held and settled with the credits, whoever asks from wherever at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from pressroom.database.engine import Database
from pressroom.domain.errors import Refused
from pressroom.ledger import (
    balance_of,
    capture,
    check_invariants,
    ensure_account,
    expire_holds,
    hold_of,
    place_hold,
    release,
)
from pressroom.ledger.accounts import account_id_of
from pressroom.ledger.holds import Hold, resize_hold
from pressroom.ledger.spending import Caps, Day, Spender, caps_of, day_spent, left_of_day
from pressroom.people.tokens import add_token, new_secret, set_caps, stored_of, token_of

CREDIT = 1_000_000
LATER = datetime(2100, 1, 1, tzinfo=UTC)
DAY, NEXT = "2026-12-01", "2026-12-02"


@pytest.fixture
def bank(database: Database) -> Database:
    with database.write() as conn:
        ensure_account(conn, "acme", 1_000 * CREDIT)
    return database


def new_token(bank: Database, caps: Caps) -> int:
    secret = new_secret()
    with bank.write() as conn:
        account_id = account_id_of(conn, "acme")
        add_token(conn, account_id, secret, "t", (), person_id=None, now=LATER, expires_at=None, caps=caps)
        found = stored_of(conn, secret)
    assert found is not None
    return found.id


def spender(token: int, day: str = DAY, caps: Caps = Caps(day=10 * CREDIT), *, asks: bool = False) -> Spender:
    return Spender(token, day, caps, asks)


def hold(bank: Database, key: str, credits: int, of: Spender | None) -> int:
    with bank.write() as conn:
        return place_hold(conn, key, "acme", credits * CREDIT, LATER, spender=of).id


def spent(bank: Database, token: int, day: str = DAY) -> tuple[int, int, int]:
    """Credits used, held and unasked, of books that add up."""
    with bank.read() as conn:
        assert check_invariants(conn) == []
        found = day_spent(conn, token, day)
    return found.used // CREDIT, found.held // CREDIT, found.unasked // CREDIT


def test_a_day_ends_at_its_cap_and_the_next_begins_anew(bank: Database) -> None:
    token = new_token(bank, Caps())
    hold(bank, "a", 6, spender(token))

    with pytest.raises(
        Refused, match=r"this needs 5 credits; the token has spent 0 and holds 6 of the 10 credits"
    ) as no:
        hold(bank, "b", 5, spender(token))

    assert [problem.code for problem in no.value.problems] == ["cap_day"]
    hold(bank, "c", 4, spender(token))
    hold(bank, "d", 10, spender(token, NEXT))
    hold(bank, "nobodys", 50, None)
    assert (spent(bank, token), spent(bank, token, NEXT)) == ((0, 10, 0), (0, 10, 0))


def test_what_is_captured_stays_and_what_is_freed_is_free_again(bank: Database) -> None:
    token = new_token(bank, Caps())
    released, expired = (hold(bank, name, 5, spender(token)) for name in ("a", "b"))
    with bank.write() as conn:
        capture(conn, "node", released, 3 * CREDIT)
    with bank.write() as conn:
        capture(conn, "node", released, 3 * CREDIT)  # asked twice
    assert spent(bank, token) == (3, 7, 0)

    with bank.write() as conn:
        release(conn, "end", released)
    with bank.write() as conn:
        expire_holds(conn, LATER + timedelta(seconds=1))

    assert hold_of_bank(bank, expired).state == "expired"
    assert spent(bank, token) == (3, 0, 0)
    hold(bank, "c", 7, spender(token))
    with pytest.raises(Refused, match="has spent 3 and holds 7"):
        hold(bank, "d", 1, spender(token))


def hold_of_bank(bank: Database, hold_id: int) -> Hold:
    with bank.read() as conn:
        return hold_of(conn, hold_id)


def test_a_key_sent_twice_counts_once(bank: Database) -> None:
    token = new_token(bank, Caps())

    assert hold(bank, "a", 6, spender(token)) == hold(bank, "a", 6, spender(token))
    assert spent(bank, token) == (0, 6, 0)


def test_the_cap_and_the_balance_are_told_together_and_nothing_is_held(bank: Database) -> None:
    token = new_token(bank, Caps())

    with pytest.raises(Refused) as no:
        hold(bank, "a", 2_000, spender(token))

    assert [problem.code for problem in no.value.problems] == ["balance", "cap_day"]
    with bank.read() as conn:
        assert balance_of(conn, "acme").held_micros == 0
        assert day_spent(conn, token, DAY) == Day()


def test_the_standing_budget_takes_what_fits_and_gives_back_what_was_not_spent(bank: Database) -> None:
    caps = Caps(day=100 * CREDIT, standing=6 * CREDIT)
    token = new_token(bank, caps)
    asked = spender(token, caps=caps, asks=True)
    first = hold(bank, "a", 4, asked)

    dear = hold(bank, "b", 4, asked)
    told = hold(bank, "c", 2, spender(token, caps=caps))  # by another door, at which nobody is asked

    assert [hold_of_bank(bank, each).unasked_micros // CREDIT for each in (first, dear, told)] == [4, 0, 0]
    assert spent(bank, token) == (0, 10, 4)
    with bank.write() as conn:
        capture(conn, "node", first, CREDIT)
    with bank.write() as conn:
        release(conn, "end", first)
    assert spent(bank, token) == (1, 6, 1)
    small = hold(bank, "d", 5, asked)
    assert spent(bank, token) == (1, 11, 6)
    with bank.write() as conn:
        resize_hold(conn, "less", small, 2 * CREDIT)
    assert spent(bank, token) == (1, 8, 3)


def test_a_person_may_set_more_aside_than_the_cap_and_it_counts(bank: Database) -> None:
    token = new_token(bank, Caps())
    held = hold(bank, "a", 10, spender(token))

    with bank.write() as conn:
        resize_hold(conn, "more", held, 15 * CREDIT)

    assert spent(bank, token) == (0, 15, 0)
    with bank.read() as conn:
        assert left_of_day(conn, spender(token)) == 0
    with pytest.raises(Refused, match="holds 15 of the 10 credits"):
        hold(bank, "b", 1, spender(token))


def test_caps_are_read_as_they_are_when_something_is_held(bank: Database) -> None:
    token = new_token(bank, Caps(run=CREDIT))
    with bank.write() as conn:
        account_id = account_id_of(conn, "acme")
        prefix = conn.execute(text("SELECT prefix FROM token")).scalar_one()
        set_caps(conn, account_id, prefix, Caps(day=2 * CREDIT))

    with bank.write() as conn:
        assert caps_of(conn, token) == Caps(day=2 * CREDIT)
    with bank.read() as conn:
        assert token_of(conn, account_id, prefix, DAY).caps == Caps(day=2 * CREDIT)


@pytest.mark.parametrize("column", ["used", "held", "unasked"])
def test_a_days_count_that_is_not_that_of_its_holds_is_named(bank: Database, column: str) -> None:
    token = new_token(bank, Caps())
    hold(bank, "a", 6, spender(token))

    with bank.write() as conn:
        conn.execute(text(f"UPDATE token_day SET {column} = {column} + 1"))

    with bank.read() as conn:
        assert [sentence for sentence in check_invariants(conn) if sentence.startswith("token prt_")]


def test_8_threads_that_hold_capture_and_release_end_at_the_cap(bank: Database) -> None:
    token = new_token(bank, Caps())

    def work(number: int) -> int:
        captured = 0
        for key in range(5):
            try:
                held = hold(bank, f"{number}:{key}", 2, spender(token))
            except Refused:
                continue
            with bank.write() as conn:
                captured += capture(conn, f"node:{number}:{key}", held, CREDIT)
            with bank.write() as conn:
                release(conn, f"end:{number}:{key}", held)
        return captured // CREDIT

    with ThreadPoolExecutor(8) as pool:
        captured = sum(pool.map(work, range(8)))

    assert spent(bank, token) == (captured, 0, 0)
    for number in range(10 - captured):
        hold(bank, f"rest:{number}", 1, spender(token))
    with pytest.raises(Refused, match="this needs 1 credit"):
        hold(bank, "more", 1, spender(token))
