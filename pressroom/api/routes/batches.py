"""Batches: one stored campaign with many rows of inputs, each row a run."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from fastapi import APIRouter, Request

from pressroom.api import models
from pressroom.api.asking import RunsReader, RunsWriter, Spender
from pressroom.api.backend import BackendOf
from pressroom.api.lists import USUAL, Cursor, Limit, PageOf, page
from pressroom.api.once import LOCATED, OnceRoute, effect_name
from pressroom.api.problems import documented
from pressroom.services.batches import (
    BatchRequest,
    BatchView,
    begin_batch,
    cancel_batch,
    count_batches,
    list_batches,
    resume_batch,
    show_batch,
)

router = APIRouter(route_class=OnceRoute, prefix="/batches", tags=["batches"], responses=documented(404))


@router.post("", status_code=202, response_model=models.BatchView, responses={**LOCATED, **documented(402, 409)})
def begin(asked: BatchRequest, principal: Spender, backend: BackendOf, called: Request) -> Any:
    """Plan and price all rows: all are refused, with every reason, or a run of each begins as there is room."""
    name = f"batch_{effect_name(called)[1:]}"
    found = begin_batch(principal, backend.context, backend.planning(), asked, name)
    backend.clerk.wake()
    return found.as_dict()


@router.get("", response_model=PageOf[models.Batch])
def listed(principal: RunsReader, backend: BackendOf, limit: Limit = USUAL, cursor: Cursor = "") -> Any:
    """The account's batches, the newest first, with their counts and what they have cost."""
    found = list_batches(principal, backend.context, before=cursor, limit=limit + 1)
    count = count_batches(principal, backend.context)
    return page(found, limit, count, attrgetter("batch.id"), BatchView.as_dict)


@router.get("/{batch_id}", response_model=models.BatchView)
def shown(batch_id: str, principal: RunsReader, backend: BackendOf) -> Any:
    """A batch as it stands, with the run of each row."""
    return show_batch(principal, backend.context, batch_id).as_dict()


@router.post("/{batch_id}/cancel", response_model=models.BatchView)
def cancel(batch_id: str, principal: RunsWriter, backend: BackendOf) -> Any:
    """Begin nothing more of it, and cancel every run of it that has not ended."""
    return cancel_batch(principal, backend.context, batch_id).as_dict()


@router.post("/{batch_id}/resume", response_model=models.BatchView, responses=documented(402, 409))
def resume(batch_id: str, principal: Spender, backend: BackendOf) -> Any:
    """Begin what has no run, since it was refused when it was to begin."""
    found = resume_batch(principal, backend.context, batch_id)
    backend.clerk.wake()
    return found.as_dict()
