"""The guarded sender: the only way by which something is sent to an address that a user or a client has named.

https only, to public addresses only, and to the very address that was checked; where an answer redirects to is never looked at.
Hosts of the operator's own network are named in a setting, as host:port.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pressroom.domain.errors import PressroomError
from pressroom.domain.web_address import WebAddress
from pressroom.providers.guard import Guard
from pressroom.providers.http.client import HTTP_ERRORS, HttpTransport
from pressroom.providers.http.messages import Question, Transport

MOST_KEPT_BYTES: Final = 1_000  # of an answer; what follows is left unread


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: the status, and the begin of the body."""

    status: int
    begin: bytes


class Poster:
    """Sends one body at a time; for several threads."""

    def __init__(
        self,
        *,
        seconds: float,
        guard: Guard | None = None,
        transport: Transport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._guard = guard or Guard()
        self._transport = transport or HttpTransport(clock=clock)
        self._clock = clock

    def check(self, url: str) -> WebAddress:
        """Where something would be sent to. Raises Invalid for a URL that may not be asked for. Resolves no name."""
        return WebAddress.of(url, self._guard.private_hosts)

    def resolve(self, address: WebAddress) -> tuple[str, ...]:
        """What would be connected to. Raises Refused where that is not public, Retryable where it cannot be found."""
        return self._guard.addresses(address)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send the body, once.

        Raises Invalid for a URL that may not be asked for, Refused for an address that is not public, Retryable where nobody
        answers in time, Permanent where what answers cannot be trusted.
        """
        address = self.check(url)
        deadline = self._clock() + self._seconds
        question = Question(address, self.resolve(address), headers, deadline, "POST", body)
        with self._transport.ask(question) as answer:
            return Reply(answer.status, _begin(answer.chunks))


def _begin(chunks: Iterator[bytes]) -> bytes:
    """What can be had of it: whoever has said the status has answered, whatever becomes of the rest."""
    found = b""
    with suppress(PressroomError, *HTTP_ERRORS):
        for chunk in chunks:
            found += chunk
            if len(found) >= MOST_KEPT_BYTES:
                break
    return found[:MOST_KEPT_BYTES]
