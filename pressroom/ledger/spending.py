"""What tokens spend: so much a run and so much a day (UTC), held and settled with the credits of the runs that they started.

A hold remembers its token and its day, and counts there until it is settled: what it captured stays, what it frees is free again.
Rows are touched after those of allowances and before the account's, in the order of tokens and days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from pressroom.database.prepared import Prepared
from pressroom.database.schema import token
from pressroom.domain.errors import Problem
from pressroom.domain.money import MAX_MICROS, credits_text, in_credits

DayOf = tuple[int, str]  # a token and a day

_SET_ASIDE: Final = Prepared(
    "INSERT INTO token_day (token_id, day, used, held, unasked) "
    "SELECT :token, :day, 0, :asked, :unasked WHERE :asked <= :most "
    "ON CONFLICT (token_id, day) DO UPDATE SET held = token_day.held + :asked, unasked = token_day.unasked + :unasked "
    "WHERE token_day.used + token_day.held <= :most - :asked"
)
_SETTLE: Final = Prepared(
    "UPDATE token_day SET used = used + :used, held = held - :freed, unasked = unasked - :unasked "
    "WHERE token_id = :token AND day = :day"
)
_DAY: Final = Prepared("SELECT used, held, unasked FROM token_day WHERE token_id = :token AND day = :day")


@dataclass(frozen=True, slots=True)
class Caps:
    """What a token may spend, in micro-credits: a run, a day, and a day without asking a person. None: no cap, no such budget."""

    run: int | None = None
    day: int | None = None
    standing: int | None = None

    def __bool__(self) -> bool:
        return any(each is not None for each in (self.run, self.day, self.standing))


NO_CAPS: Final = Caps()


@dataclass(frozen=True, slots=True)
class Day:
    """What a token's runs have spent of a day and set aside; `unasked` is the part of both that no person was asked for."""

    used: int = 0
    held: int = 0
    unasked: int = 0


NO_DAY: Final = Day()


@dataclass(frozen=True, slots=True)
class Spender:
    """The token that a hold counts for, on which day, with its caps. `asks`: a person is asked beyond the standing budget."""

    token: int
    day: str
    caps: Caps = NO_CAPS
    asks: bool = False

    @property
    def of_day(self) -> DayOf:
        return self.token, self.day


@dataclass(frozen=True, slots=True)
class Settled:
    """What a change of a hold means to its token's day."""

    used: int = 0
    freed: int = 0
    unasked: int = 0  # given back to the standing budget


def caps_of(conn: Connection, token_id: int) -> Caps:
    """The token's caps as they are now, locked until the commit: starts of one token come one after the other."""
    query = select(token.c.cap_run, token.c.cap_day, token.c.standing_day).where(token.c.id == token_id)
    return Caps(*conn.execute(query.with_for_update(key_share=True)).one())


def day_spent(conn: Connection, token_id: int, day: str) -> Day:
    rows = _DAY.rows(conn, token=token_id, day=day)
    return Day(*map(int, rows[0])) if rows else NO_DAY


def left_of_day(conn: Connection, spender: Spender) -> int:
    """Micro-credits that the token may still set aside that day."""
    spent = day_spent(conn, *spender.of_day)
    most = MAX_MICROS if spender.caps.day is None else spender.caps.day
    return max(0, most - spent.used - spent.held)


def unasked_of(conn: Connection, spender: Spender | None, amount: int) -> int | None:
    """How much of the amount the standing budget takes: all of it, or None where a person is to be asked."""
    if spender is None or not spender.asks or spender.caps.standing is None:
        return None
    fits = day_spent(conn, *spender.of_day).unasked + amount <= spender.caps.standing
    return amount if fits else None


def set_aside(conn: Connection, spender: Spender, amount: int, unasked: int) -> bool:
    """Count a new hold; False, and nothing is changed, where too little is left of the day."""
    most = MAX_MICROS if spender.caps.day is None else spender.caps.day
    token_id, day = spender.of_day
    return _SET_ASIDE.change(conn, token=token_id, day=day, asked=amount, unasked=unasked, most=most) == 1


def settle(conn: Connection, changes: Iterable[tuple[DayOf, Settled]]) -> None:
    """Count what holds of these days captured and freed, day by day in one order."""
    used: Counter[DayOf] = Counter()
    freed: Counter[DayOf] = Counter()
    unasked: Counter[DayOf] = Counter()
    for of_day, change in changes:
        used[of_day] += change.used
        freed[of_day] += change.freed
        unasked[of_day] += change.unasked
    for token_id, day in sorted(freed):
        of_day = token_id, day
        given = {"used": used[of_day], "freed": freed[of_day], "unasked": unasked[of_day]}
        _SETTLE.change(conn, token=token_id, day=day, **given)


def above_day(conn: Connection, spender: Spender, asked: int) -> Problem:
    """Why a hold is more than is left of the token's day, with every number."""
    spent = day_spent(conn, *spender.of_day)
    held = f" and holds {credits_text(spent.held)}" if spent.held else ""
    message = (
        f"this needs {in_credits(asked)}; the token has spent {credits_text(spent.used)}{held} of the "
        f"{in_credits(spender.caps.day or 0)} that it may spend on {spender.day} (UTC)"
    )
    return Problem("cap_day", message, "wait for the next day, or have a person raise the token's cap")


def above_run(asked: int, cap: int, spent: int = 0) -> Problem:
    """Why a run may come to more than its token may spend on one."""
    before = f" on top of {credits_text(spent)} spent" if spent else ""
    message = f"this needs {in_credits(asked)}{before}; the token may spend {in_credits(cap)} on a run"
    return Problem("cap_run", message, "make less in one run, or have a person raise the token's cap")
