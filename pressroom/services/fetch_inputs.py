"""URLs that a campaign names are fetched into the library before it is planned, so that the plan can be repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

from pressroom.domain.identity import Principal
from pressroom.domain.media import Asset
from pressroom.planning.plan import Files

if TYPE_CHECKING:
    from pressroom.services.context import Context


class HasFiles(Protocol):
    """What was planned, with the files that the planner looked at."""

    @property
    def files(self) -> Files: ...


P = TypeVar("P", bound=HasFiles)


def fetch_inputs(principal: Principal, context: Context, urls: Iterable[str]) -> list[Asset]:
    """Fetch and file each of them, in order. Raises what the downloader raises at the first that cannot be had."""
    # Most campaigns name no URL, and need not import what opens every kind of media.
    from pressroom.services.add_media import add_url

    return [add_url(principal, context, url) for url in dict.fromkeys(urls)]


def planned_with_inputs(principal: Principal, open_context: Callable[[], Context], plan: Callable[[], P]) -> P:
    """What `plan` gives once every URL that it asks for is in the library. Nothing is opened where none is missing."""
    fetched: set[str] = set()
    while True:
        planned = plan()
        missing = [url for url in planned.files.unfetched if url not in fetched]
        if not missing:
            return planned
        fetch_inputs(principal, open_context(), missing)
        fetched.update(missing)
