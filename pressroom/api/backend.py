"""What the routes need of one home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from pressroom.api.calls import CallsUnderWay
from pressroom.api.feed import Feed
from pressroom.bootstrap import open_context, open_planning, open_providers
from pressroom.services.context import Context
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.providers import ProvidersContext
from pressroom.settings import Settings


@dataclass(frozen=True)
class Backend:
    """`planning` and `providers` are opened for each request: keys and catalog may have changed since the last one."""

    context: Context
    crew: Crew
    feed: Feed
    planning: Callable[[], PlanningContext]
    providers: Callable[[], ProvidersContext]
    calls: CallsUnderWay = field(default_factory=CallsUnderWay)


def open_backend(settings: Settings) -> Backend:
    """What the routes need of the home of these settings."""
    context = open_context(settings)
    return Backend(
        context=context,
        crew=Crew(context, settings.max_workers),
        feed=Feed(context),
        planning=partial(open_planning, settings),
        providers=partial(open_providers, settings),
    )


def backend_of(request: Request) -> Backend:
    found: Backend = request.app.state.backend
    return found


BackendOf = Annotated[Backend, Depends(backend_of)]
