"""What happens, as server-sent events: each with a number, after which a reader who was cut off goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from pressroom.api.asking import RunsReader
from pressroom.api.backend import BackendOf
from pressroom.api.problems import documented
from pressroom.services.event_feed import has_ended_before, is_last, open_feed
from pressroom.watching.event_log import Told

router = APIRouter(tags=["events"])
END: Final = "end"
LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,18}$", description="The last one that was read.")
]


def _of_account(principal: RunsReader, backend: BackendOf, last_event_id: LastEventId = None) -> tuple[int, str]:
    return open_feed(principal, backend.context, after=_number(last_event_id))


def _of_run(
    run_id: str, principal: RunsReader, backend: BackendOf, last_event_id: LastEventId = None
) -> tuple[int, str, bool]:
    """Also whether it has ended, and that is nothing new to who asks."""
    account_id, found = open_feed(principal, backend.context, run_id, _number(last_event_id))
    return account_id, found, has_ended_before(principal, backend.context, found, _number(last_event_id) or 0)


def _number(last_event_id: str | None) -> int | None:
    return None if last_event_id is None else int(last_event_id)


# Looked up before the answer begins: what is refused is refused with a status.
OfAccount = Annotated[tuple[int, str], Depends(_of_account)]
OfRun = Annotated[tuple[int, str, bool], Depends(_of_run)]


@router.get("/events", response_class=EventSourceResponse, responses=documented(410))
async def events(
    of: OfAccount, backend: BackendOf, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    """What happens to the account from now on, or since the event that was last read."""
    async for told in backend.feed.stream(*of, _number(last_event_id)):
        yield _sent(told)


@router.get("/runs/{run_id}/events", response_class=EventSourceResponse, responses=documented(404, 410))
async def run_events(
    of: OfRun, backend: BackendOf, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    """What happens in a run, from its begin or since the event that was last read; `end` when it has ended."""
    account_id, run_id, is_over = of
    if is_over:
        yield ServerSentEvent(event=END, raw_data="")
        return
    async for told in backend.feed.stream(account_id, run_id, int(last_event_id or 0)):
        yield _sent(told)
        if is_last(told):
            yield ServerSentEvent(event=END, raw_data="")
            return


def _sent(told: Told) -> ServerSentEvent:
    data = {"name": told.name, "run": told.run_id, "at": told.at.isoformat(), **told.data}
    return ServerSentEvent(event=told.name, id=str(told.seq), raw_data=json.dumps(data))
