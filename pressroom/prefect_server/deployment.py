"""Launch runs on a Prefect deployment: its workers plan, price and run the campaign. Over HTTP, without importing Prefect."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pressroom.domain.errors import Invalid, Problem
from pressroom.domain.identity import Principal
from pressroom.prefect_server.api import PrefectServer
from pressroom.prefect_server.flow_runs import may_run_again
from pressroom.runs.records import named_id
from pressroom.services.launch_run import Launched
from pressroom.services.run_request import RunRequest
from pressroom.services.start_run import new_run_id


@dataclass(frozen=True)
class PrefectDeployment:
    """A deployment `FLOW/NAME` of a server."""

    server: PrefectServer
    name: str = "campaign/campaign"

    def launch(self, principal: Principal, request: RunRequest) -> Launched:
        """Start a flow run and return at once. Sent again under the run's id, it starts nothing twice; for a run that was begun
        before it starts another one where the earlier has ended.

        Raises Invalid for a deployment that is not there and for parameters that it refuses, Retryable when the server
        does not answer.
        """
        asked = request.model_copy(
            update={"account": principal.account, "user": principal.user, "run_id": request.run_id or new_run_id()}
        )
        deployment = self._deployment_id()
        body = {
            "name": asked.name,
            "parameters": {"request": asked.model_dump(mode="json")},
            # The scope of Prefect's keys is the flow, and the first use answers for all later ones.
            "idempotency_key": f"pressroom:{named_id(principal.account, asked.run_id)}",
            "state": {"type": "SCHEDULED"},
        }
        while True:
            answer = self.server.do(self.name, "POST", f"/deployments/{deployment}/create_flow_run", body)
            if not asked.begun or may_run_again(answer["state_type"]):
                return Launched(asked.run_id, str(answer["id"]))
            # The run is not over, its flow run is: it ended while the run was not its own to make.
            body["idempotency_key"] = f"pressroom:{named_id(principal.account, asked.run_id)}:{answer['id']}"

    def _deployment_id(self) -> str:
        flow, _, name = self.name.partition("/")
        path = f"/deployments/name/{quote(flow, safe='')}/{quote(name or flow, safe='')}"
        status, answer = self.server.ask("GET", path)
        if status == 404:
            hint = "`prefect deploy --all` makes the deployments of prefect.yaml, `pressroom deploy` those of campaigns"
            message = f"there is no deployment {self.name!r} at {self.server.api_url}"
            raise Invalid.of([Problem("deployment", message, hint)])
        if status != 200:
            raise self.server.refused(self.name, status, answer)
        return str(answer["id"])
