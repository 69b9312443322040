"""The port of vendors: orders, jobs and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from pressroom.domain.media import Made
from pressroom.domain.operation import Workspace


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered from a provider: one node, with everything needed to do it.

    `order_key` is our own name for the purchase: the provider is asked for it when an answer got lost.
    `params` are the operation's validated parameters as JSON values, `units` the quoted amount of each priced measure.
    """

    order_key: str
    operation: str
    model: str
    params: Mapping[str, Any]
    expected_outputs: int = 1
    units: Mapping[str, float] = field(default_factory=dict)


class VendorState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands. `units` are what the vendor billed, where it says so; `reason` explains a failure."""

    state: VendorState
    reason: str = ""
    units: Mapping[str, float] = field(default_factory=dict)


class Provider(Protocol):
    """One place to buy or compute operations.

    `submit` may cost money and is never repeated blindly: after a lost answer `find` looks for the job under our order key.
    All methods may raise Retryable (try again) or Permanent (a definite no, nothing was bought).
    """

    name: str
    sells: bool  # True: submitting costs money and must be journalled first; False: computed here, free to repeat

    def submit(self, order: Order, workspace: Workspace) -> str:
        """Start the job and return the provider's id for it. Raises Retryable when the answer got lost on the way."""
        ...

    def find(self, order_key: str) -> str | None:
        """The id of the job started under this key, or None when there is none."""
        ...

    def status(self, job_id: str) -> JobStatus: ...

    def collect(self, job_id: str, order: Order, workspace: Workspace) -> Sequence[Made]:
        """Write the finished job's files into the workspace's folder. May deliver fewer files than ordered."""
        ...

    def cancel(self, job_id: str) -> None:
        """Ask the provider to stop; harmless when the job has ended."""
        ...
