"""The port of vendors: orders, answers, and what was really billed. Local computing is not buying: it needs no vendor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from pressroom.domain.media import MediaInfo
from pressroom.domain.operation import Brand


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered from a vendor: one node, with everything needed to make it.

    `order_key` is our own name for the purchase: a vendor that can list is asked for it when an answer got lost. `callback_key`
    is a secret of this one order, for the address at which the vendor may call back. `params` are the operation's validated
    parameters as JSON values, in which asset parameters hold names of `inputs`; `files` are the brand's logo and fonts;
    `units` is the quoted amount of each priced measure; `makes` is what the file without a label is to be.
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
    makes: MediaInfo | None = None


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
    """The order was taken under this id. `ask_again_after` is seconds; None leaves it to the buyer.

    `billed` is the bill, where the vendor says it when it takes an order.
    """

    vendor_job_id: str
    ask_again_after: float | None = None
    billed: Billed = UNSAID


@dataclass(frozen=True, slots=True)
class Delivered:
    """The order was taken, made and answered with its files, at once. `vendor_job_id` is its name there, if it has one."""

    files: Sequence[VendorFile]
    billed: Billed = UNSAID
    vendor_job_id: str | None = None


@dataclass(frozen=True, slots=True)
class LostOrder:
    """An order whose answer never came, as far as it is on record. `params` are as in the Order, `inputs` its names of files,
    each with the SHA-256 of its bytes, empty where that is not on record.

    `sent_at` is when it may have been sent first, as an aware time, `last_sent_at` when last, where that was again. `others` are
    the ids of all other orders that this vendor is known to have from us, so that a listing's entry which is one of them is not
    taken for it. `rivals` is how many more orders of this model have no id there yet: a listing without inputs cannot tell them
    from this one.
    """

    order_key: str
    operation: str
    model: str
    params: Mapping[str, Any]
    sent_at: datetime
    others: frozenset[str] = frozenset()
    rivals: int = 0
    inputs: Mapping[str, str] = field(default_factory=dict)
    last_sent_at: datetime | None = None

    @property
    def other_names(self) -> frozenset[str]:
        """What the vendor itself calls those."""
        return frozenset(map(name_at_vendor, self.others))


@dataclass(frozen=True, slots=True)
class Found:
    """The vendor has the order, under this id."""

    vendor_job_id: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The vendor certainly does not have the order, so that it may be sent."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nothing is seen of it yet, and that proves nothing before `ask_again_after` seconds have passed."""

    ask_again_after: float


@dataclass(frozen=True, slots=True)
class Unknowable:
    """The vendor cannot be asked for it. It may have the order or not; `reason` says why nobody can tell."""

    reason: str = "it cannot list its orders"


@dataclass(frozen=True, slots=True)
class Charge:
    """One order on a vendor's own record of what it charged: `name` is what it calls the order, with its place where it is asked
    for by that, `product` what was ordered.

    Where the record says no amount but what was used, `billed` has no dollars, and the price is the catalog's.
    """

    name: str
    product: str
    at: datetime
    billed: Billed


@dataclass(frozen=True, slots=True)
class NoRecord:
    """The vendor's record cannot be had: it keeps none, or does not show it to this key."""

    reason: str


def name_at_vendor(vendor_job_id: str) -> str:
    """What the vendor itself calls the order, in its calls and lists."""
    return vendor_job_id.partition("@")[0]


@dataclass(frozen=True, slots=True)
class VendorJob:
    """An order that the vendor has: its id there, and the model (as the catalog names it) that it was ordered from.

    Where the vendor's own name for an order is not enough to ask for it, its id is `NAME@PLACE`: where it is asked for.
    """

    id: str
    model: str

    @property
    def name(self) -> str:
        return name_at_vendor(self.id)

    @property
    def place(self) -> str:
        return self.id.partition("@")[2]


class Trouble(StrEnum):
    """Why a vendor does not deliver, in the words that all of them share."""

    BUSY = "busy"
    TIMED_OUT = "timed out"
    UNAVAILABLE = "not available"
    KEY_REFUSED = "key refused"
    OUT_OF_CREDIT = "out of credit"
    MODERATED = "moderated before it was made"
    MODERATED_AFTERWARDS = "moderated after it was made"
    INVALID = "parameters refused"
    GONE = "gone"
    CORRUPT = "corrupt"
    CUT_OFF = "cut off by the limit of tokens"
    FAILED = "failed"


class VendorState(StrEnum):
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Status:
    """Where a job stands; `reason` explains a failure, `trouble` is its kind."""

    state: VendorState
    billed: Billed = UNSAID
    retry_after_seconds: float | None = None
    reason: str = ""
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class PriceNow:
    """What a vendor asks now, in micro-USD (exactly, so that fractions add up): for an order, or for a `unit` of it."""

    usd_micros: Decimal
    unit: str = ""

    def cost(self, units: float) -> int:
        """For so many units, rounded up to a whole micro-dollar."""
        return math.ceil(self.usd_micros * Decimal(str(units)))


@runtime_checkable
class QuotesPrices(Protocol):
    """What vendors offer too that can be asked for the price of an order before it is placed."""

    def price(self, order: Order) -> PriceNow | None:
        """What the order would cost now, whatever its files show; None where the vendor does not say. Buys nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """What a vendor says today of a model (by its name in the catalog), as far as it tells.

    `usd_micros` is its price for `quantity` units where `when` holds, as in the catalog's rows, and `unit` its own word for
    them. `ends_on` is its last day, of vendors that `tells_ends`; `sold` says that it is still to be had.
    """

    model: str
    usd_micros: int | None = None
    quantity: float = 1.0
    unit: str = ""
    when: Mapping[str, Any] = field(default_factory=dict)
    ends_on: date | None = None
    tells_ends: bool = False
    sold: bool = True


class Vendor(Protocol):
    """One vendor. What it can do beyond this (list, cancel, charge for refusals) is data of its catalog row.

    `submit` spends money and is never repeated blindly. It raises Retryable only when the request certainly did not reach the
    vendor (connection refused), Permanent for a definite no (with the field `billed`, a Billed, where a refusal was charged
    for), and AnswerLost for everything else that happens after the request has left (with `billed` where only the files of an
    answer cannot be had). The other methods only read (or ask to
    stop): they raise Retryable when the vendor cannot be asked now, Permanent for a definite no. All of them are called from
    several threads.
    """

    name: str

    def submit(self, order: Order) -> Pending | Delivered: ...

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        """Whether an order was taken. Absent is a promise: the order may then be sent again."""
        ...

    def status(self, job: VendorJob) -> Status: ...

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        """Hand every file of a job that has succeeded to `sink`, one after the other; may be repeated."""
        ...

    def cancel(self, job: VendorJob) -> None:
        """Ask the vendor to stop; harmless when the job has ended. What it charges for it, `status` says."""
        ...

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Sequence[Charge] | NoRecord:
        """What it has charged from one aware time to another, in no order; an order may be there several times.

        A vendor that lists its charges tells of all it has, others of these jobs.
        """
        ...
