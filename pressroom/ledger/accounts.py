"""Accounts: opening, balances, plans, grants and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, func, select

from pressroom.database.dialect import insert_new
from pressroom.database.prepared import Prepared
from pressroom.database.schema import ISSUER_ID, REVENUE_ID, SYSTEM_PREFIX, account, op
from pressroom.domain.errors import Invalid, NotFound, Refused
from pressroom.domain.identity import ACCOUNT_NAME_LENGTH
from pressroom.domain.money import MAX_MICROS, credits_text
from pressroom.domain.printable import printable
from pressroom.ledger.commands import Command, checked_amount, move, post, record, refuse

MAX_PLAN_LENGTH: Final = 64  # characters of a plan's name at most
_PLAN: Final = Prepared("UPDATE account SET plan = :plan WHERE id = :account")
_ID: Final = Prepared("SELECT id FROM account WHERE name = :name AND id > 0")


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has: `held_micros` are set aside for runs, `available_micros` is the rest."""

    balance_micros: int
    held_micros: int
    plan: str = "free"

    @property
    def available_micros(self) -> int:
        return self.balance_micros - self.held_micros


def ensure_account(conn: Connection, name: str, grant_micros: int, plan: str = "free") -> int:
    """The account's id; a new account is opened with its first grant. An existing one is left as it is."""
    found = conn.execute(select(account.c.id).where(account.c.name == name, account.c.id > 0)).scalar()
    if found is not None:
        return int(found)
    if not 0 < len(name) <= ACCOUNT_NAME_LENGTH or name.startswith(SYSTEM_PREFIX) or name != printable(name).strip():
        hint = f"1 to {ACCOUNT_NAME_LENGTH} characters that can be seen, no blanks around them, not {SYSTEM_PREFIX}..."
        raise Invalid(f"not an account name: {printable(name)!r}", hint=hint)
    conn.execute(insert_new(conn, account).values(name=name, plan=plan, created_at=datetime.now(UTC)))
    grant(conn, f"grant:{name}:initial", name, grant_micros, "first grant")
    return account_id_of(conn, name)


def account_id_of(conn: Connection, name: str) -> int:
    """Raises Invalid when there is no such account."""
    found = _ID.value(conn, name=name)
    if found is None:
        raise NotFound(
            f"there is no account {name!r}", hint="an account opens with its first run or `pressroom credits`"
        )
    return int(found)


def balance_of(conn: Connection, name: str) -> Balance:
    """Raises Invalid when there is no such account."""
    query = select(account.c.balance, account.c.held, account.c.plan)
    return Balance(*conn.execute(query.where(account.c.id == account_id_of(conn, name))).one())


def change_plan(conn: Connection, key: str, account_name: str, plan: str, memo: str = "") -> str:
    """Put the account on another subscription plan; returns it. Sent again, it does not undo a later change."""
    if not 0 < len(plan) <= MAX_PLAN_LENGTH:
        raise Invalid(f"not a name of a plan: {plan!r}", hint=f"1 to {MAX_PLAN_LENGTH} characters")
    account_id = account_id_of(conn, account_name)
    told = f"{plan}: {memo}" if memo else plan
    if record(conn, Command(key, "plan", account_id, content=f"{account_name}:{plan}", memo=told)) is not None:
        _PLAN.change(conn, account=account_id, plan=plan)
    return plan


def grant(conn: Connection, key: str, account_name: str, amount_micros: int, memo: str = "") -> int:
    """Give credits to an account; returns the amount."""
    amount = checked_amount(amount_micros)
    account_id = account_id_of(conn, account_name)
    content = f"{account_name}:{amount}"
    op_id = record(conn, Command(key, "grant", account_id, amount, content=content, memo=memo))
    if op_id is not None:
        _credit(conn, op_id, ISSUER_ID, account_id, amount)
    return amount


def refund(conn: Connection, key: str, capture_key: str, amount_micros: int, memo: str = "") -> int:
    """Give back captured credits, all or in parts, never more than were captured; returns the amount.

    A refund is a new row that points at the capture; the capture stays as it was.
    """
    amount = checked_amount(amount_micros)
    # The lock (PostgreSQL; on SQLite there is one writer) keeps two refunds from each seeing room for itself.
    query = select(op.c.id, op.c.account_id, op.c.amount).where(op.c.key == capture_key, op.c.kind == "capture")
    captured = conn.execute(query.with_for_update()).one_or_none()
    if captured is None:
        raise NotFound(f"there is no capture with key {capture_key!r}")
    content = f"{capture_key}:{amount}"
    command = Command(key, "refund", captured.account_id, amount, content=content, refunds_op_id=captured.id, memo=memo)
    op_id = record(conn, command)
    if op_id is None:
        return amount
    total = int(conn.execute(select(func.sum(op.c.amount)).where(op.c.refunds_op_id == captured.id)).scalar_one())
    if total > captured.amount:
        text = f"{credits_text(amount)} more credits than are left of capture {capture_key!r}"
        before = total - amount
        refuse(conn, Refused(f"cannot refund {text}: {_of(before, captured.amount)}", captured=captured.amount))
    _credit(conn, op_id, REVENUE_ID, captured.account_id, amount)
    return amount


def refundable(conn: Connection, account_id: int, capture_key: str) -> int:
    """What is left of one of the account's captures. Raises Invalid when it has none with this key."""
    mine = (op.c.key == capture_key, op.c.kind == "capture", op.c.account_id == account_id)
    captured = conn.execute(select(op.c.id, op.c.amount).where(*mine).with_for_update()).one_or_none()
    if captured is None:
        raise NotFound(
            f"there is no capture with key {capture_key!r}", hint="`pressroom credits statement --json` shows keys"
        )
    back = select(func.coalesce(func.sum(op.c.amount), 0)).where(op.c.refunds_op_id == captured.id)
    return int(captured.amount) - int(conn.execute(back).scalar_one())


def _of(refunded: int, captured: int) -> str:
    return f"{credits_text(refunded)} of {credits_text(captured)} are refunded"


def _credit(conn: Connection, op_id: int, source: int, account_id: int, amount: int) -> None:
    post(conn, op_id, source, account_id, amount)
    if not move(conn, account_id, balance=amount):
        refuse(conn, Refused(f"the account would hold more than {credits_text(MAX_MICROS)} credits"))
