"""A simulated vendor: it takes orders, charges for them, needs time, keeps its own books and can fail, all on this disk.

Its books are files that outlive every process, as a real vendor's are: each accepted order is one JSON file, so what was
really bought can be counted after any crash. It accepts the same order twice and charges twice, as real vendors do; not to
ask twice is the buyer's business. Pictures come from the operations' local implementations.
"""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Permanent, Retryable
from pressroom.domain.media import Made
from pressroom.domain.operation import Operation, Workspace
from pressroom.providers.base import JobStatus, Order, VendorState

# What the metered model turns out to use against what was quoted: more than the estimate, less than the bound.
METERED_MODEL = "metered"
METERED_FACTOR = 1.2

FAULTS = ("lost_answer", "fail", "partial", "reject")


class SimulatedVendor:
    """`folder` holds the books; `latency_seconds` is how long a job takes; `faults` are names from FAULTS."""

    name = "simulated"
    sells = True

    def __init__(
        self,
        folder: Path,
        operations: Mapping[str, Operation[Any]],
        *,
        latency_seconds: float = 0.0,
        faults: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._operations = operations
        self._latency_seconds = latency_seconds
        self._faults = faults
        self._clock = clock

    def submit(self, order: Order, workspace: Workspace) -> str:
        if "reject" in self._faults:
            raise Permanent(f"simulated vendor rejects {order.operation}", hint="the fault 'reject' is switched on")
        first = self.find(order.order_key) is None
        job_id = self._book(order)
        if "lost_answer" in self._faults and first:
            raise Retryable("simulated vendor: the answer got lost after the order was taken")
        return job_id

    def find(self, order_key: str) -> str | None:
        jobs = sorted(self._folder.glob(f"{_prefix(order_key)}-*.json"))
        return jobs[0].stem if jobs else None

    def status(self, job_id: str) -> JobStatus:
        job = self._read(job_id)
        if job["cancelled"]:
            return JobStatus(VendorState.FAILED, "cancelled")
        if self._clock() - job["created_at"] < self._latency_seconds:
            return JobStatus(VendorState.RUNNING)
        if "fail" in self._faults:
            return JobStatus(VendorState.FAILED, "the fault 'fail' is switched on")
        factor = METERED_FACTOR if job["model"] == METERED_MODEL else 1
        return JobStatus(VendorState.SUCCEEDED, units={name: value * factor for name, value in job["units"].items()})

    def collect(self, job_id: str, order: Order, workspace: Workspace) -> Sequence[Made]:
        operation = self._operations[order.operation]
        if operation.run is None:
            raise Permanent(f"simulated vendor cannot draw {order.operation}")
        made = operation.run(operation.params.model_validate(order.params), workspace)
        return made[: len(made) // 2] if "partial" in self._faults else made

    def cancel(self, job_id: str) -> None:
        if self.status(job_id).state is VendorState.RUNNING:
            self._write(job_id, {**self._read(job_id), "cancelled": True})

    def purchases(self) -> list[dict[str, Any]]:
        """Every order that was taken, oldest first: the vendor's own books."""
        jobs = [json.loads(path.read_text()) for path in self._folder.glob("*.json")] if self._folder.is_dir() else []
        return sorted(jobs, key=lambda job: float(job["created_at"]))

    def _book(self, order: Order) -> str:
        job_id = f"{_prefix(order.order_key)}-{uuid.uuid4().hex[:12]}"
        job = {
            "id": job_id,
            "order_key": order.order_key,
            "operation": order.operation,
            "model": order.model,
            "units": dict(order.units),
            "created_at": self._clock(),
            "cancelled": False,
        }
        self._write(job_id, job)
        return job_id

    def _read(self, job_id: str) -> dict[str, Any]:
        try:
            job: dict[str, Any] = json.loads((self._folder / f"{job_id}.json").read_text())
        except FileNotFoundError as exc:
            raise Permanent(f"simulated vendor knows no job {job_id}") from exc
        return job

    def _write(self, job_id: str, job: Mapping[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._folder / f".{job_id}.{uuid.uuid4().hex}.tmp"
        temporary.write_text(json.dumps(job))
        temporary.replace(self._folder / f"{job_id}.json")


def _prefix(order_key: str) -> str:
    return hashlib.sha256(order_key.encode()).hexdigest()[:24]
