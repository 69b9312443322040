"""A ledger command is written first, under the caller's key: applied once, answered as often as it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from pressroom.database.dialect import insert_new
from pressroom.database.schema import account, entry, op
from pressroom.domain.errors import Invalid, Refused
from pressroom.domain.money import MAX_MICROS

MAX_KEY_LENGTH: Final = 500


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
    statement = insert_new(conn, op).values(
        key=_checked(command.key),
        kind=command.kind,
        fingerprint=command.fingerprint,
        account_id=command.account_id,
        hold_id=command.hold_id,
        refunds_op_id=command.refunds_op_id,
        amount=command.amount,
        memo=command.memo,
        at=datetime.now(UTC),
    )
    number: int | None = conn.execute(statement.returning(op.c.id)).scalar()
    if number is None:
        _check_same(conn, command)
    return number


def done(conn: Connection, key: str, kind: str, content: str) -> Done | None:
    """The command done under this key, None when there is none. Raises Refused for another command."""
    query = select(op.c.amount, op.c.hold_id, op.c.fingerprint).where(op.c.key == _checked(key))
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    asked = f"{kind}:{content}"
    if row.fingerprint != asked:
        text = f"ledger key {key!r} was used for {row.fingerprint!r}, now for {asked!r}"
        refuse(conn, Refused(text, hint="use a new key for a new command", key=key))
    return Done(row.amount, row.hold_id)


def _check_same(conn: Connection, command: Command) -> None:
    done(conn, command.key, command.kind, command.content)


def post(conn: Connection, op_id: int, from_account: int, to_account: int, amount: int) -> None:
    """The two entries of a transfer; a transfer of nothing has none."""
    if amount:
        # One statement for the pair: a driver's batch mode prints noise after an abort.
        pair = [
            {"op_id": op_id, "account_id": from_account, "amount": -amount},
            {"op_id": op_id, "account_id": to_account, "amount": amount},
        ]
        conn.execute(insert(entry).values(pair))


def move(conn: Connection, account_id: int, *guards: ColumnElement[bool], balance: int = 0, held: int = 0) -> bool:
    """Change an account's running figures where the guards hold; False when they do not.

    The last statement of every command: the account's row is the hot one, and stays locked until the commit.
    """
    statement = (
        update(account)
        .where(account.c.id == account_id, *guards)
        .values(balance=account.c.balance + balance, held=account.c.held + held)
    )
    return conn.execute(statement).rowcount == 1


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
