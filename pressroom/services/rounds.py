"""Threads that go round for as long as their server lives."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pressroom.domain.errors import PressroomError
from pressroom.services.context import Context

_LOGGER: Final = logging.getLogger("pressroom")


@contextmanager
def going_on(context: Context, hindered: str) -> Iterator[None]:
    """Whatever fails within is told as `hindered`, to who reads the log, and the next round is tried: a full disk or a fault of
    ours in one round would else end the thread, and nothing that it does would be done until somebody starts the server anew.
    """
    try:
        yield
    except Exception as exc:  # noqa: BLE001 - see above
        tell_hindered(context, hindered, exc)


def tell_hindered(context: Context, hindered: str, error: Exception) -> None:
    """One line for who reads the log, with no secret in it."""
    if isinstance(error, PressroomError):
        _LOGGER.warning("%s: %s", hindered, context.recordable(str(error)))
    else:
        _LOGGER.error("%s: %s: %s", hindered, type(error).__name__, context.recordable(str(error)))
