"""A ledger command is written first, under the caller's key: applied once, answered as often as it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn

from sqlalchemy import Connection

from pressroom.database.prepared import Prepared
from pressroom.database.schema import instant
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.money import MAX_MICROS

MAX_KEY_LENGTH: Final = 500

_RECORD: Final = Prepared(
    "INSERT INTO op (key, kind, fingerprint, account_id, hold_id, refunds_op_id, amount, memo, at) "
    "VALUES (:key, :kind, :fingerprint, :account, :hold, :refunds, :amount, :memo, :at) "
    "ON CONFLICT DO NOTHING RETURNING id"
)
_DONE: Final = Prepared("SELECT amount, hold_id, fingerprint FROM op WHERE key = :key")
# One statement for the pair: a driver's batch mode prints noise after an abort.
_POST: Final = Prepared(
    "INSERT INTO entry (op_id, account_id, amount) VALUES (:op, :source, -:amount), (:op, :target, :amount)"
)
_MOVE: Final = Prepared(
    "UPDATE account SET balance = balance + :balance, held = held + :held "
    "WHERE id = :account AND balance - held >= :available AND balance <= :most"
)


@dataclass(frozen=True, slots=True)
class Command:
    """What is about to be done. A second use of the key must repeat `content` exactly; the memo may differ."""

    key: str
    kind: str
    account_id: int
    amount: int = 0
    hold_id: int | None = None
    content: str = ""
    refunds_op_id: int | None = None
    memo: str = ""

    @property
    def fingerprint(self) -> str:
        return f"{self.kind}:{self.content}"


@dataclass(frozen=True, slots=True)
class Done:
    amount: int
    hold_id: int | None


def record(conn: Connection, command: Command) -> int | None:
    """Write the command and return its number, or None when exactly this was done before."""
    number: int | None = _RECORD.value(
        conn,
        key=_checked(command.key),
        kind=command.kind,
        fingerprint=command.fingerprint,
        account=command.account_id,
        hold=command.hold_id,
        refunds=command.refunds_op_id,
        amount=command.amount,
        memo=command.memo,
        at=instant(datetime.now(UTC)),
    )
    if number is None:
        done(conn, command.key, command.kind, command.content)  # refuses another command under this key
    return number


def done(conn: Connection, key: str, kind: str, content: str) -> Done | None:
    """The command done under this key, None when there is none. Raises Refused for another command."""
    rows = _DONE.rows(conn, key=_checked(key))
    if not rows:
        return None
    amount, hold_id, fingerprint = rows[0]
    asked = f"{kind}:{content}"
    if fingerprint != asked:
        text = f"ledger key {key!r} was used for {fingerprint!r}, now for {asked!r}"
        refuse(conn, Refused(text, hint="use a new key for a new command", key=key))
    return Done(amount, hold_id)


def post(conn: Connection, op_id: int, from_account: int, to_account: int, amount: int) -> None:
    """The two entries of a transfer; a transfer of nothing has none."""
    if amount:
        _POST.change(conn, op=op_id, source=from_account, target=to_account, amount=amount)


def move(conn: Connection, account_id: int, *, balance: int = 0, held: int = 0, available: int = 0) -> bool:
    """Change an account's running figures; False, and nothing changed, where too little is available or no room is left.

    The last statement of every command: the account's row is the hot one, and stays locked until the commit.
    """
    most = MAX_MICROS - max(balance, 0)
    changed = _MOVE.change(conn, account=account_id, balance=balance, held=held, available=available, most=most)
    return changed == 1


def refuse(conn: Connection, error: Refused) -> NoReturn:
    """Undo the whole transaction, then raise: a caller who swallows the error cannot commit half a command."""
    transaction = conn.get_transaction()
    if transaction is not None:
        transaction.rollback()
    raise error


def checked_amount(amount_micros: int) -> int:
    """Raises Invalid unless the amount is an integer from 0 to MAX_MICROS."""
    if isinstance(amount_micros, bool) or not isinstance(amount_micros, int):
        raise Invalid(f"an amount is an integer of micro-credits, not {amount_micros!r}")
    if not 0 <= amount_micros <= MAX_MICROS:
        raise Invalid(f"an amount is between 0 and {MAX_MICROS} micro-credits, not {amount_micros}")
    return amount_micros


def _checked(key: str) -> str:
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise Invalid(f"a ledger key has 1 to {MAX_KEY_LENGTH} characters, this one has {len(key)}")
    return key
