"""The channel that events go through: whoever wants to hear of them subscribes, and nobody's trouble is the run's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from pressroom.domain.events import Event

Listener = Callable[[Event], None]
LOGGER: Final = logging.getLogger("pressroom")


class Channel:
    """Hands every event to all listeners, in the thread in which it happened. Safe to use from several threads."""

    def __init__(self, listeners: Iterable[Listener] = ()) -> None:
        self._listeners = tuple(listeners)

    def subscribe(self, listener: Listener, *, instead_of: type[Listener] | None = None) -> None:
        """One more listener; the same one twice hears everything once. Those that it is `instead_of` hear nothing more."""
        if listener not in self._listeners:
            kept = (each for each in self._listeners if instead_of is None or not isinstance(each, instead_of))
            self._listeners = (*kept, listener)

    def emit(self, event: Event) -> None:
        """Never raises: what is told of a run decides nothing in it."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception as exc:  # noqa: BLE001 - a log that is full, a server that is away
                LOGGER.debug("%s was not told to %r: %s", event.name, listener, exc)
