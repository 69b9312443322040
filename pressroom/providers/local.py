"""The local provider: this machine computes the operation. It costs nothing and may be repeated freely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pressroom.domain.errors import Permanent
from pressroom.domain.media import Made
from pressroom.domain.operation import Operation, Workspace
from pressroom.providers.base import JobStatus, Order, VendorState


class LocalProvider:
    """Runs operations that have a local implementation. The work itself is done in `collect`."""

    name = "local"
    sells = False

    def __init__(self, operations: Mapping[str, Operation[Any]]) -> None:
        self._operations = operations

    def submit(self, order: Order, workspace: Workspace) -> str:
        if self._operations[order.operation].run is None:
            raise Permanent(f"{order.operation} has no local implementation", hint="choose a vendor's model")
        return order.order_key

    def find(self, order_key: str) -> str | None:
        # Nothing outlives the process: what was not collected is simply computed again.
        return None

    def status(self, job_id: str) -> JobStatus:
        return JobStatus(VendorState.SUCCEEDED)

    def collect(self, job_id: str, order: Order, workspace: Workspace) -> Sequence[Made]:
        operation = self._operations[order.operation]
        assert operation.run is not None, "submit has checked it"
        return operation.run(operation.params.model_validate(order.params), workspace)

    def cancel(self, job_id: str) -> None:
        return None
