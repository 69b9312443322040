"""The port of vendors: orders, answers, and what was really billed. Local computing is not buying: it needs no vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pressroom.domain.operation import Brand


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered from a vendor: one node, with everything needed to make it.

    `order_key` is our own name for the purchase: a vendor that can list is asked for it when an answer got lost. `callback_key`
    is a secret of this one order, for the address at which the vendor may call back. `params` are the operation's validated
    parameters as JSON values, in which asset parameters hold names of `inputs`; `files` are the brand's logo and fonts;
    `units` is the quoted amount of each priced measure.
    """

    order_key: str
    operation: str
    model: str
    params: Mapping[str, Any]
    expected_outputs: int = 1
    units: Mapping[str, float] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    brand: Brand = field(default_factory=Brand)
    callback_key: str = ""


@dataclass(frozen=True, slots=True)
class Billed:
    """Exactly what the vendor said of its bill: None and empty where it said nothing. Nothing is guessed here.

    `usd_micros` is the charge, `meters` the billed amount of each measure, `evidence` the words it was said in (an invoice
    number, a header, a line of the answer), as JSON values.
    """

    usd_micros: int | None = None
    meters: Mapping[str, float] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)


UNSAID = Billed()
FREE_OF_CHARGE = Billed(0)


@dataclass(frozen=True, slots=True)
class VendorFile:
    """One delivered file: a path or a stream that is read once. `label` tells several files of one order apart."""

    source: Path | BinaryIO
    mime: str
    label: str = ""
    placement: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


Sink = Callable[[VendorFile], None]


@dataclass(frozen=True, slots=True)
class Pending:
    """The order was taken under this id. `ask_again_after` is seconds; None leaves it to the buyer."""

    vendor_job_id: str
    ask_again_after: float | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The order was taken, made and answered with its files, at once."""

    files: Sequence[VendorFile]
    billed: Billed = UNSAID


@dataclass(frozen=True, slots=True)
class Found:
    """The vendor has the order, under this id."""

    vendor_job_id: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The vendor certainly does not have the order, so that it may be sent."""


@dataclass(frozen=True, slots=True)
class Unknowable:
    """The vendor cannot be asked for it. It may have the order or not; `reason` says why nobody can tell."""

    reason: str = "it cannot list its orders"


class VendorState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Status:
    """Where a job stands; `reason` explains a failure."""

    state: VendorState
    billed: Billed = UNSAID
    retry_after_seconds: float | None = None
    reason: str = ""


class Vendor(Protocol):
    """One vendor. What it can do beyond this (list, cancel, charge for refusals) is data of its catalog row.

    `submit` spends money and is never repeated blindly. It raises Retryable only when the request certainly did not reach the
    vendor (connection refused), Permanent for a definite no (with the field `billed`, a Billed, where a refusal was charged
    for), and AnswerLost for everything else that happens after the request has left. The other methods only read (or ask to
    stop): they raise Retryable when the vendor cannot be asked now, Permanent for a definite no. All of them are called from
    several threads.
    """

    name: str

    def submit(self, order: Order) -> Pending | Delivered: ...

    def look_up(self, order_key: str) -> Found | Absent | Unknowable:
        """Whether an order was taken. Absent is a promise: the order may then be sent again."""
        ...

    def status(self, vendor_job_id: str) -> Status: ...

    def fetch(self, vendor_job_id: str, sink: Sink) -> None:
        """Hand every file of a job that has succeeded to `sink`, one after the other; may be repeated."""
        ...

    def cancel(self, vendor_job_id: str) -> None:
        """Ask the vendor to stop; harmless when the job has ended. What it charges for it, `status` says."""
        ...
