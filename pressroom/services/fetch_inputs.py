"""What a campaign names and planning cannot reach is fetched before it is planned, so that the plan can be repeated.

URLs come into the library. Feeds of a store that is no folder come into the home, where planning reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from pressroom.campaign.paths import ASSET
from pressroom.domain.identity import Principal
from pressroom.planning.plan import Files

if TYPE_CHECKING:
    from pressroom.services.context import Context


class HasFiles(Protocol):
    """What was planned, with the files that the planner looked at."""

    @property
    def files(self) -> Files: ...


P = TypeVar("P", bound=HasFiles)


def fetch_inputs(principal: Principal, context: Context, names: Iterable[str]) -> None:
    """Fetch each of them, in order. Raises what the downloader and the store raise at the first that cannot be had."""
    # Most campaigns name no URL, and need not import what opens every kind of media.
    from pressroom.services.add_media import add_url

    for name in dict.fromkeys(names):
        if name.startswith(ASSET):
            _fetch_feed(context, name.removeprefix(ASSET))
        else:
            add_url(principal, context, name)


def fetched_feed(home: Path, sha256: str) -> Path | None:
    """The file of a feed that was fetched into this home; None where it was not."""
    path = _feed_path(home, sha256)
    return path if path.is_file() else None


def _fetch_feed(context: Context, sha256: str) -> None:
    path = _feed_path(context.settings.home, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    context.store.get(sha256, path)


def _feed_path(home: Path, sha256: str) -> Path:
    return home / "cache" / "feeds" / sha256


def planned_with_inputs(principal: Principal, open_context: Callable[[], Context], plan: Callable[[], P]) -> P:
    """What `plan` gives once everything that it asks for is at hand. Nothing is opened where nothing is missing."""
    fetched: set[str] = set()
    while True:
        planned = plan()
        missing = [name for name in planned.files.unfetched if name not in fetched]
        if not missing:
            return planned
        fetch_inputs(principal, open_context(), missing)
        fetched.update(missing)
