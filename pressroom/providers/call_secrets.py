"""What one vendor's calls are signed with: asked for when the first call comes, and again where a call is not signed with it.

Anybody may send a call that is not signed by the vendor: the vendor is asked once a minute at most, whatever arrives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from pressroom.domain.errors import PressroomError, Retryable

GOOD_SECONDS: Final = 86_400.0  # after which it is asked for in any case
AGAIN_SECONDS: Final = 60.0


class CallSecrets:
    """`ask` fetches the secret; `clock` is in seconds."""

    def __init__(self, ask: Callable[[], str], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._secret = ""

    def candidates(self) -> Iterator[str]:
        """The secret as it is known, then as it is now where that may be another one.

        Raises Retryable where the vendor cannot be asked now, and none is known.
        """
        known = self._current(GOOD_SECONDS)
        yield known
        fresh = self._current(AGAIN_SECONDS)
        if fresh != known:
            yield fresh

    def _current(self, good_seconds: float) -> str:
        with self._lock:
            now = self._clock()
            wait = good_seconds if self._secret else AGAIN_SECONDS
            if self._asked_at is None or now - self._asked_at >= wait:
                self._asked_at = now
                try:
                    self._secret = self._ask()
                except PressroomError as exc:
                    if not self._secret:
                        raise Retryable("what this vendor signs with cannot be asked now", hint="call again") from exc
            if not self._secret:
                raise Retryable("what this vendor signs with cannot be asked now", hint="call again")
            return self._secret
