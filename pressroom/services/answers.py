"""Calls with a key of their own: the same key means the same call, which has one effect and one answer.

A key belongs to an account and a route. While a call is under way its key is held; a process that is killed with it leaves an
effect whose name was made of the key, so that whoever sends the call again finds it instead of a second one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update

from pressroom.database.dialect import clock, insert_new
from pressroom.database.schema import answer
from pressroom.database.schema.serving import MAX_ROUTE_LENGTH
from pressroom.domain.content_hash import text_digest
from pressroom.domain.errors import Invalid, Problem, Retryable
from pressroom.domain.identity import Principal
from pressroom.ledger.accounts import account_id_of
from pressroom.runs.leases import has_ended, this_process
from pressroom.services.context import Context

MAX_KEY_LENGTH: Final = 255
KEY_PATTERN: Final = "^[!-~]([ -~]*[!-~])?$"  # what a header carries to everybody alike
KEPT_DAYS: Final = 7  # of what cost nothing; what was spent by is kept for ever
HELD_SECONDS: Final = 90.0  # longer than any call may take
UNDER_WAY: Final = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its key. `name` is what its effect is called."""

    account: str
    route: str
    key: str
    asked_sha256: str

    @property
    def stored_route(self) -> str:
        """As its row has it: of a long address the digest."""
        return self.route if len(self.route) <= MAX_ROUTE_LENGTH else f"sha256:{text_digest(self.route)}"

    @property
    def name(self) -> str:
        return f"r{text_digest('/'.join((str(len(self.account)), self.account, self.route, self.key)))[:16]}"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given."""

    status: int
    body: str


def begin_call(principal: Principal, context: Context, call: Call) -> Kept | None:
    """The answer that the call has had; None where it is now this process's to carry out.

    Raises Invalid for a key that was used for another call, Retryable while the call is under way elsewhere.
    """
    if len(call.key) > MAX_KEY_LENGTH or re.fullmatch(KEY_PATTERN, call.key) is None:
        said = f"a key has 1 to {MAX_KEY_LENGTH} characters of ASCII, spaces between others"
        raise _wrong_key(said, "send a new random one with each new call")
    with context.database.write() as conn:
        account_id = account_id_of(conn, principal.account)
        now = clock(conn)
        row = {
            "account_id": account_id,
            "route": call.stored_route,
            "key": call.key,
            "asked_sha256": call.asked_sha256,
            "status": UNDER_WAY,
            "body": "",
            "holder": this_process(),
            "held_until": now + timedelta(seconds=HELD_SECONDS),
            "kept": False,
            "created_at": now,
        }
        if conn.execute(insert_new(conn, answer).values(**row).returning(answer.c.key)).scalar() is not None:
            return None
        this = _this(account_id, call)
        found = conn.execute(select(answer).where(*this).with_for_update()).one()
        if found.asked_sha256 != call.asked_sha256:
            raise _wrong_key("this key was used for another call", "send a new random one with each new call")
        if found.status != UNDER_WAY:
            return Kept(found.status, found.body)
        if found.held_until > now and not has_ended(found.holder):
            raise Retryable("this call is under way", hint="send it again in a moment", retry_after=1)
        conn.execute(update(answer).where(*this).values(holder=row["holder"], held_until=row["held_until"]))
        return None


def end_call(principal: Principal, context: Context, call: Call, kept: Kept, *, spends: bool) -> None:
    """Keep the answer; where something was spent, for ever."""
    with context.database.write() as conn:
        this = _this(account_id_of(conn, principal.account), call)
        conn.execute(update(answer).where(*this).values(status=kept.status, body=kept.body, kept=spends))


def drop_call(principal: Principal, context: Context, call: Call) -> None:
    """Free the key of a call that had no effect: what was wrong may be mended, and the call sent again."""
    with context.database.write() as conn:
        this = _this(account_id_of(conn, principal.account), call)
        conn.execute(delete(answer).where(*this, answer.c.status == UNDER_WAY))


def _this(account_id: int, call: Call) -> tuple[ColumnElement[bool], ...]:
    return answer.c.account_id == account_id, answer.c.route == call.stored_route, answer.c.key == call.key


def _wrong_key(message: str, hint: str) -> Invalid:
    return Invalid.of([Problem("idempotency_key", message, hint)])
