"""What is the same for all vendors that answer an order with its files: there is no job to ask for, wait for or stop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from pressroom.catalog.models import Model
from pressroom.domain.errors import Corrupt, Permanent
from pressroom.providers.api import Answered, Denied, Inline, Output, Purchase, Said, Talk
from pressroom.providers.base import (
    Absent,
    Billed,
    Charge,
    Found,
    LostOrder,
    NoRecord,
    Status,
    Trouble,
    Undecided,
    Unknowable,
    VendorJob,
)
from pressroom.providers.briefs import file_of
from pressroom.providers.reading import base64_bytes

T = TypeVar("T")
BLOCKING_SECONDS = 300.0  # a picture of the best quality takes minutes


def without_asking(value: T) -> Talk[T]:
    """A conversation in which nothing has to be said."""
    yield from ()
    return value


def written_answer(purchase: Purchase, text: str, billed: Billed, *, cut_off: bool = False) -> Answered:
    """The file of a model that writes; `cut_off` where it may have had more to say. Raises Denied where its answer is none."""
    try:
        data, mime = file_of(purchase.order.operation, purchase.params, text)
    except ValueError as exc:
        trouble, why = (Trouble.CUT_OFF, "") if cut_off else (Trouble.FAILED, str(exc))
        raise Denied(Said(trouble, text, billed=billed, why=why)) from exc
    return Answered([Inline(data, mime=mime)], billed)


def inlined_file(text: Any, billed: Billed) -> bytes:
    """A file that stands in the answer. Raises Corrupt where it is damaged, with the bill, which is known all the same."""
    try:
        return base64_bytes(text)
    except (ValueError, AttributeError) as exc:
        raise Corrupt("the file in the answer is damaged: it is no base64", billed=billed) from exc


class AnswersAtOnce:
    """Half of a vendor's contract: what becomes of a lost answer nobody can be asked."""

    def look_up(
        self, lost: LostOrder, purchase: Purchase, age_seconds: float
    ) -> Talk[Found | Absent | Undecided | Unknowable]:
        return without_asking(Unknowable("it keeps no orders that it could be asked for"))

    def status(self, job: VendorJob, model: Model) -> Talk[Status]:
        raise _no_jobs(job)

    def outputs(self, job: VendorJob, model: Model) -> Talk[Sequence[Output]]:
        raise _no_jobs(job)

    def cancel(self, job: VendorJob, model: Model) -> Talk[None]:
        return without_asking(None)

    def charges(self, since: datetime, until: datetime, jobs: Sequence[VendorJob]) -> Talk[Sequence[Charge] | NoRecord]:
        return without_asking(NoRecord("it keeps no record of single orders"))


def _no_jobs(job: VendorJob) -> Permanent:
    return Permanent(f"{job.model} answers with its files and keeps no job {job.id}")
