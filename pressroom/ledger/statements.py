"""What happened to an account, newest first, with the balance after each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, select

from pressroom.database.counting import Count, counted
from pressroom.database.schema import account, entry, op
from pressroom.domain.money import to_number
from pressroom.ledger.accounts import account_id_of

DEFAULT_LIMIT: Final = 50
_HELD_SIGN: Final = {"hold": 1, "capture": -1, "release": -1, "expire": -1}


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One command: how it changed the balance and the held credits, and the balance after it.

    `id` is the cursor: pass the last line's as `before` for the next page.
    """

    id: int
    at: datetime
    kind: str
    key: str
    memo: str
    hold_id: int | None
    amount_micros: int
    held_micros: int
    balance_micros: int

    def as_dict(self, account: str) -> dict[str, Any]:
        """Amounts in credits."""
        return {
            "id": self.id,
            "account": account,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "key": self.key,
            "memo": self.memo,
            "hold_id": self.hold_id,
            "credits": to_number(self.amount_micros),
            "held": to_number(self.held_micros),
            "balance": to_number(self.balance_micros),
        }


def statement(
    conn: Connection, account_name: str, *, limit: int = DEFAULT_LIMIT, before: int | None = None
) -> list[StatementLine]:
    """The newest `limit` commands of an account, or those older than line `before`."""
    account_id = account_id_of(conn, account_name)
    query = (
        select(op, func.coalesce(entry.c.amount, 0).label("change"))
        .join_from(op, entry, and_(entry.c.op_id == op.c.id, entry.c.account_id == account_id), isouter=True)
        .where(op.c.account_id == account_id)
        .order_by(op.c.id.desc())
        .limit(limit)
    )
    rows = conn.execute(query if before is None else query.where(op.c.id < before)).all()
    return _lines(rows, _balance_after(conn, account_id, rows[0].id)) if rows else []


def count_lines(conn: Connection, account_name: str) -> Count:
    """How many commands the account has seen."""
    return counted(conn, select(op.c.id).where(op.c.account_id == account_id_of(conn, account_name)))


def _balance_after(conn: Connection, account_id: int, op_id: int) -> int:
    """Today's balance less what came later: cheap for the newest page, however long the history."""
    later = select(func.coalesce(func.sum(entry.c.amount), 0)).where(
        entry.c.account_id == account_id, entry.c.op_id > op_id
    )
    query = select(account.c.balance, later.scalar_subquery()).where(account.c.id == account_id)
    balance, change = conn.execute(query).one()
    return int(balance) - int(change)


def _lines(rows: Sequence[Row[Any]], balance: int) -> list[StatementLine]:
    lines = []
    for row in rows:
        held = _HELD_SIGN.get(row.kind, 0) * row.amount
        line = StatementLine(row.id, row.at, row.kind, row.key, row.memo, row.hold_id, row.change, held, balance)
        lines.append(line)
        balance -= row.change
    return lines
