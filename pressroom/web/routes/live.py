"""That something has happened, told to open pages as server-sent events: each of them then asks for its part anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from pressroom.api.backend import Backend, BackendOf
from pressroom.services.event_feed import newest, open_feed
from pressroom.web.visitor import RunsReader

router = APIRouter()
TOLD: Final = "told"
# A stream ends with the first event after so long, and the browser comes again: whose session has ended is not told for ever.
_LASTS: Final = timedelta(minutes=15)
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", pattern=r"^[0-9]{1,18}$")]


def _of_account(visitor: RunsReader, backend: BackendOf) -> tuple[int, str]:
    return open_feed(visitor.principal, backend.context)


def _of_run(run_id: str, visitor: RunsReader, backend: BackendOf) -> tuple[int, str]:
    return open_feed(visitor.principal, backend.context, run_id)


# Looked up before the answer begins: what is refused is refused with a status.
OfAccount = Annotated[tuple[int, str], Depends(_of_account)]
OfRun = Annotated[tuple[int, str], Depends(_of_run)]


@router.get("/runs/events", response_class=EventSourceResponse)
async def account_events(
    of: OfAccount, backend: BackendOf, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    async for told in _told(backend, of, last_event_id):
        yield told


@router.get("/runs/{run_id}/events", response_class=EventSourceResponse)
async def run_events(
    of: OfRun, backend: BackendOf, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    async for told in _told(backend, of, last_event_id):
        yield told


async def _told(backend: Backend, of: tuple[int, str], last: str | None) -> AsyncIterator[ServerSentEvent]:
    """One at once for who comes anew, since something may have happened after the page was made; then one for each event."""
    seen, begun = int(last) if last else await run_in_threadpool(newest, backend.context), backend.context.now()
    if last is None:
        yield _sent(seen)
    async for told in backend.feed.stream(*of, seen):
        yield _sent(told.seq)
        if backend.context.now() - begun > _LASTS:
            return


def _sent(number: int) -> ServerSentEvent:
    return ServerSentEvent(event=TOLD, id=str(number), raw_data="")
