"""How a studio's run and its account stand."""

from __future__ import annotations

from pressroom.ledger.accounts import balance_of
from pressroom.ledger.invariants import check_invariants
from pressroom.runs.records import run_of
from tests.support.studio import CREDIT, Studio


def balance(studio: Studio) -> tuple[int, int]:
    """Available and held credits, of books that add up."""
    with studio.context.database.read() as conn:
        assert check_invariants(conn) == []
        found = balance_of(conn, "default")
    return found.available_micros // CREDIT, found.held_micros // CREDIT


def state(studio: Studio, run_id: str) -> str:
    with studio.context.database.read() as conn:
        return run_of(conn, studio.account_id, run_id).state
