"""Credits, allowances and plans against a model of a few dictionaries, through random histories of commands."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count, product
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pressroom.database.engine import Database
from pressroom.domain.errors import Refused
from pressroom.ledger import (
    allowances_of,
    balance_of,
    capture,
    change_plan,
    check_invariants,
    ensure_account,
    expire_holds,
    grant,
    place_hold,
    refund,
    release,
    statement,
)
from pressroom.ledger.accounts import account_id_of

START = 20
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS = ("2026-01", "2026-02")
LIMITS = {"image": 6, "usd": 9}  # edits are not limited
amounts = st.integers(0, 12)
picks = st.integers(0, 3)
units = st.dictionaries(st.sampled_from(["image", "edit", "usd"]), st.integers(0, 5))
accounts = count()


class Books(RuleBasedStateMachine):
    """Keys come from a small set, so that replays and reuse happen all the time."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.name = f"account-{next(accounts)}"
        self.balance, self.clock = START, 0
        self.done: dict[str, tuple[object, ...]] = {}
        self.holds: dict[int, dict[str, Any]] = {}
        self.captures: dict[str, list[int]] = {}
        self.plan = "free"
        self.used = {month: Counter[str]() for month in MONTHS}
        with self.database.write() as conn:
            ensure_account(conn, self.name, START)

    @property
    def available(self) -> int:
        return self.balance - sum(hold["left"] for hold in self.holds.values())

    def held(self, month: str, family: str) -> int:
        return sum(hold["units"].get(family, 0) for hold in self.holds.values() if hold["month"] == month)

    def key(self, kind: str, pick: int) -> str:
        return f"{self.name}:{kind}:{pick}"

    def hold_at(self, pick: int) -> int | None:
        numbers = list(self.holds)
        return numbers[pick % len(numbers)] if numbers else None

    @rule(pick=picks, amount=amounts)
    def grants(self, pick: int, amount: int) -> None:
        key = self.key("grant", pick)
        self.expect(key, (amount,), True, lambda conn: grant(conn, key, self.name, amount))
        if self.applied:
            self.balance += amount

    @rule(pick=picks, plan=st.sampled_from(["free", "pro"]))
    def changes_plan(self, pick: int, plan: str) -> None:
        key = self.key("plan", pick)
        self.expect(key, (plan,), True, lambda conn: change_plan(conn, key, self.name, plan))
        if self.applied:
            self.plan = plan

    @rule(pick=picks, amount=amounts, life=st.integers(1, 5), asked=units, month=st.sampled_from(MONTHS))
    def holds_credits(self, pick: int, amount: int, life: int, asked: dict[str, int], month: str) -> None:
        key, expires = self.key("hold", pick), self.clock + life
        asked = {family: count for family, count in asked.items() if count}
        terms = {"allowances": asked, "limits": LIMITS, "month": month}
        at = EPOCH + timedelta(hours=expires)
        fits = amount <= self.available and all(
            self.used[month][family] + self.held(month, family) + count <= LIMITS.get(family, 10**9)
            for family, count in asked.items()
        )
        placed = self.expect(
            key, (amount, asked), fits, lambda conn: place_hold(conn, key, self.name, amount, at, **terms)
        )
        if self.applied:
            self.holds[placed.id] = {"left": amount, "expires": expires, "open": 1, "month": month, "units": asked}

    @rule(pick=picks, which=picks, amount=amounts, used=units)
    def captures_credits(self, pick: int, which: int, amount: int, used: dict[str, int]) -> None:
        hold_id = self.hold_at(which)
        if hold_id is None:
            return
        key, hold = self.key("capture", pick), self.holds[hold_id]
        used = {family: count for family, count in used.items() if count}
        fits = bool(hold["open"]) and amount <= hold["left"]
        self.expect(key, (hold_id, amount, used), fits, lambda conn: capture(conn, key, hold_id, amount, used=used))
        if self.applied:
            hold["left"] -= amount
            hold["units"] = {family: max(0, left - used.get(family, 0)) for family, left in hold["units"].items()}
            self.used[hold["month"]].update(used)
            self.balance -= amount
            self.captures[key] = [amount]

    @rule(pick=picks, which=picks)
    def releases(self, pick: int, which: int) -> None:
        hold_id = self.hold_at(which)
        if hold_id is None:
            return
        key, hold = self.key("release", pick), self.holds[hold_id]
        fits = bool(hold["open"]) or hold.get("expired") == 1
        freed = self.expect(key, (hold_id,), fits, lambda conn: release(conn, key, hold_id))
        if self.applied:
            assert freed == hold["left"]
            hold |= {"left": 0, "open": 0, "units": {}}

    @rule(pick=picks, which=picks, amount=amounts)
    def refunds(self, pick: int, which: int, amount: int) -> None:
        captured = self.key("capture", which)
        if captured not in self.captures:
            return
        key, left = self.key("refund", pick), self.captures[captured]
        self.expect(key, (captured, amount), amount <= left[0], lambda conn: refund(conn, key, captured, amount))
        if self.applied:
            left[0] -= amount
            self.balance += amount

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours: int) -> None:
        self.clock += hours
        with self.database.write() as conn:
            expired = {hold.id for hold in expire_holds(conn, EPOCH + timedelta(hours=self.clock))}

        due = {number for number, hold in self.holds.items() if hold["open"] and hold["expires"] <= self.clock}
        assert expired == due
        for number in due:
            self.holds[number] |= {"left": 0, "open": 0, "expired": 1, "units": {}}

    @invariant()
    def the_books_agree_with_the_model(self) -> None:
        with self.database.read() as conn:
            assert check_invariants(conn) == []
            shown = balance_of(conn, self.name)
            lines = statement(conn, self.name, limit=1_000)
        assert (shown.balance_micros, shown.available_micros) == (self.balance, self.available)
        assert sum(line.amount_micros for line in lines) == self.balance
        assert sum(line.held_micros for line in lines) == shown.held_micros
        assert lines[0].balance_micros == self.balance
        assert shown.plan == self.plan

    @invariant()
    def the_allowances_agree_with_the_model(self) -> None:
        with self.database.read() as conn:
            found = {month: allowances_of(conn, account_id_of(conn, self.name), month) for month in MONTHS}
        for month, family in product(MONTHS, ("image", "edit", "usd")):
            each = found[month].get(family)
            shown = (each.used, each.held) if each else (0, 0)
            assert shown == (self.used[month][family], self.held(month, family))

    def teardown(self) -> None:
        with self.database.write() as conn:
            expire_holds(conn, EPOCH + timedelta(days=365))

    def expect(self, key: str, content: tuple[object, ...], fits: bool, command: object) -> object:
        """Run the command: applied when it is new and fits, answered again when it was done, refused otherwise."""
        self.applied = key not in self.done and fits
        replayed = self.done.get(key) == content
        try:
            with self.database.write() as conn:
                answer = command(conn)  # type: ignore[operator]
        except Refused:
            assert not self.applied
            assert not replayed
            return None
        assert self.applied or replayed
        self.done.setdefault(key, content)
        return answer


def test_random_histories_agree_with_the_model(database: Database) -> None:
    machine = type("BooksHere", (Books,), {"database": database})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
