"""The Prefect API over HTTP, without importing Prefect."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pressroom.domain.errors import Invalid, Permanent, PressroomError, Problem, Retryable
from pressroom.providers.http.client import exchange_json

REQUEST_SECONDS: Final = 30.0
# A server on SQLite answers most of many parallel requests with 503: it is asked again.
PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class PrefectServer:
    """The server of `api_url`; `credentials` are USER:PASSWORD where it wants them."""

    api_url: str
    credentials: str = field(default="", repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The answer's status and JSON. Repeated while the server is busy. Raises Retryable when it stays so."""
        for pause in (*PAUSES_SECONDS, None):
            try:
                status, answer = exchange_json(
                    method, self.api_url + path, body=body, credentials=self.credentials, seconds=REQUEST_SECONDS
                )
                if status != 503:
                    return status, answer
                busy = Retryable(f"the Prefect server at {self.api_url} is busy", hint="try again in a moment")
            except Retryable as exc:
                busy = exc
            if pause is None:
                raise busy
            self.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def do(self, what: str, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that says yes. Raises as `refused` says; `what` is named there."""
        status, answer = self.ask(method, path, body)
        if not 200 <= status < 300:
            raise self.refused(what, status, answer)
        return answer

    def refused(self, what: str, status: int, answer: Any) -> PressroomError:
        """Invalid for what the server does not take, Permanent for everything else."""
        said = str(answer.get("detail") or answer.get("exception_detail") or "") if isinstance(answer, dict) else ""
        if status == 401:
            return Permanent(
                f"the Prefect server at {self.api_url} wants other credentials", hint="PREFECT_API_AUTH_STRING"
            )
        if status in (409, 422):
            return Invalid.of([Problem("deployment", f"the Prefect server refuses {what}: {said}")])
        return Permanent(f"the Prefect server at {self.api_url} answered {status}: {said or 'no reason given'}")
