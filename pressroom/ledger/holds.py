"""Holds: credits and monthly allowances set aside for a run, captured in parts, the rest released.

The commands take a Connection so that they join the caller's transaction. A refused command undoes that whole
transaction. Do one money command per transaction, as its last: on PostgreSQL two transactions that wait for each other
are cut by the deadlock detector (Retryable). Within a command rows are locked in one order: holds by their numbers, then
allowances by month and family, then the days of tokens, then the account.
"""

# ruff: noqa: S608 - SQL is put together from constants alone
from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from sqlalchemy import Connection, select

from pressroom.database.prepared import Prepared
from pressroom.database.schema import REVENUE_ID, account, hold, instant
from pressroom.domain.errors import Invalid, Problem, Refused
from pressroom.domain.money import credits_text, in_credits
from pressroom.domain.months import checked_month, month_of
from pressroom.domain.states import HoldState, is_in
from pressroom.ledger import spending
from pressroom.ledger.accounts import Balance, account_id_of, balance_of
from pressroom.ledger.allowances import (
    NO_LIMITS,
    NO_UNITS,
    Allowance,
    above_limit,
    allowances_of,
    checked_units,
    correct,
    free_rest,
    listed,
    resize,
    set_aside,
    some_units,
)
from pressroom.ledger.commands import Command, checked_amount, done, move, post, record, refuse
from pressroom.ledger.spending import DayOf, Settled, Spender

_ID_BITS: Final = 63
Counted = tuple[int, str]  # the hold through which units of a family count
NO_COUNTS: Final[Mapping[Counted, int]] = {}
_OfToken = tuple[
    int | None, str, Settled
]  # what a change of a hold means to the token that started its run, if one did

_OPEN: Final = is_in("state", HoldState.OPEN)
_PLACE: Final = Prepared(
    "INSERT INTO hold (id, account_id, amount, captured, state, expires_at, created_at, month, token_id, day, unasked) "
    f"VALUES (:hold, :account, :amount, 0, '{HoldState.OPEN}', :expires, :created, :month, :token, :day, :unasked)"
)
_TAKE: Final = Prepared(
    f"UPDATE hold SET captured = captured + :amount WHERE id = :hold AND {_OPEN} AND captured <= amount - :amount "
    "RETURNING token_id, day"
)
_CLOSE: Final = Prepared(
    f"UPDATE hold SET state = :state WHERE id = :hold AND {_OPEN} "
    "RETURNING amount - captured, token_id, day, CASE WHEN unasked > captured THEN unasked - captured ELSE 0 END"
)
# Written so that it is locked until the commit: it must not be closed meanwhile.
_TOUCH: Final = Prepared("UPDATE hold SET captured = captured WHERE id = :hold RETURNING account_id, month, state")
_EXTEND: Final = Prepared(f"UPDATE hold SET expires_at = :expires WHERE id = :hold AND {_OPEN}")
_AS_IT_IS: Final = Prepared(
    f"UPDATE hold SET captured = captured WHERE id = :hold AND {_OPEN} "
    "RETURNING amount, captured, month, token_id, day, unasked"
)
_RESIZE: Final = Prepared("UPDATE hold SET amount = :amount, unasked = :unasked WHERE id = :hold")
_ACCOUNT: Final = Prepared("SELECT account_id FROM hold WHERE id = :hold")


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits set aside. `state` is open, released or expired; only an open hold can be captured from.

    `token_id` is the number of the token that started its run, `day` the day of which it counts, `unasked_micros` how much of it
    that token's standing budget covers.
    """

    id: int
    account: str
    amount_micros: int
    captured_micros: int
    state: str
    expires_at: datetime
    created_at: datetime
    month: str
    token_id: int | None = None
    day: str = ""
    unasked_micros: int = 0

    @property
    def left_micros(self) -> int:
        """What may still be captured."""
        return self.amount_micros - self.captured_micros if self.state == HoldState.OPEN else 0


def place_hold(
    conn: Connection,
    key: str,
    account_name: str,
    amount_micros: int,
    expires_at: datetime,
    *,
    allowances: Mapping[str, int] = NO_UNITS,
    limits: Mapping[str, int | None] = NO_LIMITS,
    month: str = "",
    spender: Spender | None = None,
) -> Hold:
    """Set credits aside, and of each family of `allowances` so many units of the month's (UTC; "" is this one).

    All or nothing. Raises Refused with every number when the account has too few credits, when what is used, held and asked for
    passes a family's limit (None or not named: unlimited), or the day's cap of the token that is the `spender`. Asked again under
    the same key, it answers with the hold as it is now; the first expiry, month and day stay.
    """
    amount, units = checked_amount(amount_micros), some_units(allowances)
    account_id = account_id_of(conn, account_name)
    number = secrets.randbits(_ID_BITS)
    content = f"{account_name}:{amount}{listed(units)}"
    if record(conn, Command(key, "hold", account_id, amount, hold_id=number, content=content)) is None:
        return _hold_placed(conn, key, content)
    now = datetime.now(UTC)
    month = checked_month(month) if month else month_of(now)
    unasked = spending.unasked_of(conn, spender, amount) or 0
    token_id, day = (None, "") if spender is None else spender.of_day
    placed = Hold(number, account_name, amount, 0, HoldState.OPEN, expires_at, now, month, token_id, day, unasked)
    _write(conn, placed, account_id)
    short = set_aside(conn, account_id, number, month, units, limits)
    above = spender is not None and not spending.set_aside(conn, spender, amount, unasked)
    if short or above or not move(conn, account_id, held=amount, available=amount):
        asked = {family: (units[family], limits[family] or 0) for family in short}
        _too_few(conn, account_id, placed, asked, spender if above else None)
    return placed


def _write(conn: Connection, placed: Hold, account_id: int) -> None:
    _PLACE.change(
        conn,
        hold=placed.id,
        account=account_id,
        amount=placed.amount_micros,
        expires=instant(placed.expires_at),
        created=instant(placed.created_at),
        month=placed.month,
        token=placed.token_id,
        day=placed.day,
        unasked=placed.unasked_micros,
    )


def capture(
    conn: Connection,
    key: str,
    hold_id: int,
    amount_micros: int,
    memo: str = "",
    *,
    used: Mapping[str, int] = NO_UNITS,
    elsewhere: Mapping[Counted, int] = NO_COUNTS,
) -> int:
    """Take credits out of an open hold for good, and note the allowances `used` for them; returns the amount.

    `elsewhere` are units that count through other holds, as in `count`. Raises Refused for more credits than are left of
    the hold. Units that were not held count in full: they are facts.
    """
    amount, units = checked_amount(amount_micros), some_units(used)
    account_id = _account_of(conn, hold_id)
    content = f"{hold_id}:{amount}{listed(units)}"
    op_id = record(conn, Command(key, "capture", account_id, amount, hold_id=hold_id, content=content, memo=memo))
    if op_id is None:
        return amount
    if units or elsewhere:
        _count(conn, {(hold_id, family): each for family, each in units.items()} | dict(elsewhere), hold_id)
    taken = _TAKE.rows(conn, hold=hold_id, amount=amount)
    if not taken:
        _no_room(conn, hold_id, amount)
    _settle(conn, [(*taken[0], Settled(used=amount, freed=amount))])
    post(conn, op_id, account_id, REVENUE_ID, amount)
    move(conn, account_id, balance=-amount, held=-amount)
    return amount


def count(conn: Connection, counts: Mapping[Counted, int]) -> None:
    """Count units as used in the months of holds, open or ended, without taking credits; negative ones are taken back.

    They count in full: they are facts. Whoever counts keeps the number: this is no command with a key.
    """
    _count(conn, counts)


def _count(conn: Connection, counts: Mapping[Counted, int], *others: int) -> None:
    """The same; every hold of it and the `others`, which are captured from next, are locked before anything else."""
    found: dict[int, tuple[int, str, str]] = {}
    for hold_id in sorted({hold_id for hold_id, _ in counts} | {*others}):
        rows = _TOUCH.rows(conn, hold=hold_id)
        if not rows:
            raise Invalid(f"there is no hold {hold_id}")
        found[hold_id] = rows[0]
    for (hold_id, family), units in sorted(counts.items(), key=lambda item: (found[item[0][0]][:2], item[0][1])):
        account_id, month, state = found[hold_id]
        if units:
            correct(conn, account_id, hold_id, month, family, units, is_open=state == HoldState.OPEN)


def release(conn: Connection, key: str, hold_id: int) -> int:
    """Close a hold and free what was not captured; returns how much that is, nothing of a hold that had expired meanwhile.

    Raises Refused when it was released under another key.
    """
    account_id = _account_of(conn, hold_id)
    closed = _close(conn, hold_id, HoldState.RELEASED)
    freed = 0 if closed is None else closed[2].freed
    if closed is None:
        earlier = done(conn, key, "release", str(hold_id))
        if earlier is not None:
            return earlier.amount
        if hold_of(conn, hold_id).state != HoldState.EXPIRED:
            refuse(conn, Refused(f"hold {hold_id} was released before, under another key", hold_id=hold_id))
    command = Command(key, "release", account_id, freed, hold_id=hold_id, content=str(hold_id))
    if record(conn, command) is not None and closed is not None:
        free_rest(conn, [hold_id])
        _settle(conn, [closed])
        move(conn, account_id, held=-freed)
    return freed


def resize_hold(
    conn: Connection,
    key: str,
    hold_id: int,
    amount_micros: int,
    *,
    left: Mapping[str, int] = NO_UNITS,
    limits: Mapping[str, int | None] = NO_LIMITS,
) -> Hold:
    """Set more or fewer credits aside in an open hold, and let it have so many units `left` of these families; returns it.

    More credits count for the token that started its run, and pass that token's caps: only people may ask for it. Raises Refused
    for less than was captured, and for more than the account has or a family's limit allows.
    """
    amount, units = checked_amount(amount_micros), checked_units(left)
    account_id = _account_of(conn, hold_id)
    content = f"{hold_id}:{amount}{listed(units)}"
    if record(conn, Command(key, "resize", account_id, amount, hold_id=hold_id, content=content)) is None:
        return hold_of(conn, hold_id)
    found = _AS_IT_IS.rows(conn, hold=hold_id)
    if not found or found[0][1] > amount:
        _no_room(conn, hold_id, amount, "lower it to")
    before, _, month, token_id, day, unasked = found[0]
    kept = min(unasked, amount)
    _RESIZE.change(conn, hold=hold_id, amount=amount, unasked=kept)
    short = resize(conn, account_id, hold_id, month, units, limits)
    _settle(conn, [(token_id, day, Settled(freed=before - amount, unasked=unasked - kept))])
    if short or not move(conn, account_id, held=amount - before, available=max(amount - before, 0)):
        asked = {family: (more, limits[family] or 0) for family, more in short.items()}
        _too_few(conn, account_id, replace(hold_of(conn, hold_id), amount_micros=amount - before), asked)
    return hold_of(conn, hold_id)


def extend_hold(conn: Connection, key: str, hold_id: int, expires_at: datetime) -> Hold:
    """Give an open hold another expiry; returns it."""
    content = f"{hold_id}:{expires_at.isoformat()}"
    command = Command(key, "extend", _account_of(conn, hold_id), hold_id=hold_id, content=content)
    if record(conn, command) is not None and _EXTEND.change(conn, hold=hold_id, expires=instant(expires_at)) == 0:
        _no_room(conn, hold_id, 0)
    return hold_of(conn, hold_id)


def expire_holds(conn: Connection, now: datetime) -> list[Hold]:
    """Release every open hold whose time is over; safe to run from several places. Returns the expired holds."""
    due = select(hold.c.id, hold.c.account_id).where(hold.c.state == HoldState.OPEN, hold.c.expires_at <= now)
    # In one order, and past those that another sweeper has: no deadlock, nothing twice.
    rows = conn.execute(due.order_by(hold.c.account_id, hold.c.id).with_for_update(skip_locked=True)).all()
    freed: Counter[int] = Counter()
    ended = []
    for hold_id, account_id in rows:
        closed = _close(conn, hold_id, HoldState.EXPIRED)
        ended += [closed] if closed else []
        amount = closed[2].freed if closed else 0
        record(conn, Command(f"expire:{hold_id}", "expire", account_id, amount, hold_id=hold_id, content=str(hold_id)))
        freed[account_id] += amount
    free_rest(conn, (hold_id for hold_id, _ in rows))
    _settle(conn, ended)
    for account_id, amount in sorted(freed.items()):
        move(conn, account_id, held=-amount)
    return [hold_of(conn, hold_id) for hold_id, _ in rows]


def hold_of(conn: Connection, hold_id: int) -> Hold:
    """Raises Invalid when there is no such hold."""
    if (row := conn.execute(_HOLDS.where(hold.c.id == hold_id)).one_or_none()) is None:
        raise Invalid(f"there is no hold {hold_id}")
    return Hold(*row)


def holds_open(conn: Connection, account_name: str) -> list[Hold]:
    """The account's open holds, oldest first."""
    is_open = (account.c.name == account_name, hold.c.state == HoldState.OPEN)
    return [Hold(*row) for row in conn.execute(_HOLDS.where(*is_open).order_by(hold.c.created_at, hold.c.id))]


_HOLDS: Final[Any] = select(
    hold.c.id,
    account.c.name,
    hold.c.amount,
    hold.c.captured,
    hold.c.state,
    hold.c.expires_at,
    hold.c.created_at,
    hold.c.month,
    hold.c.token_id,
    hold.c.day,
    hold.c.unasked,
).join_from(hold, account)


def _account_of(conn: Connection, hold_id: int) -> int:
    if (found := _ACCOUNT.value(conn, hold=hold_id)) is None:
        raise Invalid(f"there is no hold {hold_id}")
    return int(found)


def _hold_placed(conn: Connection, key: str, content: str) -> Hold:
    earlier = done(conn, key, "hold", content)
    assert earlier is not None, "the command was just found to be done"
    assert earlier.hold_id is not None, "a hold command names its hold"
    return hold_of(conn, earlier.hold_id)


def _close(conn: Connection, hold_id: int, state: str) -> _OfToken | None:
    """What the closing frees, None when the hold was not open."""
    rows = _CLOSE.rows(conn, hold=hold_id, state=state)
    if not rows:
        return None
    freed, token_id, day, unasked = rows[0]
    return token_id, day, Settled(freed=freed, unasked=unasked)


def _settle(conn: Connection, changes: Sequence[_OfToken]) -> None:
    """Count for the tokens that started the runs; for most nobody did."""
    found: list[tuple[DayOf, Settled]] = [((token, day), change) for token, day, change in changes if token is not None]
    if found:
        spending.settle(conn, found)


def _too_few(
    conn: Connection,
    account_id: int,
    asked: Hold,
    short: Mapping[str, tuple[int, int]],
    spender: Spender | None = None,
) -> NoReturn:
    """Refuse a hold for what is not there: credits, units (asked, limit) of families, something of the spender's day."""
    left = balance_of(conn, asked.account)
    now = allowances_of(conn, account_id, asked.month)
    problems = [
        above_limit(now.get(family, Allowance(family, 0, 0)), asked.month, amount, limit, left.plan)
        for family, (amount, limit) in short.items()
    ]
    if spender is not None:
        problems.append(spending.above_day(conn, spender, asked.amount_micros))
    if not problems or left.available_micros < asked.amount_micros:
        problems.insert(0, _overdrawn(asked, left))
    error = Refused(
        "; ".join(problem.message for problem in problems),
        hint=problems[0].hint,
        account=asked.account,
        problems=tuple(problems),
        needed_micros=asked.amount_micros,
        available_micros=left.available_micros,
        held_micros=left.held_micros,
    )
    refuse(conn, error)


def _overdrawn(asked: Hold, left: Balance) -> Problem:
    text = (
        f"this needs {in_credits(asked.amount_micros)}, "
        f"account {asked.account!r} has {credits_text(left.available_micros)}"
    )
    if left.held_micros:
        text += f" (and {credits_text(left.held_micros)} held)"
    return Problem("balance", text, "add credits or choose cheaper models")


def _no_room(conn: Connection, hold_id: int, amount: int, what: str = "capture") -> NoReturn:
    now = hold_of(conn, hold_id)
    if now.state != HoldState.OPEN:
        error = Refused(f"hold {hold_id} is {now.state}", hint="place a new hold", hold_id=hold_id, state=now.state)
    else:
        error = Refused(
            f"cannot {what} {in_credits(amount)}: {credits_text(now.left_micros)} of "
            f"{credits_text(now.amount_micros)} are left in hold {hold_id}",
            hold_id=hold_id,
            asked_micros=amount,
            left_micros=now.left_micros,
        )
    refuse(conn, error)
