"""The simulated vendor in the three styles that real ones have: it answers with the files, is polled, or calls back.

It accepts the same order twice and charges twice, as real vendors do; not to ask twice is the buyer's business. Files are
drawn when they are fetched, from what the customer sent along: by the operations' local implementations, or by its own.
"""

from __future__ import annotations

import io
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.domain.errors import AnswerLost, Permanent
from pressroom.domain.media import Made
from pressroom.domain.operation import Operation, Workspace, facts_in
from pressroom.providers.base import (
    FREE_OF_CHARGE,
    UNSAID,
    Absent,
    Billed,
    Charge,
    Delivered,
    Found,
    LostOrder,
    NoRecord,
    Order,
    Pending,
    Sink,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorFile,
    VendorJob,
    VendorState,
)
from pressroom.providers.simulator.books import Books, brand_of

if TYPE_CHECKING:
    from pressroom.domain.media_limits import MediaLimits
    from pressroom.domain.placement import Placement

# What the metered model turns out to use against what was quoted: more than the estimate, less than the bound.
METERED_MODEL = "metered"
METERED_FACTOR = 1.2
OVERCHARGE_FACTOR = 3

MODERATED = "moderation refuses what is asked for"
WITHHELD = "moderation withheld what was made"

FAULTS = {
    "reject": "the order is refused before it is taken, for nothing",
    "lost_order": "the line breaks before the order is taken, once",
    "lost_answer": "the line breaks after the order was taken, once",
    "fail": "nothing is made, for nothing",
    "moderate": "what is asked for is refused by moderation, for nothing",
    "charged_fail": "the finished work is withheld by moderation, and charged for",
    "partial": "half of the files are delivered",
    "damaged": "the files are cut off",
    "overcharge": "three times the price is billed",
    "silent": "nothing is said of the bill",
    "twice": "the vendor calls back twice",
}


class Style(StrEnum):
    DIRECT = "direct"  # the answer holds the files; orders cannot be listed
    POLLED = "polled"  # the answer holds an id to ask for; orders can be listed
    CALLBACK = "callback"  # the vendor calls when it is done; orders can be listed


@dataclass(frozen=True, slots=True)
class Tools:
    """What the vendor's workshop needs."""

    placements: Mapping[str, Placement]
    limits: MediaLimits
    ffmpeg: str


# Model, billed units, what the price may depend on -> micro-USD.
PriceOf = Callable[[str, Mapping[str, float], Mapping[str, Any]], int]
Later = Callable[[float, Callable[[], None]], None]  # seconds, what to do then
CallBack = Callable[[str, str, bytes], Any]  # callback key, vendor's job id, payload


class SimulatedVendor:
    """`folder` holds the books; `latency_seconds` is how long a job takes; `faults` are names of FAULTS, for every order."""

    def __init__(
        self,
        folder: Path,
        operations: Mapping[str, Operation[Any]],
        tools: Tools,
        *,
        name: str = "simulated",
        style: Style = Style.POLLED,
        latency_seconds: float = 0.0,
        faults: frozenset[str] = frozenset(),
        charge: PriceOf | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
        later: Later | None = None,
    ) -> None:
        self.name = name
        self.books = Books(folder)
        self.call_back: CallBack | None = None
        self._operations = operations
        self._tools = tools
        self._style = style
        self._latency_seconds = latency_seconds
        self._faults = faults
        self._charge = charge
        self._clock = clock
        self._pause = pause
        self._later = later or _in_a_thread

    def submit(self, order: Order) -> Pending | Delivered:
        faults = self.faults_for(order)
        if "reject" in faults:
            hint = "the fault 'reject' is switched on"
            raise Permanent(f"the simulated vendor rejects {order.operation}", hint=hint, billed=FREE_OF_CHARGE)
        first = self.books.find(order.order_key) is None
        if "lost_order" in faults and first and not self._broke_before(order):
            raise AnswerLost("the line to the simulated vendor broke")
        job = self.books.take(order, now=self._clock(), faults=faults)
        if self._style is Style.DIRECT:
            return self._answer(job, lost="lost_answer" in faults and first)
        if self._style is Style.CALLBACK:
            self._call_later(job)
        if "lost_answer" in faults and first:
            raise AnswerLost("the line to the simulated vendor broke")
        return Pending(job["id"], self._latency_seconds or None)

    def look_up(self, lost: LostOrder) -> Found | Absent | Undecided | Unknowable:
        if self._style is Style.DIRECT:
            return Unknowable("the simulated vendor that answers directly cannot list its orders")
        job_id = self.books.find(lost.order_key)
        return Absent() if job_id is None else Found(job_id)

    def status(self, job: VendorJob) -> Status:
        return self._status(self.books.read(job.id))

    def _status(self, job: Mapping[str, Any]) -> Status:
        if job["cancelled_at"] is not None:
            return Status(VendorState.CANCELLED, FREE_OF_CHARGE, reason="cancelled")
        left = job["created_at"] + self.latency_of(job) - self._clock()
        if left > 0:
            return Status(VendorState.RUNNING, retry_after_seconds=left)
        if "fail" in job["faults"]:
            return Status(VendorState.FAILED, FREE_OF_CHARGE, reason="the fault 'fail' is switched on")
        if "moderate" in job["faults"]:
            return Status(VendorState.FAILED, FREE_OF_CHARGE, reason=MODERATED, trouble=Trouble.MODERATED)
        billed = self._bill(job)
        if "charged_fail" in job["faults"]:
            return Status(VendorState.FAILED, billed, reason=WITHHELD, trouble=Trouble.MODERATED_AFTERWARDS)
        return Status(VendorState.SUCCEEDED, billed)

    def fetch(self, job: VendorJob, sink: Sink) -> None:
        with tempfile.TemporaryDirectory(prefix="simulated-") as folder:
            for made in self._draw(self.books.read(job.id), Path(folder)):
                sink(VendorFile(made.path, made.mime, made.label, made.placement, made.details))

    def cancel(self, job: VendorJob) -> None:
        if self.status(job).state is VendorState.RUNNING:
            self.books.write({**self.books.read(job.id), "cancelled_at": self._clock()})

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Sequence[Charge] | NoRecord:
        if self._style is Style.DIRECT:
            return NoRecord("what an order costs stands in the answer to it and nowhere else")
        sold = [(datetime.fromtimestamp(job["created_at"], UTC), job) for job in self.purchases()]
        return [
            Charge(job["id"], job["model"], at, Billed(job["billed_usd_micros"], {}, {"invoice": job["id"]}))
            for at, job in sold
            if since <= at < until and job["billed_usd_micros"] is not None
        ]

    def purchases(self) -> list[dict[str, Any]]:
        """Every order that was taken, oldest first."""
        return self.books.purchases()

    def faults_for(self, order: Order) -> frozenset[str]:
        """The faults that this order will meet."""
        return self._faults

    def latency_of(self, job: Mapping[str, Any]) -> float:
        """Seconds that a job takes which was answered with its id."""
        return self._latency_seconds

    def _answer(self, job: Mapping[str, Any], *, lost: bool) -> Delivered:
        if self._latency_seconds:
            self._pause(self._latency_seconds)
        if "fail" in job["faults"]:
            raise Permanent("the simulated vendor failed", billed=FREE_OF_CHARGE)
        if "moderate" in job["faults"]:
            raise Permanent(MODERATED, billed=FREE_OF_CHARGE, trouble=Trouble.MODERATED)
        billed = self._bill(job)
        if "charged_fail" in job["faults"]:
            raise Permanent(WITHHELD, billed=billed, trouble=Trouble.MODERATED_AFTERWARDS)
        if lost:
            raise AnswerLost("the line to the simulated vendor broke")
        with tempfile.TemporaryDirectory(prefix="simulated-") as folder:
            files = [_in_memory(made) for made in self._draw(job, Path(folder))]
        return Delivered(files, billed, job["id"])

    def _bill(self, job: Mapping[str, Any]) -> Billed:
        """Charge the job, once and for good, and say so."""
        factor = METERED_FACTOR if job["model"] == METERED_MODEL else 1.0
        meters = {name: value * factor for name, value in job["units"].items()}
        operation = self._operations[job["operation"]]
        facts = facts_in(operation.params.model_validate(job["params"]))
        usd = None if self._charge is None else self._charge(job["model"], meters, facts)
        if usd is not None and "overcharge" in job["faults"]:
            usd *= OVERCHARGE_FACTOR
        if job["billed_usd_micros"] is None and usd is not None:
            self.books.write({**job, "billed_usd_micros": usd})
        return UNSAID if "silent" in job["faults"] else Billed(usd, meters, {"invoice": job["id"]})

    def _draw(self, job: Mapping[str, Any], folder: Path) -> Sequence[Made]:
        from pressroom.providers.simulator.drawing.drawings import (
            drawn,
        )  # pixel libraries load slower than a plan takes

        work = Workspace(
            folder=folder,
            inputs=self.books.inputs_of(job, "in"),
            files=self.books.inputs_of(job, "files"),
            brand=brand_of(job),
            placements=self._tools.placements,
            limits=self._tools.limits,
            ffmpeg=self._tools.ffmpeg,
        )
        made = drawn(job["operation"], job["params"], work, self._operations)
        if "partial" in job["faults"]:
            made = made[: len(made) // 2]
        if "damaged" in job["faults"]:
            for item in made:
                item.path.write_bytes(item.path.read_bytes()[:40])
        return made

    def _call_later(self, job: Mapping[str, Any]) -> None:
        for number in range(2 if "twice" in job["faults"] else 1):
            self._later(self.latency_of(job) * (1 + number / 10), partial(self.call, job))

    def call(self, job: Mapping[str, Any]) -> None:
        """Tell the customer that the job is done; nobody listens where no `call_back` is set."""
        if self.call_back is not None:
            self.call_back(job["callback_key"], job["id"], f"{job['id']} is done".encode())

    def _broke_before(self, order: Order) -> bool:
        """Whether the line broke for this order before; from now on it did."""
        mark = self.books.folder / f".{order.callback_key or order.order_key.replace(':', '-')}.broke"
        if mark.exists():
            return True
        self.books.folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
        return False


def _in_a_thread(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def _in_memory(made: Made) -> VendorFile:
    return VendorFile(io.BytesIO(made.path.read_bytes()), made.mime, made.label, made.placement, made.details)
