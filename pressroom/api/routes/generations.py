"""One operation, made now: a run of a campaign of one step."""

from __future__ import annotations

import asyncio
import time
from operator import itemgetter
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from pressroom.api import models
from pressroom.api.asking import RunsReader, Spender
from pressroom.api.backend import Backend, BackendOf
from pressroom.api.lists import USUAL, Cursor, Day, Limit, PageOf, page
from pressroom.api.once import LOCATED, OnceRoute, effect_name
from pressroom.api.problems import documented
from pressroom.domain.identity import Principal
from pressroom.domain.months import midnight
from pressroom.domain.states import GOES_ON
from pressroom.services.generate import Generation, start_generation
from pressroom.services.list_generations import Wanted, count_generations, list_generations
from pressroom.services.show_run import show_generation

router = APIRouter(route_class=OnceRoute, prefix="/generations", tags=["generations"])
LONGEST_WAIT: Final = 60.0
_LOOK_SECONDS: Final = 0.05
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait for its end before answering.")]


@router.post(
    "",
    status_code=202,
    response_model=models.GenerationView,
    responses={200: {"model": models.GenerationView}, **LOCATED, **documented(402, 404, 409)},
)
async def generate(
    asked: Generation, principal: Spender, backend: BackendOf, called: Request, response: Response, wait: Wait = 0
) -> Any:
    """Make it: 202 with its id, or 200 where it was done within `wait` seconds."""
    run_id = await run_in_threadpool(_started, asked, principal, backend, called)
    found = await _awaited(principal, backend, run_id, wait)
    response.status_code = 202 if found["state"] in GOES_ON else 200
    return found


@router.get("", response_model=PageOf[models.GenerationView], responses=documented(404))
def generations(
    principal: RunsReader,
    backend: BackendOf,
    state: Annotated[str, Query(max_length=40, description="Only in this state.")] = "",
    operation: Annotated[str, Query(max_length=63)] = "",
    model: Annotated[str, Query(max_length=200, description="Provider and model that made it.")] = "",
    user: Annotated[str, Query(max_length=254, description="Who asked: an address, or a token's prefix.")] = "",
    begins: Annotated[Day | None, Query(alias="from", description="Asked for on this day (UTC) or later.")] = None,
    ends: Annotated[Day | None, Query(alias="to", description="Asked for before this day (UTC).")] = None,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Any:
    """What was asked for as one generation, the newest first; filters hold before items are counted off."""
    first, last = (None if day is None else midnight(day) for day in (begins, ends))
    wanted = Wanted(state, operation, model, user, first, last)
    found = list_generations(principal, backend.context, wanted, limit=limit + 1, before=cursor or None)
    count = count_generations(principal, backend.context, wanted)
    return page(found, limit, count, itemgetter("id"), dict)


@router.get("/{generation_id}", response_model=models.GenerationView, responses=documented(404))
async def generation(generation_id: str, principal: RunsReader, backend: BackendOf, wait: Wait = 0) -> Any:
    """How far it is, and the assets that came of it."""
    return await _awaited(principal, backend, generation_id, wait)


def _started(asked: Generation, principal: Principal, backend: Backend, called: Request) -> str:
    return start_generation(principal, backend.context, backend.crew, backend.planning(), asked, effect_name(called))


async def _awaited(principal: Principal, backend: Backend, run_id: str, seconds: float) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while True:
        found = await run_in_threadpool(show_generation, principal, backend.context, run_id)
        if found["state"] not in GOES_ON or time.monotonic() >= until:
            return found
        await asyncio.sleep(_LOOK_SECONDS)
