"""What the routes need of one home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from pressroom.api.calls import CallsUnderWay
from pressroom.api.feed import Feed
from pressroom.bootstrap import open_identity_provider, open_planning, open_providers
from pressroom.people.rates import Rates
from pressroom.prefect_server.configured import configured, require_health
from pressroom.prefect_server.crew import open_crew
from pressroom.prefect_server.events import open_watched
from pressroom.services.begin_batches import Clerk
from pressroom.services.context import Context
from pressroom.services.courier import Courier
from pressroom.services.crew import Crew
from pressroom.services.plan_campaign import PlanningContext
from pressroom.services.providers import ProvidersContext
from pressroom.services.readiness import ASK_SECONDS, Part, Readiness, parts_of
from pressroom.settings import Settings

if TYPE_CHECKING:
    from pressroom.oidc.provider import IdentityProvider


@dataclass(frozen=True)
class Backend:
    """`planning` and `providers` are opened for each request: keys and catalog may have changed since the last one."""

    context: Context
    crew: Crew
    feed: Feed
    courier: Courier
    clerk: Clerk
    planning: Callable[[], PlanningContext]
    providers: Callable[[], ProvidersContext]
    readiness: Readiness
    identities: IdentityProvider | None = None
    calls: CallsUnderWay = field(default_factory=CallsUnderWay)

    @cached_property
    def rates(self) -> Rates:
        """This server's share of how often everybody may ask."""
        return Rates(self.context.database)


def open_backend(settings: Settings, paths: tuple[Path, ...] = ()) -> Backend:
    """What the routes need of the home of these settings; callers may name media in the folders `paths`."""
    context = open_watched(settings)
    crew, planning = open_crew(context), partial(_planning, settings, paths)
    return Backend(
        context=context,
        crew=crew,
        feed=Feed(context),
        courier=Courier(context),
        clerk=Clerk(context, crew, planning),
        planning=planning,
        providers=partial(open_providers, settings),
        readiness=Readiness({**parts_of(context), **_prefect(settings)}),
        identities=open_identity_provider(settings),
    )


def _prefect(settings: Settings) -> dict[str, Part]:
    """The Prefect server, where one is configured: the local one of a home is started when it is needed."""
    url, _ = configured(settings)
    return {"prefect": partial(require_health, url, ASK_SECONDS)} if url else {}


def _planning(settings: Settings, paths: tuple[Path, ...]) -> PlanningContext:
    return replace(open_planning(settings), paths=paths)


def backend_of(request: Request) -> Backend:
    found: Backend = request.app.state.backend
    return found


BackendOf = Annotated[Backend, Depends(backend_of)]
