"""One purchase from a vendor, as the journal keeps it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from pressroom.domain.states import UNFINISHED_JOBS, JobState
from pressroom.providers.base import Billed, VendorJob

WAITED_FOR: Final = (JobState.INTENT, JobState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One delivered file, in the store."""

    sha256: str
    mime: str
    label: str
    size: int
    placement: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One purchase. `run_id` and `hold_id` are those of the last run that took it up, `attempts` counts them; while it is
    unknown, those of the run that it was lost to.

    `ordered` says what was ordered, in JSON values. `spent_usd_micros` is what counts as spent: as billed where the vendor said
    so, else assumed from the quote; `counted_usd_micros` of it count against the month's allowance, through `counted_hold_id`.
    Where `unit_hold_id` names a hold, one unit of its family counts through that.
    """

    order_key: str
    account_id: int
    node_key: str
    run_id: str
    run_ids: tuple[str, ...]
    provider: str
    model: str
    vendor_job_id: str | None
    callback_key: str
    state: JobState
    hold_id: int
    ordered: Mapping[str, Any]
    credits_estimate_micros: int
    credits_bound_micros: int
    usd_estimate_micros: int
    usd_bound_micros: int
    captured_micros: int
    captures: int
    captured_hold_id: int | None
    attempts: int
    asked: int
    next_ask_at: datetime | None
    deadline_at: datetime | None
    billed_usd_micros: int | None
    billed_meters: Mapping[str, float]
    evidence: Mapping[str, Any]
    spent_usd_micros: int
    delivery: tuple[StoredFile, ...]
    error: str
    created_at: datetime
    updated_at: datetime
    counted_usd_micros: int
    counted_hold_id: int | None
    unit_hold_id: int | None
    sent_at: datetime | None
    delivered_at: datetime | None

    @property
    def family(self) -> str:
        """Of the monthly allowances; empty for jobs of versions that counted none."""
        return str(self.ordered.get("family") or "")

    @property
    def fresh(self) -> bool:
        """Certainly not sent to the vendor yet."""
        return self.state == JobState.INTENT and self.attempts == 1

    @property
    def turn(self) -> str:
        """The name of the lock under which this node's order is placed."""
        return turn_of(self.account_id, self.node_key)

    @property
    def sent(self) -> bool:
        """Whether it may have been sent to the vendor."""
        return self.attempts > 0

    def is_cost_of(self, hold_ids: Collection[int]) -> bool:
        """Whether the run of these holds bears its cost: what was captured while it was unknown the run of then has borne."""
        return self.captured_hold_id is None or self.captured_hold_id in hold_ids

    def in_time(self, now: datetime) -> bool:
        """Whether it may be waited for any longer."""
        return self.deadline_at is None or now < self.deadline_at

    @property
    def at_vendor(self) -> VendorJob:
        """Its name at the vendor. Only for a job that the vendor has."""
        assert self.vendor_job_id is not None, "only a job that the vendor has is asked for"
        return VendorJob(self.vendor_job_id, self.model)

    @property
    def may_be_fetched(self) -> bool:
        """Whether it has ended without files, and its vendor may have some that counted as spent."""
        lost = self.state == JobState.REJECTED or (self.state == JobState.FAILED and self.spent_usd_micros > 0)
        return lost and self.vendor_job_id is not None

    @property
    def finished(self) -> bool:
        return self.state not in UNFINISHED_JOBS

    @property
    def waiting(self) -> bool:
        """Whether time alone may move it."""
        return self.state in WAITED_FOR

    @property
    def overdue(self) -> bool:
        """Of a job that was waited for: whether it still has to be, and longer than anybody waits."""
        return self.waiting and self.next_ask_at is not None

    @property
    def billed(self) -> Billed:
        return Billed(self.billed_usd_micros, self.billed_meters, self.evidence)

    @property
    def assumed(self) -> bool:
        """Whether what counts as spent is not the vendor's own word."""
        return self.billed_usd_micros is None and self.spent_usd_micros > 0

    @property
    def maker(self) -> str:
        return f"{self.provider}/{self.model}"


def turn_of(account_id: int, node_key: str) -> str:
    """The name of the lock under which an account's order for a node is placed: one buyer at a time."""
    return f"order:{account_id}:{node_key}"


def job_from(row: Row[Any]) -> Job:
    """The job of a row of the journal."""
    values = dict(row._mapping)
    for name in ("ordered", "billed_meters", "evidence"):
        values[name] = json.loads(values[name])
    values["run_ids"] = tuple(json.loads(values["run_ids"]))
    values["delivery"] = tuple(StoredFile(**file) for file in json.loads(values["delivery"]))
    return Job(**values | {"state": JobState(values["state"])})
