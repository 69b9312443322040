"""Launch runs on a Prefect deployment: its workers plan, price and run the campaign. Over HTTP, without importing Prefect."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from pressroom.domain.errors import Invalid, Permanent, PressroomError, Problem, Retryable
from pressroom.domain.identity import Principal
from pressroom.providers.http.client import exchange_json
from pressroom.runs.records import named_id
from pressroom.services.launch_run import Launched
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import new_run_id

REQUEST_SECONDS: Final = 30.0
# A server on SQLite answers most of many parallel triggers with 503: it is asked again, under the same key.
PAUSES_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class PrefectDeployment:
    """A deployment `FLOW/NAME` at the server of `api_url`; `credentials` are USER:PASSWORD where it wants them."""

    api_url: str
    name: str = "campaign/campaign"
    credentials: str = field(default="", repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def launch(self, principal: Principal, request: RunRequest) -> Launched:
        """Start a flow run and return at once. Sent again under the run's id, it starts nothing twice.

        Raises Invalid for a deployment that is not there and for parameters that it refuses, Retryable when the server
        does not answer.
        """
        asked = request.model_copy(
            update={"account": principal.account, "user": principal.user, "run_id": request.run_id or new_run_id()}
        )
        deployment = self._deployment_id()
        body = {
            "parameters": {"request": asked.model_dump(mode="json")},
            # The scope of Prefect's keys is the flow, and the first use answers for all later ones.
            "idempotency_key": f"pressroom:{named_id(principal.account, asked.run_id)}",
            "state": {"type": "SCHEDULED"},
        }
        status, answer = self._ask("POST", f"/deployments/{deployment}/create_flow_run", body)
        if status not in (200, 201):
            raise self._refused(status, answer)
        return Launched(asked.run_id, str(answer["id"]))

    def _deployment_id(self) -> str:
        flow, _, name = self.name.partition("/")
        status, answer = self._ask("GET", f"/deployments/name/{quote(flow, safe='')}/{quote(name or flow, safe='')}")
        if status == 404:
            hint = "`prefect deploy --all` makes the deployments of prefect.yaml"
            raise Invalid.of([Problem("deployment", f"there is no deployment {self.name!r} at {self.api_url}", hint)])
        if status != 200:
            raise self._refused(status, answer)
        return str(answer["id"])

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
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

    def _refused(self, status: int, answer: Any) -> PressroomError:
        said = str(answer.get("detail", "")) if isinstance(answer, dict) else ""
        if status == 401:
            return Permanent(
                f"the Prefect server at {self.api_url} wants other credentials", hint="PREFECT_API_AUTH_STRING"
            )
        if status in (409, 422):
            return Invalid.of([Problem("deployment", f"{self.name} refuses the request: {said}", "see `prefect.yaml`")])
        return Permanent(f"the Prefect server at {self.api_url} answered {status}: {said or 'no reason given'}")
