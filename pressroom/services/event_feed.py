"""The account's events for those who watch: what they have missed, then what comes, each once and in order."""

from __future__ import annotations

from pressroom.domain.errors import refusal
from pressroom.domain.identity import Principal
from pressroom.domain.states import ENDED_RUNS, RunState
from pressroom.ledger.accounts import account_id_of
from pressroom.runs import records as runs
from pressroom.services.context import Context
from pressroom.watching.event_log import MOST_READ, Told, events_after, newest_event, oldest_event

_LAST: frozenset[str] = frozenset(
    f"pressroom.run.{state}" for state in (RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED)
)


def open_feed(principal: Principal, context: Context, run_id: str = "", after: int | None = None) -> tuple[int, str]:
    """The account's number and the run's id, by which its events are told apart.

    Raises NotFound for a run that it has not, Refused with the code `gone` where events behind `after` are no longer kept.
    """
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        if after is not None and (first := oldest_event(conn)) is not None and after + 1 < first:
            text = f"events behind {after} are no longer kept, the oldest is {first}"
            hint = "leave out Last-Event-ID, and look at what is there now"
            raise refusal("gone", text, hint)
        return account_id, runs.run_of(conn, account_id, run_id).id if run_id else ""


def has_ended_before(principal: Principal, context: Context, run_id: str, after: int) -> bool:
    """Whether a run has ended and nothing says so any more to who has read so far: it was read, or it is no longer kept."""
    with context.database.read() as conn:
        account_id = account_id_of(conn, principal.account)
        if runs.run_of(conn, account_id, run_id).state not in ENDED_RUNS:
            return False
        return not any(map(is_last, events_after(conn, after, account_id=account_id, run_id=run_id)))


def missed(context: Context, account_id: int, run_id: str, after: int) -> list[Told]:
    """At most one page of the events behind this number; the same again from its last one until there are none."""
    with context.database.read() as conn:
        return events_after(conn, after, account_id=account_id, run_id=run_id, limit=MOST_READ)


def newest(context: Context) -> int:
    """The number of the last event of the home."""
    with context.database.read() as conn:
        return newest_event(conn)


def everything_after(context: Context, after: int) -> list[Told]:
    """The next events of all accounts, for the server, which hands each to those who may hear it."""
    with context.database.read() as conn:
        return events_after(conn, after)


def is_last(told: Told) -> bool:
    """Whether nothing comes of its run any more, unless somebody resumes it."""
    return told.name in _LAST
