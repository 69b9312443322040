"""Accounts, holds, captures and statements: append-only double entry, each command applied once."""

from __future__ import annotations

from pressroom.ledger.accounts import Balance, balance_of, change_plan, ensure_account, grant, refund
from pressroom.ledger.allowances import Allowance, allowances_of
from pressroom.ledger.holds import Hold, capture, expire_holds, extend_hold, hold_of, holds_open, place_hold, release
from pressroom.ledger.invariants import check_invariants
from pressroom.ledger.statements import StatementLine, statement

__all__ = [
    "Allowance",
    "Balance",
    "Hold",
    "StatementLine",
    "allowances_of",
    "balance_of",
    "capture",
    "change_plan",
    "check_invariants",
    "ensure_account",
    "expire_holds",
    "extend_hold",
    "grant",
    "hold_of",
    "holds_open",
    "place_hold",
    "refund",
    "release",
    "statement",
]
