"""Monthly allowances: how much of a family an account may buy, held and settled with the credits of a run.

Families are names to the ledger; the dollars that vendors bill are one of them, in micro-dollars. Rows are touched in
the order of their families, before the account's row: two commands never wait for each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from pressroom.database.prepared import Prepared
from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.money import MAX_MICROS, usd_text
from pressroom.domain.months import checked_month
from pressroom.ledger.commands import checked_amount

USD: Final = "usd"
NO_UNITS: Final[Mapping[str, int]] = {}
NO_LIMITS: Final[Mapping[str, int | None]] = {}
_FAMILY: Final = re.compile(r"[a-z][a-z_]{0,15}")
_UNLIMITED: Final = MAX_MICROS


@dataclass(frozen=True, slots=True)
class Allowance:
    """What of one family an account has used in a month, and what running runs have set aside."""

    family: str
    used: int
    held: int


@dataclass(frozen=True, slots=True)
class Units:
    """Units of one family that a hold sets aside, and what of them it has used; vendors may bill more than was held."""

    amount: int = 0
    captured: int = 0

    @property
    def left(self) -> int:
        return max(0, self.amount - self.captured)


NONE_HELD: Final = Units()

_SET_ASIDE: Final = Prepared(
    "INSERT INTO allowance (account_id, month, family, used, held, carried) "
    "SELECT :account, :month, :family, 0, :asked, 0 WHERE :asked <= :most "
    "ON CONFLICT (account_id, month, family) DO UPDATE SET held = allowance.held + :asked "
    "WHERE allowance.used + allowance.held <= :most - :asked"
)
_HOLD: Final = Prepared(
    "INSERT INTO hold_allowance (hold_id, family, amount, captured) VALUES (:hold, :family, :amount, 0)"
)
_CAPTURE: Final = Prepared(
    "INSERT INTO hold_allowance (hold_id, family, amount, captured) VALUES (:hold, :family, 0, :units) "
    "ON CONFLICT (hold_id, family) DO UPDATE SET captured = hold_allowance.captured + :units RETURNING amount, captured"
)
_USE: Final = Prepared(
    "INSERT INTO allowance (account_id, month, family, used, held, carried) "
    "VALUES (:account, :month, :family, :units, 0, 0) "
    "ON CONFLICT (account_id, month, family) DO UPDATE SET used = allowance.used + :units, held = allowance.held - :freed"
)
# A correction finds both rows: checks look at a row that is to be inserted before they look for the one that is there.
_RECAPTURE: Final = Prepared(
    "UPDATE hold_allowance SET captured = captured + :units WHERE hold_id = :hold AND family = :family "
    "RETURNING amount, captured"
)
_CORRECT: Final = Prepared(
    "UPDATE allowance SET used = used + :units, held = held - :freed "
    "WHERE account_id = :account AND month = :month AND family = :family"
)
_FREE: Final = Prepared(
    "UPDATE allowance SET held = held - :freed WHERE account_id = :account AND month = :month AND family = :family"
)
_RESIZE: Final = Prepared(
    "INSERT INTO hold_allowance (hold_id, family, amount, captured) VALUES (:hold, :family, :amount, 0) "
    "ON CONFLICT (hold_id, family) DO UPDATE SET amount = :amount"
)
_OF_HOLD: Final = Prepared("SELECT family, amount, captured FROM hold_allowance WHERE hold_id = :hold ORDER BY family")
_LEFT: Final = Prepared(
    "SELECT h.account_id, h.month, a.family, a.amount - a.captured FROM hold_allowance a JOIN hold h ON h.id = a.hold_id "
    "WHERE a.hold_id = :hold AND a.amount > a.captured"
)
_OF_MONTH: Final = Prepared(
    "SELECT family, used, held FROM allowance WHERE account_id = :account AND month = :month ORDER BY family"
)


def allowances_of(conn: Connection, account_id: int, month: str) -> dict[str, Allowance]:
    """Family -> what the account has used and set aside in that month; a family that is not there was not touched."""
    rows = _OF_MONTH.rows(conn, account=account_id, month=checked_month(month))
    return {family: Allowance(family, int(used), int(held)) for family, used, held in rows}


def units_of_hold(conn: Connection, hold_id: int) -> dict[str, Units]:
    """Family -> what the hold sets aside of it and has used; a family that is not there was neither held nor used."""
    return {family: Units(int(amount), int(used)) for family, amount, used in _OF_HOLD.rows(conn, hold=hold_id)}


def set_aside(
    conn: Connection,
    account_id: int,
    hold_id: int,
    month: str,
    asked: Mapping[str, int],
    limits: Mapping[str, int | None],
) -> list[str]:
    """Hold units of each family for a new hold; returns the families of which too few are left."""
    short = []
    for family, units in asked.items():
        if _fits(conn, account_id, month, family, units, limits):
            _HOLD.change(conn, hold=hold_id, family=family, amount=units)
        else:
            short.append(family)
    return short


def _fits(
    conn: Connection, account_id: int, month: str, family: str, units: int, limits: Mapping[str, int | None]
) -> bool:
    """Hold so many units of the month's, where they are left of it."""
    limit = limits.get(family)
    most = _UNLIMITED if limit is None else limit
    changed = _SET_ASIDE.change(conn, account=account_id, month=month, family=family, asked=units, most=most)
    return changed == 1


def correct(
    conn: Connection, account_id: int, hold_id: int, month: str, family: str, units: int, *, is_open: bool
) -> None:
    """Count more or fewer units through a hold that may have ended; it must have counted those that are taken back.

    What passes the held units, or was not held at all, counts in full as well.
    """
    if units > 0:
        [(amount, captured)] = _CAPTURE.rows(conn, hold=hold_id, family=family, units=units)
    else:
        [(amount, captured)] = _RECAPTURE.rows(conn, hold=hold_id, family=family, units=units)
    # What a closed hold had set aside was given back when it was closed.
    freed = min(amount, captured) - min(amount, captured - units) if is_open else 0
    change = _USE if units > 0 else _CORRECT
    change.change(conn, account=account_id, month=month, family=family, units=units, freed=freed)


def resize(
    conn: Connection,
    account_id: int,
    hold_id: int,
    month: str,
    left: Mapping[str, int],
    limits: Mapping[str, int | None],
) -> dict[str, int]:
    """Let an open hold have so many units left of each family; returns how many more of which are too many for their limits."""
    now = units_of_hold(conn, hold_id)
    short = {}
    for family, wanted in left.items():
        held = now.get(family, NONE_HELD)
        more = wanted - held.left
        if more > 0 and not _fits(conn, account_id, month, family, more, limits):
            short[family] = more
        elif more:
            if more < 0:
                _FREE.change(conn, account=account_id, month=month, family=family, freed=-more)
            _RESIZE.change(conn, hold=hold_id, family=family, amount=held.captured + wanted)
    return short


def free_rest(conn: Connection, hold_ids: Iterable[int]) -> None:
    """Give back what closed holds had set aside and not used."""
    freed: Counter[tuple[int, str, str]] = Counter()
    for hold_id in hold_ids:
        for account_id, month, family, left in _LEFT.rows(conn, hold=hold_id):
            freed[account_id, month, family] += left
    for (account_id, month, family), units in sorted(freed.items()):
        _FREE.change(conn, account=account_id, month=month, family=family, freed=units)


def checked_units(units: Mapping[str, int]) -> dict[str, int]:
    """Families in order. Raises Invalid for a name or a number that cannot be one."""
    for family in units:
        if not _FAMILY.fullmatch(family):
            raise Invalid(f"not a family of allowances: {family!r}", hint="like image, edit, video, audio or usd")
    return {family: checked_amount(units[family]) for family in sorted(units)}


def some_units(units: Mapping[str, int]) -> dict[str, int]:
    """The same, without families of which there are none."""
    return {family: amount for family, amount in checked_units(units).items() if amount}


def listed(units: Mapping[str, int]) -> str:
    """For a command's fingerprint: nothing where there are none, so that commands of older versions keep theirs."""
    return "".join(f":{family}={amount}" for family, amount in units.items())


def above_limit(now: Allowance, month: str, asked: int, limit: int, plan: str) -> Problem:
    """Why units could not be set aside, with every number."""
    if now.family == USD:
        message = f"purchases of up to {usd_text(asked)} on top of {usd_text(now.used)} used"
        held, most = f" and {usd_text(now.held)} held" if now.held else "", usd_text(limit)
    else:
        message = f"{asked} {now.family} purchases on top of {now.used} used"
        held, most = f" and {now.held} held" if now.held else "", str(limit)
    message += f"{held} in {month} are above the {most} of plan {plan!r}"
    code = "subscription_cost" if now.family == USD else "subscription_count"
    return Problem(code, message, "upgrade the plan, make fewer, or wait for the next month")
