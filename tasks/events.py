"""Events as events of Prefect's: its automations notify people and start deployments by them."""

from __future__ import annotations

from contextvars import Context, copy_context
from functools import lru_cache

from prefect.context import FlowRunContext, TaskRunContext
from prefect.events import emit_event
from prefect.settings import get_current_settings

from pressroom.domain.events import Event
from pressroom.prefect_server.events import as_prefect_has_it


@lru_cache(maxsize=64)
def surroundings(run_id: str) -> Context:
    """The server and the flow run that a run is of, as they were where this was first called for it.

    What is told of an order comes from a thread that asks vendors for all runs, and knows of neither.
    """
    return copy_context()


def tell_prefect(event: Event) -> None:
    """Hand the event to Prefect's client, which sends it from a thread of its own."""
    if FlowRunContext.get() or TaskRunContext.get():
        _emit(event)
    else:
        surroundings(event.run).copy().run(_emit, event)


def _emit(event: Event) -> None:
    if get_current_settings().api.url is None:
        return  # Prefect would start a server of its own, just to tell it
    emit_event(**as_prefect_has_it(event))
