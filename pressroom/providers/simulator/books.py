"""The simulated vendor's own books: files that outlive every process, as a real vendor's are.

Each accepted order is one JSON file, so that what was really bought can be counted after any crash; beside it stands a
folder with what the customer sent along.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pressroom.domain.errors import Permanent
from pressroom.domain.operation import Brand
from pressroom.providers.base import Order


class Books:
    """The orders of one vendor, in one folder. The same order taken twice is there twice, and charged twice."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, order: Order, *, now: float, faults: frozenset[str]) -> dict[str, Any]:
        """Accept the order: from here on it is bought. Returns its row."""
        job_id = f"{_prefix(order.order_key)}-{uuid.uuid4().hex[:12]}"
        job = {
            "id": job_id,
            "order_key": order.order_key,
            "callback_key": order.callback_key,
            "operation": order.operation,
            "model": order.model,
            "params": dict(order.params),
            "units": dict(order.units),
            "brand": asdict(order.brand),
            "inputs": self._keep(job_id, "in", order.inputs),
            "files": self._keep(job_id, "files", order.files),
            "faults": sorted(faults),
            "created_at": now,
            "cancelled_at": None,
            "billed_usd_micros": None,
        }
        self.write(job)
        return job

    def find(self, order_key: str) -> str | None:
        """The id of the first order under this key."""
        jobs = sorted(self.folder.glob(f"{_prefix(order_key)}-*.json"))
        return jobs[0].stem if jobs else None

    def read(self, job_id: str) -> dict[str, Any]:
        """Raises Permanent when it was never taken."""
        try:
            job: dict[str, Any] = json.loads((self.folder / f"{job_id}.json").read_text())
        except FileNotFoundError as exc:
            raise Permanent(f"the simulated vendor knows no job {job_id}") from exc
        return job

    def write(self, job: Mapping[str, Any]) -> None:
        """The row, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{job['id']}.{uuid.uuid4().hex}.tmp"
        temporary.write_text(json.dumps(job))
        temporary.replace(self.folder / f"{job['id']}.json")

    def purchases(self) -> list[dict[str, Any]]:
        """Every order that was taken, oldest first."""
        jobs = [json.loads(path.read_text()) for path in self.folder.glob("*.json")] if self.folder.is_dir() else []
        return sorted(jobs, key=lambda job: float(job["created_at"]))

    def billed_usd_micros(self) -> int:
        """What the vendor charges for all of it together."""
        return sum(job["billed_usd_micros"] or 0 for job in self.purchases())

    def inputs_of(self, job: Mapping[str, Any], kind: str) -> dict[str, Path]:
        """What was sent along (`in`: the node's inputs, `files`: the brand's), by name."""
        return {name: self.folder / job["id"] / kind / file for name, file in job[_FIELDS[kind]].items()}

    def _keep(self, job_id: str, kind: str, sent: Mapping[str, Path]) -> dict[str, str]:
        kept = {name: f"{number}{path.suffix}" for number, (name, path) in enumerate(sent.items())}
        for name, file in kept.items():
            target = self.folder / job_id / kind / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sent[name], target)
        return kept


_FIELDS = {"in": "inputs", "files": "files"}


def brand_of(job: Mapping[str, Any]) -> Brand:
    return Brand(**job["brand"])


def _prefix(order_key: str) -> str:
    return hashlib.sha256(order_key.encode()).hexdigest()[:24]
